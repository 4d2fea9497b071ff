"""Queries on what an institution records of a nurse's days: interruptions (中断执业) and dispatches (派出)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from db.store.engine import Reader, Tx
from db.store.tables import nurse, registration, registration_span
from rules.errors import NotFound
from rules.interruption import Recorded
from rules.suspension import SpanKind

_s: Final = registration_span.c
_NOUN: Final = ("id", "nurse_id", "institution_id", "account_id", "starts_on", "ends_on")
_STATES: Final = ("disputed_at", "answered_at", "withdrawn_at")


_WHOSE: Final = registration_span.join(nurse, nurse.c.id == _s.nurse_id).join(
    registration, registration.c.nurse_id == _s.nurse_id
)
_ENDED: Final[Mapping[str, ColumnElement[Any]]] = {
    **{name: _s[name] for name in ("nurse_id", "institution_id", "to_institution_id")},
    **{name: nurse.c[name] for name in ("name", "id_number_masked")},
    "certificate_number": registration.c.certificate_number,
}


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


@dataclass(frozen=True, slots=True)
class Ended:
    """A span that has ended with an institution: whose, who had sent her, and whose guest she was."""

    nurse_id: UUID
    name: str
    id_number_masked: str
    certificate_number: str | None
    institution_id: UUID | None
    to_institution_id: UUID | None


async def end_dispatches(tx: Tx, institution_id: UUID) -> list[Ended]:
    """The end, today, of every dispatch from an institution that closes, and to it; what is to come is taken back."""
    return await _end(tx, or_(_s.institution_id == institution_id, _s.to_institution_id == institution_id))


async def pass_on(tx: Tx, institution_id: UUID, to: UUID) -> list[Ended]:
    """The spans that an institution has recorded, and those of its guests, are another's from now on (合并).

    Whoever was sent from one of the two to the other works at her own institution now: her dispatch ends.
    """
    for column in (_s.institution_id, _s.to_institution_id):
        await tx.execute(update(registration_span).where(column == institution_id).values({column.name: to}))
    return await _end(tx, _s.institution_id == to, _s.to_institution_id == to)


async def _end(tx: Tx, *which: ColumnElement[bool]) -> list[Ended]:
    """The end of dispatches; a suspension is never among them, whose days are those of a decision."""
    stands = (_s.kind == SpanKind.DISPATCH, _s.withdrawn_at.is_(None), *which)
    to_come = update(registration_span).where(*stands, _s.starts_on > tx.today).values(withdrawn_at=tx.now)
    runs = or_(_s.ends_on.is_(None), _s.ends_on > tx.today)
    last = update(registration_span).where(*stands, runs).values(ends_on=func.greatest(_s.starts_on, tx.today))
    keys = [row.id for one in (to_come, last) for row in await tx.execute(one.returning(_s.id))]
    query = select(*(_ENDED[one.name] for one in fields(Ended))).select_from(_WHOSE).where(_s.id.in_(keys))
    return [Ended(**row) for row in (await tx.execute(query.order_by(_s.id))).mappings()] if keys else []
