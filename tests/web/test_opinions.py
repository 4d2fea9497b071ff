"""The boxes of the official form (审核意见): in each the opinion that counts for what is filed now, of when and by whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from papers import paper
from rules.application import State, Step
from rules.people import Party, Role
from rules.proposal import VoidGround
from tests.support.pdf import Pdf
from tests.support.printing_desk import Desk
from tests.support.story import NOW
from tests.support.unaddressed import unaddressed
from workflow.proposal import ProposalReject
from workflow.step import take
from workflow.void import VoidPropose

pytestmark = pytest.mark.feature("I18")
_DAY: Final = timedelta(days=1)
_BOX: Final = re.compile(
    r"执业机构意见(?P<institution>.*?)负责人（签名）：(?:（公章）)(?P<signed>.*?)注册机关审查意见(?P<review>.*?)"
    r"负责人（签名）：（公章）(?P<reviewed>.*?)注册机关审批决定(?P<decision>.*?)负责人（签名）：（公章）(?P<decided>.*?)申请编号"
)
BLANK: Final = "年月日"


async def boxes(desk: Desk, who: str = "decider") -> dict[str, str]:
    """What stands in each box, and its date."""
    found = _BOX.search((await desk.form(who)).text)
    assert found is not None
    return found.groupdict()


async def hospital(desk: Desk) -> str:
    """The name of the hospital."""
    found: str = (await desk.story.world.row("institution", desk.story.cast.hospital))["name"]
    return found


AUTHORITY: Final = "西城区卫生健康委员会"


async def test_the_confirmation_outlasts_the_correction_that_the_authority_asks_for(desk: Desk) -> None:
    story = desk.story
    await story.take(Step.SUBMIT)
    await story.take(Step.FORWARD, opinion="在岗，情况属实")
    story.clock.now = NOW + 3 * _DAY
    await story.take(Step.REQUIRE_CORRECTION)
    said = f"2025年9月26日{await hospital(desk)}：同意：在岗，情况属实"
    asked = await boxes(desk)
    assert (asked["institution"], asked["signed"]) == (said, "2025年9月26日")
    assert asked["review"].startswith(f"2025年9月29日{AUTHORITY}：要求补正：")
    story.clock.now = NOW + 4 * _DAY
    await story.take(Step.SUPPLEMENT)
    assert (await story.row())["revision"] == 2
    found = await boxes(desk)
    assert (found["institution"], found["signed"]) == (said, "2025年9月26日")
    # What was asked for has come: the law has it accepted.
    assert (found["review"], found["reviewed"]) == (f"2025年9月30日{AUTHORITY}：受理", "2025年9月30日")
    assert (found["decision"], found["decided"]) == ("", BLANK)


async def test_what_was_sent_back_is_no_opinion_on_what_was_filed_since(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.RETURNED)
    returned = await boxes(desk, "operator")
    assert returned["institution"].startswith(f"2025年9月26日{await hospital(desk)}：退回更正：工作科室与实际不符")
    assert returned["institution"].endswith("。请核对科室")
    await story.take(Step.RESUBMIT)
    found = await boxes(desk, "operator")
    assert (found["institution"], found["signed"]) == ("", BLANK)
    story.clock.now = NOW + _DAY
    await story.take(Step.FORWARD)
    found = await boxes(desk)
    assert (found["institution"], found["signed"]) == (f"2025年9月27日{await hospital(desk)}：同意", "2025年9月27日")


async def test_a_refusal_stands_as_long_as_it_has_ended_the_application(desk: Desk) -> None:
    await desk.story.reach(State.INSTITUTION_REJECTED)
    said = (await boxes(desk, "operator"))["institution"]
    assert said == f"2025年9月26日{await hospital(desk)}：不同意：已离职或即将离职。本月离职"


async def test_who_gave_up_its_claim_has_no_say_in_what_another_one_confirms(desk: Desk) -> None:
    waiting = await unaddressed(desk.story)
    there = replace(desk, story=waiting)
    kept = '{"department": "WARD", "changeReason": "调动"}'
    await waiting.world.owner.execute("update application set form = $2 where id = $1", waiting.id, kept)
    await waiting.claim(waiting.cast.operator)
    await waiting.take(Step.DECLINE, waiting.cast.operator)
    assert (await boxes(there, "nurse"))["institution"] == ""
    other = await waiting.another_hospital()
    await waiting.claim(other)
    await waiting.take(Step.FORWARD, other)
    name = (await waiting.world.row("institution", other.actor.party_id))["name"]
    assert (await boxes(there, "reviewer"))["institution"] == f"2025年9月26日{name}：同意"


async def test_the_last_recommendation_counts_and_the_nurse_reads_none(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND, agrees=False, opinion="体检证明存疑")
    story.clock.now = NOW + _DAY
    await story.take(Step.RECOMMEND)
    lines = f"2025年9月26日{AUTHORITY}：受理2025年9月27日{AUTHORITY}：同意：符合条件"
    found = await boxes(desk)
    assert (found["review"], found["reviewed"]) == (lines, "2025年9月27日")
    assert (await boxes(desk, "nurse"))["review"] == f"2025年9月26日{AUTHORITY}：受理"


async def test_an_authority_that_passed_it_on_leaves_no_opinion(desk: Desk) -> None:
    story, world = desk.story, desk.story.world
    await story.reach(State.AUTHORITY_INTAKE)
    above = await world.person(Party.AUTHORITY, story.cast.nation, Role.REVIEWER)
    await story.take(Step.TRANSFER, story.cast.reviewer, authority_id=story.cast.nation, opinion="由上级办理")
    assert (await boxes(replace(desk), "operator"))["review"] == ""
    await world.owner.execute("update authority set name = '北京市卫生健康委员会' where id = $1", story.cast.nation)
    await story.take(Step.ACCEPT, above)
    assert (await boxes(desk, "operator"))["review"] == "2025年9月26日北京市卫生健康委员会：受理"


async def test_a_recommendation_is_gone_with_the_authority_that_gave_it(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    # As passing it up writes it.
    await story.world.owner.execute("update application set recommender_id = null where id = $1", story.id)
    assert (await boxes(desk))["review"] == f"2025年9月26日{AUTHORITY}：受理"


async def test_a_proposal_to_undo_it_that_was_taken_back_leaves_the_decision(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.APPROVED)
    admins = [await story.world.person(Party.AUTHORITY, story.cast.district, Role.PROVINCIAL_ADMIN) for _ in range(2)]
    here = {"institution_id": story.cast.hospital, "authority_id": story.cast.district, "status": "VALID"}
    history = {"certificate_number": "1", "valid_until": NOW.date(), "id": "00000000-0000-7000-8000-000000000001"}
    await story.world.insert(
        "registration_history", **{**history, **here}, nurse_id=story.cast.nurse_id, at=NOW - 900 * _DAY
    )
    key = await take(story.db, admins[0].session, VoidPropose(story.id, VoidGround.PROCEDURE, "京卫〔2025〕1号"))
    await take(story.db, admins[0].session, ProposalReject(key))
    assert (await boxes(desk))["decision"] == f"2025年9月26日{AUTHORITY}：同意"


async def test_an_undone_decision_no_longer_stands_in_the_box(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.APPROVED)
    admin = await story.world.person(Party.AUTHORITY, story.cast.nation, Role.PROVINCIAL_ADMIN)
    of = {"application_id": story.id, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "VOIDED"}
    said = {"opinion": "文号：1号", "decider_id": admin.account_id, "at": NOW + _DAY}
    await story.world.insert("review_decision", **of, **said)
    await story.world.owner.execute("update authority set name = '北京市卫健委' where id = $1", story.cast.nation)
    await story.world.owner.execute("update application set state = 'VOIDED' where id = $1", story.id)
    found = await boxes(desk)
    assert (found["decision"], found["decided"]) == ("2025年9月27日北京市卫健委：撤销：文号：1号", "2025年9月27日")


async def test_a_corrected_application_has_its_acceptance_notice(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.CORRECTION_REQUIRED)
    story.clock.now = NOW + _DAY
    await story.take(Step.SUPPLEMENT)
    notice = Pdf(await paper.acceptance_notice(desk.services.db, story.cast.nurse.actor, [story.id])).text
    row = await story.row()
    assert f"受字〔{row['receipt_number']}〕号" in notice
    assert "2025年9月27日申请编号" in notice
    assert "法定办结期限：2025年10月" in notice
