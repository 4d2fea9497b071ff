"""A register to begin with: of any size, and the same every time from the same seed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Final

import asyncpg

from db.seed.bulk_load import (
    Progress,
    SeedError,
    clear,
    drop_constraints,
    drop_load_tables,
    rebuild_constraints,
    unfinished,
)
from db.seed.demo import DEMO_ACCOUNTS, MORE_ACCOUNTS, DemoAccount
from db.seed.load import LoadOrder, load
from db.store import announced_days, known_faq, known_law
from db.store.keys import Keyring, verify
from db.store.url import asyncpg_dsn

__all__ = ["DEMO_ACCOUNTS", "LARGEST", "MORE_ACCOUNTS", "SMALLEST", "DemoAccount", "SeedError", "is_empty", "seed"]

SMALLEST: Final = 1_000
LARGEST: Final = 5_600_000
SEED_LOCK: Final = 0x6875_7368_7365
_EMPTY: Final = (
    "select not exists (select from nurse) and not exists (select from institution)"
    " and not exists (select from authority) and not exists (select from account)"
)
_UNFINISHED: Final = "An earlier `hushi seed` was interrupted and the register is incomplete: start over with --force."
# What building indexes over millions of rows may use; the connection ends with the seed.
_SETTINGS: Final = {"timezone": "Asia/Shanghai", "maintenance_work_mem": "512MB", "work_mem": "256MB"}


def require_size(nurses: int) -> None:
    """Refuse a register of a size that is not made, before anything is begun for it."""
    if not SMALLEST <= nurses <= LARGEST:
        raise SeedError(f"A register of {nurses} nurses cannot be seeded: choose from {SMALLEST} to {LARGEST}.")


async def is_empty(owner_url: str) -> bool:
    """True if nothing is registered yet; raises SeedError if a seed was interrupted."""
    async with _connection(owner_url) as connection:
        await _require_finished(connection)
        return await connection.fetchval(_EMPTY) is True


async def seed(
    owner_url: str,
    keyring: Keyring,
    *,
    nurses: int,
    seed: int,
    today: date | None = None,
    force: bool = False,
    demo: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> None:
    """Fill an empty, migrated database; ids and plaintexts are the same for the same seed, size and day.

    `today` is the database's day in China unless given. With `force` all old data is deleted first. Without `demo` the
    accounts are there, since applications name them, but their passwords are unknown.
    """
    require_size(nurses)
    async with _connection(owner_url) as connection:
        await _prepare(connection, keyring, force)
        day = today or await connection.fetchval("select current_date")
        await drop_constraints(connection)
        await load(connection, LoadOrder(asyncpg_dsn(owner_url), keyring, seed, nurses, day, demo), progress)
        await rebuild_constraints(connection, progress)
        await _count(connection, progress)
        await drop_load_tables(connection)


async def _prepare(connection: asyncpg.Connection[asyncpg.Record], keyring: Keyring, force: bool) -> None:
    """Refuse whatever stands in the way, before anything is written."""
    if not await connection.fetchval("select pg_try_advisory_lock($1)", SEED_LOCK):
        raise SeedError("Another `hushi seed` is at work on this database: wait until it ends.")
    if not force:
        await _require_finished(connection)
        if not await connection.fetchval(_EMPTY):
            raise SeedError("The database holds a register already: seed an empty one, or delete it with --force.")
    keyring = await verify(connection, keyring)
    if force:
        await clear(connection)
    await announced_days.fill(connection)
    await known_law.fill(connection)
    await known_faq.fill(connection)


async def _count(connection: asyncpg.Connection[asyncpg.Record], progress: Progress) -> None:
    """Let the planner know the tables, and index-only scans trust them, before the first question comes."""
    progress("statistics", 0, 1)
    await connection.execute("vacuum (analyze)")
    progress("statistics", 1, 1)


async def _require_finished(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    if await unfinished(connection):
        raise SeedError(_UNFINISHED)


@asynccontextmanager
async def _connection(owner_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(asyncpg_dsn(owner_url), server_settings=_SETTINGS)
    try:
        yield connection
    finally:
        await connection.close()
