"""Files of questions, and manuals: handed in, downloaded with a ticket, replaced, erased (N16, N21, I25, I26)."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from db.question_erasing import erase
from rules.people import Party, Role
from tests.support.help import PROBLEM, SHOWN, ask, do, step, take
from tests.support.live import Live
from tests.support.papers import PDF, picture
from tests.support.uploads import ASKED
from tests.support.world import TODAY, Cast, Person, World

pytestmark = pytest.mark.feature("N16", "N21", "I25", "I26")
MANUAL = "id audience language title version dated fileName sha256 size replacedAt"
MANUALS = f"{{ manuals(first: 50) {{ nodes {{ {MANUAL} }} }} }}"
ENTRANCE = f"{{ entrance {{ version support {{ phone }} registrationGuide usageGuide manuals {{ {MANUAL} }} }} }}"


@pytest.fixture
async def keeper(world: World, cast: Cast) -> Person:
    """A provincial admin."""
    return await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)


async def upload(live: Live, person: Person, name: str, kind: str, shown: str, content: bytes, **input: Any) -> Any:
    """A mutation with a file; gives what it shows, or the problem."""
    title = name[0].upper() + name[1:]
    query = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ ... on {title}Payload {{ {shown} }} {PROBLEM} }} }}"
    asked = {"query": query, "variables": {"input": {"file": None, **input}}}
    fields = {"operations": json.dumps(asked), "map": json.dumps({"0": ["variables.input.file"]})}
    signed = {"Authorization": f"Bearer {person.token}"}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        files = {"0": ("截图.pdf", content, "text/html")}
        body = (await client.post("/graphql", data=fields, files=files, headers={**ASKED, **signed})).json()
    assert "errors" not in body, body
    found = body["data"][name]
    return found.get(shown.partition(" ")[0], found)


async def add(live: Live, person: Person, question: Any, content: bytes) -> Any:
    """A file to a question."""
    shown = f"question {{ {SHOWN} }}"
    return await upload(live, person, "questionAddFile", "QuestionAddFileInput", shown, content, **step(question))


async def publish(live: Live, person: Person, content: bytes = PDF, **input: Any) -> Any:
    """A manual."""
    given = {"audience": "EVERYBODY", "language": "ZH", "title": "用户手册", "version": "1.0", "dated": str(TODAY)}
    shown = f"manual {{ {MANUAL} }}"
    return await upload(live, person, "manualPublish", "ManualPublishInput", shown, content, **{**given, **input})


async def download(live: Live, person: Person | None, file: str, key: str) -> Any:
    """The file of a ticket, or the problem."""
    client = live.as_(person)
    if person is None:
        got = await do(client, "manualTicketCreate", "ManualTicketCreateInput", "ticket", id=key)
    else:
        got = await do(client, "downloadTicketCreate", "DownloadTicketCreateInput", "ticket", file=file, ids=[key])
    if not isinstance(got, str):
        return got
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as http:
        return await http.post("/files", json={"ticket": got})


async def test_a_file_of_a_question_shows_to_both_sides_and_is_erased_ninety_days_after_its_end(
    live: Live, world: World, cast: Cast
) -> None:
    desk = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    asked, content = await ask(live.as_(cast.nurse)), PDF + uuid7().bytes
    with_file = await add(live, cast.nurse, asked, content)
    (file,) = with_file["files"]
    assert (file["fileName"], file["mediaType"], file["erased"]) == ("截图.pdf", "application/pdf", False)
    for person in (cast.nurse, desk):
        assert (await download(live, person, "QUESTION_FILE", file["id"])).content == content
    assert (await download(live, cast.operator, "QUESTION_FILE", file["id"]))["code"] == "NOT_FOUND"
    closed = await take(live.as_(cast.nurse), "questionClose", with_file)
    aged = "update question set closed_at = closed_at - $2::interval where account_id = $1"
    await world.owner.execute(aged, cast.nurse.account_id, timedelta(days=89))
    index = world.keyring.blind_index(content, "blob")
    there = "select count(*) from blob where content_index = $1"
    await erase(world.owner, 100)
    assert await world.owner.fetchval(there, index) == 1
    await world.owner.execute(aged, cast.nurse.account_id, timedelta(days=1, minutes=1))
    await erase(world.owner, 100)
    assert await world.owner.fetchval(there, index) == 0
    again = await live.as_(cast.nurse).ask(
        "query($id: ID!) { node(id: $id) { ... on Question { files { erased } messages { said } } } }", id=closed["id"]
    )
    assert again["node"] == {"files": [{"erased": True}], "messages": [{"said": "ASKED"}]}
    assert (await download(live, desk, "QUESTION_FILE", file["id"]))["code"] == "NOT_FOUND"


async def test_a_file_that_is_none_of_ours_or_one_too_many_is_refused(live: Live, world: World, cast: Cast) -> None:
    question = await ask(live.as_(cast.nurse))
    refused = await add(live, cast.nurse, question, b"MZ\x90\x00 a program")
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("file", "FILE_TYPE")]
    stranger = await add(live, cast.operator, question, picture())
    assert stranger["code"] == "NOT_FOUND"
    for _ in range(5):
        question = await add(live, cast.nurse, question, picture())
    assert (await add(live, cast.nurse, question, picture()))["code"] == "TOO_MANY_FILES"
    assert await world.owner.fetchval("select count(*) from question_file") >= 5


async def test_a_manual_is_read_by_everybody_and_replaced_ones_only_by_who_keeps_them(
    live: Live, world: World, cast: Cast, keeper: Person
) -> None:
    title = f"用户手册{str(uuid7().int)[-12:]}"
    first = await publish(live, keeper, title=title)
    assert first["sha256"] == sha256(PDF).hexdigest()
    listed = (await live.as_(None).ask(ENTRANCE))["entrance"]
    assert first in listed["manuals"]
    assert "激活码" in listed["registrationGuide"]
    assert listed["support"] == {"phone": None}
    second = await publish(live, keeper, PDF + b"\n%2", title=title, version="1.1")
    for person in (cast.nurse, cast.operator):
        titles = [one["id"] for one in (await live.as_(person).ask(MANUALS))["manuals"]["nodes"]]
        assert (second["id"] in titles, first["id"] in titles) == (True, False)
    kept = {one["id"]: one for one in (await live.as_(keeper).ask(MANUALS))["manuals"]["nodes"]}
    assert kept[first["id"]]["replacedAt"] is not None
    assert (await download(live, None, "MANUAL", second["id"])).content == PDF + b"\n%2"
    assert (await download(live, cast.nurse, "MANUAL", second["id"])).headers["content-type"] == "application/pdf"
    for person in (None, cast.nurse):
        assert (await download(live, person, "MANUAL", first["id"]))["code"] == "NOT_FOUND"
    assert (await download(live, keeper, "MANUAL", first["id"])).content == PDF
    gone = await do(live.as_(keeper), "manualWithdraw", "ManualStepInput", f"manual {{ {MANUAL} }}", id=second["id"])
    assert gone["replacedAt"] is not None
    assert (await download(live, None, "MANUAL", second["id"]))["code"] == "NOT_FOUND"


async def test_a_manual_for_institutions_is_theirs_alone(live: Live, cast: Cast, keeper: Person) -> None:
    made = await publish(live, keeper, audience="INSTITUTION", title=f"机构必读手册{str(uuid7().int)[-12:]}")
    assert (await download(live, cast.operator, "MANUAL", made["id"])).content == PDF
    for person in (cast.nurse, None):
        assert (await download(live, person, "MANUAL", made["id"]))["code"] == "NOT_FOUND"


async def test_only_a_pdf_is_a_manual_and_only_a_keeper_publishes_one(
    live: Live, world: World, cast: Cast, keeper: Person
) -> None:
    before = await world.owner.fetchval("select count(*) from manual")
    refused = await publish(live, keeper, picture())
    assert [one["code"] for one in refused["fields"]] == ["FILE_TYPE"]
    refused = await publish(live, keeper, title=" ", version="1" * 21, dated=str(TODAY + timedelta(days=1)))
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("title", "FIELD_REQUIRED"),
        ("version", "TEXT_TOO_LONG"),
        ("dated", "IN_FUTURE"),
    ]
    for person in (cast.manager, cast.reviewer, cast.nurse):
        assert (await publish(live, person))["code"] == "NOT_ALLOWED"
    assert await world.owner.fetchval("select count(*) from manual") == before
