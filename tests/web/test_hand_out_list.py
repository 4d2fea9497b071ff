"""The hand-out list (领证登记表) as PDF: rights 4."""

from __future__ import annotations

import re

import httpx
import pytest

from graph.context import Services
from graph.schema.node import global_id
from papers.hand_out import hand_out_list
from rules.errors import Invalid, NotFound
from rules.hand_out import Collector
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.pdf import A4, Pdf
from tests.support.stock import Office
from tests.support.world import Cast, Person, World

pytestmark = pytest.mark.feature("A4")


@pytest.fixture
def office(services: Services, world: World, cast: Cast) -> Office:
    """The office of a district."""
    return Office.of(services.db, world, cast)


async def printed(services: Services, who: Person, *casts: Cast) -> Pdf:
    """The list, as somebody prints it."""
    return Pdf(await hand_out_list(services.db, who.actor, [one.nurse_id for one in casts]))


async def waiting(office: Office, count: int) -> list[Cast]:
    """Nurses whose certificates are on the blanks from 1 on."""
    await office.receive(1, count)
    casts = [await office.nurse() for _ in range(count)]
    await office.use(1, *casts)
    return casts


async def number_of(office: Office, cast: Cast) -> str:
    """The number of her certificate."""
    number: str = (await office.world.row("certificate", cast.nurse_id, "nurse_id"))["number"]
    return number


async def test_each_line_has_her_name_certificate_and_blank_with_room_to_sign_in_the_order_of_the_list(
    services: Services, office: Office
) -> None:
    one, two = await waiting(office, 2)
    await office.hand_out(one, collector=Collector.PROXY, proxy_name="李代", proxy_last4="001X")
    pdf = await printed(services, office.cast.decider, two, one)
    lines = [f"1王护士{await number_of(office, two)}{office.number(2)}年月日", f"2王护士{await number_of(office, one)}"]
    for text in (
        *("领证登记表", "发证机关：西城区卫生健康委员会", "共2人", "领取人签名", "领取日期", "经办人："),
        *(*lines, f"{office.number(1)}他人代领：李代"),
    ):
        assert text in pdf.text, pdf.text
    assert (pdf.sizes, len(pdf.pages), pdf.file.name) == ({A4}, 1, "领证登记表-2人.pdf")
    assert (await printed(services, office.cast.reviewer, one)).file.name == "领证登记表-王护士.pdf"


async def test_a_long_list_has_its_head_on_each_page(services: Services, office: Office) -> None:
    casts = await waiting(office, 60)
    pdf = await printed(services, office.cast.reviewer, *casts)
    heads = [re.sub(r"\s", "", page.get_textpage().get_text_range()).count("空白证书编号") for page in pdf.pages]
    assert heads == [1] * len(pdf.pages)
    assert len(heads) > 1
    assert all(office.number(nth) in pdf.text for nth in range(1, 61))


async def test_who_is_on_no_blank_is_named_by_her_place_and_nothing_is_printed(
    services: Services, office: Office
) -> None:
    one, two = await waiting(office, 2)
    bare = await office.nurse()
    await office.spoil(2)
    with pytest.raises(Invalid) as refusal:
        await printed(services, office.cast.reviewer, one, bare, two)
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == [
        ("ids.1", "NOT_FOUND"),
        ("ids.2", "NOT_FOUND"),
    ]


async def test_nobody_but_its_officers_prints_it(services: Services, office: Office, world: World) -> None:
    (cast,) = await waiting(office, 1)
    elsewhere = await world.cast()
    for stranger in (cast.nurse, office.cast.manager, elsewhere.reviewer):
        with pytest.raises(NotFound):
            await printed(services, stranger, cast)


async def test_it_comes_by_ticket_and_each_nurses_trail_has_it(live: Live, office: Office) -> None:
    casts = await waiting(office, 2)
    ids = [global_id("Nurse", one.nurse_id) for one in casts]
    me = live.as_(office.cast.reviewer)
    ticket = (await do(me, "downloadTicketCreate", "ticket", file="HAND_OUT_LIST", ids=ids))["ticket"]
    async with httpx.AsyncClient(base_url=live.origin) as client:
        answer = await client.post("/files", json={"ticket": ticket})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    sql = "select detail->>'file' as file from audit where action = 'file.download' and members @> $1::uuid[]"
    for one in casts:
        rows = await office.world.owner.fetch(sql, [one.nurse_id])
        assert [row["file"] for row in rows] == ["HAND_OUT_LIST"]
