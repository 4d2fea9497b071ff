"""Queries on what an institution records of a nurse's days: interruptions (中断执业) and dispatches (派出)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, or_, select, update

from db.store.engine import Reader, Tx
from db.store.tables import registration_span
from rules.errors import NotFound
from rules.interruption import Recorded
from rules.suspension import SpanKind

_s: Final = registration_span.c
_NOUN: Final = ("id", "nurse_id", "institution_id", "account_id", "starts_on", "ends_on")
_STATES: Final = ("disputed_at", "answered_at", "withdrawn_at")


async def nurse_of(reader: Reader, key: UUID, kind: SpanKind) -> UUID:
    """The nurse whom a span of this kind is about."""
    query = select(_s.nurse_id).where(_s.id == key, _s.kind == kind)
    found: UUID | None = (await reader.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> Recorded:
    """A span of a locked nurse: it is locked with her."""
    query = select(*(_s[name] for name in (*_NOUN, *_STATES))).where(_s.id == key)
    return Recorded(**(await tx.execute(query)).mappings().one())


async def write(tx: Tx, key: UUID, **values: Any) -> None:
    """Write these columns of a span of a locked nurse."""
    await tx.execute(update(registration_span).where(_s.id == key).values(values))


async def end_running(tx: Tx, nurse_ids: Sequence[UUID], kinds: Collection[SpanKind]) -> None:
    """The end, today, of what runs of these locked nurses; what has not begun is taken back.

    A suspension is never among the kinds: its days are those of a decision, whatever becomes of the entry.
    """
    hers = (_s.nurse_id == any_(literal(list(nurse_ids), ARRAY(Uuid))), _s.kind.in_(sorted(kinds)))
    open_ = (_s.withdrawn_at.is_(None), or_(_s.ends_on.is_(None), _s.ends_on > tx.today))
    to_come = update(registration_span).where(*hers, _s.withdrawn_at.is_(None), _s.starts_on > tx.today)
    await tx.execute(to_come.values(withdrawn_at=tx.now))
    await tx.execute(
        update(registration_span).where(*hers, *open_).values(ends_on=func.greatest(_s.starts_on, tx.today))
    )


async def pass_on(tx: Tx, institution_id: UUID, to: UUID) -> None:
    """The spans that an institution has recorded, and those of its guests, are another's from now on (合并)."""
    for column in (_s.institution_id, _s.to_institution_id):
        await tx.execute(update(registration_span).where(column == institution_id).values({column.name: to}))


async def end_guests(tx: Tx, institution_id: UUID) -> None:
    """The end, today, of every dispatch to an institution that closes."""
    there = (_s.to_institution_id == institution_id, _s.withdrawn_at.is_(None))
    to_come = update(registration_span).where(*there, _s.starts_on > tx.today)
    await tx.execute(to_come.values(withdrawn_at=tx.now))
    runs = or_(_s.ends_on.is_(None), _s.ends_on > tx.today)
    await tx.execute(
        update(registration_span).where(*there, runs).values(ends_on=func.greatest(_s.starts_on, tx.today))
    )
