"""StatementPool: few connections, many statements, and whatever can happen to either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from db.store.statement_pool import Connection, StatementPool
from db.store.url import asyncpg_dsn
from tests.support.until import until

MOST = 3
PID = "select pg_backend_pid()"


class Made(StatementPool):
    """StatementPool that remember what they made."""

    def __init__(self, url: str) -> None:
        super().__init__(self._open, MOST)
        self.url, self.made = url, list[Connection]()

    async def _open(self) -> Connection:
        settings = {"application_name": "statement-pool", "statement_timeout": "5000"}
        self.made.append(await asyncpg.connect(asyncpg_dsn(self.url), server_settings=settings))
        return self.made[-1]


@pytest_asyncio.fixture
async def pool(owner_url: str) -> AsyncIterator[Made]:
    made = Made(owner_url)
    yield made
    await made.close()
    assert all(connection.is_closed() for connection in made.made)


async def test_one_after_the_other_use_one_connection(pool: Made) -> None:
    assert len({await pool.fetchval(PID) for _ in range(20)}) == 1
    assert len(pool.made) == 1


async def test_a_crowd_shares_as_many_as_are_allowed(pool: Made) -> None:
    found = await asyncio.gather(*(pool.fetch(f"select pg_sleep(0.005), {n} as n") for n in range(50)))
    assert [rows[0]["n"] for rows in found] == list(range(50))
    assert len(pool.made) == MOST


async def test_no_row_is_none(pool: Made) -> None:
    assert await pool.fetchval("select 1 where false") is None
    assert await pool.fetch("select 1 where false") == []


async def test_a_refused_statement_leaves_its_connection_as_good_as_before(pool: Made) -> None:
    pid = await pool.fetchval(PID)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await pool.fetch("select 1 / 0")
    assert await pool.fetchval(PID) == pid


async def test_what_the_database_breaks_off_is_a_timeout(pool: Made) -> None:
    await pool.fetch("set statement_timeout = 20")
    with pytest.raises(TimeoutError):
        await pool.fetch("select pg_sleep(10)")
    assert await pool.fetchval("select 1") == 1


async def test_whoever_gives_up_waiting_spoils_nothing(pool: Made) -> None:
    for _ in range(3 * MOST):
        slow = [asyncio.create_task(pool.fetch("select pg_sleep(4)")) for _ in range(2 * MOST)]
        await asyncio.sleep(0.02)
        for task in slow:
            task.cancel()
        assert {type(end) for end in await asyncio.gather(*slow, return_exceptions=True)} == {asyncio.CancelledError}
        assert await asyncio.wait_for(asyncio.gather(*(pool.fetchval("select 7") for _ in range(9))), 15) == [7] * 9
    assert len(pool._good) <= MOST


async def test_a_connection_that_was_cut_is_replaced(pool: Made, server: str) -> None:
    keeper = await asyncpg.connect(server)
    for _ in range(3):
        pid = await pool.fetchval(PID)
        await keeper.execute("select pg_terminate_backend($1)", pid)
        await until(pool.made[-1].is_closed)
        assert await pool.fetchval(PID) != pid
    await keeper.close()


async def test_a_statement_whose_connection_is_cut_is_told_and_the_next_one_runs(pool: Made, server: str) -> None:
    keeper, pid = await asyncpg.connect(server), await pool.fetchval(PID)
    waiting = asyncio.create_task(pool.fetch("select pg_sleep(4)"))
    await asyncio.sleep(0.02)
    await keeper.execute("select pg_terminate_backend($1)", pid)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await waiting
    assert await pool.fetchval(PID) != pid
    await keeper.close()


async def test_what_was_made_before_an_expiry_is_used_no_more(pool: Made) -> None:
    before = await pool.fetchval(PID)
    running = asyncio.create_task(pool.fetchval("select pg_backend_pid() from pg_sleep(0.05)"))
    await asyncio.sleep(0.01)
    pool.expire()
    assert await running == before
    assert await pool.fetchval(PID) != before
    assert pool.made[0].is_closed()


async def test_a_kept_connection_is_ones_own_and_ends_with_its_use(pool: Made) -> None:
    async with pool.kept() as own:
        mine = await own.fetchval(PID)
        assert await pool.fetchval(PID) != mine
    assert own.is_closed()


async def test_a_database_that_lets_nobody_in_is_told_and_asked_again_next_time(owner_url: str) -> None:
    pool = Made(owner_url.replace("/test_", "/nobody_"))
    for _ in range(2 * MOST):
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await pool.fetch("select 1")
    pool.url = owner_url
    assert await pool.fetchval("select 1") == 1
    await pool.close()


async def test_where_the_server_has_no_more_room_the_next_of_ones_own_connections_is_taken(
    owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Made(owner_url)
    pid = await pool.fetchval(PID)

    async def full() -> Connection:
        raise asyncpg.TooManyConnectionsError

    monkeypatch.setattr(pool, "_connect", full)
    statements = (pool.fetchval("select pg_backend_pid() from pg_sleep(0.005)") for _ in range(4 * MOST))
    assert await asyncio.wait_for(asyncio.gather(*statements), 15) == [pid] * 4 * MOST
    assert len(pool.made) == 1
    pool.expire()
    with pytest.raises(asyncpg.TooManyConnectionsError):
        await pool.fetch("select 1")
    await pool.close()
