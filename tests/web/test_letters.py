"""The authority's letters as PDF: decisions with reasons and remedies, and the notices of the intake."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from papers import paper
from papers.file import File
from papers.letters import LETTERS
from papers.values import shown
from rules.application import State, Step
from rules.decision import DecisionOutcome
from rules.errors import NotFound
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.live import Live
from tests.support.orders import draft_of, take_order
from tests.support.pdf import Pdf
from tests.support.printing_desk import Desk
from tests.support.world import Cast, World, renewal

pytestmark = pytest.mark.feature("A4")

TICKET = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  ... on DownloadTicketCreatePayload { ticket } } }"""


def test_every_outcome_that_is_stored_has_its_words() -> None:
    assert set(DecisionOutcome) - set(LETTERS) == {"RETURNED", "TRANSFERRED"}


async def test_refusal_names_reasons_articles_and_both_remedies(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    with pytest.raises(NotFound):
        await desk.letter()
    reasons = (Reason.CONDITIONS_NOT_MET, Reason.FALSE_MATERIAL)
    await desk.story.take(Step.REJECT, reasons=reasons, opinion="体检证明系伪造")
    row = await desk.story.row()
    for who in ("nurse", "operator", "decider"):
        text = (await desk.letter(who)).text
        for said in (
            *("西城区卫生健康委员会", "不予护士执业延续注册决定书", f"不准决字〔{row['receipt_number']}〕号"),
            *("不符合法定条件（《行政许可法》第三十八条）", "隐瞒情况或材料虚假（《行政许可法》第七十八条）"),
            *(
                "说明：体检证明系伪造",
                "1年内，不得再次提出",
                "60日内",
                "行政复议",
                "6个月内",
                "提起行政诉讼",
                "2025年9月26日",
            ),
        ):
            assert said in text
        assert row["id_number_masked"] in text


async def test_grant_is_a_letter_without_remedies(desk: Desk) -> None:
    await desk.story.reach(State.APPROVED)
    pdf = await desk.letter()
    assert pdf.file.name == "准予护士执业延续注册决定书-王护士.pdf"
    assert "决定准予护士执业延续注册。" in pdf.text
    assert "注册有效期至2030年11月25日。" in pdf.text
    assert "10个工作日内颁发" in pdf.text
    assert "复议" not in pdf.text


async def test_notices_of_the_intake(desk: Desk) -> None:
    nurse, story = desk.story.cast.nurse.actor, desk.story
    await story.reach(State.CORRECTION_REQUIRED)
    correction = Pdf(await paper.correction_notice(desk.services.db, nurse, story.id)).text
    assert "需要补正的内容：体检日期、申请材料" in correction
    assert "30日内" in correction
    for missing in (paper.acceptance_notice, paper.intake_refusal, paper.decision_letter):
        with pytest.raises(NotFound):
            await missing(desk.services.db, nurse, story.id)


async def test_acceptance_says_when_the_decision_is_due(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    pdf = Pdf(await paper.acceptance_notice(desk.services.db, desk.story.cast.nurse.actor, desk.story.id))
    assert f"法定办结期限：{shown((await desk.story.row())['due_on'])}。" in pdf.text


async def test_refused_intake_names_remedies(desk: Desk) -> None:
    await desk.story.reach(State.NOT_ACCEPTED)
    pdf = Pdf(await paper.intake_refusal(desk.services.db, desk.story.cast.nurse.actor, desk.story.id))
    assert "不属于本机关职权范围（《行政许可法》第三十二条第一款第二项）" in pdf.text
    assert "行政复议" in pdf.text


async def test_voiding_is_a_letter_of_whoever_voided_it(desk: Desk) -> None:
    story = await desk.story.reach(State.APPROVED)
    await story.world.owner.execute(
        "update authority set name = '北京市卫生健康委员会' where id = $1", story.cast.nation
    )
    admin = await story.world.person(Party.AUTHORITY, story.cast.nation, Role.PROVINCIAL_ADMIN)
    await story.world.insert(
        "review_decision",
        id=uuid7(),
        application_id=story.id,
        revision=1,
        stage="AUTHORITY_DECISION",
        outcome="VOIDED",
        reasons=["FRAUD"],
        opinion="文号：京卫〔2025〕1号",
        decider_id=admin.account_id,
    )
    text = (await desk.letter()).text
    assert text.startswith("北京市卫生健康委员会撤销护士执业延续注册决定书")
    assert "西城区卫生健康委员会于2025年9月26日收到你提出的" in text
    for said in ("以欺骗、贿赂等不正当手段取得", "说明：文号：京卫〔2025〕1号", "3年内，不得再次提出", "行政复议"):
        assert said in text


async def test_letters_come_by_ticket(live: Live, world: World, services: Services, cast: Cast) -> None:
    given = draft_of(cast.nurse.session, renewal())
    key = global_id("Application", await take_order(services.db, given))
    for file, status in (("APPLICATION_FORM", 200), ("DECISION_LETTER", 404)):
        made = await live.as_(cast.nurse).ask(TICKET, input={"file": file, "id": key})
        async with httpx.AsyncClient(base_url=live.origin) as client:
            answer = await client.post("/files", json={"ticket": made["downloadTicketCreate"]["ticket"]})
        assert answer.status_code == status
        if status == HTTPStatus.OK:
            assert "护士延续注册申请审核表" in Pdf(File("", "", answer.content)).text
