"""The event log: each scope's events without a gap, in the order of their commits, whoever writes at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from db.feed import event
from db.feed.event import Addressed
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.tables import APPEND_ONLY
from db.store.url import asyncpg_dsn
from rules.events import QueueChange
from tests.support.world import World

WRITERS: Final = 8
EACH: Final = 25


@pytest_asyncio.fixture
async def db(owner_url: str, keyring: Keyring) -> AsyncIterator[Database]:
    """A process's connections, which note whom they wake."""
    found = Database(owner_url, keyring)
    yield found
    await found.close()


@pytest_asyncio.fixture
async def reader(owner_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Somebody who reads meanwhile."""
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    yield connection
    await connection.close()


def heard(scope: UUID, type: str = "application.submitted", **body: Any) -> Addressed:
    """Something that one scope hears."""
    return Addressed(scope, type, None, None, None, body)


async def tell(db: Database, *all: Addressed) -> None:
    """Tell it in a transaction of its own."""
    async with db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, all)


async def events(world: World, scope: UUID) -> list[dict[str, Any]]:
    """The events of a scope, in order."""
    return [dict(row) for row in await world.owner.fetch("select * from event where scope = $1 order by seq", scope)]


async def test_an_event_is_kept_as_it_was_told(db: Database, world: World) -> None:
    scope, application_id, account_id = uuid7(), uuid7(), uuid7()
    written = Addressed(
        scope, "application.taken", application_id, account_id, QueueChange.TAKEN, {"by": "机构", "version": 3}
    )
    async with db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, [written])
    (row,) = await events(world, scope)
    assert row.pop("id").version == 7
    assert json.loads(row.pop("body")) == {"by": "机构", "version": 3}
    assert row == {
        **{"scope": scope, "seq": 1, "at": tx.now, "type": "application.taken"},
        **{"application_id": application_id, "account_id": account_id, "queue": "TAKEN", "unit_ids": None},
        "previous_id": None,
    }


async def test_scopes_that_hear_the_same_share_its_id_and_count_for_themselves(db: Database, world: World) -> None:
    first, second = uuid7(), uuid7()
    await tell(db, heard(first))
    await tell(db, heard(first), heard(second))
    (_, ours), (theirs,) = await events(world, first), await events(world, second)
    assert (ours["seq"], theirs["seq"], ours["id"]) == (2, 1, theirs["id"])


async def test_several_events_of_one_step_keep_their_order(db: Database, world: World) -> None:
    scope, types = uuid7(), ["application.returned", "application.accepted", "application.decided"]
    await tell(db, heard(scope))
    await tell(db, *(heard(scope, name) for name in types))
    assert [(row["seq"], row["type"]) for row in await events(world, scope)][1:] == list(enumerate(types, 2))


async def test_each_event_names_the_one_before_it_in_its_scope_and_the_scope_its_last(
    db: Database, world: World
) -> None:
    scopes = [uuid7() for _ in range(3)]
    await asyncio.gather(*(_write(db, scopes, Random(n)) for n in range(WRITERS)))
    await tell(db, *(heard(scope, name) for scope in scopes for name in ("application.taken", "application.put_back")))
    for scope in scopes:
        ids = [row["id"] for row in await events(world, scope)]
        assert [row["previous_id"] for row in await events(world, scope)] == [None, *ids[:-1]]
        assert len(set(ids)) == len(ids) > WRITERS
        assert await world.owner.fetchval("select last_id from feed_scope where scope = $1", scope) == ids[-1]


async def test_nothing_told_writes_nothing_and_wakes_nobody(db: Database) -> None:
    woken: list[Iterable[UUID]] = []
    db.wake = woken.append
    await tell(db)
    assert woken == []


async def test_who_is_told_is_woken_once_after_the_commit(db: Database, world: World) -> None:
    first, second = uuid7(), uuid7()
    woken: list[set[UUID]] = []
    db.wake = lambda scopes: woken.append(set(scopes))
    async with db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, [heard(first), heard(second)])
        assert woken == []
        assert await events(world, first) == []
    assert woken == [{first, second}]


async def test_a_transaction_that_fails_leaves_no_event_no_gap_and_wakes_nobody(db: Database, world: World) -> None:
    scope = uuid7()
    woken: list[Iterable[UUID]] = []
    await tell(db, heard(scope))
    db.wake = woken.append
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await tx.ask_time()
            await event.record(tx, [heard(scope), heard(scope)])
            raise ZeroDivisionError
    assert woken == []
    await tell(db, heard(scope))
    assert [row["seq"] for row in await events(world, scope)] == [1, 2]


async def test_no_reader_ever_sees_an_event_before_the_one_before_it(
    db: Database, world: World, reader: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Eight writers, some of whom fail; a reader who looks all the while sees every prefix whole."""
    scope, seen = uuid7(), []
    writers = asyncio.gather(*(_write(db, [scope], Random(n)) for n in range(WRITERS)))
    sql = "select array_agg(seq order by seq) from event where scope = $1"
    while not writers.done():
        seen.append(await reader.fetchval(sql, scope) or [])
    kept = sum(await writers)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)
    assert len({len(numbers) for numbers in seen}) > 10, "the reader was to see the scope grow"
    assert [row["seq"] for row in await events(world, scope)] == list(range(1, kept + 1))


async def test_writers_who_tell_the_same_scopes_in_any_order_do_not_block_each_other(
    db: Database, world: World
) -> None:
    scopes = [uuid7() for _ in range(3)]
    kept = sum(await asyncio.gather(*(_write(db, scopes, Random(n)) for n in range(WRITERS))))
    for scope in scopes:
        rows = await events(world, scope)
        assert [row["seq"] for row in rows] == list(range(1, kept + 1))
        # Each writer's own come in the order she told them.
        for writer in range(WRITERS):
            own = [json.loads(row["body"])["n"] for row in rows if json.loads(row["body"])["writer"] == writer]
            assert own == sorted(own)


async def _write(db: Database, scopes: list[UUID], chance: Random) -> int:
    """Tell every scope something, over and over, in another order each time; a fifth fails. How many were kept."""
    kept, writer = 0, chance.random()
    for n in range(EACH):
        try:
            async with db.begin() as tx:
                await tx.ask_time()
                await event.record(
                    tx, [heard(scope, writer=writer, n=n) for scope in chance.sample(scopes, len(scopes))]
                )
                if chance.random() < 0.2:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            continue
        kept += 1
    return kept


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["delete from {}", "update {} set at = at", "truncate {}"])
async def test_what_happened_cannot_be_changed_by_the_application(db: Database, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.begin() as tx:
            await tx.connection.exec_driver_sql(change.format(table))
