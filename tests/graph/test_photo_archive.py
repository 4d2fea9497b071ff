"""An institution hands in the photos of many of its nurses in one archive: tried first, then all or none (N15, I15)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from rules.people import Party, Role
from rules.photo_archive import MOST
from tests.support.lists import xlsx
from tests.support.live import Live
from tests.support.people import form, known, resident
from tests.support.photos import PROBLEMS, a_photo, packed
from tests.support.pictures import drawn, saved
from tests.support.uploads import ASKED
from tests.support.world import Cast, Person, World

pytestmark = pytest.mark.feature("N15", "I15")
FILE = (
    "mutation($input: PhotoArchiveFileInput!) { photoArchiveFile(input: $input) { ... on PhotoArchiveFilePayload {"
    f" filed unnamedFiles items {{ line fileName warnings nurse {{ name }} problems {{ path code message }} }} }} {PROBLEMS} }} }}"
)


async def send(live: Live, person: Person, archive: bytes, **more: Any) -> Any:
    """An archive handed in as a front end does it."""
    asked = {"query": FILE, "variables": {"input": {"archive": None, **more}}}
    fields = {"operations": json.dumps(asked), "map": json.dumps({"0": ["variables.input.archive"]})}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        headers = {**ASKED, "Authorization": f"Bearer {person.token}"}
        sent = await client.post("/graphql", data=fields, files={"0": ("相片.zip", archive)}, headers=headers)
    body = sent.json()
    assert "errors" not in body, body
    return body["data"]["photoArchiveFile"]


async def nurses(world: World, cast: Cast, count: int) -> list[tuple[UUID, str, str]]:
    """Nurses of the hospital: key, number, name."""
    given = [form(id_number=resident()) for _ in range(count)]
    return [(await known(world, cast, one), one.id_number, one.name) for one in given]


def pictures(count: int) -> Mapping[str, bytes]:
    """Pictures, each another."""
    return {f"{one}.jpg": saved(drawn(seed=one)) for one in range(count)}


async def test_photos_of_many_are_tried_first_and_then_on_record_and_each_nurse_is_told(
    live: Live, world: World, cast: Cast
) -> None:
    theirs = await nurses(world, cast, 3)
    content = packed(pictures(3), [(number, f"{nth}.jpg", name) for nth, (_, number, name) in enumerate(theirs)])
    tried = await send(live, cast.operator, content, tryOnly=True)
    assert (tried["filed"], [one["line"] for one in tried["items"]]) == (0, [2, 3, 4])
    assert [one["problems"] for one in tried["items"]] == [[], [], []]
    assert [one["nurse"]["name"] for one in tried["items"]] == [name for *_, name in theirs]
    keys = [key for key, *_ in theirs]
    assert await world.owner.fetchval("select count(*) from photo where nurse_id = any ($1::uuid[])", keys) == 0
    again = [await send(live, cast.operator, content, idempotencyKey="photos-of-today") for _ in range(2)]
    assert [one["filed"] for one in again] == [3, 3]
    rows = await world.owner.fetch(
        "select nurse_id, state, filed_by, photo_id = blob_id as hers from photo join nurse on nurse.id = nurse_id"
        " where nurse_id = any ($1::uuid[])",
        keys,
    )
    assert {tuple(row) for row in rows} == {(key, "CURRENT", "INSTITUTION", True) for key in keys}
    for key in keys:
        heard = await world.owner.fetch("select type from event where scope = $1 and type like 'photo.%'", key)
        assert [row["type"] for row in heard] == ["photo.entered"]


async def test_pictures_that_no_row_names_are_told(live: Live, world: World, cast: Cast) -> None:
    (_, number, name), *_ = await nurses(world, cast, 1)
    content = packed({**pictures(1), "张三 旧.jpg": saved(drawn(seed=7)), "Thumbs.db": b"x"}, [(number, "0.jpg", name)])
    for only in (True, False):
        answer = await send(live, cast.operator, content, tryOnly=only)
        assert answer["unnamedFiles"] == ["thumbs.db", "张三 旧.jpg"]
        assert [one["problems"] for one in answer["items"]] == [[]]


async def test_every_fault_of_every_row_is_told_and_nothing_is_filed(live: Live, world: World, cast: Cast) -> None:
    theirs = await nurses(world, cast, 4)
    far = await world.cast()
    ((_, stranger, _),) = await nurses(world, far, 1)
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=theirs[3][0])
    (_, first, _), (_, second, _), (_, third, _), (_, fourth, _) = theirs
    rows = [
        (first, "0.jpg"),
        (first, "1.jpg"),
        (second, "absent.jpg"),
        (third, "small.jpg"),
        (stranger, "2.jpg"),
        ("11010119900307", "3.jpg"),
        (second, "4.jpg", "另一人"),
        (fourth, "5"),
    ]
    small = {"folder/small.jpg": saved(drawn((100, 100)))}
    content = packed({**pictures(6), **small}, rows)
    tried = await send(live, herself, content, tryOnly=True)
    assert [[(one["path"], one["code"]) for one in item["problems"]] for item in tried["items"]] == [
        [],
        [("nurse", "TWICE")],
        [("file", "PHOTO_MISSING")],
        [("file", "PHOTO_PIXELS")],
        [("nurse", "NOT_FOUND")],
        [("idNumber", "ID_NUMBER_FORMAT")],
        [("nurse", "NOT_FOUND")],
        [("nurse", "ABOUT_YOURSELF")],
    ]
    refused = await send(live, herself, content)
    assert {one["path"] for one in refused["fields"]} == {"archive"}
    assert [one["message"].partition("：")[0] for one in refused["fields"]][:2] == ["第3行", "第4行“absent.jpg”"]
    assert await world.owner.fetchval("select count(*) from photo where account_id = $1", herself.account_id) == 0


async def test_the_sheet_may_be_a_workbook_and_names_may_be_written_as_chinese_systems_do(
    live: Live, world: World, cast: Cast
) -> None:
    ((key, number, name),) = await nurses(world, cast, 1)
    await a_photo(world, replace(cast, nurse_id=key), "CURRENT", 1)
    content, rows = BytesIO(), [["护士相片名单"], ["姓名", "身份证号码", "照片文件名"], [name, number, "王护士"]]
    with ZipFile(content, "w") as archive:
        archive.writestr("XXXXXX.JPG", saved(drawn((1200, 1600))))
        archive.writestr("list.xlsx", xlsx(rows))
    named = content.getvalue().replace(b"XXXXXX.JPG", "王护士.JPG".encode("gb18030"))
    done = await send(live, cast.operator, named, cut=True)
    assert done["filed"] == 1
    found = await world.owner.fetch("select state from photo where nurse_id = $1 order by id", key)
    assert [row["state"] for row in found] == ["REPLACED", "CURRENT"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no archive", "ARCHIVE_UNREADABLE"),
        (packed({"0.jpg": b"x"}, [], sheet=""), "ARCHIVE_SHEETS"),
        (packed({"other.csv": b"x"}, []), "ARCHIVE_SHEETS"),
        (packed({"a/0.jpg": b"x", "b\\0.JPG": b"y"}, []), "ARCHIVE_NAME_TWICE"),
        (packed({"0.jpg": bytes((5 << 20) + 1)}, [], compressed=True), "ARCHIVE_TOO_LARGE"),
        (packed(dict.fromkeys(map(str, range(13)), bytes(5 << 20)), [], compressed=True), "ARCHIVE_TOO_LARGE"),
        (packed({"0.jpg": b"x"}, [], heads="姓名,文件"), "ARCHIVE_SHEET_HEADS"),
        (packed({}, []), "NOBODY"),
        (packed({f"{one}.jpg": b"x" for one in range(MOST + 1)}, []), "TOO_MANY"),
        (packed({"0.jpg": b"x"}, [("1", "0.jpg")] * (MOST + 1)), "TOO_MANY"),
        (packed({"0.jpg": bytes((5 << 20) + 1)}, [])[: 5 << 20], "ARCHIVE_UNREADABLE"),
    ],
    ids=[
        "no archive",
        "no sheet",
        "two sheets",
        "one name twice",
        "one too large",
        "all too large",
        "no heads",
        "empty",
        "too many pictures",
        "too many rows",
        "broken",
    ],
)
async def test_an_archive_that_cannot_be_read_as_a_whole_says_why(
    live: Live, cast: Cast, content: bytes, code: str
) -> None:
    for tries in (True, False):
        refused = await send(live, cast.operator, content, tryOnly=tries)
        assert [(one["path"], one["code"]) for one in refused["fields"]] == [("archive", code)]


async def test_only_operators_hand_in_for_others(live: Live, cast: Cast) -> None:
    content = packed({}, [])
    for person in (cast.nurse, cast.viewer, cast.reviewer):
        assert (await send(live, person, content, tryOnly=True))["code"] == "NOT_ALLOWED"
