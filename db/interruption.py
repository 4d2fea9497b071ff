"""Queries on interruptions of practice (中断执业): spans of a registration that get their last day when they end."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import registration_span
from rules.suspension import Span, SpanKind

_s = registration_span.c
_INSERT: Final = Statement.insert(registration_span, *("id", "nurse_id", "kind", "starts_on", "reason", "account_id"))


async def running(tx: Tx, nurse_id: UUID) -> Span | None:
    """The interruption of a locked nurse that has no last day: the spans are locked with the nurse."""
    hers = (_s.nurse_id == nurse_id, _s.kind == SpanKind.INTERRUPTION, _s.ends_on.is_(None))
    query = select(_s.id, _s.starts_on, _s.ends_on).where(*hers).order_by(_s.starts_on.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else Span(row.id, row.starts_on, row.ends_on)


async def insert(tx: Tx, key: UUID, *, nurse_id: UUID, starts_on: date, by: UUID, reason: str | None) -> None:
    """A new interruption of a locked nurse; nobody knows yet how long it lasts."""
    of = {"id": key, "nurse_id": nurse_id, "kind": SpanKind.INTERRUPTION, "starts_on": starts_on}
    await tx.run(_INSERT, {**of, "reason": reason, "account_id": by})


async def end(tx: Tx, key: UUID, ends_on: date) -> None:
    """The last day of an interruption."""
    await tx.execute(update(registration_span).where(_s.id == key).values(ends_on=ends_on))
