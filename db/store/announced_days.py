"""The working calendar (工作日历): the days that the State Council has announced, and a guess at the year after them.

A year's weekends that are worked (调休) are announced in the autumn before it; a year without any is not announced yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

import asyncpg
import holidays

from rules.calendar import DayBasis

FIRST_YEAR: Final = 2010
LAST_YEAR: Final = 2027


KnownDay = tuple[date, bool, str | None, DayBasis]
"""A day, True if it is worked, its note (a holiday's name or 调休上班), and whether that is announced."""

_FILL: Final = """insert into calendar_day (day, working, note, basis)
select * from unnest($1::date[], $2::boolean[], $3::text[], $4::text[])
on conflict (day) do update set working = excluded.working, note = excluded.note, basis = excluded.basis,
  guess = calendar_day.working, settled_at = now()
where calendar_day.basis = 'PROVISIONAL' and excluded.basis = 'ANNOUNCED'"""


def days() -> Iterator[KnownDay]:
    """Each day that this release knows."""
    known = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1), language="zh_CN")
    announced = {day.year for day in known.weekend_workdays}
    day, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    while day <= last:
        shifted = "调休上班" if day in known.weekend_workdays else None
        basis = DayBasis.ANNOUNCED if day.year in announced else DayBasis.PROVISIONAL
        yield day, known.is_working_day(day), known.get(day) or shifted, basis
        day += timedelta(days=1)


def working_days() -> tuple[date, ...]:
    """The known working days (工作日), ascending."""
    return tuple(day for day, working, *_ in days() if working)


async def fill(connection: asyncpg.Connection[asyncpg.Record], known: Iterable[KnownDay] | None = None) -> None:
    """Put the days into the calendar: announced ones in place of provisional ones, never of those that were set."""
    await connection.execute(_FILL, *map(list, zip(*(known or days()), strict=True)))
