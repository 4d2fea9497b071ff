"""The working calendar (工作日历): steps count by it, and authorities edit it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Date, Integer, Uuid, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import insert

from db.opening import AUTHORITY
from db.store.ahead import TODAY, Ahead, Sought, Source
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import authority
from db.store.tables_application import calendar_day
from rules.calendar import DayBasis
from rules.deadline import DAYS_AHEAD, DAYS_BEHIND, Calendar
from rules.people import Actor
from rules.working_days import CalendarEnds

_d = calendar_day.c


_AFTER: Final = bindparam("after", type_=Date())
_UNTIL: Final = bindparam("until", type_=Date())
_NEXT_DAYS: Final = (
    select(_d.day).where(_d.day > _AFTER, _d.working).order_by(_d.day).limit(bindparam("count", type_=Integer()))
)
_NEXT: Final = Statement(_NEXT_DAYS, ["after", "count"])
_BETWEEN: Final = Statement(
    select(
        func.count().label("known"),
        func.count().filter(_d.working).label("working"),
        func.max(_d.day).label("last"),
    ).where(_d.day > _AFTER, _d.day <= _UNTIL),
    ["after", "until"],
)
_PROMISED: Final = Statement(
    select(authority.c.promised_days).where(authority.c.id == bindparam("authority", type_=Uuid())), ["authority"]
)
PROMISED_AHEAD: Final = Ahead(_PROMISED, authority=AUTHORITY)


def days_ahead(after: Sought, count: Source) -> Ahead:
    """The next working days, asked for with the opening of a step."""
    return Ahead(_NEXT, after=after, count=count)


def between_ahead(after: Sought) -> Ahead:
    """The working days since a day, asked for with the opening."""
    return Ahead(_BETWEEN, name="paused", after=after, until=TODAY)


async def working_days(tx: Reader, after: date, count: int) -> list[date]:
    """The next `count` working days after a date; fewer where the calendar ends."""
    if isinstance(tx, Tx) and tx.foresees:
        return [row["day"] for row in await tx.run(_NEXT, {"after": after, "count": count})]
    return list((await tx.execute(_NEXT_DAYS, {"after": after, "count": count})).scalars())


async def working_days_between(tx: Tx, after: date, until: date) -> int:
    """The number of working days after a day, until another one; raises CalendarEnds if one is not known."""
    (found,) = await tx.run(_BETWEEN, {"after": after, "until": until})
    days = (until - after).days
    if found["known"] != days:
        raise CalendarEnds(after, days, found["last"])
    return int(found["working"])


async def around(tx: Tx) -> Calendar:
    """The working days around today."""
    past = select(_d.day).where(_d.day < tx.today, _d.working).order_by(_d.day.desc()).limit(DAYS_BEHIND)
    before = list((await tx.execute(past)).scalars())
    return Calendar(tx.today, before, await working_days(tx, tx.today, DAYS_AHEAD))


async def promised_days(tx: Tx, authority_id: UUID) -> int | None:
    """The working days within which an authority promises to decide (承诺时限), where it promises any."""
    (row,) = await tx.run(_PROMISED, {"authority": authority_id})
    promised: int | None = row["promised_days"]
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
