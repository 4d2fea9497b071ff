"""Queries on reports that a nurse has left: the steps' side, and the list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, cast, exists, func, select, update

from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import registration, registration_history
from db.store.tables_application import departure
from rules.departure import Departure
from rules.errors import NotFound

_INSERT: Final = Statement.insert(
    departure, *("id", "nurse_id", "institution_id", "reason", "remarks", "left_on", "reported_by", "reported_at")
)


async def insert(tx: Tx, **values: Any) -> None:
    """A new report."""
    await tx.run(_INSERT, {**values, "reported_at": tx.now})


async def nurse_of(reader: Reader, key: UUID) -> UUID:
    """The nurse that a report is about."""
    found: UUID | None = (
        await reader.execute(select(departure.c.nurse_id).where(departure.c.id == key))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> Departure:
    """A report about a locked nurse: it is locked with the nurse."""
    history = registration_history.c
    since = exists().where(
        history.nurse_id == departure.c.nurse_id,
        history.at > departure.c.reported_at,
        history.institution_id.is_not(None),
    )
    names = ("id", "nurse_id", "institution_id", "disputed_at", "withdrawn_at", "reported_by")
    query = select(*(departure.c[name] for name in names), since.label("registered_since"))
    return Departure(**(await tx.execute(query.where(departure.c.id == key))).mappings().one())


async def standing(reader: Reader, nurse_id: UUID, institution_id: UUID | None) -> UUID:
    """The last report of an institution about a nurse that was not taken back."""
    of = (departure.c.nurse_id == nurse_id, departure.c.institution_id == institution_id)
    query = select(departure.c.id).where(*of, departure.c.withdrawn_at.is_(None)).order_by(departure.c.id.desc())
    found: UUID | None = (await reader.execute(query.limit(1))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def came_on(tx: Tx, nurse_id: UUID) -> date | None:
    """The day since which a locked nurse has been registered with her institution; None where history does not say."""
    history, before = registration_history, registration_history.alias("before")
    now = select(registration.c.institution_id).where(registration.c.nurse_id == nurse_id).scalar_subquery()
    # A report that was taken back is none: she never left.
    undone = exists().where(
        departure.c.nurse_id == nurse_id,
        departure.c.institution_id == now,
        before.c.at.between(departure.c.reported_at, departure.c.withdrawn_at),
    )
    elsewhere = select(func.max(before.c.at)).where(
        before.c.nurse_id == nurse_id, before.c.institution_id.is_distinct_from(now), ~undone.correlate(before)
    )
    since = func.coalesce(elsewhere.scalar_subquery(), datetime.min.replace(tzinfo=UTC))
    query = select(cast(func.min(history.c.at), Date)).where(
        history.c.nurse_id == nurse_id, history.c.institution_id == now, history.c.at > since
    )
    found: date | None = (await tx.execute(query)).scalar_one()
    return found


async def write(tx: Tx, key: UUID, **values: Any) -> None:
    """Write these columns of a report about a locked nurse."""
    await tx.execute(update(departure).where(departure.c.id == key).values(values))


async def pass_on(tx: Tx, institution_id: UUID, to: UUID) -> None:
    """Pass an institution's reports on to another one; the reporter stays."""
    await tx.execute(update(departure).where(departure.c.institution_id == institution_id).values(institution_id=to))
