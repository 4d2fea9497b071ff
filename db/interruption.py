"""Queries on interruptions of practice (中断执业): spans of a registration that get their last day when they end."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import registration_span
from rules.interruption import InterruptionReason
from rules.suspension import Span, SpanKind

_s = registration_span.c
_INSERT: Final = Statement.insert(
    registration_span,
    *("id", "nurse_id", "kind", "starts_on", "cause", "account_id", "institution_id", "recorded_at"),
)


async def running(tx: Tx, nurse_id: UUID) -> Span | None:
    """The interruption of a locked nurse that has no last day: the spans are locked with the nurse."""
    hers = (_s.nurse_id == nurse_id, _s.kind == SpanKind.INTERRUPTION, _s.withdrawn_at.is_(None), _s.ends_on.is_(None))
    query = select(_s.id, _s.starts_on, _s.ends_on).where(*hers).order_by(_s.starts_on.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else Span(row.id, row.starts_on, row.ends_on)


async def last_day(tx: Tx, nurse_id: UUID) -> date | None:
    """The last day of those interruptions of a locked nurse that are over."""
    hers = (_s.nurse_id == nurse_id, _s.kind == SpanKind.INTERRUPTION, _s.withdrawn_at.is_(None))
    found: date | None = (await tx.execute(select(func.max(_s.ends_on)).where(*hers))).scalar_one()
    return found


async def insert(
    tx: Tx, key: UUID, *, nurse_id: UUID, starts_on: date, by: UUID, at: UUID, cause: InterruptionReason | None
) -> None:
    """A new interruption of a locked nurse, by an institution; nobody knows yet how long it lasts."""
    of = {"id": key, "nurse_id": nurse_id, "kind": SpanKind.INTERRUPTION, "starts_on": starts_on, "cause": cause}
    await tx.run(_INSERT, {**of, "account_id": by, "institution_id": at, "recorded_at": tx.now})


async def end(tx: Tx, key: UUID, ends_on: date) -> None:
    """The last day of an interruption."""
    await tx.execute(update(registration_span).where(_s.id == key).values(ends_on=ends_on))
