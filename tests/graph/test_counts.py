"""Live counts of what waits: a start, and from then on only changes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import aclosing
from typing import Any

import pytest

from graph.context import Context, Services
from graph.root import schema
from rules.application import Step
from rules.errors import RegistryError
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.feed_place import cursor_at
from tests.support.live import Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, Person, World, renewal

pytestmark = pytest.mark.feature("I16")

COUNTS = "{ pendingReviewCounts { __typename feedCursor counts { __typename kind state count } } }"
CHANGES = """subscription($after: String) { pendingReviewFeed(after: $after) { ... on FeedMessage { cursor }
  ... on PendingReviewChange { change kind left entered } } }"""


async def counted(live: Live, person: Person) -> tuple[Counter[tuple[str, str]], str]:
    """What waits on somebody's desk, and where her feed stood."""
    found = (await live.as_(person).ask(COUNTS))["pendingReviewCounts"]
    return Counter({(one["kind"], one["state"]): one["count"] for one in found["counts"]}), found["feedCursor"]


async def take_at_random(services: Services, cast: Cast, nurse: Person, chance: random.Random) -> None:
    """A renewal goes some way, as people happen to decide; a refused step changes nothing."""
    key = await take_order(services.db, draft_of(nurse.session, renewal()))
    mended = {"form": renewal(), "confirmed_fields": ("department",)}
    asked = {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",)}
    ways: list[tuple[Person, Step, dict[str, Any]]] = [
        (nurse, Step.SUBMIT, {}),
        (cast.operator, Step.RETURN, asked),
        (nurse, Step.RESUBMIT, mended),
        (cast.operator, Step.FORWARD, {}),
        (cast.reviewer, Step.REQUIRE_CORRECTION, asked),
        (nurse, Step.SUPPLEMENT, mended),
        (cast.reviewer, Step.ACCEPT, {}),
        (cast.reviewer, Step.RECOMMEND, {}),
        (cast.decider, Step.APPROVE, {}),
        (nurse, Step.WITHDRAW, {}),
    ]
    version = 1
    for _ in range(20):
        person, step, more = chance.choice(ways) if version > 1 else ways[0]
        try:
            await take_order(services.db, order_of(person.session, step, key, version, **more))
            version += 1
        except RegistryError:
            continue


async def test_counts_kept_by_the_changes_alone_are_those_counted_again(
    live: Live, services: Services, world: World
) -> None:
    cast, chance = await world.cast(), random.Random(4)
    nurses = [await world.nurse(cast.hospital, cast.district) for _ in range(24)]
    people = [await world.person(Party.NURSE, nurse, Role.NURSE) for nurse in nurses]
    for person in people[:4]:
        await take_at_random(services, cast, person, chance)
    desks = (cast.viewer, cast.decider)
    kept, started = [], [await counted(live, person) for person in desks]
    assert any(counts for counts, _ in started)
    await asyncio.gather(*(take_at_random(services, cast, person, chance) for person in people[4:22]))
    for person in people[22:]:
        key = await take_order(services.db, draft_of(person.session, renewal()))
        await take_order(services.db, order_of(person.session, Step.SUBMIT, key, 1))
    ends = [await counted(live, person) for person in desks]
    for person, (counts, start) in zip(desks, started, strict=True):
        scope = person.actor.party_id
        last = "select max(seq) from event where scope = $1 and queue is not null"
        end = await cursor_at(services, scope, await world.owner.fetchval(last, scope))
        async with live.as_(person).watch(CHANGES, after=start) as feed:
            cursor = start
            while cursor != end:
                message = await feed.next()
                cursor = message["cursor"]
                if message.get("left"):
                    counts[message["kind"], message["left"]] -= 1
                if message.get("entered"):
                    counts[message["kind"], message["entered"]] += 1
        kept.append(+counts)
    assert kept == [counts for counts, _ in ends]
    assert kept[0]


async def test_the_counts_have_a_plan_with_the_same_bytes(services: Services, cast: Cast) -> None:
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    both = Both(services)
    for steps in ((), ((cast.nurse, Step.SUBMIT),), ((cast.operator, Step.FORWARD),)):
        for person, step in steps:
            version = {Step.SUBMIT: 1, Step.FORWARD: 2}[step]
            await take_order(services.db, order_of(person.session, step, key, version))
        for person in (cast.viewer, cast.reviewer):
            found = await both.data(COUNTS, person)
            assert len(found["pendingReviewCounts"]["counts"]) == (
                1 if steps and person is (cast.viewer if step is Step.SUBMIT else cast.reviewer) else 0
            )


async def test_whoever_has_no_desk_has_no_counts(live: Live, cast: Cast) -> None:
    assert await live.as_(cast.nurse).refused(COUNTS) == ["NOT_ALLOWED"]
    assert await live.as_(None).refused(COUNTS) == ["UNAUTHENTICATED"]


async def test_each_change_says_what_it_does_to_the_counts(services: Services, cast: Cast) -> None:
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    stream = await schema.subscribe(
        "subscription { pendingReviewFeed { ... on PendingReviewChange { change left entered } } }",
        context_value=Context(services, cast.decider.session),
    )
    steps = [
        (cast.nurse, Step.SUBMIT),
        (cast.operator, Step.FORWARD),
        (cast.reviewer, Step.ACCEPT),
        (cast.reviewer, Step.RECOMMEND),
        (cast.decider, Step.APPROVE),
    ]
    async with aclosing(stream):
        await anext(stream)
        for version, (person, step) in enumerate(steps, 1):
            await take_order(services.db, order_of(person.session, step, key, version))
        found = [(await anext(stream)).data["pendingReviewFeed"] for _ in range(4)]
    assert [tuple(one.values()) for one in found] == [
        ("ADDED", None, "AUTHORITY_INTAKE"),
        ("CHANGED", "AUTHORITY_INTAKE", "ACCEPTED"),
        ("CHANGED", None, None),
        ("REMOVED", "ACCEPTED", None),
    ]
