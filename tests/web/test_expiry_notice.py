"""Notices on paper that a registration runs out (注册届满提醒单), for whom no message reaches: rights 11."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graph.context import Services
from graph.schema.node import global_id
from papers.paper import expiry_notice
from rules.errors import Invalid
from rules.verification import Channel
from tests.support.contacts import new_phone, reach
from tests.support.live import Live
from tests.support.pdf import Pdf
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

UNREACHED = """query($reached: Boolean) { nurses(where: {reached: {eq: $reached}, expiry: {eq: EXPIRING}}) {
  nodes { id } } }"""
ASK = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  ... on DownloadTicketCreatePayload { ticket } ... on ValidationProblem { fields { code message } } } }"""


def day(offset: int) -> str:
    found = TODAY + timedelta(days=offset)
    return f"{found.year}年{found.month}月{found.day}日"


@pytest.mark.feature("I12")
async def test_a_notice_names_the_first_filing_day_the_legal_line_and_the_end(
    services: Services, world: World, cast: Cast
) -> None:
    other = await world.nurse(cast.hospital, cast.district, valid_until=TODAY - timedelta(days=1))
    pdf = Pdf(await expiry_notice(services.db, cast.operator.actor, [cast.nurse_id, other]))
    hospital = (await world.row("institution", cast.hospital))["name"]
    for text in (
        *(
            "护士执业注册届满提醒单",
            hospital,
            f"有效期至{day(60)}",
            f"延续注册自{day(-30)}起可以申请",
            f"应在{day(30)}前",
        ),
        *("次日起不得执业", f"有效期至{day(-1)}", "您目前不得执业"),
    ):
        assert text in pdf.text, pdf.text


@pytest.mark.feature("I12")
async def test_after_the_legal_line_a_notice_says_what_can_be_done_now(
    services: Services, world: World, cast: Cast
) -> None:
    """It sent her to a day that was past, without a word what to do."""
    late = await world.nurse(cast.hospital, cast.district, valid_until=TODAY + timedelta(days=4))
    ended = await world.nurse(cast.hospital, cast.district, valid_until=TODAY - timedelta(days=1))
    text = "".join(Pdf(await expiry_notice(services.db, cast.operator.actor, [late])).text.split())
    assert f"{day(-26)}前送达注册机关（护士条例第十条），该日已过；{day(4)}以前仍可申请，请立即办理" in text
    text = "".join(Pdf(await expiry_notice(services.db, cast.operator.actor, [ended])).text.split())
    assert "期限已过，不能再申请延续" in text


async def test_whose_registration_has_no_end_gets_none(live: Live, world: World, cast: Cast) -> None:
    await world.owner.execute(
        "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1",
        cast.nurse_id,
    )
    given = {"file": "EXPIRY_NOTICE", "ids": [global_id("Nurse", cast.nurse_id)]}
    answer = (await live.as_(cast.reviewer).ask(ASK, input=given))["downloadTicketCreate"]
    assert [one["code"] for one in answer["fields"]] == ["PAPER_NOT_THERE"]
    assert "没有有效的注册，无需提醒" in answer["fields"][0]["message"]


async def test_a_stranger_prints_none(services: Services, world: World, cast: Cast) -> None:
    elsewhere = await world.cast()
    with pytest.raises(Invalid):
        await expiry_notice(services.db, elsewhere.manager.actor, [cast.nurse_id, elsewhere.nurse_id])


async def test_a_hospital_finds_whom_no_message_reaches(services: Services, world: World, cast: Cast) -> None:
    other = await world.nurse(cast.hospital, cast.district)
    await reach(world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=True)
    for reached, nurse_id in ((True, cast.nurse_id), (False, other)):
        found = await Both(services).data(UNREACHED, cast.operator, reached=reached)
        assert found == {"nurses": {"nodes": [{"id": global_id("Nurse", nurse_id)}]}}
