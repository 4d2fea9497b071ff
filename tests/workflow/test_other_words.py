"""Whoever picks what a list does not have (其他) says in words which it is, and that is kept and shown with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph.context import Services
from rules.application import State, Step
from rules.departure import DepartureReason
from rules.errors import Invalid
from rules.nurse import Department, DeregistrationReason, Education
from rules.people import Role
from rules.proposal import VoidGround
from tests.support.authority_stage import put
from tests.support.direct_entries import entry
from tests.support.key_facts import Place
from tests.support.orders import order_of, take_order
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, Acts
from tests.support.story import FILLED, Story, codes_of
from tests.support.world import TODAY, Cast, World
from workflow.departure import DepartureReport
from workflow.direct_registration import NurseRegisterDirect
from workflow.proposal import DeregistrationPropose
from workflow.step import take
from workflow.void import VoidPropose

OTHER = replace(FILLED, department=Department.OTHER)
NAMED = replace(OTHER, other_department="体检中心")


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def on_record(story: Story) -> tuple[str, str | None]:
    """Where she works, as her record has it."""
    row = await story.world.row("nurse", story.cast.nurse_id)
    return row["department"], row["other_department"]


async def approve(story: Story) -> None:
    """Take a filed application to its end."""
    for step in (Step.FORWARD, Step.ACCEPT, Step.RECOMMEND, Step.APPROVE):
        await story.take(step)


@pytest.mark.feature("N16")
async def test_a_department_in_words_goes_into_the_record(story: Story) -> None:
    assert codes_of(await story.refused(Step.SUBMIT, form=OTHER)) == {"FIELD_REQUIRED"}
    await story.take(Step.SUBMIT, form=NAMED)
    await approve(story)
    assert await on_record(story) == ("OTHER", "体检中心")


@pytest.mark.feature("N16")
async def test_a_listed_department_takes_the_words_off_the_record(story: Story) -> None:
    sql = "update nurse set department = 'OTHER', other_department = '体检中心' where id = $1"
    await story.world.owner.execute(sql, story.cast.nurse_id)
    await story.take(Step.SUBMIT, form=FILLED)
    await approve(story)
    assert await on_record(story) == (FILLED.department, None)


async def test_a_renewal_that_says_nothing_of_it_keeps_department_and_words(story: Story) -> None:
    sql = "update nurse set department = 'OTHER', other_department = $2 where id = $1"
    await story.world.owner.execute(sql, story.cast.nurse_id, None)
    left_out = replace(FILLED, department=None)
    assert codes_of(await story.refused(Step.SUBMIT, form=left_out)) == {"FIELD_REQUIRED"}
    await story.world.owner.execute(sql, story.cast.nurse_id, "体检中心")
    await story.take(Step.SUBMIT, form=left_out)
    await approve(story)
    assert await on_record(story) == ("OTHER", "体检中心")


async def test_a_marked_department_is_answered_in_words(story: Story) -> None:
    await story.reach(State.RETURNED)
    assert codes_of(await story.refused(Step.RESUBMIT, form=OTHER)) == {"FIELD_REQUIRED"}
    await story.take(Step.RESUBMIT, form=NAMED)
    (*_, revision) = (await story.everything())["revision"]
    assert revision["changed_fields"] == ["department", "otherDepartment"]


@pytest.mark.feature("I9")
async def test_another_reason_of_a_departure_stands_in_her_history(acts: Acts) -> None:
    given: dict[str, Any] = {"reason": DepartureReason.OTHER, "left_on": TODAY}
    cast = acts.cast
    for blank in (None, " "):
        refusal = await acts.refused(acts.take(DepartureReport, cast.operator, **given, remarks=blank))
        assert codes_of(refusal) == {"FIELD_REQUIRED"}
    await acts.take(DepartureReport, cast.operator, **given, remarks=" 随军 ")
    (history,) = await acts.rows("registration_history")
    assert history["reason"] == f"离职报告（其他：随军），离职日期{TODAY}"


@pytest.mark.feature("A8")
async def test_another_reason_of_an_end_by_office_stands_in_her_history(acts: Acts) -> None:
    one, other = await acts.officer(Role.DECIDER), await acts.officer(Role.DECIDER)
    wish = DeregistrationPropose(acts.cast.nurse_id, DeregistrationReason.OTHER, NUMBER)
    assert codes_of(await acts.refused(take(acts.db, one.session, wish))) == {"FIELD_REQUIRED"}
    proposal = await take(acts.db, one.session, replace(wish, remarks="本人书面放弃"))
    await decide(acts, proposal, other)
    (history,) = await acts.rows("registration_history")
    assert history["reason"] == f"依职权注销（其他：本人书面放弃），决定书文号：{NUMBER}"


@pytest.mark.feature("A4")
async def test_another_ground_of_undoing_a_decision_stands_in_the_decision(acts: Acts, world: World) -> None:
    key = await put(world, acts.cast, State.ACCEPTED, recommender_id=acts.cast.reviewer.account_id)
    rejecting = {"reasons": ("CONDITIONS_NOT_MET",), "opinion": "不符合"}
    await take_order(acts.db, order_of(acts.cast.decider.session, Step.REJECT, key, 1, **rejecting))
    one, other = [await acts.officer(Role.PROVINCIAL_ADMIN, of=acts.cast.nation) for _ in range(2)]
    wish = VoidPropose(key, VoidGround.OTHER_BY_LAW, NUMBER)
    assert codes_of(await acts.refused(take(acts.db, one.session, wish))) == {"FIELD_REQUIRED"}
    proposal = await take(acts.db, one.session, replace(wish, remarks="适用法律错误"))
    await decide(acts, proposal, other)
    sql = "select opinion from review_decision where application_id = $1 order by id desc limit 1"
    said = f"撤销依据：{VoidGround.OTHER_BY_LAW.label}：适用法律错误；文号：{NUMBER}"
    assert await world.owner.fetchval(sql, key) == said


@pytest.mark.feature("A6")
async def test_a_schooling_that_is_not_listed_is_named_at_the_provinces_desk(
    services: Services, world: World, place: Place
) -> None:
    given = replace(entry(place), education=Education.OTHER)
    with pytest.raises(Invalid) as refusal:
        await take(services.db, place.admin.session, NurseRegisterDirect(given))
    assert codes_of(refusal.value) == {"FIELD_REQUIRED"}
    wish = NurseRegisterDirect(replace(given, other_education="工农兵学员"))
    row = await world.row("nurse", await take(services.db, place.admin.session, wish))
    assert (row["education"], row["other_education"]) == ("OTHER", "工农兵学员")
