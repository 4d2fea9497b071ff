"""A renewal over real HTTP and WebSockets."""

from __future__ import annotations

import pytest

from tests.live import Live
from tests.world import TODAY, Cast, World

RENEWAL = {
    "healthStatus": "GOOD",
    "healthExaminedOn": TODAY.isoformat(),
    "department": "EMERGENCY",
    "title": "SENIOR_NURSE",
}
STEP = """mutation Step($input: %s!) { step: %s(input: $input) { __typename
  ... on ApplicationPayload { application { id version state availableSteps receiptNumber dueOn } query { viewer { displayName } } }
  ... on Problem { code message } ... on ConflictProblem { currentVersion by } ... on WrongStateProblem { state openSteps }
  ... on ValidationProblem { fields { path code message } } } }"""
FEED = """subscription Feed($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor at } ... on PendingReviewChange { change applicationId event { __typename type } application { id state nurse { name } } } } }"""


@pytest.mark.feature("N18")
async def test_filed_seen_forwarded(live: Live, world: World, cast: Cast) -> None:
    nurse, operator = live.as_(cast.nurse), live.as_(cast.operator)
    async with operator.watch(FEED) as feed:
        assert (await feed.next())["__typename"] == "FeedHeartbeat"
        done = await nurse.ask(
            STEP % ("ApplicationCreateDraftInput", "applicationCreateDraft"), input={"form": {"renewal": RENEWAL}}
        )
        print(done)
        application = done["step"]["application"]
        done = await nurse.ask(
            STEP % ("ApplicationSubmitInput", "applicationSubmit"),
            input={"id": application["id"], "expectedVersion": 1},
        )
        print(done)
        print(await feed.next())
        print(
            await operator.ask(
                "{ pendingReviews { feedCursor totalCount totalCountIsCapped pageInfo { hasNextPage endCursor } edges { cursor node { id nurse { name idNumberMasked phoneMasked age registration { standing mayPractise validUntil institution { name authority { name parent { name } } } history { kind at application { id } } } applications { id } } form { ... on RenewalForm { healthExaminedOn department } } decisions { outcome } revisions { revision form { __typename } } availableSteps } } } events { hasMore cursor nodes { __typename id cursor type by at ... on ApplicationEvent { step fromState toState version application { id } } } } }"
            )
        )
