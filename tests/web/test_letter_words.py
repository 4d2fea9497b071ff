"""The letters say all that a decision carries (words, evidence, deadlines), and cite the articles of its day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from papers import paper
from rules.application import State, Step
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from rules.proposal import VoidGround
from rules.reasons import Reason
from tests.support.pdf import Pdf
from tests.support.printing_desk import Desk
from tests.support.story import NOW
from tests.support.world import Person
from workflow.proposal import ProposalConfirm
from workflow.step import take
from workflow.void import VoidPropose

pytestmark = pytest.mark.feature("A4")
LAW = "《中华人民共和国行政许可法》"
REGULATION, MEASURES = "《护士条例》", "《护士执业注册管理办法》"


async def notice(desk: Desk, make: object = paper.acceptance_notice) -> str:
    """A notice, as the nurse prints it."""
    assert callable(make)
    return Pdf(await make(desk.services.db, desk.story.cast.nurse.actor, [desk.story.id])).text


async def test_a_refusal_for_another_reason_says_which(desk: Desk) -> None:
    await desk.story.reach(State.ACCEPTED)
    await desk.story.take(Step.REJECT, reasons=(Reason.OTHER_REFUSAL,), opinion="申请人已在外省取得注册")
    text = (await desk.letter()).text
    assert f"依照{LAW}第三十八条第二款，决定不予护士执业延续注册：1.其他情形说明：申请人已在外省取得注册" in text


async def test_an_intake_refused_for_another_reason_says_which(desk: Desk) -> None:
    await desk.story.reach(State.AUTHORITY_INTAKE)
    await desk.story.take(Step.REFUSE_INTAKE, reasons=(Reason.OTHER_REFUSAL,), opinion="同一事项已由法院审理")
    text = await notice(desk, paper.intake_refusal)
    assert f"依照{LAW}第三十二条第一款，决定不予受理：1.其他情形说明：同一事项已由法院审理" in text


async def test_a_registration_that_ends_for_another_reason_says_which(desk: Desk) -> None:
    await desk.story.reach(State.APPROVED)
    await desk.file(Kind.DEREGISTRATION, DeregistrationForm(DeregistrationReason.OTHER, "本人转行，不再从事护理工作"))
    text = (await desk.letter()).text
    assert f"因其他：本人转行，不再从事护理工作，依照{LAW}第七十条，决定注销你的护士执业注册。" in text


async def test_a_registration_that_ends_against_her_word_says_what_was_answered_to_it(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.ACCEPTED)
    await desk.file(Kind.DEREGISTRATION, DeregistrationForm(DeregistrationReason.LICENCE_REVOKED, proof="京卫罚1号"))
    await story.world.owner.execute(
        "update application set filed_by = 'INSTITUTION', objection = '处罚已被复议撤销', objection_answer = '复议维持原处罚'"
        " where id = $1",
        story.id,
    )
    at = {"application_id": story.id, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "AGREED", "at": NOW}
    await story.world.insert(
        "review_decision", **at, opinion="处罚决定已生效", decider_id=story.cast.decider.account_id
    )
    text = (await desk.letter()).text
    assert f"因受吊销《护士执业证书》处罚（证明：京卫罚1号），依照{LAW}第七十条第四项，决定注销" in text
    for said in ("说明：处罚决定已生效", "护士对该申请提出的异议：处罚已被复议撤销", "本机关的答复：复议维持原处罚"):
        assert said in text


async def test_a_grant_and_an_acceptance_say_the_words_of_whoever_decided(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.AUTHORITY_INTAKE)
    await story.take(Step.ACCEPT, opinion="领证时请携带原证书")
    await story.take(Step.RECOMMEND)
    await story.take(Step.APPROVE, opinion="请于下月起领取")
    assert "说明：领证时请携带原证书" in await notice(desk)
    text = (await desk.letter()).text
    assert "说明：请于下月起领取" in text
    assert "符合条件" not in text
    meets = f"符合{REGULATION}第十条的规定，依照{LAW}第三十八条第一款"
    assert meets in text
    assert f"依照{LAW}第四十四条，本机关自作出决定之日起10个工作日内" in text


async def test_the_notice_of_a_refused_intake_says_the_bar(desk: Desk) -> None:
    await desk.story.reach(State.AUTHORITY_INTAKE)
    await desk.story.take(Step.REFUSE_INTAKE, reasons=(Reason.FALSE_MATERIAL,), opinion="证明系伪造")
    text = await notice(desk, paper.intake_refusal)
    assert "1年内（至2026年9月26日），不得再次提出该项申请。" in text
    assert "决定书" not in text


async def test_the_acceptance_keeps_the_days_that_it_told_however_the_period_moves(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.ACCEPTED)
    before = await notice(desk)
    supervisor = await story.world.person(Party.AUTHORITY, story.cast.district, Role.SUPERVISOR)
    due = (await story.row())["due_on"]
    await story.take(Step.EXTEND, supervisor, working_days=5, reason="需要核实")
    assert (await story.row())["due_on"] > due
    assert await notice(desk) == before


async def test_a_notice_of_before_the_acceptance_has_no_number_of_after(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.CORRECTION_REQUIRED)
    before = await notice(desk, paper.correction_notice)
    await story.take(Step.SUPPLEMENT)
    assert (await story.row())["receipt_number"]
    assert await notice(desk, paper.correction_notice) == before


async def test_an_undone_decision_says_the_remarks_of_whoever_proposed_it(desk: Desk) -> None:
    story = desk.story
    await story.reach(State.REJECTED)
    admins: list[Person] = [
        await story.world.person(Party.AUTHORITY, story.cast.nation, Role.PROVINCIAL_ADMIN) for _ in range(2)
    ]
    wish = VoidPropose(story.id, VoidGround.RECONSIDERATION, "京政复〔2025〕9号", "复议认定事实不清")
    key = await take(story.db, admins[0].session, wish)
    await take(story.db, admins[1].session, ProposalConfirm(key))
    text = (await desk.letter()).text
    assert (
        "现决定予以撤销，依据如下：说明：撤销依据：行政复议决定；文号：京政复〔2025〕9号；备注：复议认定事实不清"
        in text
    )
    assert "行政许可法" not in text


@pytest_asyncio.fixture
async def moved(desk: Desk) -> AsyncIterator[date]:
    """A day since which the article of the health standard is another; it is gone afterwards."""
    since = date(2025, 9, 28)
    row = {"subject": "HEALTH_ARTICLE", "from_day": since, "value": [f"{MEASURES}第八条"]}
    await desk.story.world.insert("law_setting", **row, set_by=desk.story.cast.decider.account_id)
    yield since
    await desk.story.world.owner.execute("delete from law_setting where set_by is not null")


async def test_a_letter_cites_the_article_of_its_reason_as_it_held_on_the_day_of_the_decision(
    desk: Desk, moved: date
) -> None:
    story = desk.story
    await story.reach(State.ACCEPTED)
    assert (await story.row())["submitted_at"].date() < moved
    story.clock.now = NOW + timedelta(days=3)
    await story.take(Step.REJECT, reasons=(Reason.HEALTH_UNFIT,))
    text = (await desk.letter()).text
    assert f"依照{MEASURES}第八条和{LAW}第三十八条第二款，决定不予护士执业延续注册：" in text
    assert f"1.不符合健康标准（{MEASURES}第八条）" in text
    assert f"不同意：不符合健康标准（{MEASURES}第八条）" in (await desk.form("decider")).text


@pytest.mark.parametrize(
    ("at", "health", "remedy"),
    [
        (datetime(2020, 6, 1, tzinfo=UTC), "第六条", "《中华人民共和国行政复议法》第九条"),
        (datetime(2021, 6, 1, tzinfo=UTC), "第七条", "《中华人民共和国行政复议法》第九条"),
        (datetime(2024, 6, 1, tzinfo=UTC), "第七条", "《中华人民共和国行政复议法》第二十条"),
    ],
)
async def test_a_letter_of_years_ago_cites_the_articles_of_then(
    desk: Desk, at: datetime, health: str, remedy: str
) -> None:
    story = desk.story
    await story.reach(State.REJECTED)
    of = {"application_id": story.id, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "REFUSED", "at": at}
    await story.world.insert(
        "review_decision", **of, reasons=["HEALTH_UNFIT"], decider_id=story.cast.decider.account_id
    )
    text = (await desk.letter()).text
    assert f"依照{MEASURES}{health}和{LAW}第三十八条第二款" in text
    assert f"依照{remedy}向有管辖权的行政复议机关" in text
