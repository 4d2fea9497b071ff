"""Queries on investigations (调查) under which looks are withheld."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from db.store.engine import Reader, Tx
from db.store.tables_look import investigation
from rules.errors import NotFound
from rules.investigation import Investigation

_c: Final = investigation.c
_GET: Final = select(
    *(_c[name] for name in ("id", "authority_id", "opened_by", "confirmed_by", "withheld_until", "version"))
)


async def find(reader: Reader, key: UUID) -> Investigation | None:
    """An investigation as it stands."""
    row = (await reader.execute(_GET.where(_c.id == key))).mappings().one_or_none()
    return None if row is None else Investigation(**row)


async def lock(tx: Tx, key: UUID) -> Investigation:
    """An investigation, held until the transaction ends."""
    row = (await tx.execute(_GET.where(_c.id == key).with_for_update())).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Investigation(**row)


async def insert(tx: Tx, key: UUID, **values: Any) -> None:
    """A new one, which nobody has confirmed."""
    await tx.execute(investigation.insert().values({"id": key, "opened_at": tx.now, **values}))


async def confirm(tx: Tx, found: Investigation, by: UUID) -> None:
    """Write who has confirmed a locked one."""
    values = {"confirmed_by": by, "confirmed_at": tx.now, "version": found.version + 1}
    await tx.execute(update(investigation).where(_c.id == found.id).values(values))
