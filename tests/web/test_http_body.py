"""What may come in over HTTP: read strictly, and no more of it than the limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from graph.limits import Limits
from tests.support.small_server import NEW, OLD, codes, serving

BAD_BODIES = [
    b"",
    b"null",
    b"1",
    b"true",
    b'"x"',
    b"[]",
    b'[{"query": "{ viewer }"}]',
    b"{}",
    b"{",
    b'{"query": null}',
    b'{"query": 1}',
    b'{"query": {"a": 1}}',
    b'{"query": "{ viewer }", "operationName": 1}',
    b'{"query": "{ viewer }", "variables": "x"}',
    b'{"query": "{ viewer }", "variables": [1]}',
    b'{"query": "{ viewer }", "extensions": 0}',
    b'{"query": "{ viewer }", "variables": {"a": NaN}}',
    b'{"query": "{ viewer }", "variables": {"a": ' + b"1" * 5000 + b"}}",
    b'{"query": "{ viewer }", "variables": {"a": "\\ud800"}}',
    b'{"query": "{ viewer }", "variables": {"a": "\\u0000"}}',
    b'{"query": "{ viewer }", "variables": {"\\u0000": 1}}',
    b'{"query": "{ viewer \xff }"}',
    b"[" * 2_000,
    b'{"query": "{ viewer }", "variables": {"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}}",
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_a_body_that_is_no_request_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/graphql", content=body, headers={"Content-Type": OLD, "Accept": NEW})
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_json_may_be_nested_as_deep_as_the_limit(client: httpx.AsyncClient) -> None:
    for depth, found in ((30, None), (31, 33)):
        body = f'{{"query": "{{ viewer }}", "variables": {{"a": {"[" * depth}{"]" * depth}}}}}'
        response = await client.post("/graphql", content=body, headers={"Content-Type": OLD, "Accept": NEW})
        if found:
            extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "json_depth", "allowed": 32, "found": found}
            assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, extensions)
        else:
            assert response.status_code == 200


@pytest.mark.parametrize("variables", ["{", "null", "", "[1]", '{"a": NaN}'])
async def test_variables_in_the_query_string_are_read_as_strictly(client: httpx.AsyncClient, variables: str) -> None:
    response = await client.get("/graphql", params={"query": "{ viewer }", "variables": variables})
    assert response.status_code == (200 if variables in {"null", ""} else 400)


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/graphql", "multipart/form-data; boundary=x", "application/json; charset=gbk"],
)
async def test_only_json_in_utf8_is_read(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = await client.post("/graphql", content=b'{"query": "{ viewer }"}', headers=headers)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("name", ["GET", "POST"])
async def test_a_persisted_query_is_refused_so_that_clients_send_the_document(
    client: httpx.AsyncClient, name: str
) -> None:
    """Apollo's link looks for the message, urql's exchange for the code or the message."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}
    if name == "GET":
        response = await client.get("/graphql", params={"extensions": json.dumps(extensions)})
    else:
        response = await client.post("/graphql", json={"operationName": None, "extensions": extensions})
    error = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
    assert (response.status_code, response.json()) == (200, {"errors": [error]})


@asynccontextmanager
async def posting(limits: Limits, start: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """A client that begins to post, and then waits."""
    async with serving(limits) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: {OLD}\r\n".encode() + start)
        try:
            yield reader
        finally:
            writer.close()
            await writer.wait_closed()


THIRTY_MEGABYTES = b"Content-Length: 31457280\r\n\r\n"

MUCH = 8 * 2**20

NO_END_IN_SIGHT = b"Transfer-Encoding: chunked\r\n\r\n10001\r\n" + b"x" * 65537 + b"\r\n"


@pytest.mark.parametrize("start", [THIRTY_MEGABYTES, NO_END_IN_SIGHT], ids=["declared", "streamed"])
async def test_a_body_too_large_is_answered_before_it_has_arrived(start: bytes) -> None:
    async with posting(Limits(), start) as reader:
        assert (await reader.readline()).split()[1] == b"413"
        assert b'"code":"PAYLOAD_TOO_LARGE","limit":"body_bytes","allowed":65536' in await reader.readuntil(b"}}]}")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_client_that_sends_all_before_it_reads_is_told_that_it_is_too_much(version: str) -> None:
    head = f"POST /graphql HTTP/{version}\r\nHost: x\r\nContent-Type: {OLD}\r\nConnection: close\r\n"
    async with serving(Limits()) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(f"{head}Content-Length: {MUCH}\r\n\r\n".encode() + b"x" * MUCH)
        await writer.drain()
        answer = await reader.read()
        writer.close()
    assert (answer.split()[1], answer.count(b'"code":"PAYLOAD_TOO_LARGE"')) == (b"413", 1)


async def test_a_body_of_just_the_limit_is_read(client: httpx.AsyncClient) -> None:
    body = b'{"query": "{ viewer }"}'.ljust(65536)
    response = await client.post("/graphql", content=body, headers={"Content-Type": OLD})
    assert response.json() == {"data": {"viewer": None}}


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with posting(Limits(deadline_seconds=0.1), b"Content-Length: 9\r\n\r\n{") as reader:
        assert (await reader.readline()).split()[1] == b"408"
