"""Batches by key, made new for each answer, bound to the person asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from strawberry.dataloader import DataLoader

from db import application as applications
from db import material as materials
from db.read import batch as batches
from db.read.listing import Place
from db.store.engine import Database
from graph.context import Context
from graph.dataloaders.page import read_page
from graph.schema.account import Account
from graph.schema.account_security import AccountSecurity
from graph.schema.activation import ActivationCode
from graph.schema.application import Application, ApplicationRevision, ReviewDecision
from graph.schema.calendar import CalendarDay
from graph.schema.collective import CollectiveFiling, CollectiveFilingItem
from graph.schema.deadline import ApplicationDeadline, ApplicationPause
from graph.schema.departure import Departure
from graph.schema.key_fact import KeyFactRequest
from graph.schema.material import Material, MaterialRequirement
from graph.schema.message import DeadLetter
from graph.schema.node import fields
from graph.schema.nurse import Nurse, Registration, RegistrationHistory, RegistrationSpan
from graph.schema.place import ApprovalSetting, Authority, Institution
from graph.schema.proposal import Proposal
from graph.schema.recovery import RecoveryRequest
from graph.schema.step import offered
from rules.applicant import in_her_own_matter
from rules.application import Step, steps_open_to
from rules.material import ChecklistItem
from rules.people import Actor

Row = Mapping[str, Any]
Batch = Callable[[list[UUID]], Awaitable[list[Any]]]


def application_of(row: Row) -> Application:
    """A row as an application."""
    return Application(key=row["id"], **fields("Application", row))


def deadline_of(row: Row) -> ApplicationDeadline:
    """A row as the clock of an application."""
    shown = dict(row)
    return ApplicationDeadline(key=shown.pop("id"), **shown)


SHOWN: Final[Mapping[str, Callable[[Row], Any]]] = {
    "Account": lambda row: Account(**fields("Account", row)),
    "AccountSecurity": lambda row: AccountSecurity(**row),
    "Application": application_of,
    "ApplicationDeadline": deadline_of,
    "ApplicationPause": lambda row: ApplicationPause(**row),
    "ApplicationRevision": lambda row: ApplicationRevision(**row),
    "ActivationCode": lambda row: ActivationCode(**row),
    "ApprovalSetting": lambda row: ApprovalSetting(**row),
    "Authority": lambda row: Authority(**fields("Authority", row)),
    "CalendarDay": lambda row: CalendarDay(**row),
    "CollectiveFiling": lambda row: CollectiveFiling(key=row["id"], **fields("CollectiveFiling", row)),
    "CollectiveFilingItem": lambda row: CollectiveFilingItem(**row),
    "DeadLetter": lambda row: DeadLetter(**fields("DeadLetter", row)),
    "Departure": lambda row: Departure(**fields("Departure", row)),
    "Institution": lambda row: Institution(key=row["id"], **fields("Institution", row)),
    "KeyFactRequest": lambda row: KeyFactRequest(**fields("KeyFactRequest", row)),
    "Material": lambda row: Material(**fields("Material", row)),
    "MaterialRequirement": lambda row: MaterialRequirement(**fields("MaterialRequirement", row)),
    "Nurse": lambda row: Nurse(key=row["id"], **fields("Nurse", row)),
    "NurseApplication": application_of,
    "Proposal": lambda row: Proposal(**fields("Proposal", row)),
    "RecoveryRequest": lambda row: RecoveryRequest(**fields("RecoveryRequest", row)),
    "Registration": lambda row: Registration(nurse_key=row["id"], **fields("Registration", row)),
    "RegistrationSpan": lambda row: RegistrationSpan(**row),
    "RegistrationHistory": lambda row: RegistrationHistory(**fields("RegistrationHistory", row)),
    "ReviewDecision": lambda row: ReviewDecision(**fields("ReviewDecision", row)),
}


class Loaders:
    """Every noun by its key, and the rows that belong to a key."""

    def __init__(self, db: Database, viewer: Actor | None) -> None:
        self._db, self._viewer = db, viewer
        self._loaders: dict[tuple[str, int], DataLoader[UUID, Any]] = {}

    async def one(self, noun: str, key: UUID | None) -> Any:
        """The noun with this key, or None where there is none or the viewer may not read it."""
        return None if key is None else await self._loader(noun, 0, self._ones(noun)).load(key)

    async def many(self, noun: str, owner: UUID, first: int) -> list[Any]:
        """The newest `first` rows of an owner."""
        found: list[Any] = await self._loader(noun, first + 1, self._manys(noun, first)).load(owner)
        return found

    async def page(self, context: Context, name: str, given: Mapping[str, Any], owner: Place | None) -> Any:
        """The page of a list that these arguments ask for."""
        return await read_page(context, name, given, owner, lambda noun, row: SHOWN[noun](row))

    async def steps(self, application_id: UUID) -> list[Step]:
        """The steps open to the viewer on an application."""
        found: list[Step] = await self._loader("steps", 0, self._steps).load(application_id)
        return found

    async def checklist(self, application_id: UUID) -> list[ChecklistItem]:
        """What an application that the viewer sees asks for, and what of it is there."""
        found: list[ChecklistItem] = await self._loader("checklist", 0, self._checklists).load(application_id)
        return found

    def _loader(self, noun: str, size: int, batch: Batch) -> DataLoader[UUID, Any]:
        if (noun, size) not in self._loaders:
            self._loaders[noun, size] = DataLoader(batch)
        return self._loaders[noun, size]

    def _ones(self, noun: str) -> Batch:
        async def batch(keys: list[UUID]) -> list[Any]:
            found = await batches.by_ids(self._db, self._viewer, noun, keys)
            return [SHOWN[noun](found[key]) if key in found else None for key in keys]

        return batch

    def _manys(self, noun: str, first: int) -> Batch:
        async def batch(owners: list[UUID]) -> list[Any]:
            found = await batches.of_owners(self._db, self._viewer, noun, owners, first)
            return [[SHOWN[noun](row) for row in found.get(owner, ())] for owner in owners]

        return batch

    async def _checklists(self, keys: list[UUID]) -> list[Any]:
        async with self._db.read() as reader:
            found = await materials.checklists(reader, keys)
        return [found[key] for key in keys]

    async def _steps(self, keys: list[UUID]) -> list[Any]:
        if self._viewer is None:
            return [[] for _ in keys]
        async with self._db.read() as reader:
            found, now = await applications.judged(reader, keys)
        viewer = self._viewer
        seen = {key: (in_her_own_matter(viewer, one), one, now) for key, one in found.items()}
        return [offered(steps_open_to(*seen[key])) if key in seen else [] for key in keys]
