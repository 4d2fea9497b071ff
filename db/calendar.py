"""The working calendar (工作日历): steps count by it, and authorities edit it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert

from db.store.engine import Reader, Tx
from db.store.tables import authority
from db.store.tables_application import calendar_day
from rules.calendar import DayBasis
from rules.deadline import DAYS_AHEAD, DAYS_BEHIND, Calendar
from rules.people import Actor
from rules.working_days import CalendarEnds

_d = calendar_day.c


async def working_days(tx: Reader, after: date, count: int) -> list[date]:
    """The next `count` working days after a date; fewer where the calendar ends."""
    query = select(_d.day).where(_d.day > after, _d.working)
    return list((await tx.execute(query.order_by(_d.day).limit(count))).scalars())


async def working_days_between(tx: Tx, after: date, until: date) -> int:
    """The number of working days after a day, until another one; raises CalendarEnds if one is not known."""
    working = func.count().filter(_d.working).label("working")
    counted = select(func.count().label("known"), working, func.max(_d.day).label("last"))
    found = (await tx.execute(counted.where(_d.day > after, _d.day <= until))).one()
    days = (until - after).days
    if found.known != days:
        raise CalendarEnds(after, days, found.last)
    return int(found.working)


async def around(tx: Tx) -> Calendar:
    """The working days around today."""
    past = select(_d.day).where(_d.day < tx.today, _d.working).order_by(_d.day.desc()).limit(DAYS_BEHIND)
    before = list((await tx.execute(past)).scalars())
    return Calendar(tx.today, before, await working_days(tx, tx.today, DAYS_AHEAD))


async def promised_days(tx: Tx, authority_id: UUID) -> int | None:
    """The working days within which an authority promises to decide (承诺时限), where it promises any."""
    query = select(authority.c.promised_days).where(authority.c.id == authority_id)
    promised: int | None = (await tx.execute(query)).scalar_one()
    return promised


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    day: date
    working: bool
    note: str | None
    basis: DayBasis = DayBasis.SET


async def day(reader: Reader, day: date) -> Day:
    """One day of the calendar."""
    row = (await reader.execute(select(_d.day, _d.working, _d.note, _d.basis).where(_d.day == day))).one()
    return Day(row.day, row.working, row.note, DayBasis(row.basis))


async def last_day(tx: Tx) -> date | None:
    """The last day of the calendar."""
    found: date | None = (await tx.execute(select(func.max(_d.day)))).scalar_one()
    return found


async def set_day(tx: Tx, day: Day) -> None:
    """Write one day, an existing one or the next one after the last; it is provisional no more."""
    values = {"working": day.working, "note": day.note, "basis": DayBasis.SET}
    row = insert(calendar_day).values(day=day.day, **values)
    provisional = _d.basis == DayBasis.PROVISIONAL
    settled = {
        "guess": case((provisional, _d.working), else_=_d.guess),
        "settled_at": case((provisional, tx.now), else_=_d.settled_at),
    }
    await tx.execute(row.on_conflict_do_update(index_elements=["day"], set_={**values, **settled}))


async def level_of(tx: Tx, actor: Actor) -> str | None:
    """The level of the officer's authority; None for any other actor."""
    query = select(authority.c.level).where(authority.c.id == actor.party_id)
    found: str | None = (await tx.execute(query)).scalar_one_or_none()
    return found
