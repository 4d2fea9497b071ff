"""Applications as the steps read and write them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from db import application as applications
from db.engine import Database
from db.keys import Keyring
from rules.application import State
from rules.errors import Conflict, NotFound
from rules.kinds import Kind
from rules.people import Party
from tests.world import Cast, World


@pytest_asyncio.fixture
async def db(owner_url: str, keyring: Keyring) -> AsyncIterator[Database]:
    """A process's connections."""
    found = Database(owner_url, keyring)
    yield found
    await found.close()


async def put(world: World, cast: Cast, state: State = State.ACCEPTED, kind: Kind = Kind.RENEWAL, **more: Any) -> UUID:
    """An application straight in the table."""
    key, now = uuid7(), await world.owner.fetchval("select now()")
    filed = {"revision": 1, "submitted_at": now, "queued_at": now} if state is not State.DRAFT else {}
    places = {"nurse_id": cast.nurse_id, "institution_id": cast.hospital, "authority_id": cast.district}
    plain = {"filed_by": "NURSE", "nurse_name": "王护士", "id_number_masked": "110***********00", "form": "{}"}
    await world.insert("application", id=key, kind=kind, state=state, **{**plain, **places, **filed, **more})
    return key


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


@pytest.mark.parametrize(("target", "kept"), [(State.ACCEPTED, True), (State.REJECTED, False)])
async def test_a_lease_ends_when_the_state_changes(
    db: Database, world: World, cast: Cast, target: State, kept: bool
) -> None:
    until = await world.owner.fetchval("select now() + interval '30 minutes'")
    key = await put(world, cast, holder_id=cast.decider.account_id, held_until=until)
    async with db.begin() as tx:
        await tx.ask_time()
        locked = await applications.lock(tx, key)
        await applications.move(tx, locked, target, cast.decider.account_id, {})
    row = await world.row("application", key)
    expected = (cast.decider.account_id, until) if kept else (None, None)
    assert (row["holder_id"], row["held_until"]) == expected
    assert (row["state"], row["version"], row["moved_at"]) == (target, 2, tx.now)


@pytest.mark.parametrize(
    ("kind", "other", "collides"),
    [
        (Kind.RENEWAL, Kind.CHANGE, False),
        (Kind.CHANGE, Kind.RENEWAL, False),
        (Kind.RENEWAL, Kind.RENEWAL, True),
        (Kind.CHANGE, Kind.CHANGE, True),
        (Kind.RENEWAL, Kind.REISSUE, True),
        (Kind.REISSUE, Kind.CHANGE, True),
    ],
)
async def test_the_database_itself_keeps_a_second_open_one_out(
    db: Database, world: World, cast: Cast, kind: Kind, other: Kind, collides: bool
) -> None:
    await put(world, cast, kind=other)
    key = await put(world, cast, State.WITHDRAWN, kind)
    before = await world.traces(cast)
    if not collides:
        await _move(db, key, State.ACCEPTED, {})
        return
    with pytest.raises(Conflict) as refusal:
        await _move(db, key, State.ACCEPTED, {})
    assert refusal.value.words == applications.ALREADY_OPEN
    assert await world.traces(cast) == before


async def test_any_other_broken_rule_of_the_database_stays_a_bug(db: Database, world: World, cast: Cast) -> None:
    key = await put(world, cast)
    with pytest.raises(IntegrityError):
        await _move(db, key, State.ACCEPTED, {"recommender_id": uuid7()})


async def _move(db: Database, key: UUID, state: State, values: dict[str, Any]) -> None:
    async with db.begin() as tx:
        await tx.ask_time()
        locked = await applications.lock(tx, key)
        await applications.move(tx, locked, state, None, values)


async def test_other_open_kinds_are_neither_drafts_nor_decided_nor_itself(
    db: Database, world: World, cast: Cast
) -> None:
    key = await put(world, cast, State.RETURNED)
    await put(world, cast, State.INSTITUTION_REVIEW, Kind.CHANGE)
    for state, kind in ((State.DRAFT, Kind.FIRST), (State.APPROVED, Kind.REISSUE), (State.LAPSED, Kind.FIRST)):
        await put(world, cast, state, kind)
    async with db.begin() as tx:
        assert await applications.other_open_kinds(tx, cast.nurse_id, key) == {Kind.CHANGE}
        assert await applications.other_open_kinds(tx, cast.nurse_id, uuid7()) == {Kind.CHANGE, Kind.RENEWAL}


async def test_a_receipt_number_is_given_again_after_a_rollback(db: Database, world: World, cast: Cast) -> None:
    code = (await world.row("authority", cast.district))["code"]

    async def draw(year: int, keep: bool = True) -> str:
        try:
            async with db.begin() as tx:
                number = await applications.next_receipt_number(tx, cast.district, year)
                if not keep:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        return number

    assert await draw(2025) == f"{code}-2025-000001"
    assert await draw(2025, keep=False) == f"{code}-2025-000002"
    drawn = await asyncio.gather(*(draw(2025, keep=n % 2 == 0) for n in range(8)))
    kept = sorted(number for n, number in enumerate(drawn) if n % 2 == 0)
    assert kept == [f"{code}-2025-{number:06d}" for number in range(2, 6)]
    assert await draw(2026) == f"{code}-2026-000001"
