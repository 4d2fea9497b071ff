"""Queries on the spans of a registration: suspensions and interruptions."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import registration_span
from rules.suspension import Span, SpanKind

_INSERT: Final = Statement.insert(
    registration_span,
    *("id", "nurse_id", "kind", "starts_on", "ends_on", "decision_number", "reason", "account_id"),
)


async def running(tx: Tx, nurse_id: UUID, kind: SpanKind) -> Span | None:
    """The span of a kind that has not ended, of a locked nurse: the spans are locked with the nurse."""
    spans = registration_span.c
    runs_on = spans.ends_on.is_(None)
    # A suspension has its last day from the beginning; an interruption gets it when it ends.
    not_over = or_(runs_on, spans.ends_on >= tx.today) if kind is SpanKind.SUSPENSION else runs_on
    query = select(spans.id, spans.starts_on, spans.ends_on).where(spans.nurse_id == nurse_id, spans.kind == kind)
    row = (await tx.execute(query.where(not_over).order_by(spans.starts_on.desc()).limit(1))).first()
    return None if row is None else Span(row.id, row.starts_on, row.ends_on)


async def insert(
    tx: Tx,
    key: UUID,
    *,
    nurse_id: UUID,
    kind: SpanKind,
    days: tuple[date, date | None],
    by: UUID,
    number: str | None = None,
    reason: str | None = None,
) -> None:
    """A new span of a locked nurse."""
    values = {"id": key, "nurse_id": nurse_id, "kind": kind, "starts_on": days[0], "ends_on": days[1]}
    await tx.run(_INSERT, {**values, "decision_number": number, "reason": reason, "account_id": by})


async def end(tx: Tx, key: UUID, ends_on: date) -> None:
    """The last day of a span."""
    await tx.execute(update(registration_span).where(registration_span.c.id == key).values(ends_on=ends_on))
