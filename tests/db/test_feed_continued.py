"""A feed that was in another scope before: where its cursors go on, and which of them are of another history."""

from __future__ import annotations

from uuid import UUID

import pytest_asyncio
from uuid_utils.compat import uuid7

from db.feed.cursor import FeedLost
from db.feed.event import Addressed, record
from graph.context import Services
from rules.events import Lost
from tests.support.feed_place import place_at
from tests.support.world import World

BOTH, LATER = "both", "later"
TOLD = (LATER, BOTH, BOTH, LATER, BOTH, LATER)
"""Events of the later scope, some of them in the earlier one too: 1, 2, 3 there are 2, 3, 5 here."""
GOES_ON_AFTER = (1, 2, 3, 5)


@pytest_asyncio.fixture
async def scopes(services: Services) -> tuple[UUID, UUID]:
    earlier, later = uuid7(), uuid7()
    for where in TOLD:
        about = uuid7()
        heard = [Addressed(one, "application.taken", about, None, None, {}) for one in (later, earlier)]
        async with services.db.begin() as tx:
            await tx.ask_time()
            await record(tx, heard if where == BOTH else heard[:1])
    return earlier, later


async def continued(services: Services, scopes: tuple[UUID, UUID], cursor: str) -> int | Lost:
    """The number in the later scope after which the cursor of the earlier one goes on, or why it does not."""
    try:
        return (await services.feed.enter(scopes[1], cursor, scopes[0])).seq
    except FeedLost as lost:
        return lost.because


async def test_each_cursor_goes_on_at_its_event(services: Services, scopes: tuple[UUID, UUID]) -> None:
    for seq, expected in enumerate(GOES_ON_AFTER):
        place = await place_at(services, scopes[0], seq)
        assert await continued(services, scopes, place.cursor) == expected
        assert await services.feed.enter(scopes[1], place.cursor, scopes[0]) == await place_at(
            services, scopes[1], expected
        )


async def test_one_of_another_history_does_not(services: Services, scopes: tuple[UUID, UUID]) -> None:
    for seq in (1, 2, 3):
        place = (await place_at(services, scopes[0], seq))._replace(event_id=uuid7())
        assert await continued(services, scopes, place.cursor) is Lost.EPOCH
    ahead = (await place_at(services, scopes[0], 3))._replace(seq=4)
    assert await continued(services, scopes, ahead.cursor) is Lost.EPOCH


async def test_an_event_that_is_no_longer_kept_is_known_by_the_next(
    services: Services, world: World, scopes: tuple[UUID, UUID]
) -> None:
    places = [await place_at(services, scopes[0], seq) for seq in range(4)]
    other = places[1]._replace(event_id=uuid7())
    for scope, gone in zip(scopes, (1, 2), strict=True):
        await world.owner.execute("delete from event where scope = $1 and seq <= $2", scope, gone)
    found = [await continued(services, scopes, place.cursor) for place in places]
    assert found == [Lost.RETENTION, 2, 3, 5]
    assert await continued(services, scopes, other.cursor) is Lost.EPOCH
