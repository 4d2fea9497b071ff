"""Who may read a feed is counted: whatever ends somebody's access comes before every later event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest

from db import session as sessions
from graph.context import Services
from rules.people import Party, Role
from tests.support.recorded_events import tell
from tests.support.world import Cast, World

PATIENCE = 600.0
Change = Callable[[World, Cast], Awaitable[object]]


def owner(sql: str) -> Change:
    """A change that somebody makes as the owner: $1 the operator's account, $2 her hospital."""

    async def change(world: World, cast: Cast) -> object:
        arguments = (cast.operator.account_id, cast.hospital)
        return await world.owner.execute(sql, *[one for n, one in enumerate(arguments, 1) if f"${n}" in sql])

    return change


ENDS = {
    "revoked": owner("update session set revoked_at = now() where account_id = $1"),
    "cut short": owner("update session set expires_at = now() where account_id = $1"),
    "deleted": owner("delete from session where account_id = $1"),
    "disabled": owner("update account set state = 'DISABLED' where id = $1"),
    "other roles": owner("update account set roles = array['VIEWER'] where id = $1"),
}
STAYS = {
    "another name": owner("update account set display_name = '李' where id = $1"),
    "the same again": owner("update account set state = state, roles = roles where id = $1"),
    "an ended session is cleared away": owner(
        "with ended as (insert into session (token_hash, account_id, created_at, expires_at)"
        " values (gen_random_uuid()::text::bytea, $1, now() - interval '2 days', now() - interval '1 day') returning 1)"
        " select * from ended"
    ),
}


async def count(world: World, scope: UUID) -> int:
    return await world.owner.fetchval("select coalesce(max(access), 0) from feed_scope where scope = $1", scope)  # type: ignore[no-any-return]


@pytest.mark.parametrize("end", [*ENDS.values()], ids=[*ENDS])
async def test_what_ends_access_is_counted_on_the_feed(world: World, cast: Cast, end: Change) -> None:
    before = await count(world, cast.hospital)
    await end(world, cast)
    assert await count(world, cast.hospital) == before + 1


@pytest.mark.parametrize("change", [*STAYS.values()], ids=[*STAYS])
async def test_what_changes_nothing_is_not_counted(world: World, cast: Cast, change: Change) -> None:
    before = await count(world, cast.hospital)
    await change(world, cast)
    assert await count(world, cast.hospital) == before


async def test_an_operator_who_moves_is_counted_on_both_feeds(world: World, cast: Cast) -> None:
    other = await world.institution(cast.district)
    await world.owner.execute("update account set institution_id = $2 where id = $1", cast.operator.account_id, other)
    assert (await count(world, cast.hospital), await count(world, other)) == (1, 1)


async def test_an_institution_that_is_closed_and_an_authority_that_is_moved_count(world: World, cast: Cast) -> None:
    await world.owner.execute("update institution set state = 'CLOSED' where id = $1", cast.hospital)
    await world.owner.execute("update authority set path = path || 'x/' where id = $1", cast.district)
    assert (await count(world, cast.hospital), await count(world, cast.district)) == (1, 1)


async def test_signing_out_is_counted_once_and_signing_in_never(services: Services, world: World, cast: Cast) -> None:
    async with services.db.begin() as tx:
        await tx.ask_time()
        token = sessions.new_token()
        await sessions.insert(tx, cast.operator.account_id, token)
    assert await count(world, cast.hospital) == 0
    for _ in range(2):
        async with services.db.begin() as tx:
            await sessions.revoke(tx, sessions.digest(token))
    assert await count(world, cast.hospital) == 1


async def test_every_event_told_after_an_end_comes_with_another_count(
    services: Services, world: World, cast: Cast
) -> None:
    """Eight writers tell while sessions end: no batch with an event of after the end has the count of before it."""
    people = [await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR) for _ in range(20)]
    ended_at: list[int] = []

    async def write() -> None:
        for _ in range(30):
            await tell(services, cast.hospital)

    async def end() -> None:
        for person in people:
            async with world.owner.transaction():
                await world.owner.execute(
                    "update session set revoked_at = now() where account_id = $1", person.account_id
                )
                # The row's lock orders the end among the events; the trigger counts it at the commit.
                seq = "select seq from feed_scope where scope = $1 for update"
                ended_at.append(await world.owner.fetchval(seq, cast.hospital) or 0)
            await asyncio.sleep(0)

    await tell(services, cast.hospital)
    place = await services.feed.enter(cast.hospital)
    writers = [asyncio.create_task(write()) for _ in range(8)]
    ending = asyncio.create_task(end())
    seen: list[tuple[int, int]] = []
    async with asyncio.timeout(60), aclosing(services.feed.follow(place, PATIENCE)) as batches:
        async for batch in batches:
            seen += [(event.seq, batch.access) for event in batch.events]
            if len(seen) == 240:
                break
    await asyncio.gather(*writers, ending)
    assert [seq for seq, _ in seen] == list(range(2, 242))
    for seq, access in seen:
        assert access >= sum(last < seq for last in ended_at)


async def test_a_follower_is_told_of_an_end_without_any_event(services: Services, world: World, cast: Cast) -> None:
    place = await services.feed.enter(cast.hospital)
    async with asyncio.timeout(30), aclosing(services.feed.follow(place, PATIENCE)) as batches:
        await tell(services, cast.hospital)
        assert (await anext(batches)).access == 0
        await ENDS["revoked"](world, cast)
        batch = await anext(batches)
        assert (list(batch.events), batch.access) == ([], 1)
        assert services.feed.access(cast.hospital) == 1
    assert services.feed.access(uuid4()) == -1
