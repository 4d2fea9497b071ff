"""Files come in as the GraphQL multipart specification says, from the signed-in only, and odd ones are refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from graph.context import Services
from graph.limits import Limits
from graph.schema.node import global_id
from rules.errors import RateLimited
from tests.support.live import Live
from tests.support.orders import draft_of, take_order
from tests.support.papers import PDF, picture
from tests.support.small_server import codes, http, serving
from tests.support.until import LONG_ENOUGH
from tests.support.uploads import ASKED, UPLOAD, send
from tests.support.world import Cast, renewal
from web.arrivals import Uploads

pytestmark = pytest.mark.feature("N18")
WANG = {"Authorization": "Bearer wang", **ASKED}
ECHO = {"query": "query($a: String!) { echo(text: $a) }", "variables": {"a": None}}
MAP = {"0": ["variables.a"]}


@pytest_asyncio.fixture
async def draft(services: Services, cast: Cast) -> str:
    """The global id of the nurse's draft."""
    return global_id("Application", await take_order(services.db, draft_of(cast.nurse.session, renewal())))


async def test_a_file_is_handed_in(live: Live, cast: Cast, draft: str) -> None:
    response = await send(live, cast.nurse, draft, PDF)
    assert response.status_code == 200
    found = response.json()["data"]["materialUpload"]
    material = {"code": "CERTIFICATE", "fileName": "执业证书.pdf", "mediaType": "application/pdf", "size": len(PDF)}
    assert found == {"__typename": "MaterialUploadPayload", "material": material, "application": {"version": 2}}


@pytest.mark.parametrize("name", ["apollo-require-preflight", "x-apollo-operation-name"])
async def test_either_header_says_that_a_browser_has_asked(live: Live, cast: Cast, draft: str, name: str) -> None:
    bare = {"apollo-require-preflight": ""}
    refused = await send(live, cast.nurse, draft, PDF, **bare)
    assert (refused.status_code, codes(refused)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])
    assert "apollo-require-preflight" in refused.json()["errors"][0]["message"]
    assert (await send(live, cast.nurse, draft, PDF, **{**bare, name: "x"})).status_code == 200


async def test_a_file_of_five_mebibytes_comes_in_and_one_byte_more_does_not(live: Live, cast: Cast, draft: str) -> None:
    whole = PDF.ljust(5 * 1024 * 1024 - 6, b" ") + b"%%EOF\n"
    assert (await send(live, cast.nurse, draft, whole)).json()["data"]["materialUpload"]["material"]["size"] == 5242880
    for larger in (whole + b" ", whole + b" " * 200_000):
        refused = await send(live, cast.nurse, draft, larger)
        extensions = {"code": "PAYLOAD_TOO_LARGE", "limit": "material_bytes", "allowed": 5242880}
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]) == (413, extensions)


async def test_a_file_that_is_not_what_it_says_is_told_as_a_problem(live: Live, cast: Cast, draft: str) -> None:
    for content, code in ((b"<html>", "FILE_TYPE"), (picture()[:40], "PICTURE_BROKEN"), (b"", "FILE_SIZE")):
        found = (await send(live, cast.nurse, draft, content)).json()["data"]["materialUpload"]
        assert (found["__typename"], found["fields"]) == ("ValidationProblem", [{"path": "file", "code": code}])


async def test_nobody_else_sends_a_byte(live: Live, cast: Cast, draft: str) -> None:
    refused = await send(live, None, draft, PDF)
    assert (refused.status_code, codes(refused)) == (401, ["UNAUTHENTICATED"])
    found = (await send(live, cast.operator, draft, PDF)).json()["data"]["materialUpload"]
    assert found["code"] == "NOT_FOUND"


@pytest.mark.parametrize("value", ['"x"', "null", "{}", "1"])
async def test_an_upload_is_a_file_and_nothing_else(live: Live, cast: Cast, draft: str, value: str) -> None:
    given = {"applicationId": draft, "code": "CERTIFICATE", "file": json.loads(value)}
    body = (await live.as_(cast.nurse).post(UPLOAD, {"input": given})).json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
    text = f'mutation {{ materialUpload(input: {{applicationId: "{draft}", code: "C", file: "x"}}) {{ __typename }} }}'
    response = await live.as_(cast.nurse).post(text)
    assert "errors" in response.json()
    assert response.status_code in (200, 400)


def form(operations: Any = ECHO, map: Any = MAP, **files: bytes) -> dict[str, Any]:
    """A multipart request; text goes as it is."""
    given = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in (("operations", operations), ("map", map))
        if value is not ...
    }
    return {"data": given, "files": {name.removeprefix("f"): ("x.pdf", content) for name, content in files.items()}}


ODD: dict[str, dict[str, Any]] = {
    "no operations": form(operations=..., f0=b"x"),
    "no map": form(map=..., f0=b"x"),
    "operations that are no JSON": form(operations="{", f0=b"x"),
    "operations that are null": form(operations=None, f0=b"x"),
    "a batch": form(operations=[ECHO], f0=b"x"),
    "operations without variables": form(operations={"query": "{ viewer }"}, f0=b"x"),
    "a map that is no JSON": form(map="{", f0=b"x"),
    "a map that is a list": form(map=[], f0=b"x"),
    "a map that is null": form(map=None, f0=b"x"),
    "an empty map": form(map={}, f0=b"x"),
    "a map of two": form(map={"0": ["variables.a"], "1": ["variables.b"]}, f0=b"x"),
    "a map to nowhere": form(map={"0": []}, f0=b"x"),
    "a map to two places": form(map={"0": ["variables.a", "variables.b"]}, f0=b"x"),
    "a map that is text": form(map={"0": "variables.a"}, f0=b"x"),
    "a map to a number": form(map={"0": [1]}, f0=b"x"),
    "a map to null": form(map={"0": [None]}, f0=b"x"),
    "a map into the query": form(map={"0": ["query"]}, f0=b"x"),
    "a map to what is not there": form(map={"0": ["variables.b"]}, f0=b"x"),
    "a map through what is not there": form(map={"0": ["variables.b.c.d"]}, f0=b"x"),
    "a map to everything": form(map={"0": ["variables"]}, f0=b"x"),
    "a map to what is empty": form(map={"0": ["variables."]}, f0=b"x"),
    "a very long map": form(map={"0": ["variables" + ".a" * 5000]}, f0=b"x"),
    "a map over a value": form(operations={**ECHO, "variables": {"a": "x"}}, f0=b"x"),
    "a map to a strange place of a list": form(
        operations={**ECHO, "variables": {"a": [None]}}, map={"0": ["variables.a.9.b"]}, f0=b"x"
    ),
    "a map to a part of another name": form(map={"1": ["variables.a"]}, f0=b"x"),
    "a map to the operations": form(map={"operations": ["variables.a"]}, f0=b"x"),
    "a map to the map": form(map={"map": ["variables.a"]}, f0=b"x"),
    "two files": form(f0=b"x", f1=b"y"),
    "three fields": {**form(f0=b"x"), "data": {"operations": json.dumps(ECHO), "map": json.dumps(MAP), "x": "y"}},
    "operations as a file": form(operations=..., foperations=b"{}"),
    "very deep operations": form(operations="[" * 2_000, f0=b"x"),
    "large operations": form(operations=" " * 70_000, f0=b"x"),
    "a lone surrogate": form(operations='{"query": "{ viewer }", "variables": {"a": "\\ud800"}}', f0=b"x"),
    "a NUL": form(operations='{"query": "{ viewer }", "variables": {"b": "\\u0000", "a": null}}', f0=b"x"),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_request_is_a_bad_one(client: httpx.AsyncClient, name: str) -> None:
    response = await client.post("/graphql", headers=WANG, **ODD[name])
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"]), response.text


RAW: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", b"x"),
    "an empty boundary": ("multipart/form-data; boundary=", b"x"),
    "another boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\n"),
    "an empty body": ("multipart/form-data; boundary=a", b""),
    "no file": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "{ viewer }"}\r\n'
        b'--a\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0": ["variables.a"]}\r\n--a--\r\n',
    ),
    "cut off in the file": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="0"; filename="x"\r\n\r\n%PDF-',
    ),
    "a part without a name": ("multipart/form-data; boundary=a", b"--a\r\n\r\nx\r\n--a--\r\n"),
    "a bad header": ("multipart/form-data; boundary=a", b"--a\r\n\x00bad\r\n\r\nx\r\n--a--\r\n"),
    "an unknown charset": ("multipart/form-data; charset=x-none; boundary=a", b"--a--\r\n"),
    "a charset that is none": ("multipart/form-data; charset=base64; boundary=a", b"--a--\r\n"),
    "a charset that decodes strangely": (
        "multipart/form-data; charset=hex; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="operations"\r\n\r\nzz\r\n--a--\r\n',
    ),
    "a long boundary": ("multipart/form-data; boundary=" + "a" * 4000, b"--a--\r\n"),
    "a boundary of other letters": ("multipart/form-data; boundary=é", b"--\xe9--\r\n"),
}


@pytest.mark.parametrize("name", RAW)
async def test_a_body_that_is_no_form_is_a_bad_one(client: httpx.AsyncClient, name: str) -> None:
    kind, body = RAW[name]
    headers = {**WANG, "Content-Type": kind.encode("latin-1")}
    response = await client.post("/graphql", content=body, headers=headers)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"]), response.text


async def test_a_file_where_none_belongs_is_a_wrong_value(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", headers=WANG, **form(f0=b"x"))
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_a_token_that_has_ended_is_refused_before_the_body_has_come() -> None:
    async with http() as client:
        address = str(client.base_url).removeprefix("http://").rstrip("/")
        reader, writer = await asyncio.open_connection(*address.split(":"))
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=a\r\n"
        writer.write(f"{head}apollo-require-preflight: 1\r\nContent-Length: 5000000\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readline(), LONG_ENOUGH)).split()[1] == b"401"
        writer.close()
        await writer.wait_closed()


async def test_more_than_any_file_may_have_is_refused_before_it_has_come() -> None:
    async with http() as client:
        address = str(client.base_url).removeprefix("http://").rstrip("/")
        reader, writer = await asyncio.open_connection(*address.split(":"))
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wang\r\n"
        head += "Content-Type: multipart/form-data; boundary=a\r\napollo-require-preflight: 1\r\n"
        writer.write(f"{head}Content-Length: 30000000\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readline(), LONG_ENOUGH)).split()[1] == b"413"
        writer.close()
        await writer.wait_closed()


async def test_so_many_files_arrive_at_once_and_no_more() -> None:
    uploads, (one, two) = Uploads(allowed=3, of_account=2), (UUID(int=1), UUID(int=2))
    with uploads.one_more(one), uploads.one_more(one):
        with pytest.raises(RateLimited), uploads.one_more(one):
            pass
        with uploads.one_more(two), pytest.raises(RateLimited), uploads.one_more(two):
            pass
    with uploads.one_more(one):
        pass


@asynccontextmanager
async def sending(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client that begins to send a file."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wang\r\napollo-require-preflight: 1\r\n"
    writer.write(f"{head}Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 5000000\r\n\r\n--a".encode())
    try:
        yield reader, writer
    finally:
        writer.close()


async def refusal(reader: asyncio.StreamReader) -> tuple[bytes, str]:
    """The status, and the code of the refusal."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    (length,) = (int(line.split()[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    body = json.loads(await reader.readexactly(length))
    return head.split()[1], body["errors"][0]["extensions"]["code"]


async def test_a_file_that_comes_too_slowly_is_not_waited_for() -> None:
    async with serving(Limits(deadline_seconds=0.3)) as address, sending(address) as (reader, writer):
        writer.write(b'\r\nContent-Disposition: form-data; name="map"\r\n\r\n')
        assert await refusal(reader) == (b"408", "REQUEST_TIMEOUT")


async def test_where_all_places_are_taken_the_slowest_file_gives_way_to_somebody_new() -> None:
    uploads, (one, two, three) = Uploads(allowed=2), (UUID(int=1), UUID(int=2), UUID(int=3))
    with pytest.raises(RateLimited), uploads.one_more(one) as slow, uploads.one_more(two) as quick:
        slow.began -= 2
        quick.began -= 2
        quick.read = 1000

        async def nothing_comes() -> AsyncGenerator[bytes, None]:
            await asyncio.Event().wait()
            yield b""

        waits = asyncio.create_task(anext(slow.pieces(nothing_comes(), 30, 1024)))
        await asyncio.sleep(0)
        with uploads.one_more(three):
            assert (slow.gives_way, quick.gives_way) == (True, False)
            await waits
