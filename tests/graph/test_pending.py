"""Pending reviews: pages that stay right while rows move, and the place in the feed to follow them from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import event

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.application import State, Step
from rules.moment import SHANGHAI
from rules.people import Party, Role
from tests.support.authority_stage import FILLED, put
from tests.support.live import Client, Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.world import Cast, Person, World

ROWS = 45
PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $kinds: [ApplicationKind!]) {
  pendingReviews(first: $first, after: $after, last: $last, before: $before, kinds: $kinds) {
    totalCount totalCountIsCapped feedCursor nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
FEED = """subscription($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor } ... on PendingReviewChange { change applicationId } } }"""


async def page(client: Client, **arguments: Any) -> Any:
    """One page."""
    return (await client.ask(PAGE, **arguments))["pendingReviews"]


def ids(found: Any) -> list[str]:
    """The rows of a page, in its order."""
    assert [edge["node"]["id"] for edge in found["edges"]] == [node["id"] for node in found["nodes"]]
    return [node["id"] for node in found["nodes"]]


@pytest_asyncio.fixture
async def queue(world: World, cast: Cast) -> AsyncIterator[list[str]]:
    """What waits on the operator's desk, longest waiting first; three at a time came in the same moment."""
    begun, keys = datetime.now(SHANGHAI) - timedelta(days=1), []
    for n in range(ROWS):
        queued_at = begun + timedelta(minutes=n // 3)
        keys.append((queued_at, await add(world, cast, queued_at=queued_at)))
    yield [global_id("Application", key) for _, key in sorted(keys)]


async def add(world: World, cast: Cast, **values: Any) -> UUID:
    """A further application on the desk, of a nurse of its own."""
    nurse_id = await world.nurse(cast.hospital, cast.district)
    return await put(world, replace(cast, nurse_id=nurse_id), State.INSTITUTION_REVIEW, **values)


async def leave(world: World, *rows: str) -> None:
    """These leave the desk."""
    keys = [key_of("Application", row) for row in rows]
    await world.owner.execute("update application set state = 'WITHDRAWN' where id = any($1)", keys)


@pytest.mark.feature("I16")
async def test_twenty_unless_you_say_otherwise_longest_waiting_first(live: Live, cast: Cast, queue: list[str]) -> None:
    found = await page(live.as_(cast.operator))
    assert ids(found) == queue[:20]
    assert (found["totalCount"], found["totalCountIsCapped"]) == (ROWS, False)
    assert found["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": found["edges"][0]["cursor"],
        "endCursor": found["edges"][-1]["cursor"],
    }


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
async def test_every_row_comes_once_while_rows_come_and_go(
    live: Live, world: World, cast: Cast, queue: list[str], backwards: bool
) -> None:
    """After the first page one that was shown leaves, so do three that were not, and another one comes."""
    client, seen, cursor = live.as_(cast.operator), [], None
    turned = queue[::-1] if backwards else queue
    size, beyond, at = ("last", "before", "startCursor") if backwards else ("first", "after", "endCursor")
    more = True
    while more:
        found = await page(client, **{size: 10, beyond: cursor})
        seen += ids(found)[::-1] if backwards else ids(found)
        more = found["pageInfo"]["hasPreviousPage" if backwards else "hasNextPage"]
        if cursor is None:
            await leave(world, turned[4], turned[12], turned[20], turned[44])
            late = datetime.now(SHANGHAI) if not backwards else datetime.now(SHANGHAI) - timedelta(days=2)
            newcomer = global_id("Application", await add(world, cast, queued_at=late))
        cursor = found["pageInfo"][at]
    gone = {turned[12], turned[20], turned[44]}
    assert seen == [*(row for row in turned if row not in gone), newcomer]


async def test_a_window_between_two_cursors(live: Live, cast: Cast, queue: list[str]) -> None:
    client = live.as_(cast.operator)
    cursors = [edge["cursor"] for edge in (await page(client, first=45))["edges"]]
    found = await page(client, first=100, after=cursors[9], before=cursors[14])
    assert ids(found) == queue[10:14]
    assert ids(await page(client, last=2, after=cursors[9], before=cursors[14])) == queue[12:14]
    assert ids(await page(client, first=2, after=cursors[9], before=cursors[14])) == queue[10:12]
    assert ids(await page(client, first=5, after=cursors[44])) == []
    assert ids(await page(client, last=5, before=cursors[0])) == []


async def test_nothing_asked_for_is_nothing_shown(live: Live, cast: Cast, queue: list[str]) -> None:
    for size in ("first", "last"):
        found = await page(live.as_(cast.operator), **{size: 0})
        assert (ids(found), found["totalCount"]) == ([], len(queue))
        assert (found["pageInfo"]["startCursor"], found["pageInfo"]["endCursor"]) == (None, None)


async def test_an_empty_desk_has_a_page_and_a_cursor(live: Live, cast: Cast) -> None:
    found = await page(live.as_(cast.operator))
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert (ids(found), found["totalCount"], found["pageInfo"]) == ([], 0, nothing)
    assert found["feedCursor"]


async def test_only_some_kinds(live: Live, world: World, cast: Cast) -> None:
    """The total counts what the filter leaves."""
    renewal = global_id("Application", await add(world, cast))
    reissue = global_id("Application", await add(world, cast, kind="REISSUE"))
    client = live.as_(cast.operator)
    asked = "query($kinds: [ApplicationKind!]) { pendingReviews(kinds: $kinds) { totalCount nodes { id } } }"
    for kinds, rows in (
        (None, [renewal, reissue]),
        (["RENEWAL"], [renewal]),
        (["REISSUE"], [reissue]),
        (["CHANGE", "REISSUE", "RENEWAL"], [renewal, reissue]),
        (["CHANGE"], []),
        ([], []),
    ):
        found = (await client.ask(asked, kinds=kinds))["pendingReviews"]
        assert (found["totalCount"], [node["id"] for node in found["nodes"]]) == (len(rows), rows)


async def test_the_desk_is_the_authoritys_for_its_officers(live: Live, world: World, cast: Cast) -> None:
    """Both intake and decision wait there; one level above there is another desk."""
    other = replace(cast, nurse_id=await world.nurse(cast.hospital, cast.district))
    rows = [await put(world, cast, State.AUTHORITY_INTAKE), await put(world, other, State.ACCEPTED)]
    assert ids(await page(live.as_(cast.reviewer))) == [global_id("Application", key) for key in rows]
    above = await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER)
    assert ids(await page(live.as_(above))) == []
    assert ids(await page(live.as_(cast.operator))) == []


async def test_between_the_list_and_the_feed_nothing_falls(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """Eight nurses file while the desk is read again and again: list and feed together hold each once."""

    async def file(nurse: Person) -> str:
        key = await take_order(services.db, draft_of(nurse.session, FILLED))
        await take_order(services.db, order_of(nurse.session, Step.SUBMIT, key, 1))
        return global_id("Application", key)

    keys = [await world.nurse(cast.hospital, cast.district) for _ in range(8)]
    nurses = [await world.person(Party.NURSE, key, Role.NURSE) for key in keys]
    client = live.as_(cast.operator)
    tasks = [asyncio.create_task(file(nurse)) for nurse in nurses]
    lists = [await page(client, first=100) for _ in range(10)]
    filed = set(await asyncio.gather(*tasks))
    for found in lists:
        listed, fed = ids(found), list[str]()
        async with client.watch(FEED, after=found["feedCursor"]) as feed:
            assert (await feed.next())["__typename"] == "FeedHeartbeat"
            while len(listed) + len(fed) < len(filed):
                message = await feed.next()
                assert message["change"] == "ADDED"
                fed.append(message["applicationId"])
        assert len(listed) + len(fed) == len(filed)
        assert {*listed, *fed} == filed


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    """The statements that the engine sends meanwhile."""
    sent: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(services.db.engine.sync_engine, "before_cursor_execute", heard)
    yield sent
    event.remove(services.db.engine.sync_engine, "before_cursor_execute", heard)


# `nodes` has no plan: so the executor and its loaders answer.
DESK = """query($first: Int) { nodes(ids: []) { id } pendingReviews(first: $first) { totalCount nodes {
  nurse { name registration { standing institution { name authority { name } } history { at } } applications { id } }
  institution { name authority { name parent { name } } } authority { name }
  decisions { outcome } revisions { revision } availableSteps } } }"""


async def test_a_longer_desk_asks_no_more_statements(
    live: Live, services: Services, cast: Cast, queue: list[str]
) -> None:
    """One a noun and level, however many rows: 16 with everything a desk shows."""
    client, counts = live.as_(cast.operator), []
    await client.ask("{ viewer { party } }")
    for first in (1, 45):
        with statements(services) as sent:
            found = await client.ask(DESK, first=first)
        assert len(found["pendingReviews"]["nodes"]) == first
        assert all(node["nurse"]["registration"]["institution"]["name"] for node in found["pendingReviews"]["nodes"])
        counts.append(len([one for one in sent if "session" not in one]))
    assert counts[0] == counts[1]
    assert counts[0] <= 16
    assert queue
