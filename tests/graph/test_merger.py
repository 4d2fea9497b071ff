"""Merging institutions as an officer asks for it, and as the desks of both see it."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed

from graph.context import Services
from graph.schema.node import global_id
from rules.application import Step
from rules.people import Party, Role
from tests.support.authority_stage import FILLED
from tests.support.institution_people import supervisor
from tests.support.live import Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.world import Cast, World

MERGE = """mutation($input: InstitutionMergeInput!) { institutionMerge(input: $input) { __typename
  ... on InstitutionMergePayload { institution { state mergedInto { name mergedInto { name } } } } ... on NotAllowedProblem { code message }
  ... on ValidationProblem { fields { path code } } } }"""
QUEUE = """subscription { pendingReviewFeed { __typename ... on PendingReviewChange { change entered
  application { nurseName institution { name } } } } }"""
MERGED = "query($id: ID!) { node(id: $id) { ... on Institution { mergedInto { name } } } }"
PENDING = "{ pendingReviews { nodes { id } } }"


@pytest.mark.feature("I16")
async def test_the_other_desk_gets_the_reviews_at_once_and_the_merged_one_is_signed_out(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    officer, into = await supervisor(world, cast), await world.institution(cast.district)
    colleague = await world.person(Party.INSTITUTION, into, Role.OPERATOR)
    key = await take_order(services.db, draft_of(cast.nurse.session, FILLED))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, key, 1))
    given = {"id": global_id("Institution", cast.hospital), "into": global_id("Institution", into), "reason": "整合"}
    async with live.as_(colleague).watch(QUEUE) as theirs, live.as_(cast.operator).watch(QUEUE) as ours:
        for watch in (theirs, ours):
            assert await watch.next() == {"__typename": "FeedHeartbeat"}
        done = (await live.as_(officer).ask(MERGE, input=given))["institutionMerge"]
        name = (await world.row("institution", into))["name"]
        left = {"state": "CLOSED", "mergedInto": {"name": name, "mergedInto": None}}
        assert done == {"__typename": "InstitutionMergePayload", "institution": left}
        assert await theirs.next(3) == {
            "__typename": "PendingReviewChange",
            "change": "ADDED",
            "entered": "INSTITUTION_REVIEW",
            "application": {"nurseName": "王护士", "institution": {"name": name}},
        }
        with pytest.raises(ConnectionClosed) as closing:
            while True:
                await ours.message()
        assert closing.value.rcvd is not None
        assert closing.value.rcvd.code == 4403
    found = await live.as_(colleague).ask(MERGED, id=given["id"])
    assert found == {"node": {"mergedInto": {"name": name}}}
    nodes = (await live.as_(colleague).ask(PENDING))["pendingReviews"]["nodes"]
    assert nodes == [{"id": global_id("Application", key)}]


async def test_what_is_wrong_is_told_by_its_field(live: Live, world: World, cast: Cast) -> None:
    officer, own = await supervisor(world, cast), global_id("Institution", cast.hospital)
    asked = live.as_(officer)
    same = (await asked.ask(MERGE, input={"id": own, "into": own, "reason": "整合"}))["institutionMerge"]
    assert same == {"__typename": "ValidationProblem", "fields": [{"path": "into", "code": "INTO_ITSELF"}]}
    other = global_id("Institution", await world.institution(cast.district))
    silent = (await asked.ask(MERGE, input={"id": own, "into": other, "reason": " "}))["institutionMerge"]
    assert silent == {"__typename": "ValidationProblem", "fields": [{"path": "reason", "code": "FIELD_REQUIRED"}]}
    beside = global_id("Institution", await world.institution(await world.authority(cast.nation)))
    off = (await asked.ask(MERGE, input={"id": own, "into": beside, "reason": "整合"}))["institutionMerge"]
    assert (off["__typename"], off["code"]) == ("NotAllowedProblem", "NOT_ON_ONE_CHAIN")
    assert (await world.row("institution", cast.hospital))["state"] == "ACTIVE"
