"""Queries on manuals (手册): published in place of another, withdrawn, downloaded."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from db import blob as blobs
from db.read import scope
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.tables import blob
from db.store.tables_help import manual
from rules.errors import NotFound
from rules.faq import HelpAudience
from rules.manual import ManualText
from rules.material import MediaType
from rules.people import Actor

_c: Final = manual.c
_CURRENT: Final = _c.replaced_at.is_(None)


async def count(tx: Tx) -> int:
    """The number of manuals in force."""
    return int((await tx.execute(select(func.count()).where(_CURRENT))).scalar_one())


async def replace(tx: Tx, text: ManualText) -> bool:
    """End the manual in force of this audience, language and title; True where there was one."""
    same = (_c.audience == text.audience, _c.language == text.language, _c.title == text.title)
    gone = await tx.execute(update(manual).where(_CURRENT, *same).values(replaced_at=tx.now).returning(_c.id))
    return gone.first() is not None


async def insert(tx: Tx, key: UUID, by: UUID, text: ManualText, file_name: str, content: bytes) -> None:
    """A new manual, kept sealed like every file."""
    kept = await blobs.keep(tx, content, MediaType.PDF)
    file = {"file_name": file_name, "sha256": sha256(content).hexdigest(), "size": len(content), "blob_id": kept}
    await tx.execute(manual.insert().values(id=key, account_id=by, published_at=tx.now, **asdict(text), **file))


async def withdraw(tx: Tx, key: UUID) -> None:
    """End a manual that is in force; NotFound for any other."""
    gone = await tx.execute(update(manual).where(_c.id == key, _CURRENT).values(replaced_at=tx.now).returning(_c.id))
    if gone.first() is None:
        raise NotFound


async def file(reader: Reader, viewer: Actor, key: UUID) -> tuple[str, bytes] | None:
    """The file of a manual that somebody may read."""
    query = select(_c.file_name, *blobs.CONTENT).join(blob, blob.c.id == _c.blob_id)
    row = (await reader.execute(query.where(_c.id == key, scope.manuals(single(viewer))))).mappings().one_or_none()
    content = None if row is None else blobs.content_of(reader.keyring, dict(row))
    return None if row is None or content is None else (row["file_name"], content)


async def public(reader: Reader) -> list[Row[Any]]:
    """The manuals that everybody may read."""
    everybody = select(manual).where(_CURRENT, _c.audience == HelpAudience.EVERYBODY)
    return list(await reader.execute(everybody.order_by(_c.language, _c.title)))
