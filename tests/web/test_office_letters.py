"""What an authority tells by itself on paper: an end by office (A8), a longer period, one that stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.schema.node import global_id
from papers import paper
from rules.application import State, Step
from rules.errors import NotFound
from rules.hold import Pause
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from tests.support.live import Live
from tests.support.pdf import Pdf
from tests.support.printing_desk import Desk
from tests.support.story import NOW
from tests.support.world import Cast, Person, World
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.step import take

LAW = "《中华人民共和国行政许可法》"
NUMBER = "西卫注〔2025〕7号"
GET = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  __typename ... on ValidationProblem { fields { path code message } } } }"""


async def struck(desk: Desk, reason: DeregistrationReason, *, confirmed: bool = True, **more: Any) -> None:
    """Her registration ends by office, if a second decider confirms it."""
    story, cast = desk.story, desk.story.cast
    second = await story.world.person(Party.AUTHORITY, cast.district, Role.DECIDER)
    key = await take(story.db, cast.decider.session, DeregistrationPropose(cast.nurse_id, reason, NUMBER, **more))
    await take(story.db, second.session, (ProposalConfirm if confirmed else ProposalReject)(key))


async def ending(desk: Desk, who: Person | None = None) -> str:
    """The decision by office, as somebody prints it."""
    cast = desk.story.cast
    viewer = (who or cast.nurse).actor
    return Pdf(await paper.deregistration_letter(desk.services.db, viewer, [cast.nurse_id])).text


async def extended(desk: Desk, days: int = 5) -> str:
    """The period is longer; gives the notice."""
    story = desk.story
    supervisor = await story.world.person(Party.AUTHORITY, story.cast.district, Role.SUPERVISOR)
    await story.take(Step.EXTEND, supervisor, working_days=days, reason="需要向原发证机关核实")
    return await period(desk, paper.extension_notice)


async def period(desk: Desk, make: Any) -> str:
    """A notice on the period, as the nurse prints it."""
    return Pdf(await make(desk.services.db, desk.story.cast.nurse.actor, [desk.story.id])).text


def day(value: Any) -> str:
    """A day as papers show it."""
    return f"{value.year}年{value.month}月{value.day}日"


@pytest.mark.feature("A8")
async def test_an_end_by_office_names_its_number_reason_article_and_both_remedies(desk: Desk) -> None:
    await struck(desk, DeregistrationReason.INCAPACITY, remarks="京0102民特1号判决")
    row = await desk.story.world.row("nurse", desk.story.cast.nurse_id)
    for who in (None, desk.story.cast.decider):
        text = await ending(desk, who)
        assert text.startswith("西城区卫生健康委员会依职权注销护士执业注册决定书")
        for said in (
            f"编号：{NUMBER}",
            f"王护士（证件号码：{row['id_number_masked']}）",
            f"经查，因丧失民事行为能力（京0102民特1号判决），依照{LAW}第七十条第二项，决定注销你的护士执业注册",
            *("自收到本决定书之日起60日内", "行政复议", "6个月内", "提起行政诉讼", day(NOW)),
        ):
            assert said in text, text
        assert "不得再次申请" not in text


@pytest.mark.feature("A8")
async def test_what_was_obtained_by_fraud_says_the_bar_with_its_last_day(desk: Desk) -> None:
    await struck(desk, DeregistrationReason.ANNULLED, fraud=True)
    text = await ending(desk)
    assert "，且系以欺骗、贿赂等不正当手段取得，依照" in text
    assert "自本决定作出之日起至2028年9月26日，不得再次申请护士执业注册。" in text


@pytest.mark.feature("A8")
async def test_nobody_says_you_to_the_dead_in_an_end_by_office(desk: Desk) -> None:
    await struck(desk, DeregistrationReason.DEATH)
    text = await ending(desk, desk.story.cast.decider)
    assert "你" not in text
    assert "的近亲属：" in text
    assert "决定注销王护士的护士执业注册" in text


@pytest.mark.feature("A8")
async def test_what_no_second_person_confirmed_has_no_letter_and_others_read_none(
    desk: Desk, live: Live, world: World
) -> None:
    await struck(desk, DeregistrationReason.INCAPACITY, confirmed=False)
    for who in (None, (await world.cast()).decider):
        with pytest.raises(NotFound):
            await ending(desk, who)
    given = {"file": "DEREGISTRATION_LETTER", "ids": [global_id("Nurse", desk.story.cast.nurse_id)]}
    answer = (await live.as_(desk.story.cast.decider).ask(GET, input=given))["downloadTicketCreate"]
    assert answer["fields"] == [
        {
            "path": "ids.0",
            "code": "PAPER_NOT_THERE",
            "message": "王护士的执业注册（在册）没有依职权注销决定书：注册机关未依职权注销；经申请注销的，请下载该申请的决定书",
        }
    ]
    await struck(desk, DeregistrationReason.INCAPACITY)
    with pytest.raises(NotFound):
        await ending(desk, (await world.cast()).decider)


@pytest.mark.feature("A4")
async def test_a_longer_period_tells_why_from_which_day_to_which_and_by_which_article(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    with pytest.raises(NotFound):
        await period(desk, paper.extension_notice)
    before = await desk.story.row()
    text, after = await extended(desk), await desk.story.row()
    assert after["due_on"] > before["due_on"]
    for said in (
        "延长护士执业延续注册审批期限告知书",
        f"延字〔{after['receipt_number']}〕号",
        f"在法定办结期限（{day(before['due_on'])}）内不能作出决定，依照{LAW}第四十二条第一款，经本机关负责人批准",
        *("需要向原发证机关核实", f"延长后的办结期限：{day(after['due_on'])}。"),
    ):
        assert said in text, text


@pytest.mark.feature("A4")
async def test_the_notice_keeps_the_days_that_it_told_however_the_period_moves(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    before = await extended(desk)
    story = desk.story
    await story.take(Step.HOLD, story.cast.reviewer, kind=Pause.HEARING, reason="申请人要求听证")
    story.clock.now += timedelta(days=7)
    due = (await story.row())["due_on"]
    await story.take(Step.RESUME, story.cast.reviewer)
    assert (await story.row())["due_on"] > due
    assert await period(desk, paper.extension_notice) == before


@pytest.mark.feature("A4")
async def test_a_hold_tells_what_for_why_and_how_long_it_may_take(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    with pytest.raises(NotFound):
        await period(desk, paper.pause_notice)
    await desk.story.take(
        Step.HOLD, desk.story.cast.reviewer, kind=Pause.HEARING, reason="申请人要求听证", expected_days=15
    )
    text = await period(desk, paper.pause_notice)
    for said in (
        *("护士执业延续注册特别程序告知书", "需要依法进行听证，预计所需时间15个工作日，"),
        f"依照{LAW}第四十五条，所需时间不计算在审批期限内，理由如下：1.申请人要求听证",
        f"审批期限自{day(NOW)}起中止计算",
    ):
        assert said in text, text


@pytest.mark.feature("A4")
async def test_a_correction_is_told_by_its_own_notice_and_a_hold_without_days_says_none(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.CORRECTION_REQUIRED)
    with pytest.raises(NotFound):
        await period(desk, paper.pause_notice)
    await story.take(Step.SUPPLEMENT)
    await story.take(Step.HOLD, story.cast.reviewer, kind=Pause.APPRAISAL, reason="笔迹存疑")
    text = await period(desk, paper.pause_notice)
    assert "需要依法进行鉴定，依照" in text
    assert "预计所需" not in text


@pytest.mark.feature("A4")
async def test_the_notices_come_by_ticket_and_say_why_there_is_none(live: Live, desk: Desk, cast: Cast) -> None:
    await desk.story.reach(State.ACCEPTED)
    key, nurse = global_id("Application", desk.story.id), live.as_(desk.story.cast.nurse)
    for file, said in (
        ("EXTENSION_NOTICE", "审批期限未延长"),
        ("PAUSE_NOTICE", "未因听证、检验、检疫、鉴定或专家评审中止计时"),
    ):
        answer = (await nurse.ask(GET, input={"file": file, "ids": [key]}))["downloadTicketCreate"]
        assert [one["code"] for one in answer["fields"]] == ["PAPER_NOT_THERE"]
        assert answer["fields"][0]["message"].endswith(f"：{said}")
    await extended(desk)
    answer = await nurse.ask(GET, input={"file": "EXTENSION_NOTICE", "ids": [key]})
    assert answer["downloadTicketCreate"]["__typename"] == "DownloadTicketCreatePayload"
    other = live.as_((await desk.story.world.cast()).decider)
    answer = await other.ask(GET, input={"file": "EXTENSION_NOTICE", "ids": [key]})
    assert answer["downloadTicketCreate"]["__typename"] == "NotFoundProblem"
