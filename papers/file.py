"""A file that leaves the service: a printed paper, or a material that was handed in as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from db import material as materials
from db.store.engine import Database
from rules.errors import NotFound
from rules.people import Actor


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A file as it is downloaded."""

    name: str
    media_type: str
    content: bytes


Maker = Callable[[Database, Actor, UUID], Awaitable[File]]
"""A function that makes the file of a key for a viewer; raises NotFound if the viewer may not read it."""


async def material(db: Database, viewer: Actor, key: UUID) -> File:
    """A material as it was handed in (申请材料)."""
    async with db.read() as reader:
        found = await materials.file(reader, viewer, key)
    if found is None:
        raise NotFound
    return File(found.file_name, found.media_type, found.content)
