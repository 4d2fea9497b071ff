"""Histories of scopes, told step by step, and what a cursor is worth in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from uuid import UUID

from uuid_utils.compat import uuid7

from db.feed.cursor import FeedLost
from db.feed.event import Addressed, record
from graph.context import Services
from rules.events import Lost, QueueChange


async def tell_each(services: Services, counts: dict[UUID, int], chance: Random) -> None:
    """So many events more in each scope, in steps of one to three, each step told to many scopes at once."""
    left = {scope: count for scope, count in counts.items() if count}
    while left:
        told: list[Addressed] = []
        for scope in list(left):
            some = min(left[scope], chance.randint(1, 3))
            told += [Addressed(scope, "application.taken", uuid7(), None, QueueChange.TAKEN, {}) for _ in range(some)]
            left[scope] -= some
            if not left[scope]:
                del left[scope]
        async with services.db.begin() as tx:
            await tx.ask_time()
            await record(tx, told)


async def cursors_of(services: Services, scopes: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The cursors of each scope from its birth on, as whoever follows it gets them."""
    found = {}
    for scope in scopes:
        start = services.feed.cursors.write(scope, 0)
        place = await services.feed.enter(scope, start)
        page = await services.feed.history(scope, place.claim, None, None, None, 1000)
        found[scope] = [start, *(place.after(event).cursor for event in page.events)]
        assert found[scope][-1] == page.place.cursor == (await services.feed.enter(scope)).cursor
    return found


async def resumed(services: Services, scope: UUID, cursor: str) -> Lost | list[UUID]:
    """The ids of what comes after a cursor, or why one cannot go on from it: said alike to followers and to a page."""
    entered, read = await _entered(services, scope, cursor), await _read(services, scope, cursor)
    assert entered == (read if isinstance(read, Lost) else cursor)
    return read


async def _entered(services: Services, scope: UUID, cursor: str) -> Lost | str:
    try:
        return (await services.feed.enter(scope, cursor)).cursor
    except FeedLost as lost:
        return lost.because


async def _read(services: Services, scope: UUID, cursor: str) -> Lost | list[UUID]:
    feed = services.feed
    try:
        page = await feed.history(scope, await feed.claim(scope, cursor, "since", None), None, None, None, 1000)
    except FeedLost as lost:
        return lost.because
    return [event.id for event in page.events]
