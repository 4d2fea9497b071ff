"""Queries on interruptions of practice (中断执业): spans of a registration that get their last day when they end."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, update

from db.opening import REREGISTERS
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import registration_span
from rules.interruption import InterruptionReason
from rules.suspension import Span, SpanKind

_s = registration_span.c
_INSERT: Final = Statement.insert(
    registration_span,
    *("id", "nurse_id", "kind", "starts_on", "cause", "account_id", "institution_id", "recorded_at"),
)


_HERS: Final = (
    *(_s.nurse_id == bindparam("nurse", type_=Uuid()), _s.kind == SpanKind.INTERRUPTION),
    *(_s.withdrawn_at.is_(None), _s.ends_on.is_(None)),
)
_RUNNING: Final = Statement(
    select(_s.id, _s.starts_on, _s.ends_on).where(*_HERS).order_by(_s.starts_on.desc()).limit(1), ["nurse"]
)
_END: Final = Statement(
    update(registration_span)
    .where(_s.id == bindparam("key", type_=Uuid()))
    .values(given(registration_span, ("ends_on",))),
    ["key", "ends_on"],
)
RUNNING_AHEAD: Final = Ahead(_RUNNING, nurse=REREGISTERS)


async def running(tx: Tx, nurse_id: UUID) -> Span | None:
    """The interruption of a locked nurse that has no last day: the spans are locked with the nurse."""
    found = await tx.run(_RUNNING, {"nurse": nurse_id})
    return Span(**found[0]) if found else None


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
    await tx.write(_END, {"key": key, "ends_on": ends_on})
