"""The working calendar in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest_asyncio

from db.store import announced_days
from db.store.migrate import migrate
from rules.working_days import due_on


@pytest_asyncio.fixture
async def connection(empty_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    yield connection
    await connection.close()


async def test_the_calendar_holds_every_day_of_its_years_with_the_shifted_ones(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    await announced_days.fill(connection)
    bounds = await connection.fetchrow("select min(day), max(day), count(*) from calendar_day")
    assert tuple(bounds) == (date(2010, 1, 1), date(2027, 12, 31), 6574)
    rows = await connection.fetch(
        "select working, note from calendar_day where day = any($1) order by day",
        [date(2025, 9, 28), date(2025, 10, 1), date(2025, 10, 12), date(2025, 10, 13)],
    )
    assert [tuple(row) for row in rows] == [(True, "调休上班"), (False, "国庆节"), (False, None), (True, None)]


async def test_filling_again_keeps_what_an_authority_edited(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await announced_days.fill(connection)
    await connection.execute("update calendar_day set working = false, note = '台风停工' where day = '2026-09-07'")
    await announced_days.fill(connection)
    assert tuple(await connection.fetchrow("select working, note from calendar_day where day = '2026-09-07'")) == (
        False,
        "台风停工",
    )
    assert await connection.fetchval("select count(*) from calendar_day") == 6574


def test_twenty_working_days_from_26_september_2025_end_on_30_october() -> None:
    assert due_on(date(2025, 9, 26), 20, announced_days.working_days()) == date(2025, 10, 30)
