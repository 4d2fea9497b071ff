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
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.marks import MaterialMark
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.live import Live
from tests.support.orders import draft_of, take_order
from tests.support.pdf import Pdf
from tests.support.printing_desk import Desk
from tests.support.world import Cast, renewal

pytestmark = pytest.mark.feature("A4")

LAW = "《中华人民共和国行政许可法》"
TICKET = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  ... on DownloadTicketCreatePayload { ticket } } }"""


def test_every_outcome_that_is_stored_has_its_words() -> None:
    assert set(DecisionOutcome) - set(LETTERS) == {"RETURNED", "TRANSFERRED", "NO_OTHER_PERSON", "PASSED_UP"}


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
            f"不符合法定条件（{LAW}第三十八条第二款）",
            f"隐瞒情况或材料虚假（{LAW}第七十八条）",
            f"依照{LAW}第三十八条第二款和{LAW}第七十八条，决定不予",
            *(
                "说明：体检证明系伪造",
                "1年内（至2026年9月26日），不得再次提出",
                "60日内，依照《中华人民共和国行政复议法》第二十条",
                "6个月内，依照《中华人民共和国行政诉讼法》第四十六条",
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
    correction = Pdf(await paper.correction_notice(desk.services.db, nurse, [story.id])).text
    assert "需要补正的填报项：体检日期、工作科室" in correction
    assert "请在2025年10月26日前（含当日）一次补正上述内容" in correction
    for missing in (paper.acceptance_notice, paper.intake_refusal, paper.decision_letter):
        with pytest.raises(NotFound):
            await missing(desk.services.db, nurse, [story.id])


async def test_acceptance_says_when_the_decision_is_due(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    pdf = Pdf(await paper.acceptance_notice(desk.services.db, desk.story.cast.nurse.actor, [desk.story.id]))
    assert f"法定办结期限：{shown((await desk.story.row())['due_on'])}。" in pdf.text


async def test_refused_intake_names_remedies(desk: Desk) -> None:
    await desk.story.reach(State.NOT_ACCEPTED)
    pdf = Pdf(await paper.intake_refusal(desk.services.db, desk.story.cast.nurse.actor, [desk.story.id]))
    assert f"不属于本机关职权范围（{LAW}第三十二条第一款第二项）" in pdf.text
    assert f"因下列情形，依照{LAW}第三十二条第一款第二项，决定不予受理" in pdf.text
    assert "行政复议" in pdf.text
    assert "自收到本通知书之日起60日内" in pdf.text
    assert "决定书" not in pdf.text
    assert "你可以向核发拟执业机构《医疗机构执业许可证》或者为其备案的卫生健康主管部门提出申请。" in pdf.text


async def test_a_refused_intake_names_the_competent_authority(desk: Desk) -> None:
    story, world = await desk.story.reach(State.NOT_ACCEPTED), desk.story.world
    elsewhere = (await world.cast()).district
    await world.owner.execute("update authority set name = '东城区卫生健康委员会' where id = $1", elsewhere)
    await world.owner.execute("update institution set authority_id = $2 where id = $1", story.cast.hospital, elsewhere)
    pdf = Pdf(await paper.intake_refusal(desk.services.db, story.cast.nurse.actor, [story.id]))
    assert "你可以向东城区卫生健康委员会提出申请。" in pdf.text


async def test_a_deregistration_names_its_reason_and_the_remedies(desk: Desk) -> None:
    story = await desk.story.reach(State.APPROVED)
    await desk.file(Kind.DEREGISTRATION, DeregistrationForm(DeregistrationReason.INCAPACITY, proof="京0102民特1号"))
    await story.world.owner.execute("update application set filed_by = 'INSTITUTION' where id = $1", story.id)
    text = (await desk.letter()).text
    assert "注销护士执业注册决定书" in text
    why = "因丧失民事行为能力（证明：京0102民特1号）"
    said = f"经审查，{why}，依照{LAW}第七十条第二项，决定注销你的护士执业注册。"
    for one in (said, "自收到本决定书之日起60日内", "行政复议", "提起行政诉讼"):
        assert one in text
    assert "准予" not in text


async def test_another_reason_of_a_deregistration_is_said_in_words(desk: Desk) -> None:
    story = await desk.story.reach(State.APPROVED)
    await desk.file(Kind.DEREGISTRATION, DeregistrationForm(DeregistrationReason.OTHER, "本人移居境外"))
    await story.world.owner.execute("update application set filed_by = 'INSTITUTION' where id = $1", story.id)
    assert "经审查，因其他：本人移居境外，依照" in (await desk.letter()).text


async def test_nobody_says_you_to_the_dead(desk: Desk) -> None:
    story = await desk.story.reach(State.APPROVED)
    await desk.file(Kind.DEREGISTRATION, DeregistrationForm(DeregistrationReason.DEATH, proof="京死证2026-0001"))
    await story.world.owner.execute("update application set filed_by = 'INSTITUTION' where id = $1", story.id)
    text = (await desk.letter("operator")).text
    assert "你" not in text
    assert "的近亲属：" in text
    assert "为王护士提出的护士执业注销注册申请" in text
    why = "因护士死亡（证明：京死证2026-0001）"
    assert f"{why}，依照{LAW}第七十条第二项，决定注销王护士的护士执业注册。" in text
    assert "行政复议" in text


async def test_what_is_said_in_words_is_no_numbered_ground(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    await desk.story.take(Step.REJECT, reasons=(Reason.CONDITIONS_NOT_MET,), opinion="材料不实")
    text = (await desk.letter()).text
    assert "说明：材料不实" in text
    assert "2.说明" not in text
    assert f"因下列情形，依照{LAW}第三十八条第二款，决定不予" in text


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
    for said in (
        "以欺骗、贿赂等不正当手段取得",
        "说明：文号：京卫〔2025〕1号",
        "3年内（至",
        "不得再次提出",
        "行政复议",
    ):
        assert said in text


async def test_forms_come_by_ticket(live: Live, services: Services, cast: Cast) -> None:
    given = draft_of(cast.nurse.session, renewal())
    key = global_id("Application", await take_order(services.db, given))
    made = await live.as_(cast.nurse).ask(TICKET, input={"file": "APPLICATION_FORM", "ids": [key]})
    async with httpx.AsyncClient(base_url=live.origin) as client:
        answer = await client.post("/files", json={"ticket": made["downloadTicketCreate"]["ticket"]})
    assert answer.status_code == HTTPStatus.OK
    assert "护士延续注册申请审核表" in Pdf(File("", "", answer.content)).text


@pytest.mark.feature("A4")
async def test_the_notice_names_every_paper_with_its_reason_at_once(desk: Desk) -> None:
    story = await desk.story.reach(State.AUTHORITY_INTAKE)
    marks = (
        MaterialMark("APPLICATION_FORM", Reason.SEAL_MISSING, "缺执业机构盖章"),
        MaterialMark("CERTIFICATE", Reason.MATERIAL_ILLEGIBLE),
    )
    fields = {"reasons": (Reason.TITLE_UNPROVEN,), "marked_fields": ("title",)}
    await story.take(Step.REQUIRE_CORRECTION, **fields, marked_materials=marks)
    text = Pdf(await paper.correction_notice(desk.services.db, story.cast.nurse.actor, [story.id])).text
    law = f"（{LAW}第三十二条第一款第四项）"
    for said in (
        f"1.技术职称缺少证明{law}",
        "2.需要补正的填报项：技术职称",
        f"3.需要补正的材料：“护士延续注册申请审核表”，申请材料缺少签字或盖章{law}，缺执业机构盖章",
        f"4.需要补正的材料：“护士执业证书”，申请材料不清晰{law}",
    ):
        assert said in text.replace(" ", "").replace("\n", ""), text
