"""A ticket becomes its file: once, under its name, and never anything that a browser would run."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from papers.file import File
from rules.ticket import FileKind, RecordFile
from tests.support.live import Live
from tests.support.orders import draft_of, take_order
from tests.support.papers import PDF, hand_in
from tests.support.world import Cast, Person, World, renewal
from web.download import MAKERS, headers_of

pytestmark = pytest.mark.feature("I18")
GET = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  __typename ... on DownloadTicketCreatePayload { ticket url expiresAt } ... on Problem { code } } }"""


@pytest_asyncio.fixture
async def material(services: Services, world: World, cast: Cast) -> str:
    """The global id of a material in the nurse's draft."""
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await hand_in(world, key, cast.nurse.account_id, "CERTIFICATE")
    update = "update material set file_name = '毕业证 (1).pdf' where application_id = $1 returning id"
    return global_id("Material", await world.owner.fetchval(update, key))


async def ticket(live: Live, person: Person, material: str) -> dict[str, Any]:
    """What the mutation answers."""
    done = await live.as_(person).ask(GET, input={"file": "MATERIAL", "ids": [material]})
    found: dict[str, Any] = done["downloadTicketCreate"]
    return found


async def post(live: Live, **more: Any) -> httpx.Response:
    """A request to the door for downloads."""
    async with httpx.AsyncClient(base_url=live.origin) as client:
        return await client.post("/files", **more)


def test_every_kind_of_file_has_a_maker() -> None:
    assert set(MAKERS) == {*FileKind, *RecordFile}


@pytest.mark.parametrize("form", ["json", "data"])
async def test_a_ticket_becomes_its_file_once(live: Live, cast: Cast, material: str, form: str) -> None:
    given = await ticket(live, cast.nurse, material)
    assert given["url"] == "/files"
    response = await post(live, **{form: {"ticket": given["ticket"]}})
    assert (response.status_code, response.content) == (200, PDF)
    headers = response.headers
    assert headers["content-type"] == "application/pdf"
    plain, _, encoded = headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="material.pdf"'
    assert unquote(encoded) == "毕业证 (1).pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("sandbox;")
    again = await post(live, **{form: {"ticket": given["ticket"]}})
    assert (again.status_code, again.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


async def test_strangers_get_no_ticket_and_anonymous_ones_are_told_to_sign_in(
    live: Live, cast: Cast, material: str
) -> None:
    for person in (cast.operator, cast.reviewer):
        found = await ticket(live, person, material)
        assert found == {"__typename": "NotFoundProblem", "code": "NOT_FOUND"}
    assert await live.as_(None).refused(GET, input={"file": "MATERIAL", "ids": [material]}) == ["UNAUTHENTICATED"]
    other = {"file": "APPLICATION_FORM", "ids": [material]}
    done = await live.as_(cast.nurse).ask(GET, input=other)
    assert done["downloadTicketCreate"]["code"] == "NOT_FOUND"


async def test_a_removed_material_is_gone_though_the_ticket_was_good(
    live: Live, world: World, cast: Cast, material: str
) -> None:
    given = await ticket(live, cast.nurse, material)
    await world.owner.execute("update material set removed_at = now() where file_name = '毕业证 (1).pdf'")
    assert (await post(live, json={"ticket": given["ticket"]})).status_code == 404


BAD: dict[str, tuple[dict[str, Any], int]] = {
    "no ticket": ({"json": {}}, 400),
    "a number": ({"json": {"ticket": 1}}, 400),
    "a list": ({"json": [1]}, 400),
    "no JSON": ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    "an empty ticket": ({"data": {"ticket": ""}}, 400),
    "two tickets": ({"data": {"ticket": ["a", "b"]}}, 400),
    "too many fields": ({"data": {f"f{n}": "x" for n in range(20)}}, 400),
    "bytes that are no text": (
        {"content": b"ticket=%ff%fe", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        404,
    ),
    "an unknown ticket": ({"json": {"ticket": "x" * 43}}, 404),
    "a NUL": ({"data": {"ticket": "\0"}}, 404),
    "too long": ({"json": {"ticket": "x" * 2000}}, 413),
    "a file": ({"files": {"ticket": b"x"}}, 415),
    "plain text": ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
}


@pytest.mark.parametrize("name", BAD)
async def test_nonsense_is_refused_by_its_status(live: Live, name: str) -> None:
    request, status = BAD[name]
    response = await post(live, **request)
    assert response.status_code == status
    assert set(response.json()) == {"errors"}
    assert response.headers["cache-control"] == "no-store"


async def test_a_ticket_in_an_address_is_worth_nothing(live: Live, cast: Cast, material: str) -> None:
    given = await ticket(live, cast.nurse, material)
    async with httpx.AsyncClient(base_url=live.origin) as client:
        assert (await client.get("/files", params={"ticket": given["ticket"]})).status_code == 405
        assert (await client.post("/files", params={"ticket": given["ticket"]})).status_code == 415
    assert (await post(live, data={"ticket": given["ticket"]})).status_code == 200


async def test_of_eight_at_once_one_gets_the_file(live: Live, cast: Cast, material: str) -> None:
    given = await ticket(live, cast.nurse, material)
    found = await asyncio.gather(*(post(live, data={"ticket": given["ticket"]}) for _ in range(8)))
    assert sorted(one.status_code for one in found) == [200, *[404] * 7]


@pytest.mark.parametrize(
    ("name", "plain"),
    [("report-6.pdf", "report-6.pdf"), ("护士执业证书-王芳.pdf", "certificate.pdf"), ("1 王.PDF", "certificate.PDF")],
)
def test_a_program_that_reads_ascii_alone_saves_a_file_that_says_what_it_is(name: str, plain: str) -> None:
    value = headers_of(File(name, "application/pdf", b"", "certificate"))["Content-Disposition"]
    assert value.startswith(f'attachment; filename="{plain}"; ')


NAMES = ["a.pdf", '"; x=y.pdf', "a\r\nb.pdf", "𠅤 'x'.pdf", "a%00.pdf"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_escapes_its_header(name: str) -> None:
    value = headers_of(File(name, "application/pdf", b""))["Content-Disposition"]
    assert re.fullmatch(r"attachment; filename=\"[A-Za-z0-9._-]*\"; filename\*=UTF-8''[A-Za-z0-9._~%-]*", value)
    assert unquote(value.rpartition("''")[2]) == name
