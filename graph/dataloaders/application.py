"""Rows of applications (业务申请) and of their rows, as clients see them; the steps open to a viewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from db import application, draft
from db.read.batch import Row
from db.read.outlook import Seen
from db.store.engine import Database
from graph.dataloaders.row import Shown, owner, plain
from graph.offered import offered
from graph.schema.application import Application, ApplicationRevision, ReviewDecision
from graph.schema.deadline import ApplicationDeadline, ApplicationPause
from rules import outlook
from rules.applicant import in_her_own_matter
from rules.application import Step
from rules.errors import FieldProblem
from rules.people import Actor


def deadline_of(row: Row) -> ApplicationDeadline:
    """A row as the deadline of an application: its key is the application's."""
    shown = dict(row)
    return ApplicationDeadline(key=shown.pop("id"), **shown)


SHOWN: Final[Shown] = {
    "Application": owner(Application),
    "ApplicationDeadline": deadline_of,
    "ApplicationPause": plain(ApplicationPause),
    "ApplicationRevision": plain(ApplicationRevision),
    "NurseApplication": owner(Application),
    "ReviewDecision": owner(ReviewDecision),
}


async def open_steps(db: Database, viewer: Actor | None, keys: list[UUID]) -> list[list[Step]]:
    """The steps open to the viewer on each of these applications."""
    if viewer is None:
        return [[] for _ in keys]
    async with db.read() as reader:
        seen = await application.seen(reader, keys)
    return [_open(viewer, seen[key]) if key in seen else [] for key in keys]


async def form_problems(db: Database, keys: list[UUID]) -> list[Sequence[FieldProblem]]:
    """All that would be refused in the form of each of these drafts, if it were filed today; a filed one has none."""
    async with db.read() as reader:
        found = await draft.problems(reader, keys)
    return [found.get(key, ()) for key in keys]


def _open(viewer: Actor, seen: Seen) -> list[Step]:
    actor = in_her_own_matter(viewer, seen.application)
    return offered(outlook.open_steps(actor, seen.application, seen.now, seen.outlook))
