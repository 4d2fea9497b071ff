"""Who takes a planned step is read by the step itself: a token that is nobody's is refused as at the door."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.live import Client, Live
from tests.support.world import Cast, Person, World

TAKE: Final = """mutation($input: ApplicationStepInput!) { applicationTake(input: $input) { __typename
  ... on ApplicationTakePayload { application { id heldBy } } ... on Problem { code } } }"""
READ_ON: Final = TAKE.replace("application { id", "query { viewer { id } } application { id")
SUMMARY: Final = """mutation($input: AccountSetWeeklySummaryInput!) { accountSetWeeklySummary(input: $input) {
  ... on AccountSetWeeklySummaryPayload { viewer { id } } ... on Problem { code } } }"""


async def given(world: World, cast: Cast, **more: Any) -> dict[str, Any]:
    """A step that an operator may take."""
    key = await put(world, cast, State.INSTITUTION_REVIEW)
    return {"input": {"id": global_id("Application", key), "expectedVersion": 1, **more}}


@pytest.mark.parametrize("document", [TAKE, READ_ON])
@pytest.mark.parametrize("more", [{}, {"idempotencyKey": "a-key-of-hers"}, {"idempotencyKey": "short"}, {"id": 1.5}])
async def test_a_token_that_is_nobodys_is_refused_as_at_the_door(
    live: Live, world: World, cast: Cast, document: str, more: dict[str, Any]
) -> None:
    """Whatever else is wrong, and whether or not the step could begin; nothing moves."""
    asked = await given(world, cast, **more)
    answers = []
    for token in ("nobody's", f"{cast.operator.token}x"):
        nobody = Client(live.origin, live.as_(None)._http, token)
        step, look = await nobody.post(document, asked), await nobody.post("{ nurses { totalCount } }")
        assert (step.status_code, step.json()) == (look.status_code, look.json())
        assert step.headers["www-authenticate"] == look.headers["www-authenticate"]
        answers.append(step.json()["errors"][0]["extensions"]["code"])
    assert answers == ["UNAUTHENTICATED"] * 2
    assert await world.owner.fetchval("select count(*) from event where scope = $1", cast.hospital) == 0


async def ended(world: World, person: Person, what: str) -> None:
    """Her session is good for nothing any more, without a word to this process."""
    match what:
        case "signed out":
            sql = "update session set revoked_at = now() where account_id = $1"
        case "expired":
            sql = "update session set created_at = now() - interval '2 h', expires_at = now() - interval '1 h'"
            sql += " where account_id = $1"
        case _:
            sql = "update account set state = 'DISABLED' where id = $1"
    await world.owner.execute(sql, person.account_id)


@pytest.mark.parametrize("what", ["signed out", "expired", "disabled"])
async def test_a_session_that_has_ended_takes_no_step(live: Live, world: World, cast: Cast, what: str) -> None:
    asked = await given(world, cast)
    await ended(world, cast.operator, what)
    answer = await live.as_(cast.operator).post(TAKE, asked)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
    assert await world.owner.fetchval("select count(*) from event where scope = $1", cast.hospital) == 0


async def test_a_first_request_takes_a_step_is_refused_one_and_shows_who_asks(
    live: Live, world: World, cast: Cast
) -> None:
    """Each by somebody of whom this process knows nothing yet."""

    async def somebody() -> Person:
        return await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)

    asked, first, second = await given(world, cast), await somebody(), await somebody()
    taken = (await live.as_(first).ask(TAKE, **asked))["applicationTake"]
    assert taken["application"]["heldBy"] == first.actor.name
    refused = (await live.as_(second).ask(TAKE, **asked))["applicationTake"]
    assert refused == {"__typename": "ConflictProblem", "code": "HELD_BY_ANOTHER"}
    third = await somebody()
    shown = (await live.as_(third).ask(SUMMARY, input={"wanted": False}))["accountSetWeeklySummary"]
    assert shown == {"viewer": {"id": global_id("Viewer", third.account_id)}}
    another = replace(cast, nurse_id=await world.nurse(cast.hospital, cast.district))
    fourth, more = await somebody(), await given(world, another)
    read = (await live.as_(fourth).ask(READ_ON, **more))["applicationTake"]
    assert read["query"] == {"viewer": {"id": global_id("Viewer", fourth.account_id)}}


async def test_what_has_no_plan_is_worded_of_a_step_that_was_taken_once(live: Live, world: World, cast: Cast) -> None:
    """Only the step has told who asks, and only then it is known that her payload has no plan."""
    somebody, asked = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR), await given(world, cast)
    document = TAKE.replace("heldBy", "heldBy checklist { code }")
    taken = (await live.as_(somebody).ask(document, **asked))["applicationTake"]["application"]
    assert taken["heldBy"] == somebody.actor.name
    assert isinstance(taken["checklist"], list)
    events = await world.owner.fetch("select type from event where scope = $1", cast.hospital)
    assert [one["type"] for one in events] == ["application.taken"]


async def test_a_step_is_taken_over_a_socket_and_with_an_event_stream_as_over_http(
    live: Live, world: World, cast: Cast
) -> None:
    """Both look at the door first; the answer is the same."""
    asked, somebody = await given(world, cast), await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
    async with live.as_(somebody).watch(TAKE, **asked) as watch:
        by_socket = (await watch.message())["payload"]["data"]
    assert by_socket["applicationTake"]["application"]["heldBy"] == somebody.actor.name
    stream = await live.as_(somebody).post(TAKE, asked, Accept="text/event-stream")
    (line,) = [one for one in stream.text.splitlines() if one.startswith("data: {")]
    assert json.loads(line.removeprefix("data: "))["data"] == by_socket  # taken again, it is still hers
