"""Queries on reports that a nurse has left: the steps' side, and the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, select, update

from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import authority, nurse, registration, registration_history
from db.store.tables_application import departure
from rules.departure import Departure, DepartureReason
from rules.errors import NotFound
from rules.people import Actor, Party

_INSERT: Final = Statement.insert(
    departure, *("id", "nurse_id", "institution_id", "reason", "remarks", "left_on", "reported_by", "reported_at")
)


async def insert(tx: Tx, **values: Any) -> None:
    """A new report."""
    await tx.run(_INSERT, {**values, "reported_at": tx.now})


async def nurse_of(reader: Reader, key: UUID) -> UUID:
    """Whom a report is about."""
    found: UUID | None = (
        await reader.execute(select(departure.c.nurse_id).where(departure.c.id == key))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> Departure:
    """A report about a locked nurse: with her it is locked."""
    history = registration_history.c
    since = exists().where(
        history.nurse_id == departure.c.nurse_id,
        history.at > departure.c.reported_at,
        history.institution_id.is_not(None),
    )
    names = ("id", "nurse_id", "institution_id", "disputed_at", "withdrawn_at")
    query = select(*(departure.c[name] for name in names), since.label("registered_since"))
    return Departure(**(await tx.execute(query.where(departure.c.id == key))).mappings().one())


async def write(tx: Tx, key: UUID, **values: Any) -> None:
    """Write these columns of a report about a locked nurse."""
    await tx.execute(update(departure).where(departure.c.id == key).values(values))


async def pass_on(tx: Tx, institution_id: UUID, to: UUID) -> None:
    """What an institution reported is the other's from now on; who reported it stays."""
    await tx.execute(update(departure).where(departure.c.institution_id == institution_id).values(institution_id=to))


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is shown."""

    id: UUID
    nurse_id: UUID
    nurse_name: str
    institution_id: UUID
    reason: DepartureReason
    remarks: str | None
    left_on: date
    reported_at: datetime
    dispute: str | None
    disputed_at: datetime | None
    withdrawn_at: datetime | None


def _concerns(viewer: Actor) -> ColumnElement[bool]:
    """The nurse herself, the institution that reported it, and the line of her 注册机关."""
    match viewer:
        case Actor(active=True, party=Party.NURSE):
            return departure.c.nurse_id == viewer.party_id
        case Actor(active=True, party=Party.INSTITUTION):
            return departure.c.institution_id == viewer.party_id
        case Actor(active=True, party=Party.AUTHORITY):
            below = select(authority.c.id).where(func.starts_with(authority.c.path, viewer.path))
            return registration.c.authority_id.in_(below)
        case _:
            return false()


async def page(
    reader: Reader, viewer: Actor, first: int, before: UUID | None = None, key: UUID | None = None
) -> list[Report]:
    """The reports that concern a viewer, newest first, from before that one on; or the one of this key."""
    query = (
        select(departure, nurse.c.name.label("nurse_name"))
        .join(nurse, nurse.c.id == departure.c.nurse_id)
        .join(registration, registration.c.nurse_id == departure.c.nurse_id)
        .where(_concerns(viewer))
    )
    if before is not None:
        query = query.where(departure.c.id < before)
    if key is not None:
        query = query.where(departure.c.id == key)
    rows = (await reader.execute(query.order_by(departure.c.id.desc()).limit(first))).mappings()
    shown = Report.__slots__
    return [Report(**{**{name: row[name] for name in shown}, "reason": DepartureReason[row["reason"]]}) for row in rows]
