"""Clearing away as operators run it: by hand with `hushi retain`, and by the server itself."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url
from uuid_utils.compat import uuid7

from db.retention import APPLICATION_NAME
from db.store.keys import Keyring
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from tests.support.postgres import new_database
from tests.support.server_process import KEYS, begun, hushi, said, stopped

REFUSED = (
    "The database does not let this address drop old events: "
    "run `hushi retain` once a day with the owner's address in DATABASE_OWNER_URL."
)


@pytest_asyncio.fixture
async def url(empty_url: str) -> str:
    """A migrated database with an event of 30 months ago and one of 12; the owner's address."""
    await migrate(empty_url)
    await require_keyring(empty_url, Keyring.parse(KEYS))
    connection = await asyncpg.connect(asyncpg_dsn(empty_url))
    for seq, ago in ((1, 30), (2, 12)):
        month = f"date_trunc('month', now()) - interval '{ago} months'"
        starts, ends = await connection.fetchrow(f"select {month}, {month} + interval '1 month'")
        await connection.execute(
            f"create table event_old_{ago} partition of event for values from ('{starts}') to ('{ends}')"
        )
        await connection.execute(
            "insert into event (scope, seq, at, id, type, body) values ($1, $2, $3, uuidv7(), 'x', '{}')",
            uuid7(),
            seq,
            starts,
        )
    await connection.close()
    return empty_url


@pytest_asyncio.fixture
async def application_url(url: str) -> str:
    """The same database as a login sees it that may only be the application."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    login = f"app_{uuid7().hex}"
    await connection.execute(f"create role {login} login in role hushi_app")
    await connection.close()
    return make_url(url).set(username=login).render_as_string()


async def kept(url: str) -> list[int]:
    connection = await asyncpg.connect(asyncpg_dsn(url))
    found = [row[0] for row in await connection.fetch("select seq from event order by seq")]
    await connection.close()
    return found


@pytest.mark.parametrize(("months", "dropped", "left"), [("24", 1, [2]), ("31", 0, [1, 2]), ("6", 2, [])])
async def test_by_hand_it_says_what_it_did(url: str, months: str, dropped: int, left: list[int]) -> None:
    sentence = (
        f"Months of events: {dropped} dropped, 0 left to the next run because somebody reads them, 0 opened; "
        "months of the audit trail: 0 dropped; rows deleted: 0 events and 0 entries of the audit trail outside those months, "
        "0 idempotency keys, 0 sessions, 0 sign-in attempts, "
        "0 captchas, 0 codes, 0 download tickets, 0 messages; nurses' accounts freed because they were not activated: 0; "
        "photos erased: 0; codes of people without an account: 0, codes for the help desk: 0, files of questions erased: 0.\n"
    )
    assert await hushi("retain", DATABASE_URL=url, HUSHI_RETENTION_MONTHS=months, HUSHI_LOG="warning") == (
        0,
        sentence,
        "",
    )
    assert await kept(url) == left


async def test_less_than_the_law_asks_for_is_refused(url: str) -> None:
    complaint = "HUSHI_RETENTION_MONTHS is '5': it should be greater than or equal to 6.\n"
    assert await hushi("retain", DATABASE_URL=url, HUSHI_RETENTION_MONTHS="5") == (2, "", complaint)
    assert await kept(url) == [1, 2]


async def test_who_is_not_the_owner_is_told_who_may(url: str, application_url: str) -> None:
    assert await hushi("retain", DATABASE_URL=application_url) == (1, "", f"{REFUSED}\n")
    assert await kept(url) == [1, 2]
    code, _, _ = await hushi("retain", DATABASE_URL=application_url, DATABASE_OWNER_URL=url)
    assert (code, await kept(url)) == (0, [2])


async def test_a_database_that_is_not_migrated_is_refused(server: str) -> None:
    code, out, error = await hushi("retain", DATABASE_URL=await new_database(server))
    assert (code, out, error.count("\n")) == (1, "", 1)
    assert error.startswith("The database is at migration None and this release needs ")


@pytest.mark.parametrize("owner_apart", [False, True])
async def test_a_server_with_the_owners_address_does_it_by_itself(
    url: str, application_url: str, owner_apart: bool
) -> None:
    addresses = {"DATABASE_URL": application_url, "DATABASE_OWNER_URL": url} if owner_apart else {"DATABASE_URL": url}
    async with begun("serve", HUSHI_LOG="json", **addresses) as process:
        entry = await said(process, "what is no longer kept was cleared away")
        assert (entry["level"], entry["dropped"], entry["postponed"], entry["events"]) == ("info", 1, 0, 0)
        assert await kept(url) == [2]
        assert await stopped(process) == (0, False)


async def test_a_server_with_the_applications_address_says_who_may_and_serves_on(
    url: str, application_url: str
) -> None:
    async with begun("serve", HUSHI_LOG="json", DATABASE_URL=application_url) as process:
        assert (await said(process, REFUSED))["level"] == "info"
        assert process.returncode is None
        assert await stopped(process) == (0, False)
    assert await kept(url) == [1, 2]


async def test_a_server_that_is_stopped_while_it_waits_for_a_reader_stops_at_once_and_nothing_is_half_done(
    url: str,
) -> None:
    reader, watcher = [await asyncpg.connect(asyncpg_dsn(url)) for _ in range(2)]
    waiting = """select exists (select from pg_stat_activity where datname = current_database()
        and application_name = $1 and wait_event_type = 'Lock')"""
    async with reader.transaction():
        await reader.execute("lock table event in access share mode")
        async with begun("serve", HUSHI_LOG="json", DATABASE_URL=url) as process, asyncio.timeout(30):
            while not await watcher.fetchval(waiting, APPLICATION_NAME):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            assert await stopped(process) == (0, False)
    await reader.close()
    await watcher.close()
    assert await kept(url) == [1, 2]
    assert (await hushi("retain", DATABASE_URL=url))[0] == 0
    assert await kept(url) == [2]
