"""A file that leaves the service: a printed paper, what was handed in as a file, photos, or a manual."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

from db import information_proof as proofs
from db import manual as manuals
from db import material as materials
from db import photo as kept
from db import question as questions
from db.store.engine import Database
from rules.errors import NotFound
from rules.material import MediaType
from rules.people import Actor
from workflow.receipt import Stamp


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A file as it is downloaded."""

    name: str
    media_type: str
    content: bytes
    latin: str = "download"
    """The name, without its ending, for programs that read ASCII alone."""


Maker = Callable[[Database, Actor, Sequence[UUID]], Awaitable[File]]
"""A function that makes the file of these keys for a viewer.

Raises NotFound, or Invalid naming which of several, if the viewer may not read one of them.
"""

StampedMaker = Callable[[Database, Actor, Sequence[UUID], Stamp], Awaitable[File]]
"""A function that makes a file with receipts in the same way."""


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


async def question_file(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """A file that came with a question (提问附件), as it was handed in."""
    (key,) = keys
    async with db.read() as reader:
        found = await questions.file(reader, viewer, key)
    if found is None:
        raise NotFound
    return File(*found)


async def manual(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """A manual (手册)."""
    (key,) = keys
    async with db.read() as reader:
        found = await manuals.file(reader, viewer, key)
    if found is None:
        raise NotFound
    name, content = found
    return File(name, MediaType.PDF, content)


async def photos(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """A photo (个人相片); of several an archive, in which each has the number of its place, from 01."""
    async with db.read() as reader:
        found = await kept.pictures(reader, viewer, keys)
    if len(found) < len(keys):
        raise NotFound
    if len(keys) == 1:
        return File("相片.jpg", MediaType.JPEG, found[keys[0]])
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:  # a JPEG is small already
        for place, key in enumerate(keys, 1):
            archive.writestr(f"{place:02}.jpg", found[key])
    return File("相片.zip", "application/zip", packed.getvalue())
