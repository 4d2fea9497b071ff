"""Pages that are none: cursors that nobody was given, sizes out of bounds, both ends at once."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest

from tests.support.live import Client, Live
from tests.support.world import Cast

PAGE = """query($first: Int, $after: String, $last: Int, $before: String) {
  pendingReviews(first: $first, after: $after, last: $last, before: $before) { nodes { id } } }"""


def forged(*parts: object) -> str:
    """A cursor that says this, as anybody could write it."""
    return b64encode(json.dumps(parts).encode()).decode()


BAD = {
    "nothing": "",
    "not base64": "护士",
    "noise": "!!!!",
    "not JSON": b64encode(b"queuedAt").decode(),
    "not a list": b64encode(b"{}").decode(),
    "too short": forged("queuedAt"),
    "of another order": forged("-queuedAt", "2026-01-01T00:00:00+08:00", str(uuid4())),
    "of another list": forged("validUntil", "2026-01-01", str(uuid4())),
    "no moment": forged("queuedAt", "yesterday", str(uuid4())),
    "a number for a moment": forged("queuedAt", 1, str(uuid4())),
    "a moment beyond time": forged("queuedAt", "0001-01-01T00:00:00+14:00", str(uuid4())),
    "a moment after time": forged("queuedAt", "9999-12-31T23:59:59-14:00", str(uuid4())),
    "a moment without a zone": forged("queuedAt", "2026-01-01T00:00:00", str(uuid4())),
    "a number for an id": forged("queuedAt", "2026-01-01T00:00:00+08:00", 1),
    "no id": forged("queuedAt", "2026-01-01T00:00:00+08:00", "1"),
    "null": forged("queuedAt", None, None),
    "nested": forged("queuedAt", ["2026-01-01T00:00:00+08:00"], str(uuid4())),
}


BAD_NAMES = {
    "a character that no text can hold": forged("name", "\0", str(uuid4())),
    "half a character": forged("name", "\ud800", str(uuid4())),
    "a number": forged("name", 1, str(uuid4())),
    "of another order": forged("validUntil", "2026-01-01", str(uuid4())),
}


@pytest.mark.parametrize("argument", ["after", "before"])
@pytest.mark.parametrize("cursor", BAD)
async def test_a_cursor_that_is_none_of_ours_is_refused(live: Live, cast: Cast, argument: str, cursor: str) -> None:
    await refused(live.as_(cast.operator), (argument, "CURSOR"), **{argument: BAD[cursor]})


@pytest.mark.parametrize("cursor", BAD_NAMES)
async def test_a_cursor_of_the_roster_that_is_none_of_ours_is_refused(live: Live, cast: Cast, cursor: str) -> None:
    asked = "query($after: String) { nurses(after: $after, orderBy: [NAME_ASC]) { nodes { id } } }"
    assert await live.as_(cast.operator).refused(asked, after=BAD_NAMES[cursor]) == ["VALIDATION"]


async def refused(client: Client, problem: tuple[str, str], **arguments: Any) -> None:
    """A typed error with the argument's name, and no data."""
    body = (await client.post(PAGE, arguments)).json()
    (error,) = body["errors"]
    assert (body["data"], error["path"]) == ({"pendingReviews": None}, ["pendingReviews"])
    assert error["extensions"]["code"] == "VALIDATION"
    assert [(field["path"], field["code"]) for field in error["extensions"]["fields"]] == [problem]


async def test_sizes_out_of_bounds_and_both_ends_at_once_are_refused(live: Live, cast: Cast) -> None:
    client = live.as_(cast.operator)
    for size in ("first", "last"):
        for number in (-1, 101, 2**31 - 1):
            await refused(client, (size, "PAGE_SIZE"), **{size: number})
    await refused(client, ("last", "FIRST_OR_LAST"), first=1, last=1)
