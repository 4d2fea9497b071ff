"""What is no longer kept goes, in whole months, and nobody who works or follows meanwhile notices it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url
from uuid_utils.compat import uuid7

from db.feed.cursor import FeedLost
from db.feed.event import Addressed, record
from db.feed.feed import Feed
from db.feed.scope_log import StoredEvent
from db.retention import APPLICATION_NAME, BATCH, Retained, RetentionError, retain
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.months import AHEAD_MONTHS
from db.store.url import asyncpg_dsn
from graph.context import Services
from rules.events import Lost, QueueChange
from tests.support.postgres import new_database
from tests.support.world import World
from web.app import services_of
from web.settings import Settings

KEPT = 24
PATIENCE = 600.0
PARTITIONS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'event'::regclass"
TABLES = r"select relname from pg_class where relkind = 'r' and relname ~ '^event_\d{4}_\d{2}$'"
WAITING = """select exists (select from pg_stat_activity where datname = current_database()
    and application_name = $1 and wait_event_type = 'Lock')"""
WORKING = """select exists (select from pg_stat_activity a join pg_locks l using (pid)
    where a.datname = current_database() and application_name = $1 and locktype = 'advisory')"""

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest_asyncio.fixture(scope="module")
async def model(server: str) -> str:
    """A migrated database that nobody is connected to."""
    url = await new_database(server)
    await migrate(url)
    return url


@pytest_asyncio.fixture
async def url(server: str, model: str) -> str:
    """A migrated database of the test's own; the owner's address."""
    return await new_database(server, f"template {make_url(model).database}")


@pytest_asyncio.fixture
async def owner(url: str) -> AsyncIterator[Owner]:
    """The owner's hands in it."""
    connection = await asyncpg.connect(asyncpg_dsn(url), server_settings={"timezone": "Asia/Shanghai"})
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def reader(url: str) -> AsyncIterator[Owner]:
    """Somebody else."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    yield connection
    await connection.close()


@pytest.fixture
def scope() -> UUID:
    return uuid7()


@asynccontextmanager
async def process(url: str, keyring: Keyring) -> AsyncIterator[Services]:
    """A server's part below the door, on this database."""
    services = services_of(Settings(), url, keyring)
    await services.db.open()
    await services.feed.open()
    try:
        yield services
    finally:
        await services.feed.close()
        await services.db.close()


async def tell(services: Services, scope: UUID) -> None:
    """One step that tells one event, as the application does it."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        await record(tx, [Addressed(scope, "application.submitted", uuid7(), None, QueueChange.ADDED, {})])


async def month(owner: Owner, ago: int) -> datetime:
    """When the month so many months ago began."""
    began: datetime = await owner.fetchval("select date_trunc('month', now()) - make_interval(months => $1)", ago)
    return began


async def open_month(owner: Owner, ago: int) -> str:
    """A partition for the month so many months ago; its name."""
    starts, ends = await month(owner, ago), await month(owner, ago - 1)
    name = await owner.fetchval("select to_char($1::timestamptz, '\"event_\"YYYY_MM')", starts)
    await owner.execute(f"create table {name} partition of event for values from ('{starts}') to ('{ends}')")
    return str(name)


async def put(owner: Owner, scope: UUID, *at: datetime) -> None:
    """The next events of a scope, told at these moments."""
    last = await owner.fetchval("select coalesce(max(seq), 0) from feed_scope where scope = $1", scope)
    await owner.execute(
        "insert into event (scope, seq, at, id, type, body)"
        " select $1, $2 + n, at, uuidv7(), 'application.submitted', '{}'"
        " from unnest($3::timestamptz[]) with ordinality t(at, n)",
        scope,
        last,
        list(at),
    )
    await owner.execute(
        "insert into feed_scope (scope, seq) values ($1, $2) on conflict (scope) do update set seq = excluded.seq",
        scope,
        last + len(at),
    )


async def column(owner: Owner, query: str, *values: Any) -> list[Any]:
    return [row[0] for row in await owner.fetch(query, *values)]


async def kept(owner: Owner, scope: UUID) -> list[int]:
    """The numbers of the scope's events that are there."""
    return await column(owner, "select seq from event where scope = $1 order by seq", scope)


async def heard(feed: Feed, scope: UUID, seq: int, count: int) -> list[int]:
    """The numbers of the next events that a client hears who resumes with the cursor of an event."""
    found: list[StoredEvent] = []
    place = await feed.enter(scope, feed.cursors.write(scope, seq))
    async with asyncio.timeout(30), aclosing(feed.follow(place, PATIENCE)) as batches:
        while len(found) < count:
            found += (await anext(batches)).events
    return [event.seq for event in found]


async def seen(owner: Owner, query: str) -> None:
    """Return as soon as a run is seen in this state."""
    async with asyncio.timeout(30):
        while not await owner.fetchval(query, APPLICATION_NAME):  # noqa: ASYNC110
            await asyncio.sleep(0.002)


# -- the months


async def test_a_month_goes_as_soon_as_all_of_it_is_too_old_and_not_before(url: str, owner: Owner, scope: UUID) -> None:
    months = {ago: await open_month(owner, ago) for ago in (30, KEPT + 1, KEPT, KEPT - 1)}
    first, before = await month(owner, KEPT), timedelta(microseconds=1)
    await put(owner, scope, await month(owner, 30), await month(owner, KEPT + 1), first - before, first, first)
    assert await retain(url, KEPT) == Retained(dropped=2)
    assert {months[30], months[KEPT + 1]}.isdisjoint(await column(owner, TABLES))
    assert {months[KEPT], months[KEPT - 1], "event_other"} <= set(await column(owner, PARTITIONS))
    assert await kept(owner, scope) == [4, 5]
    assert await retain(url, KEPT) == Retained()
    assert await retain(url, KEPT - 1) == Retained(dropped=1)
    assert await kept(owner, scope) == []


async def test_a_live_follower_notices_nothing_and_a_cursor_resumes_exactly_or_is_told_that_it_cannot(
    url: str, owner: Owner, keyring: Keyring, scope: UUID
) -> None:
    await open_month(owner, 30)
    silent = uuid7()
    for each in (scope, silent):
        await put(owner, each, *[await month(owner, 30)] * 3)
    await put(owner, scope, *[await month(owner, 1)] * 2)
    async with process(url, keyring) as services:
        feed = services.feed
        assert await heard(feed, scope, 0, 5) == [1, 2, 3, 4, 5]
        place = await feed.enter(scope)
        async with asyncio.timeout(30), aclosing(feed.follow(place, PATIENCE)) as batches:
            await tell(services, scope)
            assert [event.seq for event in (await anext(batches)).events] == [6]
            assert (await retain(url, KEPT)).dropped == 1
            await tell(services, scope)
            assert [event.seq for event in (await anext(batches)).events] == [7]
        assert await heard(feed, scope, 3, 4) == [4, 5, 6, 7]
        with pytest.raises(FeedLost) as refusal:
            await heard(feed, scope, 2, 1)
        assert refusal.value.because is Lost.RETENTION
        # All events of this one are gone, and it goes on counting from where it was.
        await tell(services, silent)
        assert await heard(feed, silent, 3, 1) == [4]
        with pytest.raises(FeedLost):
            await heard(feed, silent, 2, 1)


async def test_an_event_of_an_old_month_that_stands_behind_a_kept_one_stays(
    url: str, owner: Owner, scope: UUID
) -> None:
    await open_month(owner, KEPT + 1)
    await open_month(owner, KEPT)
    midnight, late = await month(owner, KEPT), uuid7()
    just_before = midnight - timedelta(seconds=1)
    await put(owner, scope, just_before, midnight, just_before, midnight)
    await put(owner, late, just_before, just_before)
    for _ in range(2):
        await retain(url, KEPT)
        assert await kept(owner, scope) == [2, 3, 4]
        assert await kept(owner, late) == []
    assert await retain(url, KEPT - 1) == Retained(dropped=1, events=1)
    assert await kept(owner, scope) == []


async def test_old_events_in_the_default_partition_go_in_batches_and_from_the_beginning_only(
    url: str, owner: Owner, scope: UUID
) -> None:
    old, young, many = await month(owner, 30), await month(owner, 5), BATCH + 10
    await put(owner, scope, old, old, young, old, young)
    long = uuid7()
    await put(owner, long, *[old] * many, await month(owner, KEPT))
    assert await retain(url, KEPT) == Retained(events=2 + many)
    assert await kept(owner, scope) == [3, 4, 5]
    assert await kept(owner, long) == [many + 1]
    assert await retain(url, KEPT) == Retained()


async def test_months_in_partitions_and_months_in_the_default_one_go_without_a_hole_between(
    url: str, owner: Owner, reader: Owner, scope: UUID
) -> None:
    """A month is being read all the while: what stands behind its events waits for it."""
    old = [await month(owner, ago) for ago in (30, 29, 28, 27)]
    await open_month(owner, 29)
    await put(owner, scope, *old, await month(owner, 1))
    async with reader.transaction():
        await reader.execute("lock table event in access share mode")
        assert await retain(url, KEPT) == Retained(events=1, postponed=1)
        assert await kept(owner, scope) == [2, 3, 4, 5]
    assert await retain(url, KEPT) == Retained(dropped=1, events=2)
    assert await kept(owner, scope) == [5]


async def test_a_month_that_somebody_detached_for_himself_is_left_to_him(url: str, owner: Owner, scope: UUID) -> None:
    name = await open_month(owner, 30)
    await put(owner, scope, await month(owner, 30))
    await owner.execute(f"alter table event detach partition {name}")
    assert await retain(url, KEPT) == Retained()
    assert await column(owner, f"select seq from {name}") == [1]


async def test_accounts_that_nobody_activated_in_ninety_days_are_freed(url: str, owner: Owner) -> None:
    made = """insert into account (party, user_name, display_name, password_hash, state, roles, created_at)
        values ('NURSE', $1, '王护士', '-', $2, array['NURSE'], now() - make_interval(days => $3)) returning id"""
    people = (("old0001", "INACTIVE", 91), ("young01", "INACTIVE", 89), ("active1", "ACTIVE", 91))
    keys = {name: await owner.fetchval(made, name, state, days) for name, state, days in people}
    assert await retain(url, KEPT) == Retained(accounts=1)
    states = {row["user_name"]: row["state"] for row in await owner.fetch("select * from account")}
    assert states == {"old0001": "REVOKED", "young01": "INACTIVE", "active1": "ACTIVE"}
    rows = await owner.fetch("select account_id, action from audit")
    assert [tuple(row) for row in rows] == [(keys["old0001"], "account.freed")]
    assert await retain(url, KEPT) == Retained()


# -- others are at work


async def test_a_long_reader_is_waited_for_while_others_write_and_read(
    url: str, owner: Owner, reader: Owner, keyring: Keyring, scope: UUID
) -> None:
    await open_month(owner, 30)
    await put(owner, scope, await month(owner, 30))
    async with process(url, keyring) as services:
        async with reader.transaction():
            await reader.fetch("select count(*) from event")
            run = asyncio.create_task(retain(url, KEPT))
            for _ in range(3):
                await seen(owner, WAITING)
                async with asyncio.timeout(5):
                    await tell(services, scope)
            async with asyncio.timeout(5):
                assert await heard(services.feed, scope, 0, 4) == [1, 2, 3, 4]
            assert not run.done()
        assert await run == Retained(dropped=1)
        assert await heard(services.feed, scope, 1, 3) == [2, 3, 4]


async def test_of_two_runs_at_once_one_does_it(url: str, owner: Owner, reader: Owner, scope: UUID) -> None:
    await open_month(owner, 30)
    async with reader.transaction():
        await reader.execute("lock table event in access share mode")
        one = asyncio.create_task(retain(url, KEPT))
        await seen(owner, WORKING)
        assert await retain(url, KEPT) == Retained(elsewhere=True)
        assert not one.done()
    assert await one == Retained(dropped=1)
    runs = await asyncio.gather(*(retain(url, KEPT) for _ in range(8)))
    assert set(runs) <= {Retained(), Retained(elsewhere=True)}
    assert Retained() in runs


async def test_a_run_that_breaks_off_after_a_detach_leaves_the_drop_to_the_next(
    url: str, owner: Owner, scope: UUID
) -> None:
    name = await open_month(owner, 30)
    await put(owner, scope, await month(owner, 30), await month(owner, 1))
    await owner.execute("""
        create function refuse() returns event_trigger language plpgsql as $$ begin raise 'the disk is full'; end $$;
        create event trigger refuse on ddl_command_start when tag in ('DROP TABLE') execute function refuse()""")
    with pytest.raises(asyncpg.RaiseError):
        await retain(url, KEPT)
    assert name in await column(owner, TABLES)
    assert name not in await column(owner, PARTITIONS)
    assert await kept(owner, scope) == [2]
    await owner.execute("drop event trigger refuse")
    assert await retain(url, KEPT) == Retained(dropped=1)
    assert name not in await column(owner, TABLES)


async def test_a_run_that_was_cut_off_changed_nothing_by_half_and_hinders_no_other(
    url: str, owner: Owner, reader: Owner, scope: UUID
) -> None:
    await open_month(owner, 30)
    await put(owner, scope, await month(owner, 30))
    async with reader.transaction():
        await reader.execute("lock table event in access share mode")
        run = asyncio.create_task(retain(url, KEPT))
        await seen(owner, WAITING)
        await owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and application_name = $1",
            APPLICATION_NAME,
        )
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await run
    assert await kept(owner, scope) == [1]
    assert await retain(url, KEPT) == Retained(dropped=1)


# -- the months to come


async def future(owner: Owner) -> list[tuple[datetime, datetime]]:
    """From when to when each partition from this month on reaches, in order."""
    bound = "substring(pg_get_expr(c.relpartbound, c.oid) from '{} \\(''([^'']+)''\\)')::timestamptz"
    rows = await owner.fetch(
        f"select {bound.format('FROM')} as starts, {bound.format('TO')} as ends from pg_class c"
        " join pg_inherits on inhrelid = oid where inhparent = 'event'::regclass order by starts"
    )
    began = await month(owner, 0)
    return [(row["starts"], row["ends"]) for row in rows if row["ends"] is not None and row["ends"] > began]


async def drop_months(owner: Owner, first: int) -> None:
    """As if the months from so many ahead on had not been opened yet."""
    for starts, _ in (await future(owner))[first:]:
        name = await owner.fetchval("select to_char($1::timestamptz + interval '15 days', '\"event_\"YYYY_MM')", starts)
        await owner.execute(f"drop table {name}")


@pytest.mark.parametrize("first", [0, 3, AHEAD_MONTHS])
async def test_the_coming_months_are_opened(url: str, owner: Owner, first: int) -> None:
    before = await future(owner)
    await drop_months(owner, first)
    assert await retain(url, KEPT) == Retained(opened=AHEAD_MONTHS + 1 - first)
    assert await future(owner) == before
    assert len(before) == AHEAD_MONTHS + 1


async def test_months_that_were_opened_in_another_time_zone_are_continued_where_they_end(
    server: str, owner: Owner
) -> None:
    url = await new_database(server)
    await owner.execute(f"alter database {make_url(url).database} set timezone to 'America/New_York'")
    await migrate(url)
    connection = await asyncpg.connect(asyncpg_dsn(url), server_settings={"timezone": "Asia/Shanghai"})
    await drop_months(connection, 4)
    done = await retain(url, KEPT)
    months = await future(connection)
    assert done.opened == len(months) - 4
    assert [ends for _, ends in months[:-1]] == [starts for starts, _ in months[1:]]
    assert months[-1][1] == await month(connection, -AHEAD_MONTHS - 1)
    await connection.close()


async def test_a_month_whose_events_stand_in_the_default_partition_stays_there_and_the_next_ones_are_opened(
    url: str, owner: Owner, scope: UUID
) -> None:
    await drop_months(owner, 0)
    await put(owner, scope, *[await owner.fetchval("select now()")] * 2)
    for opened in (AHEAD_MONTHS, 0):
        assert await retain(url, KEPT) == Retained(opened=opened)
        assert await kept(owner, scope) == [1, 2]
    assert (await future(owner))[0][0] == await month(owner, -1)


# -- what is finished


async def test_what_is_finished_is_deleted_and_history_is_not(url: str, owner: Owner, keyring: Keyring) -> None:
    world = World(owner, keyring)
    cast = await world.cast()
    account = cast.operator.account_id
    for age in (6, 8):
        await owner.execute(
            "insert into idempotency select 'c', 'm', 'retry-' || n || '-' || $1::int, '\\x', uuidv7(),"
            " now() - make_interval(days => $1) from generate_series(1, $2) n",
            age,
            BATCH + 1 if age > 7 else 1,
        )
        await owner.execute(
            "insert into attempt (subject, at) values ('\\x01', now() - make_interval(hours => $1 * 4 - 4))", age
        )
    sessions = {"ended": (31, None), "ended lately": (29, None), "revoked": (-1, 31), "revoked lately": (-1, 29)}
    for name, (expired, revoked) in sessions.items():
        await owner.execute(
            "insert into session (token_hash, account_id, expires_at, revoked_at) values"
            " ($1, $2, now() - make_interval(days => $3), now() - make_interval(days => $4))",
            name.encode(),
            account,
            expired,
            revoked,
        )
    for hours, name in ((25, b"old"), (23, b"young")):
        row = "insert into ticket (token_hash, session_hash, account_id, file, subjects, expires_at) values"
        values = "($1, '\\x01', $2, 'CERTIFICATE', array[$3::uuid], now() - make_interval(hours => $4))"
        await owner.execute(f"{row} {values}", name, account, cast.nurse_id, hours)
    await owner.execute("insert into audit (at, action) values (now() - interval '35 months', 'x')")
    await owner.execute(
        "insert into registration_history (nurse_id, at, status) values ($1, now() - interval '10 years', 'VALID')",
        cast.nurse_id,
    )
    assert await retain(url, 6) == Retained(retries=BATCH + 1, sessions=2, attempts=1, tickets=1)
    assert await column(owner, "select key from idempotency") == ["retry-1-6"]
    ours = "select convert_from(token_hash, 'UTF8') from session where expires_at < now() or revoked_at < now()"
    assert sorted(await column(owner, ours)) == ["ended lately", "revoked lately"]
    assert await column(owner, "select count(*) from attempt") == [1]
    assert await column(owner, "select token_hash from ticket") == [b"young"]
    assert await column(owner, "select count(*) from audit") == [1]
    assert await column(owner, "select count(*) from registration_history") == [1]


async def test_rows_that_somebody_holds_are_left_to_the_next_run(url: str, owner: Owner, reader: Owner) -> None:
    await owner.execute("insert into attempt (subject, at) select '\\x01', now() - interval '2 days' from pg_class")
    count = await owner.fetchval("select count(*) from attempt")
    async with reader.transaction():
        await reader.fetch("select from attempt limit 1 for update")
        assert await retain(url, KEPT) == Retained(attempts=count - 1)
    assert await retain(url, KEPT) == Retained(attempts=1)


async def test_who_is_not_the_owner_is_refused_and_nothing_moves(url: str, owner: Owner, scope: UUID) -> None:
    await open_month(owner, 30)
    await put(owner, scope, await month(owner, 30))
    await owner.execute("insert into attempt (subject, at) values ('\\x01', now() - interval '2 days')")
    before = await column(owner, PARTITIONS)
    login = f"app_{uuid7().hex}"
    await owner.execute(f"create role {login} login in role hushi_app")
    with pytest.raises(RetentionError) as refusal:
        await retain(make_url(url).set(username=login).render_as_string(), KEPT)
    assert str(refusal.value) == (
        "The database does not let this address drop old events: "
        "run `hushi retain` once a day with the owner's address in DATABASE_OWNER_URL."
    )
    assert await column(owner, PARTITIONS) == before
    assert await kept(owner, scope) == [1]
    assert await column(owner, "select count(*) from attempt") == [1]


def test_what_was_done_is_said_in_a_sentence() -> None:
    assert str(
        Retained(
            opened=1,
            dropped=2,
            postponed=3,
            events=4,
            retries=5,
            sessions=6,
            attempts=7,
            captchas=8,
            codes=9,
            tickets=10,
            messages=11,
            accounts=12,
            audit_months=13,
            entries=14,
            photos=15,
            contact_codes=16,
            help_codes=17,
            question_files=18,
        )
    ) == (
        "Months of events: 2 dropped, 3 left to the next run because somebody reads them, 1 opened; "
        "months of the audit trail: 13 dropped; rows deleted: "
        "4 events and 14 entries of the audit trail outside those months, 5 idempotency keys, 6 sessions, 7 sign-in attempts, "
        "8 captchas, 9 codes, 10 download tickets, 11 messages; "
        "nurses' accounts freed because they were not activated: 12; photos erased: 15; "
        "codes of people without an account: 16, codes for the help desk: 17, files of questions erased: 18."
    )
    assert str(Retained(elsewhere=True)) == (
        "Another process is clearing away at this moment, so nothing was done here."
    )
