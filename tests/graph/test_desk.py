"""护士申请业务办理: the desk by period, ID number and waiting time, by plan and by executor."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.people import form, known
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, World

DESK = """query($kinds: [ApplicationKind!], $where: ApplicationWhere, $orderBy: [PendingReviewOrder!], $first: Int,
  $after: String) { pendingReviews(kinds: $kinds, where: $where, orderBy: $orderBy, first: $first, after: $after) {
    totalCount nodes { id kind nurseName submittedAt queuedAt } pageInfo { endCursor hasNextPage } } }"""
NOON = datetime.fromisoformat("2026-03-02T12:00:00+08:00")


@pytest.fixture
def both(services: Services) -> Both:
    return Both(services)


async def file(world: World, cast: Cast) -> list[str]:
    """Four that wait: what was filed first came to the desk last, since it was returned."""
    keys = []
    for n in range(4):
        own = replace(cast, nurse_id=await world.nurse(cast.hospital, cast.district))
        at = {"submitted_at": NOON + timedelta(days=n), "queued_at": NOON + timedelta(days=9 - n)}
        kind = {"kind": "CHANGE", "nurse_name": "李爱玲"} if n == 3 else {}
        keys.append(global_id("Application", await put(world, own, State.INSTITUTION_REVIEW, **{**at, **kind})))
    return keys


@pytest.mark.feature("I16")
async def test_the_desk_is_ordered_by_waiting_time_or_by_when_it_was_filed(
    both: Both, world: World, cast: Cast
) -> None:
    keys = await file(world, cast)
    orders = {None: keys[::-1], "QUEUED_AT_ASC": keys[::-1], "QUEUED_AT_DESC": keys}
    orders |= {"SUBMITTED_AT_ASC": keys, "SUBMITTED_AT_DESC": keys[::-1]}
    for order, expected in orders.items():
        found, after = [], None
        while True:
            asked = {"orderBy": order and [order], "first": 3, "after": after}
            page = (await both.data(DESK, cast.viewer, **asked))["pendingReviews"]
            found += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert found == expected, order


@pytest.mark.feature("I16")
@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"submittedAt": {"gte": "2026-03-03T00:00:00+08:00", "lt": "2026-03-05T00:00:00+08:00"}}, [1, 2]),
        ({"queuedAt": {"lt": "2026-03-09T00:00:00+08:00"}}, [3]),
        ({"kind": {"eq": "CHANGE"}}, [3]),
        ({"nurseName": {"contains": "爱玲"}}, [3]),
        ({"nurseName": {"contains": "爱"}}, [3]),
        ({"not": {"state": {"eq": "INSTITUTION_REVIEW"}}}, []),
    ],
)
async def test_the_desk_is_narrowed_by_period_kind_and_name(
    both: Both, world: World, cast: Cast, where: dict[str, Any], left: list[int]
) -> None:
    keys = await file(world, cast)
    page = (await both.data(DESK, cast.operator, where=where))["pendingReviews"]
    assert {node["id"] for node in page["nodes"]} == {keys[n] for n in left}
    assert page["totalCount"] == len(left)
    both_ways = (await both.data(DESK, cast.operator, where=where, kinds=["CHANGE"]))["pendingReviews"]
    assert {node["id"] for node in both_ways["nodes"]} == {keys[n] for n in left if n == 3}


@pytest.mark.feature("I16")
async def test_a_nurse_is_found_on_ones_own_desk_by_her_id_number(
    both: Both, live: Live, world: World, cast: Cast
) -> None:
    """Counted and kept as every look-up; an authority names one character of a name, since its desk is its own."""
    given = form()
    own = replace(cast, nurse_id=await known(world, cast, given))
    key = await put(world, own, State.AUTHORITY_INTAKE, nurse_name="李爱玲")
    await put(world, replace(cast, nurse_id=await world.nurse(cast.hospital, cast.district)), State.AUTHORITY_INTAKE)
    where = {"idNumber": {"eq": given.id_number}}
    found = (await live.as_(cast.reviewer).ask(DESK, where=where))["pendingReviews"]
    assert ([node["id"] for node in found["nodes"]], found["totalCount"]) == ([global_id("Application", key)], 1)
    kept = "select detail from audit where account_id = $1 and nurse_id = $2 and action = 'identity.found'"
    rows = await world.owner.fetch(kept, cast.reviewer.account_id, own.nurse_id)
    assert [row["detail"] for row in rows] == ['{"list": "pendingReviews"}']
    assert (await live.as_(cast.operator).ask(DESK, where=where))["pendingReviews"]["nodes"] == []
    part = (await both.data(DESK, cast.reviewer, where={"nurseName": {"contains": "玲"}}))["pendingReviews"]
    assert part["totalCount"] == 1
    assert await live.as_(cast.viewer).refused(DESK, where=where) == ["NOT_FOR_VIEWERS"]
