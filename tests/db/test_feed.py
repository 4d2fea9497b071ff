"""The feed under the hammer: nothing is missed and nothing comes twice, whatever happens to whom."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.feed.cursor import FeedLost, FeedPosition
from db.feed.event import Addressed, record
from db.feed.feed import Feed
from db.feed.scope_log import MEMORY, StoredEvent
from db.feed.statements import PAGE
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.outage import OUTAGE
from db.store.url import asyncpg_dsn
from graph.context import Services
from rules.events import Lost, QueueChange
from tests.support.feed_place import place_at
from tests.support.feed_process import process
from tests.support.postgres import new_database
from tests.support.recorded_events import tell
from tests.support.until import until
from tests.support.world import World

PATIENCE = 600.0
WRITERS = 8


async def following(feed: Feed, place: FeedPosition, patience: float) -> AsyncGenerator[Sequence[StoredEvent], None]:
    """What happens from a place on, batch by batch."""
    async with aclosing(feed.follow(place, patience)) as batches:
        async for batch in batches:
            yield list(batch.events)


async def page(feed: Feed, place: FeedPosition, first: int = PAGE) -> list[StoredEvent]:
    """The next events from a place, as they are read by query."""
    return list((await feed.history(place.scope, place.claim, None, None, None, first)).events)


async def oldest_place(feed: Feed, scope: UUID) -> FeedPosition:
    """The place before the oldest event that is kept."""
    return (await feed.history(scope, None, None, None, None, 0)).place


async def heard(feed: Feed, place: FeedPosition, count: int) -> list[StoredEvent]:
    """The next `count` events from a place on."""
    found: list[StoredEvent] = []
    async with asyncio.timeout(30), aclosing(following(feed, place, PATIENCE)) as batches:
        async for batch in batches:
            found += batch
            if len(found) >= count:
                break
    return found


def seqs(events: Sequence[StoredEvent]) -> list[int]:
    return [event.seq for event in events]


@pytest.fixture
def feed(services: Services) -> Feed:
    return services.feed


@pytest.fixture
def scope() -> UUID:
    return uuid7()


async def test_eight_writers_and_a_follower_that_comes_back_thirty_times(services: Services, scope: UUID) -> None:
    chance, each = random.Random(30), 100

    async def write(writer: int) -> None:
        for n in range(each):
            await tell(services, scope, 1 + n % 2, writer=writer, n=n)

    # Entered before anybody writes: from there on every event is the follower's.
    total, place = WRITERS * each * 3 // 2, await services.feed.enter(scope)
    writers = [asyncio.create_task(write(writer)) for writer in range(WRITERS)]
    found: list[StoredEvent] = []
    for _ in range(30):
        found += await heard(services.feed, place, chance.randint(1, total // 30))
        place = await services.feed.enter(scope, place.after(found[-1]).cursor)
    found += await heard(services.feed, place, total - len(found))
    await asyncio.gather(*writers)
    assert seqs(found) == list(range(1, total + 1))
    for writer in range(WRITERS):
        numbers = [event.body["n"] for event in found if event.body["writer"] == writer]
        assert numbers == [n for n in range(each) for _ in range(1 + n % 2)]
    assert services.feed.followers(scope) == 0


async def test_what_is_committed_between_entering_and_following_is_heard(services: Services, scope: UUID) -> None:
    place = await services.feed.enter(scope)
    await tell(services, scope)
    assert seqs(await heard(services.feed, place, 1)) == [1]
    for n in range(2, 42):
        place = await place_at(services, scope, n - 1)
        found, _ = await asyncio.gather(heard(services.feed, place, 1), tell(services, scope))
        assert seqs(found) == [n]


async def test_a_slow_follower_goes_on_from_the_table(services: Services, scope: UUID) -> None:
    total = 1 + 8 * 100
    assert total > 2 * MEMORY + PAGE
    async with aclosing(following(services.feed, await services.feed.enter(scope), PATIENCE)) as batches:
        await tell(services, scope)
        found = list(await anext(batches))
        quick = asyncio.create_task(heard(services.feed, await services.feed.enter(scope), total - 1))
        for _ in range(8):
            await tell(services, scope, (total - 1) // 8)
        assert seqs(await quick) == list(range(2, total + 1))
        while len(found) < total:
            found += await anext(batches)
    assert seqs(found) == list(range(1, total + 1))


async def test_silence_is_told_as_an_empty_batch(feed: Feed, scope: UUID) -> None:
    async with aclosing(following(feed, await feed.enter(scope), 0.01)) as batches:
        assert [await anext(batches) for _ in range(3)] == [[], [], []]


async def test_an_open_transaction_is_not_heard_and_a_rolled_back_one_never(services: Services, scope: UUID) -> None:
    one = Addressed(scope, "application.submitted", uuid7(), None, QueueChange.ADDED, {})
    place = await services.feed.enter(scope)
    async with aclosing(following(services.feed, place, 0.01)) as batches:
        with pytest.raises(ZeroDivisionError):
            async with services.db.begin() as tx:
                await tx.ask_time()
                await record(tx, [one])
                assert await anext(batches) == []
                raise ZeroDivisionError
        assert await services.feed.enter(scope) == place
        async with services.db.begin() as tx:
            await tx.ask_time()
            await record(tx, [one])
            assert await anext(batches) == []
            assert await page(services.feed, place) == []
    assert seqs(await heard(services.feed, place, 1)) == [1]


@pytest.mark.parametrize("ended", ["closed", "cancelled", "broken off", "before its first batch"])
async def test_a_follower_that_goes_leaves_nothing_behind(services: Services, scope: UUID, ended: str) -> None:
    feed = services.feed
    await tell(services, scope)
    batches = following(feed, await place_at(services, scope, 0), PATIENCE)
    task = asyncio.create_task(anext(batches))
    if ended != "before its first batch":
        await task
        assert feed.followers(scope) == 1
        task = asyncio.create_task(anext(batches))
    await asyncio.sleep(0)
    match ended:
        case "broken off":
            await tell(services, scope)
            await task
            with pytest.raises(ZeroDivisionError):
                await batches.athrow(ZeroDivisionError)
        case "closed":
            await tell(services, scope)
            await task
            await batches.aclose()
        case _:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert feed.followers(scope) == 0


async def test_two_thousand_followers_of_one_scope_share_one_memory(services: Services, scope: UUID) -> None:
    place = await services.feed.enter(scope)
    waiting = [asyncio.create_task(heard(services.feed, place, 1)) for _ in range(2000)]
    await until(lambda: services.feed.followers(scope) == 2000)
    await tell(services, scope)
    found = await asyncio.gather(*waiting)
    assert {tuple(seqs(events)) for events in found} == {(1,)}
    assert len({id(event) for events in found for event in events}) == 1
    assert services.feed.followers(scope) == 0


async def test_an_event_dated_before_the_last_one_is_heard_in_its_turn(services: Services, scope: UUID) -> None:
    async with (
        asyncio.timeout(30),
        aclosing(following(services.feed, await services.feed.enter(scope), PATIENCE)) as batches,
    ):
        found: list[StoredEvent] = []
        for _ in range(2):
            await tell(services, scope)
            found += await anext(batches)
        for days in (40, 0, 3, 0):
            await tell(services, scope, ago=timedelta(days=days))
        while len(found) < 6:
            found += await anext(batches)
    assert seqs(found) == [1, 2, 3, 4, 5, 6]


async def delete_before(world: World, scope: UUID, seq: int) -> None:
    """What dropping a partition does to one scope."""
    await world.owner.execute("delete from event where scope = $1 and seq < $2", scope, seq)


async def lost(feed: Feed, place: FeedPosition) -> tuple[Lost, Lost]:
    """Why one cannot enter with this place's cursor, and why one cannot follow it."""
    with pytest.raises(FeedLost) as entering:
        await feed.enter(place.scope, place.cursor)
    with pytest.raises(FeedLost) as following:
        await heard(feed, place, 1)
    return entering.value.because, following.value.because


@pytest.mark.parametrize(("oldest", "lost_at", "kept_at"), [(2, [0], [1, 4, 5]), (5, [0, 3], [4, 5]), (6, [0, 4], [5])])
async def test_what_is_no_longer_kept_is_said(
    services: Services, world: World, scope: UUID, oldest: int, lost_at: list[int], kept_at: list[int]
) -> None:
    await tell(services, scope, 5)
    feed, at = services.feed, [await place_at(services, scope, seq) for seq in range(6)]
    await delete_before(world, scope, oldest)
    for seq in lost_at:
        assert await lost(feed, at[seq]) == (Lost.RETENTION, Lost.RETENTION)
    for seq in kept_at:
        assert await feed.enter(scope, at[seq].cursor) == at[seq]
        assert seqs(await page(feed, at[seq])) == list(range(seq + 1, 6))
    assert await oldest_place(feed, scope) == at[oldest - 1]


async def test_the_oldest_place_of_a_scope_without_events_is_its_beginning(feed: Feed, scope: UUID) -> None:
    assert await oldest_place(feed, scope) == await feed.enter(scope) == FeedPosition(feed.cursors, scope, 0)


async def test_a_follower_that_keeps_up_is_untouched_by_retention(
    services: Services, world: World, scope: UUID
) -> None:
    async with aclosing(following(services.feed, await services.feed.enter(scope), PATIENCE)) as batches:
        for n in range(1, 6):
            await tell(services, scope)
            assert seqs(await anext(batches)) == [n]
            await delete_before(world, scope, n + 1)


async def test_a_cursor_ahead_of_the_feed_is_of_a_database_that_is_gone(services: Services, scope: UUID) -> None:
    await tell(services, scope)
    end = await services.feed.enter(scope)
    with pytest.raises(FeedLost) as refusal:
        await services.feed.enter(scope, end._replace(seq=2).cursor)
    assert refusal.value.because is Lost.EPOCH


async def test_another_process_hears_by_notify_long_before_its_poll(
    services: Services, owner_url: str, keyring: Keyring, scope: UUID
) -> None:
    async with process(owner_url, keyring) as other:
        place = await other.feed.enter(scope)
        async with asyncio.timeout(30), aclosing(following(other.feed, place, PATIENCE)) as batches:
            begun = monotonic()
            for n in range(1, 31):
                await tell(services, scope)
                assert seqs(await anext(batches)) == [n]
        # The poll alone would take half a second for each, on average.
        assert monotonic() - begun < 10


@pytest_asyncio.fixture(scope="module")
async def own_url(server: str) -> str:
    """A database that these tests may shake."""
    url = await new_database(server)
    await migrate(url)
    return url


@pytest_asyncio.fixture
async def shaker(own_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection that no shaking reaches."""
    connection = await asyncpg.connect(asyncpg_dsn(own_url))
    yield connection
    await connection.close()


async def terminate(shaker: asyncpg.Connection[asyncpg.Record], which: str = "true") -> int:
    """End the backends of the processes; says how many."""
    ended = await shaker.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        f" where application_name = 'hushi' and datname = current_database() and {which}"
    )
    return len(ended)


async def test_lost_wakeups_cost_a_moment_and_no_event_also_while_others_are_busy(
    own_url: str, keyring: Keyring, scope: UUID
) -> None:
    async with process(own_url, keyring) as other:
        # A database without a feed wakes nobody, as a process does that dies between its commit and its wake-up.
        mute, noise = replace(other, db=Database(own_url, keyring)), uuid7()

        async def write() -> None:
            while True:
                await tell(other, noise)

        busy = [asyncio.create_task(write())]
        busy.append(asyncio.create_task(heard(other.feed, await other.feed.enter(noise), 10**6)))
        place = await other.feed.enter(scope)
        async with asyncio.timeout(30), aclosing(following(other.feed, place, PATIENCE)) as batches:
            for n in range(1, 4):
                begun = monotonic()
                await tell(mute, scope)
                assert seqs(await anext(batches)) == [n]
                assert monotonic() - begun < 10
        for task in busy:
            task.cancel()
        await asyncio.wait(busy)
        await mute.db.close()


async def test_the_wakeups_go_on_when_their_connections_were_cut(
    own_url: str, keyring: Keyring, shaker: asyncpg.Connection[asyncpg.Record], scope: UUID
) -> None:
    async with (
        process(own_url, keyring) as one,
        process(own_url, keyring) as other,
        asyncio.timeout(30),
        aclosing(following(other.feed, await other.feed.enter(scope), PATIENCE)) as batches,
    ):
        for n in range(1, 6):
            await terminate(shaker, "query ~ 'LISTEN|pg_notify'")
            await tell(one, scope)
            assert seqs(await anext(batches)) == [n]
        begun = monotonic()
        for n in range(6, 36):
            await tell(one, scope)
            assert seqs(await anext(batches)) == [n]
        assert monotonic() - begun < 10


async def test_all_connections_are_cut_again_and_again_and_everything_goes_on(
    own_url: str, keyring: Keyring, shaker: asyncpg.Connection[asyncpg.Record], scope: UUID
) -> None:
    async with process(own_url, keyring) as one, process(own_url, keyring) as other:
        written: list[int] = []

        async def write() -> None:
            while len(written) < 300:
                with suppress(*OUTAGE):
                    await tell(one, scope, n=len(written))
                    written.append(len(written))

        def beyond(count: int) -> bool:
            return len(written) >= count

        following = [asyncio.create_task(heard(p.feed, await p.feed.enter(scope), 300)) for p in (one, other)]
        writing = asyncio.create_task(write())
        for cut in range(1, 11):
            await until(partial(beyond, cut * 25))
            assert await terminate(shaker) > 0
        await writing
        for events in await asyncio.gather(*following):
            # A commit whose answer was cut off was told again: by the writer, not by the feed.
            assert seqs(events) == list(range(1, len(events) + 1))
            assert sorted({event.body["n"] for event in events}) == list(range(events[-1].body["n"] + 1))


async def test_who_reads_what_was_missed_waits_until_the_database_is_back(
    own_url: str, server: str, keyring: Keyring, shaker: asyncpg.Connection[asyncpg.Record], scope: UUID
) -> None:
    name, keeper = await shaker.fetchval("select current_database()"), await asyncpg.connect(server)
    async with process(own_url, keyring) as one:
        await tell(one, scope, MEMORY + PAGE)
        start = await place_at(one, scope, 0)
        async with asyncio.timeout(30), aclosing(following(one.feed, start, PATIENCE)) as batches:
            found = list(await anext(batches))
            await keeper.execute(f"alter database {name} allow_connections false")
            await terminate(shaker)
            waiting = asyncio.create_task(anext(batches))
            with pytest.raises(OUTAGE):
                await tell(one, scope)
            assert not waiting.done()
            await keeper.execute(f"alter database {name} allow_connections true")
            found += await waiting
            while len(found) < MEMORY + PAGE:
                found += await anext(batches)
        assert seqs(found) == list(range(1, MEMORY + PAGE + 1))
    await keeper.close()


async def test_a_restored_database_ends_every_stream_and_takes_no_old_cursor(
    own_url: str, keyring: Keyring, shaker: asyncpg.Connection[asyncpg.Record], scope: UUID
) -> None:
    async with process(own_url, keyring) as one:
        await tell(one, scope)
        place = await one.feed.enter(scope)
        following = [asyncio.create_task(heard(one.feed, place, 1)) for _ in range(3)]
        await until(lambda: one.feed.followers(scope) == 3)
        await shaker.execute("update feed_epoch set epoch = gen_random_uuid()")
        await terminate(shaker)
        for task in following:
            with pytest.raises(FeedLost) as refusal:
                await task
            assert refusal.value.because is Lost.EPOCH
        assert await lost(one.feed, place) == (Lost.EPOCH, Lost.EPOCH)
        with pytest.raises(FeedLost):
            await page(one.feed, place)
        fresh = await one.feed.enter(scope)
        assert fresh.cursor != place.cursor
        await tell(one, scope)
        assert seqs(await heard(one.feed, fresh, 1)) == [2]
