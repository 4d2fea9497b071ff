"""One step on many applications as clients ask for it: tried, begun, followed, read again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.application import State
from tests.support.filed_applications import put
from tests.support.live import Client, Live
from tests.support.world import Cast, World
from workflow.batch_job import carry_on

pytestmark = pytest.mark.feature("I17")
CHECK = """query($input: ApplicationsCheckInput!, $first: Int, $after: String, $bad: Boolean! = false) {
  applicationsCheck(input: $input) { token total eligible items(first: $first, after: $after, onlyRefused: $bad) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { place eligible application { id } problems { path code message } } } } }"""
SHOWN = """id step state total done refused createdAt finishedAt feedCursor account { id } items {
  totalCount nodes { place outcome application { id state } problems { path code } } }"""
DO = f"""mutation($input: ApplicationsCarryOutInput!) {{ applicationsCarryOut(input: $input) {{ __typename
  ... on ApplicationsCarryOutPayload {{ applicationBatch {{ {SHOWN} }} query {{ viewer {{ party }} }} }}
  ... on Problem {{ code }} ... on ValidationProblem {{ fields {{ path code }} }} }} }}"""
ONE = f"query($id: ID!) {{ applicationBatch(id: $id) {{ {SHOWN} }} }}"
ALL = "{ applicationBatches(first: 10) { totalCount nodes { id step } } }"
FEED = """subscription($id: ID!, $after: String) { applicationBatchFeed(id: $id, after: $after) { __typename
  ... on ApplicationBatchEvent { applicationBatchId batchStep batchState total done refused actor } } }"""
FORWARD = {"step": "FORWARD"}


async def reviews(world: World, cast: Cast, count: int) -> list[UUID]:
    """So many renewals that the hospital has to review, each of another nurse."""
    keys = []
    for _ in range(count):
        nurse_id = await world.nurse(cast.hospital, cast.district)
        review = State.INSTITUTION_REVIEW
        keys.append(await put(world, cast, review, nurse_id=nurse_id, authority_id=None))
    return keys


def ids(keys: list[UUID]) -> list[str]:
    """Their global ids."""
    return [global_id("Application", one) for one in keys]


async def checked(client: Client, given: dict[str, Any], **page: Any) -> Any:
    """What a dry run says."""
    return (await client.ask(CHECK, input=given, **page))["applicationsCheck"]


async def test_a_dry_run_is_read_page_by_page_and_its_token_begins_the_batch(
    live: Live, world: World, cast: Cast
) -> None:
    keys = await reviews(world, cast, 3)
    await world.owner.execute("update application set version = 7 where id = $1", keys[1])
    stranger = await world.cast()
    client, given = live.as_(cast.operator), {**FORWARD, "ids": [*ids(keys), *ids([stranger.nurse_id])]}
    found = await checked(client, given, first=3)
    assert (found["total"], found["eligible"], found["items"]["totalCount"]) == (4, 3, 4)
    assert [one["application"]["id"] for one in found["items"]["nodes"]] == ids(keys)
    rest = await checked(client, given, first=3, after=found["items"]["pageInfo"]["endCursor"])
    problem = {"path": "nurse", "code": "NOT_FOUND", "message": "未找到该记录"}
    left = {"place": 4, "eligible": False, "application": None, "problems": [problem]}
    assert (rest["items"]["nodes"], rest["items"]["pageInfo"]["hasNextPage"]) == ([left], False)
    assert (await checked(client, given, bad=True))["items"]["nodes"] == [left]
    wish = {**given, "token": found["token"], "opinion": "同意", "idempotencyKey": "many-00001"}
    done = (await client.ask(DO, input=wish))["applicationsCarryOut"]
    batch = done["applicationBatch"]
    assert (batch["state"], batch["step"], batch["total"], batch["done"], batch["refused"]) == (
        *("FINISHED", "FORWARD"),
        *(3, 3, 0),
    )
    assert batch["account"] == {"id": global_id("Account", cast.operator.account_id)}
    assert [one["outcome"] for one in batch["items"]["nodes"]] == ["DONE"] * 3
    assert {one["application"]["state"] for one in batch["items"]["nodes"]} == {"AUTHORITY_INTAKE"}
    opinions = "select opinion from review_decision where application_id = any($1)"
    assert [row["opinion"] for row in await world.owner.fetch(opinions, keys)] == ["同意"] * 3
    again = (await client.ask(DO, input=wish))["applicationsCarryOut"]["applicationBatch"]
    assert (again["id"], again["items"]) == (batch["id"], batch["items"])
    for reader in (cast.viewer, cast.manager):
        shown = (await live.as_(reader).ask(ONE, id=batch["id"]))["applicationBatch"]
        assert (shown["done"], shown["items"]["totalCount"]) == (3, 3)
        assert (await live.as_(reader).ask(ALL))["applicationBatches"]["totalCount"] == 1
    for other in (stranger.operator, cast.reviewer, cast.nurse):
        assert (await live.as_(other).ask(ONE, id=batch["id"]))["applicationBatch"] is None


async def test_a_desk_is_done_by_its_own_filter_and_followed(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    keys = await reviews(world, cast, 51)
    client, given = live.as_(cast.operator), {"step": "TAKE", "where": {"kind": {"eq": "RENEWAL"}}}
    found = await checked(client, given)
    assert (found["total"], found["eligible"]) == (51, 51)
    begun = (await client.ask(DO, input={**given, "token": found["token"]}))["applicationsCarryOut"]
    batch = begun["applicationBatch"]
    counts = {"total": 51, "done": 0, "refused": 0}
    assert {name: batch[name] for name in counts} == counts
    async with live.as_(cast.viewer).watch(FEED, id=batch["id"], after=batch["feedCursor"]) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        await carry_on(services.db, key_of("ApplicationBatch", batch["id"]))
        message = await watch.next()
    assert message == {
        "__typename": "BatchProgressed",
        "applicationBatchId": batch["id"],
        "batchStep": "TAKE",
        "batchState": "FINISHED",
        "actor": None,
        **counts,
        "done": 51,
    }
    held = "select count(*) from application where id = any($1) and holder_id = $2"
    assert await world.owner.fetchval(held, keys, cast.operator.account_id) == 51


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"step": "TAKE", "opinion": "好"}, [("opinion", "NOT_FOR_STEP")]),
        ({"step": "APPROVE", "agrees": True}, [("agrees", "NOT_FOR_STEP")]),
        ({"step": "FORWARD", "reasons": ["LEAVING"]}, [("reasons", "NOT_FOR_STEP")]),
        ({"step": "RECOMMEND"}, [("agrees", "FIELD_REQUIRED")]),
    ],
)
async def test_what_a_step_does_not_take_is_refused_and_what_it_needs_is_asked_for(
    live: Live, world: World, cast: Cast, given: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    keys = await reviews(world, cast, 1)
    wish = {**given, "ids": ids(keys), "token": "x"}
    done = (await live.as_(cast.operator).ask(DO, input=wish))["applicationsCarryOut"]
    assert [(one["path"], one["code"]) for one in done["fields"]] == problems


async def test_nothing_or_both_or_too_many_is_refused(live: Live, world: World, cast: Cast) -> None:
    keys = ids(await reviews(world, cast, 1))
    client = live.as_(cast.operator)
    token = (await checked(client, {**FORWARD, "ids": keys}))["token"]
    tries = [
        ({}, ("where", "ONE_CHOICE")),
        ({"ids": keys, "where": {}}, ("where", "ONE_CHOICE")),
        ({"ids": []}, ("ids", "NOTHING")),
        ({"where": {"kind": {"eq": "REISSUE"}}}, ("where", "NOTHING")),
        ({"ids": [global_id("Application", UUID(int=n)) for n in range(501)]}, ("ids", "TOO_MANY")),
        ({"ids": keys, "token": "!"}, ("token", "CHECK_AGAIN")),
    ]
    for given, problem in tries:
        done = (await client.ask(DO, input={**FORWARD, "token": token, **given}))["applicationsCarryOut"]
        assert [(one["path"], one["code"]) for one in done["fields"]] == [problem]
    assert (await client.ask(ALL))["applicationBatches"]["totalCount"] == 0
