"""Deliveries as clients see them (送达, 许可法 44), planned and by the executor, and what counts from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.moment import SHANGHAI
from tests.support.authority_stage import put
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

SHOWN = "id how at postalNumber dueOn overdue reviewUntil consented outcome nurseName application { id }"
ASK = f"query($id: ID!) {{ application(id: $id) {{ decisions {{ outcome delivery {{ {SHOWN} }} }} }} }}"
LIST = """{ undeliveredDecisions { totalCount nodes { id outcome overdue application { id } } } }"""
DELIVERED = "delivery { how at postalNumber reviewUntil }"
FEED = """subscription { eventFeed { __typename ... on ApplicationDelivered { actor application {
  decisions { delivery { how } } } } } }"""


@pytest.fixture
def both(services: Services) -> Both:
    """Asks both ways."""
    return Both(services)


async def decided(
    world: World, cast: Cast, at: datetime, outcome: str = "REFUSED", stage: str = "AUTHORITY_DECISION"
) -> Any:
    """An application that was decided then, and its delivery, which waits."""
    key, decision = await put(world, cast, State.REJECTED), uuid7()
    row = {"application_id": key, "revision": 1, "stage": stage, "outcome": outcome, "at": at}
    await world.insert("review_decision", id=decision, **row)
    places = {"nurse_id": cast.nurse_id, "authority_id": cast.district}
    await world.insert("delivery", id=decision, decided_at=at, **places)
    return key, decision


async def tenth_working_day(world: World, after: date) -> date:
    """The calendar's tenth working day after a day."""
    sql = "select day from calendar_day where working and day > $1 order by day limit 10"
    return [row["day"] for row in await world.owner.fetch(sql, after)][-1]


async def test_ten_working_days_for_the_delivery_and_sixty_for_a_review_are_counted_and_shown(
    both: Both, world: World, cast: Cast
) -> None:
    at = datetime.combine(TODAY - timedelta(days=40), datetime.min.time()).astimezone()
    key, decision = await decided(world, cast, at)
    due = await tenth_working_day(world, at.date())
    shown = {
        **{"id": global_id("Delivery", decision), "how": None, "at": None, "postalNumber": None},
        **{"dueOn": due.isoformat(), "overdue": True, "reviewUntil": None, "consented": False},
        **{"outcome": "REFUSED", "nurseName": "王护士", "application": {"id": global_id("Application", key)}},
    }
    for person in (cast.nurse, cast.operator, cast.reviewer):
        data = await both.data(ASK, person, id=global_id("Application", key))
        assert data["application"]["decisions"] == [{"outcome": "REFUSED", "delivery": shown}]
    handed = at + timedelta(days=5, hours=2)
    done = "update delivery set how = 'COUNTER', at = $2, recorded_by = $3 where id = $1"
    await world.owner.execute(done, decision, handed, cast.reviewer.account_id)
    data = await both.data(ASK, cast.nurse, id=global_id("Application", key))
    (found,) = data["application"]["decisions"]
    until = handed.date() + timedelta(days=60)
    assert {name: found["delivery"][name] for name in ("how", "overdue", "reviewUntil")} == {
        "how": "COUNTER",
        "overdue": False,
        "reviewUntil": until.isoformat(),
    }


async def test_a_request_to_correct_has_no_time_for_a_review_and_an_institutions_word_is_not_delivered(
    both: Both, world: World, cast: Cast
) -> None:
    now = datetime.now(SHANGHAI)
    key, decision = await decided(world, cast, now, "CORRECTION_REQUIRED", "AUTHORITY_REVIEW")
    agreed = {"application_id": key, "revision": 1, "stage": "INSTITUTION", "outcome": "AGREED"}
    await world.insert("review_decision", id=uuid7(), **agreed)
    done = "update delivery set how = 'PAGE', at = $2, recorded_by = $3 where id = $1"
    await world.owner.execute(done, decision, now, cast.nurse.account_id)
    data = await both.data(ASK, cast.nurse, id=global_id("Application", key))
    agreement, correction = data["application"]["decisions"]
    assert agreement == {"outcome": "AGREED", "delivery": None}
    assert (correction["delivery"]["how"], correction["delivery"]["reviewUntil"]) == ("PAGE", None)


async def test_an_authority_lists_what_it_has_not_delivered_and_hears_at_once_when_it_is(
    live: Live, both: Both, world: World, cast: Cast
) -> None:
    now = datetime.now(SHANGHAI)
    older, first = await decided(world, cast, now - timedelta(days=40))
    newer, second = await decided(world, cast, now - timedelta(days=1))
    listed = [
        {**_named(first, older), "overdue": True},
        {**_named(second, newer), "overdue": False},
    ]
    found = (await both.data(LIST, cast.reviewer))["undeliveredDecisions"]
    assert found == {"totalCount": 2, "nodes": listed}
    assert await live.as_(cast.nurse).refused(LIST) == ["NOT_ALLOWED"]
    async with live.as_(cast.decider).watch(FEED) as watched:
        assert await watched.next() == {"__typename": "FeedHeartbeat"}
        given = {"id": global_id("Delivery", first), "how": "POST", "postalNumber": "EA1"}
        done = await do(live.as_(cast.reviewer), "decisionDeliver", DELIVERED, **given)
        assert (done["delivery"]["how"], done["delivery"]["postalNumber"]) == ("POST", "EA1")
        message = await watched.next(3)
        assert (message["__typename"], message["actor"]) == ("ApplicationDelivered", "AUTHORITY")
        assert message["application"]["decisions"] == [{"delivery": {"how": "POST"}}]
    found = (await both.data(LIST, cast.reviewer))["undeliveredDecisions"]
    assert found == {"totalCount": 1, "nodes": listed[1:]}


def _named(decision: UUID, application: UUID) -> dict[str, Any]:
    shown = {"id": global_id("Delivery", decision), "outcome": "REFUSED"}
    return {**shown, "application": {"id": global_id("Application", application)}}


async def test_she_consents_takes_a_decision_on_her_page_and_reads_until_when_she_may_ask_for_a_review(
    live: Live, world: World, cast: Cast
) -> None:
    _, decision = await decided(world, cast, datetime.now(SHANGHAI) - timedelta(days=1))
    her, given = live.as_(cast.nurse), {"id": global_id("Delivery", decision)}
    document = """mutation($input: DecisionAcknowledgeInput!) { decisionAcknowledge(input: $input) {
      ... on NotAllowedProblem { code message } } }"""
    refused = (await her.ask(document, input=given))["decisionAcknowledge"]
    assert refused == {"code": "NO_CONSENT", "message": "本人未同意电子送达，须以纸质方式送达"}
    done = await do(her, "deliveryConsentSet", "nurse { deliveryConsentAt }", consents=True)
    assert done["nurse"]["deliveryConsentAt"] is not None
    taken = await do(her, "decisionAcknowledge", DELIVERED, **given)
    until = (TODAY + timedelta(days=60)).isoformat()
    assert (taken["delivery"]["how"], taken["delivery"]["reviewUntil"]) == ("PAGE", until)
