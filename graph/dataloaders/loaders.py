"""The loaders of one answer: batches by key, bound to the viewer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, overload
from uuid import UUID

from strawberry.dataloader import DataLoader

from db.read import batch as batches
from db.read.listing import NounKey
from db.store.engine import Database
from graph.context import Context
from graph.dataloaders import (
    account,
    activation,
    announcement,
    application,
    authority,
    calendar,
    certificate_blank,
    collective,
    conduct,
    delivery,
    departure,
    deputy,
    dispatch,
    exam_name,
    information_change,
    institution,
    interruption,
    key_fact,
    look,
    manual,
    material,
    message,
    nurse,
    photo,
    practice_alert,
    proposal,
    question,
    recovery,
    roster,
    unit,
)
from graph.dataloaders.page import read_page
from graph.dataloaders.row import Shown
from rules.application import Step
from rules.errors import FieldProblem
from rules.information_change import ChangeStep
from rules.material import ChecklistItem
from rules.people import Actor

T = TypeVar("T")
Read: TypeAlias = Callable[[str, list[UUID]], Awaitable[list[Any]]]
_PEOPLE: Final = (
    account,
    activation,
    authority,
    conduct,
    departure,
    deputy,
    dispatch,
    exam_name,
    information_change,
    institution,
    interruption,
    key_fact,
    look,
    nurse,
    photo,
    practice_alert,
    proposal,
    recovery,
    roster,
    unit,
)
_APPLICATIONS: Final = (application, calendar, certificate_blank, collective, delivery, material, message)
_HELP: Final = (announcement, manual, question)
SHOWN: Final[Shown] = {noun: show for room in (*_PEOPLE, *_APPLICATIONS, *_HELP) for noun, show in room.SHOWN.items()}
"""Every noun that is read by key or in a list."""


class DataLoaders:
    """Every noun by its key, and the rows that belong to a key."""

    def __init__(self, db: Database, viewer: Actor | None) -> None:
        self._db, self._viewer = db, viewer
        self._rows: dict[tuple[str, int], DataLoader[UUID, Any]] = {}
        self._steps = DataLoader(partial(application.open_steps, db, viewer))
        self._change_steps = DataLoader(partial(information_change.open_steps, db, viewer))
        self._checklists = DataLoader(partial(material.checklists, db))
        self._form_problems = DataLoader(partial(application.form_problems, db))

    @overload
    async def one(self, noun: type[T], key: UUID | None) -> T | None: ...
    @overload
    async def one(self, noun: str, key: UUID | None) -> Any: ...
    async def one(self, noun: type[T] | str, key: UUID | None) -> T | None:
        """The noun with this key, or None where there is none or the viewer may not read it."""
        name = noun if isinstance(noun, str) else noun.__name__
        return None if key is None else await self._loader(name, 0, self._ones).load(key)

    async def many(self, noun: str, owner: UUID | None, first: int) -> list[Any]:
        """The newest `first` rows of an owner; nobody has none."""
        if owner is None:
            return []
        found: list[Any] = await self._loader(noun, first + 1, partial(self._manys, first)).load(owner)
        return found

    async def page(self, context: Context, name: str, given: Mapping[str, Any], owner: NounKey | None) -> Any:
        """The page of a list that these arguments ask for."""
        return await read_page(context, name, given, owner, lambda noun, row: SHOWN[noun](row))

    async def steps(self, application_id: UUID) -> list[Step]:
        """The steps open to the viewer on an application."""
        return await self._steps.load(application_id)

    async def change_steps(self, change_id: UUID) -> list[ChangeStep]:
        """The steps open to the viewer on a change of information."""
        return await self._change_steps.load(change_id)

    async def form_problems(self, application_id: UUID) -> Sequence[FieldProblem]:
        """All that would be refused in the form of a draft that the viewer sees, if it were filed today."""
        return await self._form_problems.load(application_id)

    async def checklist(self, application_id: UUID, institution_id: UUID | None) -> list[ChecklistItem]:
        """The checklist of an application that the viewer sees: each material it needs, and whether it is there."""
        return await self._checklists.load((application_id, institution_id))

    def _loader(self, noun: str, size: int, read: Read) -> DataLoader[UUID, Any]:
        if (noun, size) not in self._rows:
            self._rows[noun, size] = DataLoader(partial(read, noun))
        return self._rows[noun, size]

    async def _ones(self, noun: str, keys: list[UUID]) -> list[object]:
        found = await batches.by_ids(self._db, self._viewer, noun, keys)
        return [SHOWN[noun](found[key]) if key in found else None for key in keys]

    async def _manys(self, first: int, noun: str, owners: list[UUID]) -> list[list[object]]:
        found = await batches.of_owners(self._db, self._viewer, noun, owners, first)
        return [[SHOWN[noun](row) for row in found.get(owner, ())] for owner in owners]
