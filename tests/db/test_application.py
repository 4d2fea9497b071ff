"""What the steps write of applications, and what the database itself keeps out."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from asyncpg import ForeignKeyViolationError
from uuid_utils.compat import uuid7

from db import application as applications
from db.store.engine import Database
from graph.context import Services
from rules.application import State
from rules.conflict import Situation
from rules.errors import Conflict
from rules.kinds import Kind
from tests.support.filed_applications import put
from tests.support.world import Cast, World


@pytest.fixture
def db(services: Services) -> Database:
    """A process's connections."""
    return services.db


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
    assert refusal.value.situation is Situation.APPLICATION_OPEN
    assert await world.traces(cast) == before


async def test_any_other_broken_rule_of_the_database_stays_a_bug(db: Database, world: World, cast: Cast) -> None:
    key = await put(world, cast)
    with pytest.raises(ForeignKeyViolationError):
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
