"""Rows of changes of information (信息修改), as clients see them; the steps open to a viewer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import information_change as changes
from db.store.engine import Database
from graph.dataloaders.row import Shown, owner
from graph.schema.information_change import InformationChange
from rules.information_change import ChangeStep
from rules.information_step import open_steps as judged
from rules.people import Actor

SHOWN: Final[Shown] = {"InformationChange": owner(InformationChange)}


async def open_steps(db: Database, viewer: Actor | None, keys: list[UUID]) -> list[list[ChangeStep]]:
    """The steps open to the viewer on each of these changes."""
    if viewer is None:
        return [[] for _ in keys]
    async with db.read() as reader:
        seen = await changes.all_seen(reader, keys)
    return [judged(viewer, seen[key].change, seen[key].around) if key in seen else [] for key in keys]
