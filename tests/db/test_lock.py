"""What a step reads while it holds the rows: as they are, also when it had to wait for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import application as applications
from db import registration
from db.information_change import write_record
from db.store.engine import Database
from db.store.name_order import named
from graph.context import Services
from rules.application import State
from rules.errors import NotFound
from rules.kinds import Kind
from rules.people import Party
from rules.registration import Registration, RegistrationStatus, renew
from tests.support.filed_applications import put
from tests.support.world import TODAY, Cast, World


@pytest.fixture
def db(services: Services) -> Database:
    """A process's connections."""
    return services.db


async def test_a_locked_application_is_as_it_stands(db: Database, world: World, cast: Cast) -> None:
    now = await world.owner.fetchval("select now()")
    facts = {"corrections": 1, "on_hold": True, "objected": True, "extended": True, "marked_fields": ["title"]}
    held = {"holder_id": cast.reviewer.account_id, "held_until": now + timedelta(minutes=30)}
    moved = {"moved_by": cast.decider.account_id, "moved_at": now, "recommender_id": cast.reviewer.account_id}
    key = await put(world, cast, **facts, **held, **moved, version=7)
    row = await world.row("application", key)
    async with db.begin() as tx:
        found = await applications.lock(tx, key)
    same = ("id", "version", "revision", "nurse_id", "institution_id", "authority_id", "corrections", "recommender_id")
    same += ("on_hold", "objected", "extended", "submitted_at", "forwarded_at", "due_on", *held, "moved_at")
    assert {name: getattr(found, name) for name in same} == {name: row[name] for name in same}
    assert (found.kind, found.state, found.filed_by) == (Kind.RENEWAL, State.ACCEPTED, Party.NURSE)
    assert (found.marked_fields, found.form, found.two_persons) == (("title",), {}, True)
    assert (found.holder_name, found.moved_by_name) == (cast.reviewer.actor.name, cast.decider.actor.name)
    assert found.moved_by_party_id == cast.district


@pytest.mark.parametrize("name", ["nurse", "operator", "decider"])
async def test_who_moved_it_is_known_by_her_party(db: Database, world: World, cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    key = await put(world, cast, moved_by=person.account_id)
    async with db.begin() as tx:
        assert (await applications.lock(tx, key)).moved_by_party_id == person.actor.party_id


async def test_where_it_has_no_authority_yet_nothing_asks_for_two_persons(
    db: Database, world: World, cast: Cast
) -> None:
    key = await put(world, cast, State.INSTITUTION_REVIEW, authority_id=None)
    async with db.begin() as tx:
        assert (await applications.lock(tx, key)).two_persons is False


async def test_an_unknown_application_is_not_found(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(NotFound):
            await applications.lock(tx, uuid7())


async def test_what_is_judged_for_buttons_is_what_is_locked_for_a_step(db: Database, world: World, cast: Cast) -> None:
    other = await world.cast()
    keys = [await put(world, cast, moved_by=cast.nurse.account_id), await put(world, other, State.DRAFT)]
    async with db.begin() as tx:
        locked = {key: await applications.lock(tx, key) for key in keys}
    async with db.read() as reader:
        judged, now = await applications.judged(reader, [*keys, uuid7()])
        assert await applications.judged(reader, []) == ({}, pytest.approx(now, abs=timedelta(minutes=1)))
    assert judged == locked


async def test_a_second_one_waits_for_the_lock_and_reads_what_the_first_wrote(
    db: Database, world: World, cast: Cast
) -> None:
    """Also what hangs on it in other tables: the new authority's two persons, the new holder's and mover's names."""
    await world.owner.execute("update authority set two_persons = false where id = $1", cast.nation)
    key = await put(world, cast, State.ACCEPTED, authority_id=cast.nation, moved_by=cast.nurse.account_id)
    async with db.begin() as tx:
        await tx.ask_time()
        first = await applications.lock(tx, key)
        assert (first.two_persons, first.moved_by_name) == (False, cast.nurse.actor.name)
        waiting = asyncio.create_task(_lock(db, key))
        await _until_somebody_waits(world)
        moved = {"authority_id": cast.district, "holder_id": cast.decider.account_id}
        await applications.move(tx, first, State.ACCEPTED, cast.reviewer.account_id, moved)
    second = await waiting
    assert (second.version, second.authority_id, second.two_persons) == (2, cast.district, True)
    assert (second.moved_by_name, second.moved_by_party_id) == (cast.reviewer.actor.name, cast.district)
    assert second.holder_name == cast.decider.actor.name


async def _lock(db: Database, key: UUID) -> Any:
    async with db.begin() as tx:
        return await applications.lock(tx, key)


async def _until_somebody_waits(world: World) -> None:
    sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with asyncio.timeout(10):
        while not await world.owner.fetchval(sql):
            continue


async def test_a_locked_entry_is_as_it_stands(db: Database, world: World, cast: Cast) -> None:
    row = await world.row("registration", cast.nurse_id, "nurse_id")
    async with db.begin() as tx:
        entry = await registration.lock(tx, cast.nurse_id)
    assert entry.registration == Registration(
        cast.nurse_id,
        RegistrationStatus.VALID,
        certificate_number=row["certificate_number"],
        first_registered_on=date(2016, 1, 1),
        valid_until=TODAY + timedelta(days=60),
        institution_id=cast.hospital,
        authority_id=cast.district,
        last_kind=Kind.RENEWAL,
    )
    masked = (await world.row("nurse", cast.nurse_id))["id_number_masked"]
    assert (entry.name, entry.id_number_masked, entry.renewal_window_days) == ("王护士", masked, 90)


async def test_who_has_no_entry_is_not_found(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(NotFound):
            await registration.lock(tx, uuid7())


async def test_a_second_one_waits_for_the_entry_and_reads_what_the_first_wrote(
    db: Database, world: World, cast: Cast
) -> None:
    await world.owner.execute("update authority set renewal_window_days = 180 where id = $1", cast.nation)
    async with db.begin() as tx:
        await tx.ask_time()
        first = await registration.lock(tx, cast.nurse_id)
        waiting = asyncio.create_task(_lock_entry(db, cast.nurse_id))
        await _until_somebody_waits(world)
        after = replace(renew(first.registration, TODAY), authority_id=cast.nation)
        await registration.change(tx, after)
        await write_record(tx, cast.nurse_id, named("李护士"))
    second = await waiting
    assert (second.registration, second.name, second.renewal_window_days) == (after, "李护士", 180)


async def _lock_entry(db: Database, nurse_id: UUID) -> registration.Entry:
    async with db.begin() as tx:
        return await registration.lock(tx, nurse_id)
