"""The working calendar (工作日历) as the State Council announced it: the periods of the law are counted by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import asyncpg
import holidays

FIRST_YEAR: Final = 2010
LAST_YEAR: Final = 2027


def days() -> Iterator[tuple[date, bool, str | None]]:
    """Each announced day, True if it is worked, and its note: a holiday's name (节假日), or 调休上班."""
    known = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1), language="zh_CN")
    day, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    while day <= last:
        shifted = "调休上班" if day in known.weekend_workdays else None
        yield day, known.is_working_day(day), known.get(day) or shifted
        day += timedelta(days=1)


def working_days() -> tuple[date, ...]:
    """The announced working days (工作日), ascending."""
    return tuple(day for day, working, _ in days() if working)


async def fill(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Put the announced days into the calendar; those already there stay as the authorities have edited them."""
    await connection.executemany(
        "insert into calendar_day (day, working, note) values ($1, $2, $3) on conflict do nothing", days()
    )
