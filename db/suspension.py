"""Queries on suspensions from practice (暂停执业): spans of a registration whose last day is known from the first."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import registration_span
from rules.suspension import Span, SpanKind

_s = registration_span.c
_INSERT: Final = Statement.insert(
    registration_span,
    *("id", "nurse_id", "kind", "starts_on", "ends_on", "decision_number", "reason", "account_id"),
)


async def running(tx: Tx, nurse_id: UUID) -> Span | None:
    """The suspension of a locked nurse that is not over: the spans are locked with the nurse."""
    hers = (_s.nurse_id == nurse_id, _s.kind == SpanKind.SUSPENSION, or_(_s.ends_on.is_(None), _s.ends_on >= tx.today))
    query = select(_s.id, _s.starts_on, _s.ends_on).where(*hers).order_by(_s.starts_on.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else Span(row.id, row.starts_on, row.ends_on)


async def insert(
    tx: Tx, key: UUID, *, nurse_id: UUID, days: tuple[date, date], by: UUID, number: str, reason: str | None
) -> None:
    """A new suspension of a locked nurse, by a decision with a number."""
    of = {"id": key, "nurse_id": nurse_id, "kind": SpanKind.SUSPENSION, "starts_on": days[0], "ends_on": days[1]}
    await tx.run(_INSERT, {**of, "decision_number": number, "reason": reason, "account_id": by})


async def end(tx: Tx, key: UUID, ends_on: date) -> None:
    """Another last day of a suspension: it was lifted."""
    await tx.execute(update(registration_span).where(_s.id == key).values(ends_on=ends_on))
