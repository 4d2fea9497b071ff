"""A file that leaves the service: a printed paper, or a material that was handed in as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from db import information_proof as proofs
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


Maker = Callable[[Database, Actor, Sequence[UUID]], Awaitable[File]]
"""A function that makes the file of these keys for a viewer.

Raises NotFound, or Invalid naming which of several, if the viewer may not read one of them.
"""


async def material(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """A material as it was handed in (申请材料)."""
    (key,) = keys
    async with db.read() as reader:
        found = await materials.file(reader, viewer, key)
    if found is None:
        raise NotFound
    return File(found.file_name, found.media_type, found.content)


async def information_proof(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """The proof paper of an institution's edit, as it was handed in (信息修改证明材料)."""
    (key,) = keys
    async with db.read() as reader:
        found = await proofs.proof(reader, viewer, key)
    if found is None:
        raise NotFound
    return File(found.file_name, found.media_type, found.content)
