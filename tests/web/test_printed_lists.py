"""Papers are printed for a list: one PDF in the list's order, all of it or nothing, and a transfer that breaks off goes on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

import httpx
import orjson
import psutil
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from graph.context import Services
from graph.limits import Limits
from graph.schema.node import global_id
from papers.file import File
from papers.printer import LISTS_WAITING, Printer, TooLargeToPrint
from rules.application import State
from rules.errors import RateLimited
from rules.form import form_to_json
from rules.people import Party, Role
from rules.ticket import MOST, RESUMED
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.pdf import A4, Pdf
from tests.support.world import Cast, Person, World, renewal
from web.download import route
from workflow import ticket as tickets

pytestmark = pytest.mark.feature("I18")
GET: Final = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  __typename ... on DownloadTicketCreatePayload { ticket expiresAt }
  ... on ValidationProblem { fields { path code message } } ... on Problem { code } } }"""
DATED: Final = datetime(2025, 9, 26, tzinfo=UTC)
LETTER: Final = {"title": "空", "foot": "", "authority": "", "number": "", "recipient": "", "date": ""}
LISTS: Final[dict[str, Any]] = {"before": [], "points": [], "after": []}


def run(papers: int) -> dict[str, Any]:
    """A run of empty letters."""
    return {"title": "空", "template": "letter", "papers": [{**LETTER, **LISTS}] * papers}


@dataclass
class Pile:
    """Applications of one hospital, in the order in which a list names them, which is not that of their ids."""

    live: Live
    world: World
    cast: Cast
    keys: list[UUID]

    @property
    def ids(self) -> list[str]:
        """Their global ids."""
        return [global_id("Application", key) for key in self.keys]

    async def ticket(self, *ids: str, who: Person | None = None, file: str = "APPLICATION_FORM") -> dict[str, Any]:
        """What the mutation answers."""
        given = {"file": file, "ids": [*ids] or self.ids}
        done = await self.live.as_(who or self.cast.viewer).ask(GET, input=given)
        found: dict[str, Any] = done["downloadTicketCreate"]
        return found

    async def redeemed(self, ticket: str, **headers: str) -> httpx.Response:
        """What the door for downloads answers."""
        async with httpx.AsyncClient(base_url=self.live.origin, timeout=60) as client:
            return await client.post("/files", json={"ticket": ticket}, headers=headers)

    async def printed(self, **more: Any) -> Pdf:
        """The PDF."""
        answer = await self.redeemed((await self.ticket(**more))["ticket"])
        assert answer.status_code == 200, answer.text
        return Pdf(File("", "", answer.content))

    async def downloads(self) -> list[dict[str, Any]]:
        """What the audit trail says of downloads of these."""
        keys = [str(key) for key in self.keys]
        sql = "select nurse_id, members, detail from audit where action = 'file.download'"
        named = "(detail->>'id' = any($1) or detail->'ids' ?| $1)"
        rows = await self.world.owner.fetch(f"{sql} and {named} order by id", keys)
        return [dict(row) for row in rows]


async def a_nurse(world: World, cast: Cast, name: str) -> Cast:
    """Another nurse of the hospital."""
    nurse_id = await world.nurse(cast.hospital, cast.district)
    await world.rename(nurse_id, name)
    return replace(cast, nurse_id=nurse_id, nurse=await world.person(Party.NURSE, nurse_id, Role.NURSE))


@pytest_asyncio.fixture
async def pile(live: Live, world: World, cast: Cast) -> Pile:
    """Three renewals at the authority."""
    keys = []
    for name in ("甲", "乙", "丙"):
        filed = {"nurse_name": name, "form": orjson.dumps(form_to_json(renewal())).decode()}
        key = await put(world, await a_nurse(world, cast, name), State.AUTHORITY_INTAKE, **filed)
        keys.append(key)
    return Pile(live, world, cast, [keys[1], keys[2], keys[0]])


def texts(pdf: Pdf) -> list[str]:
    """What each page says."""
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pdf.pages]


async def test_forms_of_a_list_are_one_pdf_in_its_order_each_with_its_own_pages(pile: Pile) -> None:
    pdf = await pile.printed()
    said = texts(pdf)
    assert (len(said), pdf.sizes) == (3, {A4})
    for page, key, name, place in zip(said, pile.keys, "乙丙甲", (1, 2, 3), strict=True):
        for word in (f"姓名{name}", str(key), f"名单第{place}份，共3份", "第1页共1页"):
            assert word in page
    assert all(pdf.fonts.values())


async def test_a_paper_of_two_pages_counts_its_own_and_no_others(pile: Pile) -> None:
    sql = "update application set form = jsonb_set(form::jsonb, '{remarks}', to_jsonb($2::text)) where id = $1"
    await pile.world.owner.execute(sql, pile.keys[1], "长" * 2000)
    said = texts(await pile.printed())
    assert len(said) == 4
    for page, foot in zip(
        said,
        ("第1份，共3份第1页共1页", "第2份，共3份第1页共2页", "第2份，共3份第2页共2页", "第3份，共3份第1页共1页"),
        strict=True,
    ):
        assert foot in page


async def test_one_paper_bears_no_number_of_a_list(pile: Pile) -> None:
    made = await pile.ticket(pile.ids[0])
    answer = await pile.redeemed(made["ticket"])
    pdf = Pdf(File("", "", answer.content))
    assert "名单" not in pdf.text
    assert "attachment" in answer.headers["content-disposition"]


async def test_equal_lists_give_equal_bytes_under_the_name_of_a_list(pile: Pile) -> None:
    answers = [await pile.redeemed((await pile.ticket())["ticket"]) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert unquote(answers[0].headers["content-disposition"].partition("UTF-8''")[2]) == "申请审核表-3份.pdf"


async def test_certificates_and_letters_are_printed_for_a_list(pile: Pile) -> None:
    world, cast = pile.world, pile.cast
    nurses = [await world.owner.fetchval("select nurse_id from application where id = $1", key) for key in pile.keys]
    for nurse_id in nurses:
        row = {"nurse_id": nurse_id, "number": nurse_id.hex, "serial": f"S{nurse_id.hex}", "issued_on": DATED.date()}
        await world.insert("certificate", **row, authority_id=cast.district)
    for key in pile.keys:
        row = {"application_id": key, "revision": 1, "stage": "AUTHORITY_DECISION", "reasons": []}
        await world.insert("review_decision", **row, outcome="AGREED", decider_id=cast.decider.account_id)
    made = await pile.ticket(*(global_id("Nurse", key) for key in nurses), file="CERTIFICATE")
    certificates = Pdf(File("", "", (await pile.redeemed(made["ticket"])).content))
    assert [f"S{nurse_id.hex}" in page for nurse_id, page in zip(nurses, texts(certificates), strict=True)] == [
        True
    ] * 3
    letters = texts(await pile.printed(file="DECISION_LETTER", who=cast.decider))
    assert [
        (name in page, "准予护士执业延续注册决定书" in page) for name, page in zip("乙丙甲", letters, strict=True)
    ] == [(True, True)] * 3


async def test_where_one_may_not_be_read_no_ticket_is_given_and_each_such_is_named(pile: Pile) -> None:
    other = await put(pile.world, await pile.world.cast(), State.AUTHORITY_INTAKE)
    before = await pile.world.owner.fetchval("select count(*) from ticket")
    strangers = (global_id("Application", other), global_id("Application", pile.cast.nurse_id))
    for strange in strangers:
        problem = await pile.ticket(pile.ids[0], strange, pile.ids[1], strangers[0] if strange != strangers[0] else "x")
        assert problem["__typename"] == "ValidationProblem"
        places = {one["path"]: one["code"] for one in problem["fields"]}
        assert places.items() <= {"ids.1": "NOT_FOUND", "ids.3": "NOT_FOUND"}.items()
        assert problem["fields"][0]["message"] == "未找到该项，或您无权查看"
    nurses = [pile.ids[0], global_id("Nurse", pile.cast.nurse_id)]
    assert [one["path"] for one in (await pile.ticket(*nurses))["fields"]] == ["ids.1"]
    assert await pile.ticket(strangers[0]) == {"__typename": "NotFoundProblem", "code": "NOT_FOUND"}
    assert await pile.world.owner.fetchval("select count(*) from ticket") == before


async def test_none_too_many_one_twice_and_several_materials_are_refused_by_name(pile: Pile) -> None:
    async def problems(ids: Sequence[str], file: str = "APPLICATION_FORM") -> list[tuple[str, str]]:
        done = await pile.live.as_(pile.cast.viewer).ask(GET, input={"file": file, "ids": [*ids]})
        return [(one["path"], one["code"]) for one in done["downloadTicketCreate"]["fields"]]

    assert await problems([]) == [("ids", "FIELD_REQUIRED")]
    many = [global_id("Application", UUID(int=place)) for place in range(1, MOST + 2)]
    assert await problems(many) == [("ids", "TOO_MANY")]
    assert {code for _, code in await problems(many[:MOST])} == {"NOT_FOUND"}
    one, other, _ = pile.ids
    assert await problems([one, other, one, one]) == [("ids.2", "TWICE"), ("ids.3", "TWICE")]
    materials = [global_id("Material", key) for key in pile.keys]
    assert await problems(materials, "MATERIAL") == [("ids", "ONE_MATERIAL")]


@pytest.mark.feature("N11")
async def test_a_list_is_one_entry_of_the_audit_trail_which_each_of_its_nurses_finds(pile: Pile) -> None:
    stands = "update application a set id_number_masked = n.id_number_masked from nurse n where n.id = a.nurse_id"
    await pile.world.owner.execute(f"{stands} and a.id = any($1)", pile.keys)
    await pile.printed(who=pile.cast.operator)
    (row,) = await pile.downloads()
    find = "select nurse_id from application where id = $1"
    nurses = [await pile.world.owner.fetchval(find, key) for key in pile.keys]
    assert (row["nurse_id"], row["members"]) == (None, nurses)
    ids = ", ".join(f'"{key}"' for key in pile.keys)
    assert row["detail"] == f'{{"ids": [{ids}], "file": "APPLICATION_FORM"}}'
    hers = "select action from audit where members @> array[$1::uuid] order by id"
    for nurse_id in nurses:
        found = [one["action"] for one in await pile.world.owner.fetch(hers, nurse_id)]
        assert found == ["file.download", "id_number.printed"]


async def test_what_may_be_read_no_longer_is_named_when_the_ticket_is_used_and_nothing_is_printed(pile: Pile) -> None:
    made = await pile.ticket()
    elsewhere = (await pile.world.cast()).hospital
    await pile.world.owner.execute("update application set institution_id = $2 where id = $1", pile.keys[2], elsewhere)
    await pile.world.owner.execute(
        "update registration set institution_id = $2 where nurse_id = (select nurse_id from application where id = $1)",
        *(pile.keys[2], elsewhere),
    )
    answer = await pile.redeemed(made["ticket"])
    refusal = answer.json()["errors"][0]["extensions"]
    assert (answer.status_code, refusal["code"]) == (400, "VALIDATION")
    assert [(one["path"], one["code"]) for one in refusal["fields"]] == [("ids.2", "NOT_FOUND")]
    assert await pile.downloads() == []
    assert (await pile.redeemed(made["ticket"])).status_code == 404


async def test_where_one_has_no_such_paper_no_ticket_is_given_and_each_such_is_named(pile: Pile) -> None:
    row = {"application_id": pile.keys[0], "revision": 1, "stage": "AUTHORITY_REVIEW", "reasons": []}
    await pile.world.insert("review_decision", **row, outcome="ACCEPTED", decider_id=pile.cast.reviewer.account_id)
    before = await pile.world.owner.fetchval("select count(*) from ticket")
    refusal = await pile.ticket(file="ACCEPTANCE_NOTICE", who=pile.cast.reviewer)
    assert [(one["path"], one["code"], one["message"]) for one in refusal["fields"]] == [
        (
            f"ids.{place}",
            "PAPER_NOT_YET",
            f"{name}的延续注册申请（待受理）没有受理通知书：尚未受理，受理后即可下载",
        )
        for place, name in ((1, "丙"), (2, "甲"))
    ]
    assert await pile.world.owner.fetchval("select count(*) from ticket") == before


async def test_what_has_no_such_paper_any_more_is_named_when_the_ticket_is_used(pile: Pile) -> None:
    world, cast = pile.world, pile.cast
    nurses = [await world.owner.fetchval("select nurse_id from application where id = $1", key) for key in pile.keys]
    for nurse_id in nurses:
        row = {"nurse_id": nurse_id, "number": nurse_id.hex, "serial": f"S{nurse_id.hex}", "issued_on": DATED.date()}
        await world.insert("certificate", **row, authority_id=cast.district)
    made = await pile.ticket(*(global_id("Nurse", key) for key in nurses), file="CERTIFICATE")
    await world.owner.execute("update certificate set voided_at = now() where nurse_id = $1", nurses[1])
    answer = await pile.redeemed(made["ticket"])
    refusal = answer.json()["errors"][0]["extensions"]
    assert (answer.status_code, refusal["code"]) == (400, "VALIDATION")
    assert [(one["path"], one["code"]) for one in refusal["fields"]] == [("ids.1", "PAPER_NOT_THERE")]
    assert await pile.downloads() == []


async def test_a_ticket_of_a_list_is_good_for_ten_minutes_and_of_one_paper_for_one(pile: Pile) -> None:
    lives = "select extract(epoch from expires_at - now())::int from ticket order by expires_at desc limit 1"
    await pile.ticket()
    assert 590 < await pile.world.owner.fetchval(lives) <= 600


async def test_a_transfer_that_was_broken_off_goes_on_where_it_stopped(pile: Pile) -> None:
    made = (await pile.ticket())["ticket"]
    whole = await pile.redeemed(made)
    tag, size = whole.headers["etag"], len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    rest = await pile.redeemed(made, **{"Range": f"bytes={size - 1000}-", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, whole.content[-1000:])
    assert rest.headers["content-range"] == f"bytes {size - 1000}-{size - 1}/{size}"
    assert rest.headers["etag"] == tag
    assert [row["detail"].count('"again": "True"') for row in await pile.downloads()] == [0, 1]


async def test_only_who_has_begun_to_read_may_go_on(pile: Pile) -> None:
    made = (await pile.ticket())["ticket"]
    early = await pile.redeemed(made, **{"Range": "bytes=5-", "If-Range": '"x"'})
    assert early.status_code == 404
    whole = await pile.redeemed(made)
    tag, size = whole.headers["etag"], len(whole.content)
    for headers, status in (
        ({}, 404),
        ({"Range": "bytes=5-"}, 404),
        ({"Range": "bytes=5-", "If-Range": '"x"'}, 404),
        ({"Range": f"bytes={size}-", "If-Range": tag}, 416),
    ):
        assert (await pile.redeemed(made, **headers)).status_code == status
    await pile.world.owner.execute("update application set nurse_name = '丁' where id = $1", pile.keys[0])
    assert (await pile.redeemed(made, **{"Range": "bytes=5-", "If-Range": tag})).status_code == 404


async def test_a_transfer_is_taken_up_again_only_so_often_and_so_long(pile: Pile) -> None:
    made = (await pile.ticket(pile.ids[0]))["ticket"]
    go_on = {"Range": "bytes=5-", "If-Range": (await pile.redeemed(made)).headers["etag"]}
    assert [(await pile.redeemed(made, **go_on)).status_code for _ in range(RESUMED)] == [206] * RESUMED
    much = await pile.redeemed(made, **go_on)
    assert (much.status_code, much.json()["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
    assert int(much.headers["retry-after"]) > 0
    other = (await pile.ticket(pile.ids[0]))["ticket"]
    await pile.redeemed(other)
    await pile.world.owner.execute("update ticket set expires_at = now() where used_at is not null")
    assert (await pile.redeemed(other, **go_on)).status_code == 404


async def test_papers_are_counted_for_each_account(pile: Pile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "PAPERS_AN_HOUR", 5)
    assert [(await pile.ticket()).get("code") for _ in range(2)] == [None, "RATE_LIMITED"]
    assert (await pile.ticket(*pile.ids[:2]))["__typename"] == "DownloadTicketCreatePayload"
    assert (await pile.ticket(who=pile.cast.operator))["__typename"] == "DownloadTicketCreatePayload"


async def test_a_list_has_a_time_limit_of_its_own(pile: Pile, services: Services) -> None:
    statuses = []
    for limits in (Limits(print_seconds=0.01), Limits(deadline_seconds=0.5)):
        app = Starlette(routes=[route(replace(services, limits=limits))])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            answer = await client.post("/files", json={"ticket": (await pile.ticket())["ticket"]})
        statuses.append(answer.status_code)
    assert statuses == [503, 200]


async def test_a_list_that_needs_more_memory_than_it_may_have_is_told_so() -> None:
    printer = Printer(memory=200 << 20)
    with pytest.raises(TooLargeToPrint):
        await printer.pdf(run(MOST), DATED)


async def test_lists_are_printed_one_after_the_other_and_do_not_wait_without_end() -> None:
    printer = Printer()

    async def printed() -> bytes:
        async with printer.place(2):
            return await printer.pdf(run(2), DATED)

    answers = await asyncio.gather(*(printed() for _ in range(LISTS_WAITING + 1)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [*[bytes] * LISTS_WAITING, RateLimited]


async def test_whoever_waits_no_longer_ends_the_process_that_prints() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await Printer().pdf(run(MOST), DATED)
    assert {child.pid for child in psutil.Process().children()} <= before
