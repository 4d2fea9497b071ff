"""What a nurse, her hospital and her authority read while a filing that she has died is undecided."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from graph.schema.node import global_id
from rules.application import State
from rules.moment import SHANGHAI
from tests.support.authority_stage import put
from tests.support.live import Live
from tests.support.mutation_by_name import MUTATIONS, do
from tests.support.world import TODAY, Cast, World

DEATH = {"reason": "DEATH", "proof": "死亡证明2026-118"}
OWN = """{ viewer { nurse {
  registration { standing mayPractise disputed }
  applications(first: 5) { id kind state version availableSteps blockedBy { id kind } }
} } }"""


@pytest.mark.feature("I21")
async def test_a_nurse_filed_for_as_dead_signs_in_and_objects_by_one_step(live: Live, world: World, cast: Cast) -> None:
    early = datetime.now(SHANGHAI) - timedelta(days=40)
    await put(world, cast, State.ACCEPTED, forwarded_at=early)
    expired = "update registration set valid_until = $2 where nurse_id = $1"
    await world.owner.execute(expired, cast.nurse_id, TODAY - timedelta(days=1))
    given = {"nurseId": global_id("Nurse", cast.nurse_id), **DEATH}
    filed = await do(live.as_(cast.operator), "applicationFileDeregistration", "application { id }", **given)
    nurse = live.as_(cast.nurse)
    own = (await nurse.ask(OWN))["viewer"]["nurse"]
    death, renewal = own["applications"]
    assert (death["id"], death["availableSteps"]) == (filed["application"]["id"], ["OBJECT"])
    assert renewal["blockedBy"] == {"id": death["id"], "kind": "DEREGISTRATION"}
    assert own["registration"] == {"standing": "EXPIRED", "mayPractise": True, "disputed": False}
    objection = {"id": death["id"], "expectedVersion": death["version"], "text": "我健在"}
    objected = await do(nurse, "applicationObject", "application { objected }", **objection)
    assert objected["application"] == {"objected": True}
    shown = "registration { mayPractise disputed }"
    roster = await live.as_(cast.operator).ask(f"{{ nurses(first: 1) {{ nodes {{ {shown} }} }} }}")
    assert roster["nurses"]["nodes"] == [{"registration": {"mayPractise": True, "disputed": True}}]


async def test_who_decides_on_a_blocked_renewal_is_told_which_filing_blocks_it(
    live: Live, world: World, cast: Cast
) -> None:
    key = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    given = {"nurseId": global_id("Nurse", cast.nurse_id), **DEATH}
    filed = await do(live.as_(cast.operator), "applicationFileDeregistration", "application { id }", **given)
    decider, id_ = live.as_(cast.decider), global_id("Application", key)
    shown = await decider.ask(f'{{ application(id: "{id_}") {{ availableSteps blockedBy {{ id }} }} }}')
    assert shown["application"] == {
        "availableSteps": ["TAKE", "REJECT"],
        "blockedBy": {"id": filed["application"]["id"]},
    }
    takes, given = MUTATIONS["applicationApprove"].args["input"].type, {"id": id_, "expectedVersion": 2}
    answer = "{ ... on NotAllowedProblem { code blockedBy } }"
    refused = await decider.ask(f"mutation($i: {takes}) {{ applicationApprove(input: $i) {answer} }}", i=given)
    expected = {"code": "BLOCKED_BY_DEREGISTRATION", "blockedBy": filed["application"]["id"]}
    assert refused["applicationApprove"] == expected
