"""What happened, by query: the feeds for clients that keep no socket open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import Step
from rules.people import Party, Role
from tests.support.authority_stage import FILLED
from tests.support.feed_place import cursor_at, place_at
from tests.support.live import Client, Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, Person, World

EVENTS = """query($since: String, $first: Int! = 50) { events(since: $since, first: $first) { cursor hasMore nodes {
  __typename id cursor type actor ... on ApplicationEvent { step fromState toState version outcome applicationId } } } }"""


async def events(client: Client, **arguments: Any) -> Any:
    """One page of one's feed."""
    return (await client.ask(EVENTS, **arguments))["events"]


async def approved(services: Services, cast: Cast) -> str:
    """A renewal from its draft to the register."""
    key = await take_order(services.db, draft_of(cast.nurse.session, FILLED))
    steps = [
        (cast.nurse, Step.SUBMIT),
        (cast.operator, Step.FORWARD),
        (cast.reviewer, Step.ACCEPT),
        (cast.reviewer, Step.RECOMMEND),
        (cast.decider, Step.APPROVE),
    ]
    for version, (who, step) in enumerate(steps, 1):
        await take_order(services.db, order_of(who.session, step, key, version))
    return global_id("Application", key)


@pytest.mark.feature("N19")
async def test_each_side_hears_its_own_part_of_the_story(live: Live, services: Services, cast: Cast) -> None:
    """The draft is nobody's business, the recommendation the authority's alone, and the end everybody's."""
    application = await approved(services, cast)
    submitted = ("ApplicationSubmitted", "NURSE", "DRAFT", "INSTITUTION_REVIEW", 2, None)
    forwarded = ("ApplicationForwarded", "INSTITUTION", "INSTITUTION_REVIEW", "AUTHORITY_INTAKE", 3, "AGREED")
    accepted = ("ApplicationAccepted", "AUTHORITY", "AUTHORITY_INTAKE", "ACCEPTED", 4, "ACCEPTED")
    recommended = ("ApplicationRecommended", "AUTHORITY", "ACCEPTED", "ACCEPTED", 5, "AGREED")
    decided = ("ApplicationDecided", "AUTHORITY", "ACCEPTED", "APPROVED", 6, "AGREED")
    heard = {
        cast.nurse.token: [submitted, forwarded, accepted, decided],
        cast.viewer.token: [submitted, forwarded, accepted, decided],
        cast.reviewer.token: [forwarded, accepted, recommended, decided],
    }
    ids: dict[str, set[str]] = {}
    for person in (cast.nurse, cast.viewer, cast.reviewer):
        nodes = (await events(live.as_(person)))["nodes"]
        found = [
            tuple(n[k] for k in ("__typename", "actor", "fromState", "toState", "version", "outcome")) for n in nodes
        ]
        assert found == heard[person.token]
        assert {node["applicationId"] for node in nodes} == {application}
        for node in nodes:
            ids.setdefault(node["__typename"], set()).add(node["id"])
    assert {name: len(one) for name, one in ids.items()} == dict.fromkeys(ids, 1)


async def test_a_feed_is_read_page_by_page_and_then_goes_on(live: Live, services: Services, cast: Cast) -> None:
    """Each event once, and the last cursor is where the next one will come."""
    await approved(services, cast)
    client, cursor, seen = live.as_(cast.reviewer), None, []
    more = True
    while more:
        found = await events(client, since=cursor, first=3)
        seen += [node["type"] for node in found["nodes"]]
        more, cursor = found["hasMore"], found["cursor"]
        assert cursor == found["nodes"][-1]["cursor"]
    assert seen == [f"APPLICATION_{name}" for name in ("FORWARDED", "ACCEPTED", "RECOMMENDED", "DECIDED")]
    assert await events(client, since=cursor) == {"cursor": cursor, "hasMore": False, "nodes": []}
    assert [one["type"] for one in (await events(client, first=0))["nodes"]] == []


async def test_an_empty_feed_has_a_cursor_to_wait_from(live: Live, services: Services, cast: Cast) -> None:
    client = live.as_(cast.operator)
    before = await events(client)
    assert (before["nodes"], before["hasMore"]) == ([], False)
    await approved(services, cast)
    after = await events(client, since=before["cursor"])
    assert len(after["nodes"]) == 4


async def test_a_colleague_reads_the_same_feed_and_a_stranger_an_empty_one(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    await approved(services, cast)
    assert await events(live.as_(cast.viewer)) == await events(live.as_(cast.manager))
    other = await world.cast()
    above = await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR)
    for person in (other.nurse, other.operator, other.reviewer, above):
        assert (await events(live.as_(person)))["nodes"] == []


async def test_a_cursor_of_another_feed_is_refused(live: Live, services: Services, cast: Cast) -> None:
    await approved(services, cast)
    foreign = (await events(live.as_(cast.nurse)))["cursor"]
    for text in (foreign, "", "x", "护士", foreign[:-1], f"{foreign}A", "A" * 5000):
        body = (await live.as_(cast.operator).post(EVENTS, {"since": text})).json()
        (error,) = body["errors"]
        assert (body["data"], error["extensions"]["code"]) == ({"events": None}, "VALIDATION")
        assert [(one["path"], one["code"]) for one in error["extensions"]["fields"]] == [("since", "CURSOR")]


async def test_sizes_out_of_bounds_are_refused(live: Live, cast: Cast) -> None:
    for first in (-1, 101):
        assert await live.as_(cast.operator).refused(EVENTS, first=first) == ["VALIDATION"]


async def test_those_without_a_feed_are_told_so(live: Live, world: World, cast: Cast) -> None:
    people: list[tuple[Person, str]] = [
        (await world.person(Party.ANALYST, None, Role.ANALYST), "NOT_ALLOWED"),
        (await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, state="INACTIVE"), "ACCOUNT_INACTIVE"),
    ]
    for person, code in people:
        assert await live.as_(person).refused(EVENTS) == [code]
        assert await live.as_(person).refused("{ pendingReviews { feedCursor } }") == [code]
        assert await live.as_(person).refused("{ nurses { feedCursor } }") == [code]


@pytest.mark.feature("I16")
async def test_an_event_leads_to_the_application_only_while_one_may_read_it(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    await approved(services, cast)
    asked = "{ events { nodes { ... on ApplicationEvent { application { state nurse { name } } } } } }"
    own = (await live.as_(cast.operator).ask(asked))["events"]["nodes"]
    assert own == [{"application": {"state": "APPROVED", "nurse": {"name": "王护士"}}}] * 4
    other = await world.cast()
    move = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(move, cast.nurse_id, other.hospital, other.district)
    moved = (await live.as_(cast.operator).ask(asked))["events"]["nodes"]
    assert moved == [{"application": {"state": "APPROVED", "nurse": None}}] * 4
    await world.owner.execute(
        "update application set institution_id = $2 where nurse_id = $1", cast.nurse_id, other.hospital
    )
    assert (await live.as_(cast.operator).ask(asked))["events"]["nodes"] == [{"application": None}] * 4


# -- a page narrowed, by plan and by executor

PAGE = """query($since: String, $until: String, $first: Int! = 50, $types: [EventType!], $id: ID) {
  events(since: $since, until: $until, first: $first, types: $types, applicationId: $id) {
    cursor hasMore nodes { __typename id cursor at type ... on ApplicationEvent { kind step version } } } }"""
SUBMITTED = ["APPLICATION_SUBMITTED"]
NONE: list[str] = []


async def test_every_narrowing_is_planned_and_has_the_executors_bytes(services: Services, cast: Cast) -> None:
    application = await approved(services, cast)
    both = Both(services)
    for person in (cast.nurse, cast.viewer, cast.reviewer):
        scope = person.actor.party_id
        assert scope is not None
        end = (await services.feed.enter(scope)).seq
        at = [await cursor_at(services, scope, seq) for seq in range(end + 1)]
        for since in (None, *range(end + 1)):
            for until in (None, 0, 2, end):
                for narrowed in ({}, {"types": SUBMITTED}, {"types": NONE}, {"id": application}):
                    for first in (0, 1, 50):
                        places = {"since": since, "until": until}
                        bounds = {name: at[seq] for name, seq in places.items() if seq is not None}
                        found = (await both.data(PAGE, person, first=first, **bounds, **narrowed))["events"]
                        low, high = since or 0, end if until is None else until
                        assert len(found["nodes"]) <= max(0, min(first, high - low))
                        if not found["hasMore"]:
                            assert found["cursor"] == at[max(low, high)]
                        if not narrowed and not found["hasMore"]:
                            assert len(found["nodes"]) == max(0, high - low)


async def test_pages_of_a_narrowed_feed_miss_nothing_and_repeat_nothing(services: Services, cast: Cast) -> None:
    for _ in range(4):
        key = await take_order(services.db, draft_of(cast.nurse.session, FILLED))
        for version, step in enumerate((Step.SUBMIT, Step.WITHDRAW), 1):
            await take_order(services.db, order_of(cast.nurse.session, step, key, version))
    both, found = Both(services), list[str]()
    page: dict[str, Any] = {"cursor": None, "hasMore": True}
    while page["hasMore"]:
        page = (await both.data(PAGE, cast.nurse, since=page["cursor"], types=SUBMITTED, first=1))["events"]
        found += [node["type"] for node in page["nodes"]]
    assert found == ["APPLICATION_SUBMITTED"] * 4
    assert page["cursor"] == await cursor_at(services, cast.nurse_id, 8)


async def test_where_events_are_gone_the_plan_leaves_the_words_to_the_executor(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    await approved(services, cast)
    at = [await cursor_at(services, cast.nurse_id, seq) for seq in range(6)]
    await world.owner.execute("delete from event where scope = $1 and seq <= 2", cast.nurse_id)
    both = Both(services)
    for seq, refused in ((0, True), (1, True), (2, False), (4, False), (5, True)):
        cursor = at[seq]
        assert (await both.planned(PAGE, cast.nurse, since=cursor) is None) == refused
        if refused:
            assert await live.as_(cast.nurse).refused(PAGE, since=cursor) == ["FEED_RESET"]
    other = (await place_at(services, cast.nurse_id, 3))._replace(event_id=uuid4()).cursor
    for bounds in ({"since": other}, {"until": other}, {"until": at[5]}, {"since": at[2], "until": other}):
        assert await both.planned(PAGE, cast.nurse, **bounds) is None
        assert await live.as_(cast.nurse).refused(PAGE, **bounds) == ["FEED_RESET"]
    early = (await both.data(PAGE, cast.nurse, until=at[1]))["events"]
    assert (early["nodes"], early["cursor"], early["hasMore"]) == ([], at[2], False)
    kept = (await both.data(PAGE, cast.nurse))["events"]
    assert [node["cursor"] for node in kept["nodes"]] == at[3:5]


async def test_an_unknown_type_and_a_strange_application_are_refused(live: Live, cast: Cast) -> None:
    nurse = live.as_(cast.nurse)
    assert await nurse.refused(PAGE, types=["application.submitted"]) == ["BAD_USER_INPUT"]
    assert await nurse.refused(PAGE, id="x") == ["NOT_FOUND"]
    assert await nurse.refused(PAGE, until="x") == ["VALIDATION"]


@pytest.mark.parametrize("feed", ["eventFeed", "pendingReviewFeed"])
async def test_a_feed_tells_where_one_stands_without_a_fragment(
    live: Live, services: Services, cast: Cast, feed: str
) -> None:
    """Its messages have an interface in common; a plan answers as for one that is asked type by type."""
    text = f"subscription {{ {feed} {{ __typename cursor at }} }}"
    async with live.as_(cast.operator).watch(text) as watched:
        first = await watched.next()
    assert first["__typename"] == "FeedHeartbeat"
    assert services.feed.cursors.read(cast.hospital, first["cursor"], "after").seq == 0
    assert datetime.fromisoformat(first["at"]).tzinfo is not None
