"""Batches by key, made new for each answer, bound to the person asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from strawberry.dataloader import DataLoader

from db import application as applications
from db import read
from db.engine import Database
from graph.schema.account import Account
from graph.schema.account_security import AccountSecurity
from graph.schema.application import Application, ApplicationRevision, ReviewDecision
from graph.schema.node import fields
from graph.schema.nurse import Nurse, Registration, RegistrationHistory
from graph.schema.place import Authority, Institution
from graph.schema.step import offered
from rules.application import Step, steps_open_to
from rules.people import Actor

Row = Mapping[str, Any]
Batch = Callable[[list[UUID]], Awaitable[list[Any]]]


def application_of(row: Row) -> Application:
    """A row as an application."""
    return Application(key=row["id"], **fields("Application", row))


SHOWN: Final[Mapping[str, Callable[[Row], Any]]] = {
    "Account": lambda row: Account(**fields("Account", row)),
    "AccountSecurity": lambda row: AccountSecurity(**row),
    "Application": application_of,
    "ApplicationRevision": lambda row: ApplicationRevision(**row),
    "Authority": lambda row: Authority(**fields("Authority", row)),
    "Institution": lambda row: Institution(**fields("Institution", row)),
    "Nurse": lambda row: Nurse(key=row["id"], **fields("Nurse", row)),
    "NurseApplication": application_of,
    "Registration": lambda row: Registration(nurse_key=row["id"], **fields("Registration", row)),
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

    async def steps(self, application_id: UUID) -> list[Step]:
        """The steps open to the viewer on an application."""
        found: list[Step] = await self._loader("steps", 0, self._steps).load(application_id)
        return found

    def _loader(self, noun: str, size: int, batch: Batch) -> DataLoader[UUID, Any]:
        if (noun, size) not in self._loaders:
            self._loaders[noun, size] = DataLoader(batch)
        return self._loaders[noun, size]

    def _ones(self, noun: str) -> Batch:
        async def batch(keys: list[UUID]) -> list[Any]:
            found = await read.by_ids(self._db, self._viewer, noun, keys)
            return [SHOWN[noun](found[key]) if key in found else None for key in keys]

        return batch

    def _manys(self, noun: str, first: int) -> Batch:
        async def batch(owners: list[UUID]) -> list[Any]:
            found = await read.of_owners(self._db, self._viewer, noun, owners, first)
            return [[SHOWN[noun](row) for row in found.get(owner, ())] for owner in owners]

        return batch

    async def _steps(self, keys: list[UUID]) -> list[Any]:
        if self._viewer is None:
            return [[] for _ in keys]
        async with self._db.read() as reader:
            found, now = await applications.judged(reader, keys)
        viewer = self._viewer
        return [offered(steps_open_to(viewer, found[key], now)) if key in found else [] for key in keys]
