"""A step whose two messages are cut in between: cancelled, timed out, refused by the database, lost; nothing half-done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from db.embedded.server import Embedded
from db.store import known_law
from db.store import wire as wires
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.application import State, Step
from rules.errors import OutcomeUnknown
from tests.support.between import Between, between
from tests.support.orders import take_order
from tests.support.postgres import TESTING, new_database
from tests.support.story import NOW, Clock, Story, open_story
from tests.support.until import LONG_ENOUGH, eventually
from tests.support.world import World, fill


@pytest_asyncio.fixture
async def wire(owner_url: str) -> AsyncIterator[Between]:
    async with between(owner_url) as found:
        yield found


@pytest_asyncio.fixture
async def cut(wire: Between, keyring: Keyring, world: World) -> AsyncIterator[Story]:
    """A renewal that goes by a line that may be cut."""
    db = Database(wire.url, keyring, clock=Clock(NOW), statement_seconds=3)
    yield await open_story(db, world, Clock(NOW))
    await db.close()


async def test_a_commit_that_nobody_heard_leaves_nothing_and_says_that_this_is_not_known(
    wire: Between, cut: Story
) -> None:
    order, before = await cut.order(Step.SUBMIT, idempotency_key=f"cut-{uuid4()}"), await cut.everything()
    wire.cuts = b"INSERT INTO application_revision"
    with pytest.raises(OutcomeUnknown):
        await take_order(cut.db, order)
    wire.cuts = None
    assert await cut.everything() == before
    assert await take_order(cut.db, order) == cut.id
    assert (await cut.row())["state"] == State.INSTITUTION_REVIEW


async def test_a_line_cut_before_the_first_message_is_an_outage(wire: Between, cut: Story) -> None:
    order, before = await cut.order(Step.SUBMIT), await cut.everything()
    wire.cuts = order.session.token_hash.hex().encode()
    with pytest.raises(ConnectionError):
        await take_order(cut.db, order)
    wire.cuts = None
    assert await cut.everything() == before
    await take_order(cut.db, order)


async def test_a_step_that_waits_too_long_for_a_lock_is_broken_off(cut: Story, world: World) -> None:
    order, before = await cut.order(Step.SUBMIT), await cut.everything()
    async with world.owner.transaction():
        await world.owner.execute("select from application where id = $1 for update", cut.id)
        with pytest.raises(asyncpg.QueryCanceledError):
            await take_order(cut.db, order)
    assert await cut.everything() == before
    await take_order(cut.db, order)


async def test_a_step_that_is_cancelled_holds_nothing(cut: Story, world: World) -> None:
    order, before = await cut.order(Step.SUBMIT), await cut.everything()
    async with world.owner.transaction():
        await world.owner.execute("select from application where id = $1 for update", cut.id)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await take_order(cut.db, order)
    assert await cut.everything() == before
    await take_order(cut.db, order)
    assert (await cut.row())["state"] == State.INSTITUTION_REVIEW


async def test_without_what_it_knows_of_asyncpg_a_step_goes_by_ordinary_trips(cut: Story) -> None:
    cut.db.lends = False
    order = await cut.order(Step.SUBMIT, idempotency_key=f"trips-{uuid4()}")
    said: list[str] = []
    wires.watchers.append(lambda asked: said.extend(one.sql for one in asked))
    await take_order(cut.db, order)
    wires.watchers.pop()
    assert said == []
    assert (await cut.row())["state"] == State.INSTITUTION_REVIEW


@pytest_asyncio.fixture
async def alone(roomy: Path, keyring: Keyring) -> AsyncIterator[Story]:
    """A renewal on a server of its own, whose commits can be made to wait for a standby."""
    embedded = Embedded(roomy / "data", TESTING)
    url = await new_database(await embedded.start())
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    db = Database(url, keyring, clock=Clock(NOW), statement_seconds=LONG_ENOUGH)
    yield await open_story(db, World(owner, keyring), Clock(NOW))
    await db.close()
    await owner.close()
    await embedded.stop()


async def _wait_for(owner: asyncpg.Connection[asyncpg.Record], standby: str) -> None:
    """From now on commits wait for this standby; for nobody without a name."""
    await owner.execute(f"alter system set synchronous_standby_names = '{standby}'")
    await owner.execute("select pg_reload_conf()")
    await eventually(lambda: owner.fetchval("select current_setting('synchronous_standby_names') = $1", standby))


async def test_a_commit_that_no_standby_confirms_is_not_told_as_done_and_the_key_finds_it(alone: Story) -> None:
    owner, key = alone.world.owner, f"standby-{uuid4()}"
    order = await alone.order(Step.SUBMIT, idempotency_key=key)
    await _wait_for(owner, "nobody")
    taking = asyncio.ensure_future(take_order(alone.db, order))
    waits = "select pid from pg_stat_activity where wait_event = 'SyncRep'"
    await owner.execute("select pg_cancel_backend($1)", await eventually(lambda: owner.fetchval(waits)))
    with pytest.raises(OutcomeUnknown):
        await taking
    await _wait_for(owner, "")
    events = "select count(*) from event where application_id = $1"
    before = await owner.fetchval(events, alone.id)
    assert await take_order(alone.db, order) == alone.id
    assert await owner.fetchval(events, alone.id) == before > 0
    assert (await alone.row())["state"] == State.INSTITUTION_REVIEW


async def test_a_commit_that_takes_longer_than_the_deadline_is_not_told_as_stopped(alone: Story) -> None:
    owner, key = alone.world.owner, f"deadline-{uuid4()}"
    order = await alone.order(Step.SUBMIT, idempotency_key=key)
    await _wait_for(owner, "nobody")
    with pytest.raises(OutcomeUnknown):
        async with asyncio.timeout(1):
            await take_order(alone.db, order)
    await _wait_for(owner, "")
    assert await take_order(alone.db, order) == alone.id
    assert (await alone.row())["state"] == State.INSTITUTION_REVIEW


async def test_a_step_in_a_deadlock_is_undone(cut: Story, world: World) -> None:
    order, before, owner = await cut.order(Step.SUBMIT), await cut.everything(), world.owner
    async with owner.transaction():
        await owner.execute("set local deadlock_timeout = '20s'")
        await owner.execute("select from registration where nurse_id = $1 for update", cut.cast.nurse_id)
        taking = asyncio.ensure_future(take_order(cut.db, order))
        waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'hushi'"
        await eventually(lambda: owner.fetchval(waits))
        await owner.execute("select from application where id = $1 for update", cut.id)
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await taking
    assert await cut.everything() == before
    await take_order(cut.db, order)
