"""The hospital's live feed says within a second which nurse waits for her activation code."""

from __future__ import annotations

import pytest

from graph.schema.node import global_id
from tests.support.activation import candidate
from tests.support.activation_requests import ACTIVATE, CERTIFICATE, issue
from tests.support.live import Live, Watch
from tests.support.world import Cast, World

FEED = """subscription { eventFeed(types: [ACCOUNT_AWAITING_CODE, ACCOUNT_ACTIVATED]) { __typename
  ... on NurseEvent { actor nurseId nurseName nurse { name } } } }"""


async def beat(watch: Watch) -> None:
    """The first message of every feed."""
    assert await watch.next() == {"__typename": "FeedHeartbeat"}


@pytest.mark.feature("I7")
async def test_a_hospital_sees_at_once_who_waits_for_a_code_and_who_used_it(
    live: Live, world: World, cast: Cast
) -> None:
    nurse, elsewhere = await candidate(world, cast), await world.cast()
    expected = {"actor": "NURSE", "nurseId": global_id("Nurse", nurse.nurse_id), "nurseName": "王护士"}
    own = live.as_(nurse.person)
    async with live.as_(cast.viewer).watch(FEED) as desk, live.as_(elsewhere.viewer).watch(FEED) as stranger:
        await beat(desk)
        await beat(stranger)
        await own.ask(CERTIFICATE, input={"certificateNumber": await nurse.number()})
        # A second is the promise; three times of it decide a test.
        assert await desk.next(3) == {"__typename": "AccountAwaitingCode", **expected, "nurse": {"name": "王护士"}}
        code = (await issue(live, cast.operator, nurse))["plainCode"]
        await own.ask(ACTIVATE, input={"code": code})
        assert await desk.next(3) == {"__typename": "AccountActivated", **expected, "nurse": {"name": "王护士"}}
        with pytest.raises(TimeoutError):
            await stranger.next(0.2)
