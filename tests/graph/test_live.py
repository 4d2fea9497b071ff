"""Feeds rendered once: who asked the same gets the same bytes, and they are those of the ordinary executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from graph.context import Context, Services
from graph.live import FEEDS, Live
from graph.rendering import Pushed
from graph.root import schema
from graph.schema.node import global_id
from rules.application import Step
from rules.errors import Language, Unauthenticated
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.feed_place import place_at
from tests.support.followed_feed import DOCUMENTS, executed, follow, planned, written
from tests.support.orders import draft_of, order_of, take_order
from tests.support.until import LONG_ENOUGH, until
from tests.support.world import Cast, Person, World, renewal

PLAIN = """subscription($after: String) { pendingReviewFeed(after: $after) { ... on PendingReviewChange {
  change application { state version nurseName } } } }"""
PERSONAL = """subscription($after: String) { pendingReviewFeed(after: $after) { ... on PendingReviewChange {
  application { availableSteps } } } }"""
WHOLE = """subscription($after: String, $more: Boolean = true) { feed: pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor } ... on FeedReset { reason }
  ... on PendingReviewChange { at change kind left entered applicationId
    event { __typename id cursor at type actor ... on ApplicationEvent { kind step fromState toState version outcome
      application { id feedCursor } } }
    application @include(if: $more) { ...A decisions(first: 3) { outcome reasons decider } revisions { changedFields } }
  } } }
fragment A on Application { id state version queuedAt form { __typename ... on RenewalForm { title } }
  nurse { name idNumberMasked registration { standing institution { name } } } institution { name } heldBy
  availableSteps }"""
EVENTS = """subscription($after: String, $types: [EventType!], $id: ID) {
  eventFeed(after: $after, types: $types, applicationId: $id) { __typename
    ... on FeedMessage { cursor } ... on FeedReset { reason } ... on Event { id at type actor }
    ... on ApplicationDecided { outcome application { state decidedAt } }
    ... on ApplicationEvent { kind step fromState toState version outcome applicationId } } }"""


async def story(services: Services, cast: Cast) -> str:
    """A renewal that is returned, corrected, and decided."""
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    mended = {"form": renewal(), "confirmed_fields": ("department",)}
    steps: list[tuple[Person, Step, dict[str, Any]]] = [
        (cast.nurse, Step.SUBMIT, {}),
        (
            cast.operator,
            Step.RETURN,
            {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",), "opinion": '请改"科室"\n'},
        ),
        (cast.nurse, Step.RESUBMIT, mended),
        (cast.operator, Step.FORWARD, {}),
        (cast.reviewer, Step.ACCEPT, {}),
        (cast.reviewer, Step.RECOMMEND, {}),
        (cast.decider, Step.APPROVE, {}),
    ]
    for version, (person, step, more) in enumerate(steps, 1):
        await take_order(services.db, order_of(person.session, step, key, version, **more))
    return global_id("Application", key)


# -- the same bytes


@pytest.mark.parametrize("more", [True, False])
async def test_every_message_of_the_pending_reviews_is_the_executors(
    services: Services, cast: Cast, more: bool
) -> None:
    await story(services, cast)
    for person, count in ((cast.operator, 5), (cast.viewer, 5), (cast.reviewer, 5), (cast.decider, 5)):
        start = services.feed.cursors.write(person.actor.party_id, 0)
        ways = [await way(services, person, WHOLE, count, after=start, more=more) for way in (planned, executed)]
        assert ways[0] == ways[1]
        assert len(set(ways[0])) == count


async def test_every_event_is_the_executors(services: Services, cast: Cast) -> None:
    application = await story(services, cast)
    for person, count in ((cast.nurse, 7), (cast.operator, 7), (cast.reviewer, 5), (cast.decider, 5)):
        start = services.feed.cursors.write(person.actor.party_id, 0)
        for narrowed in ({}, {"id": application}):
            ways = [await way(services, person, EVENTS, count, after=start, **narrowed) for way in (planned, executed)]
            assert ways[0] == ways[1]


async def test_a_feed_may_be_narrowed_to_types_and_to_one_application(services: Services, world: World) -> None:
    cast = await world.cast()
    start, drafts = services.feed.cursors.write(cast.nurse_id, 0), draft_of(cast.nurse.session, renewal())
    first = await take_order(services.db, drafts)
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, first, 1))
    await take_order(services.db, order_of(cast.operator.session, Step.FORWARD, first, 2))
    await take_order(services.db, order_of(cast.nurse.session, Step.WITHDRAW, first, 3))
    other = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, other, 1))
    types = ["APPLICATION_SUBMITTED", "APPLICATION_WITHDRAWN"]
    for way in (planned, executed):
        found = await way(services, cast.nurse, EVENTS, 4, after=start, types=types)
        events = [orjson.loads(one)["eventFeed"] for one in found][1:]
        assert [one["__typename"] for one in events] == [
            "ApplicationSubmitted",
            "ApplicationWithdrawn",
            "ApplicationSubmitted",
        ]
        assert events[1]["toState"] == "WITHDRAWN"
        narrowed = await way(services, cast.nurse, EVENTS, 2, after=start, id=global_id("Application", other))
        (only,) = [orjson.loads(one)["eventFeed"] for one in narrowed][1:]
        assert (only["type"], only["applicationId"]) == ("APPLICATION_SUBMITTED", global_id("Application", other))


@pytest.mark.parametrize("reason", ["EPOCH", "RETENTION"])
async def test_a_reset_is_the_executors_and_the_last(services: Services, world: World, cast: Cast, reason: str) -> None:
    await story(services, cast)
    place = await place_at(services, cast.hospital, 1)
    if reason == "RETENTION":
        await world.owner.execute("delete from event where scope = $1 and seq <= 2", cast.hospital)
    else:
        place = place._replace(cursors=replace(place.cursors, birth=uuid4()))
    after = place.cursor
    live = Live(schema._schema, services)
    found = [written(one) async for one in follow(live, services, cast.operator, WHOLE, after=after)]
    assert found == await executed(services, cast.operator, WHOLE, 1, after=after)
    assert orjson.loads(found[0])["feed"]["reason"] == reason


# -- shared, and by whom


async def rendered_for(
    services: Services, people: list[Person], text: str, happen: Callable[[], Any]
) -> tuple[list[Pushed], int]:
    """What each of many gets of one event, and how often it was rendered."""
    live = Live(schema._schema, services)
    async with AsyncExitStack() as stack:
        feeds = [await stack.enter_async_context(aclosing(follow(live, services, one, text))) for one in people]
        await asyncio.gather(*map(anext, feeds))
        waiting = [asyncio.ensure_future(anext(feed)) for feed in feeds]
        await asyncio.sleep(0)
        await happen()
        async with asyncio.timeout(LONG_ENOUGH):
            return await asyncio.gather(*waiting), live.renderings.made


async def submitted(services: Services, cast: Cast) -> None:
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, key, 1))


async def test_a_hundred_who_ask_the_same_share_one_rendering(services: Services, world: World) -> None:
    cast = await world.cast()
    roles = (Role.OPERATOR, Role.VIEWER, Role.MANAGER)
    people = [await world.person(Party.INSTITUTION, cast.hospital, roles[n % 3]) for n in range(100)]
    found, renderings = await rendered_for(services, people, PLAIN, lambda: submitted(services, cast))
    assert (len({id(message) for message in found}), renderings) == (1, 1)
    assert orjson.loads(written(found[0]))["pendingReviewFeed"]["application"]["state"] == "INSTITUTION_REVIEW"


async def test_what_is_personal_is_rendered_for_each_person(services: Services, cast: Cast) -> None:
    people = [cast.operator, cast.operator, cast.viewer, cast.manager]
    found, renderings = await rendered_for(services, people, PERSONAL, lambda: submitted(services, cast))
    steps = [orjson.loads(written(one))["pendingReviewFeed"]["application"]["availableSteps"] for one in found]
    assert renderings == 3
    assert steps[0] == steps[1] == ["TAKE", "RETURN", "FORWARD", "DECLINE"]
    assert steps[3] == ["TAKE", "REASSIGN", "RETURN", "FORWARD", "DECLINE"]
    assert steps[2] == []


async def test_neighbours_share_nothing(services: Services, world: World) -> None:
    one, two = await world.cast(), await world.cast()

    async def both() -> None:
        await submitted(services, one)
        await submitted(services, two)

    found, renderings = await rendered_for(services, [one.operator, two.operator], PLAIN, both)
    assert (len(set(map(written, found))), renderings) == (1, 2)  # the same words about two nurses
    nurses = PLAIN.replace("nurseName", "id")
    third, fourth = await world.cast(), await world.cast()

    async def again() -> None:
        await submitted(services, third)
        await submitted(services, fourth)

    found, renderings = await rendered_for(services, [third.operator, fourth.operator], nurses, again)
    assert (len(set(map(written, found))), renderings) == (2, 2)


async def test_a_rendering_is_shared_for_a_moment_and_then_read_afresh(services: Services, cast: Cast) -> None:
    start = services.feed.cursors.write(cast.hospital, 0)
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, key, 1))
    for seconds, states in ((600, ["INSTITUTION_REVIEW"] * 2), (0, ["AUTHORITY_INTAKE", "AUTHORITY_INTAKE"])):
        live = Live(schema._schema, replace(services, shared_seconds=seconds))
        found = []
        for step in (None, Step.FORWARD) if seconds else (None, None):
            if step:
                await take_order(services.db, order_of(cast.operator.session, step, key, 2))
            async with aclosing(follow(live, services, cast.operator, PLAIN, after=start)) as messages:
                found += [orjson.loads(written(await anext(messages))) for _ in range(2)][1:]
        assert [one["pendingReviewFeed"]["application"]["state"] for one in found] == states
        assert live.renderings.made == 2  # with time to share, the second one is only of the second event


async def test_a_subscriber_that_goes_while_an_event_is_rendered_takes_it_from_nobody(
    services: Services, cast: Cast
) -> None:
    live = Live(schema._schema, services)
    feeds = [follow(live, services, cast.operator, PLAIN) for _ in range(2)]
    await asyncio.gather(*map(anext, feeds))
    first, second = (asyncio.ensure_future(anext(feed)) for feed in feeds)
    await asyncio.sleep(0)
    await submitted(services, cast)
    await until(lambda: live.renderings.made == 1)
    first.cancel()
    assert b"INSTITUTION_REVIEW" in written(await asyncio.wait_for(second, 15))
    for feed in feeds:
        await feed.aclose()


# -- what has no plan


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("subscription { pendingReviewFeed(after: \"x\") { ... on FeedMessage { cursor } } }", {}),
        ("subscription { pendingReviewFeed { ... on PendingReviewChange { application { decisions(first: 101) { at } } } } }", {}),
        ("subscription($id: ID) { eventFeed(applicationId: $id) { ... on FeedMessage { cursor } } }", {"id": "x"}),
        (PLAIN, {"after": 7}),
    ],
)  # fmt: skip
async def test_what_must_be_refused_is_left_to_the_executor(
    services: Services, cast: Cast, text: str, variables: dict[str, Any]
) -> None:
    document = DOCUMENTS.read(text)
    context = Context(services, cast.operator.session)
    live = Live(schema._schema, services)
    assert live.follow(document, document.operation(None), variables, context) is None


async def test_a_nurse_has_no_desk_to_watch_and_nobody_has_no_feed(services: Services, cast: Cast) -> None:
    document, live = DOCUMENTS.read(PLAIN), Live(schema._schema, services)
    for session in (cast.nurse.session, None):
        assert live.follow(document, document.operation(None), {}, Context(services, session)) is None


async def test_the_language_makes_no_difference_to_what_is_shared(services: Services, cast: Cast) -> None:
    document, live = DOCUMENTS.read(PLAIN), Live(schema._schema, services)
    start = services.feed.cursors.write(cast.hospital, 0)
    await submitted(services, cast)
    found = []
    for language in Language:
        context = Context(services, cast.operator.session, language)
        messages = live.follow(document, document.operation(None), {"after": start}, context)
        assert messages is not None
        async with aclosing(messages):
            await anext(messages)
            found.append(written(await anext(messages)))
    assert (found[0], live.renderings.made) == (found[1], 1)


async def test_the_session_is_looked_at_again_before_the_next_message(
    services: Services, world: World, cast: Cast
) -> None:
    live = Live(schema._schema, services)
    async with aclosing(follow(live, services, cast.operator, PLAIN)) as messages:
        await anext(messages)
        await world.owner.execute(
            "update session set revoked_at = now() where account_id = $1", cast.operator.account_id
        )
        await submitted(services, cast)
        with pytest.raises(Unauthenticated):
            await asyncio.wait_for(anext(messages), LONG_ENOUGH)


def test_every_feed_of_the_schema_has_a_plan() -> None:

    subscription = schema._schema.subscription_type
    assert subscription is not None
    assert set(FEEDS) == set(subscription.fields)
