"""Photos, straight in the tables, and as a front end hands them in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import httpx
from uuid_utils.compat import uuid7

from rules.moment import SHANGHAI
from tests.support.live import Live
from tests.support.papers import a_blob
from tests.support.pictures import drawn, saved
from tests.support.uploads import ASKED
from tests.support.world import Cast, Person, World

ENDED: Final = ("REJECTED", "REPLACED", "WITHDRAWN")
SHOWN: Final = """id state version filedBy nurseName idNumberMasked size whiteBorder cut warnings reasons opinion
  queuedAt escalatedAt decidedAt endedAt erased nurse { id }"""
PROBLEMS: Final = "... on Problem { code message } ... on ValidationProblem { fields { path code message } }"
UPLOAD: Final = (
    "mutation($input: PhotoUploadInput!) { photoUpload(input: $input) {"
    f" ... on PhotoUploadPayload {{ photo {{ {SHOWN} }} }} {PROBLEMS} }} }}"
)


async def a_photo(world: World, cast: Cast, state: str = "PENDING", seed: int = 0, **columns: Any) -> UUID:
    """A photo of a nurse in this state; that on record stands in her record too."""
    content, key, now = saved(drawn(seed=seed)), uuid7(), datetime.now(SHANGHAI)
    kept_as = await a_blob(world, content, "image/jpeg")
    row = {"id": key, "nurse_id": cast.nurse_id, "account_id": cast.nurse.account_id, "filed_by": "NURSE"}
    when = {} if state == "UPLOADED" else {"queued_at": now - timedelta(days=1)}
    ended = {"ended_at": now} if state in ENDED else {}
    kept = {"blob_id": kept_as, "size": len(content), "white_border": 100, "state": state, **when, **ended}
    await world.insert("photo", **{**row, **kept, **columns})
    if state == "CURRENT":
        await world.owner.execute("update nurse set photo_id = $2 where id = $1", cast.nurse_id, kept_as)
    return key


def packed(
    pictures: Mapping[str, bytes],
    rows: Iterable[Sequence[str]],
    sheet: str = "名单.csv",
    *,
    heads: str = "身份证号,文件名,姓名",
    compressed: bool = False,
) -> bytes:
    """An archive of pictures with its sheet."""
    lines = [heads, *(",".join([*row, ""][:3]) for row in rows)]
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED if compressed else ZIP_STORED) as archive:
        for name, picture in pictures.items():
            archive.writestr(name, picture)
        if sheet:
            archive.writestr(sheet, "\n".join(lines))
    return content.getvalue()


async def hand_in(live: Live, person: Person | None, content: bytes, **input: Any) -> Any:
    """A picture handed in as a front end does it; gives the photo, or the problem."""
    asked = {"query": UPLOAD, "variables": {"input": {"file": None, **input}}}
    fields = {"operations": json.dumps(asked), "map": json.dumps({"0": ["variables.input.file"]})}
    signed = {"Authorization": f"Bearer {person.token}"} if person else {}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        files = {"0": ("我的照片.bmp", content, "text/html")}
        sent = await client.post("/graphql", data=fields, files=files, headers={**ASKED, **signed})
    body = sent.json()
    assert "errors" not in body, body
    answer = body["data"]["photoUpload"]
    return answer.get("photo", answer)


async def download(live: Live, person: Person, *ids: str) -> httpx.Response | Any:
    """The pictures of photos by a ticket; or the problem with it."""
    ask = (
        "mutation($ids: [ID!]!) { it: downloadTicketCreate(input: {file: PHOTO, ids: $ids}) {"
        f" ... on DownloadTicketCreatePayload {{ ticket url expiresAt }} {PROBLEMS} }} }}"
    )
    answer = (await live.as_(person).ask(ask, ids=[*ids]))["it"]
    if "ticket" not in answer:
        return answer
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        return await client.post(answer["url"], json={"ticket": answer["ticket"]})
