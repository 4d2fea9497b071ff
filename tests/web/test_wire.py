"""HTTP/1.1 as other programs speak it: on a raw socket, byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from graph.limits import Limits
from tests.support.small_server import serving, small_app
from tests.support.until import LONG_ENOUGH
from web.wire import WireConfig

BODY = b'{"query": "{ viewer }"}'
POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
ANSWER = b'{"data":{"viewer":null}}'


class Wire:
    """A connection on which nothing was said yet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: its status, headers and body."""
        async with asyncio.timeout(LONG_ENOUGH):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-1])}
            length = headers.get("content-length")
            body = await (self.reader.readexactly(int(length)) if length else self.reader.read())
        return int(head[0].split()[1]), headers, body

    async def says(self, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
        """The answer to this."""
        self.writer.write(b"".join(parts))
        return await self.answer()

    async def refusal(self, *parts: bytes) -> tuple[int, str]:
        """The status and the code of the refusal, after which the connection is closed."""
        status, headers, body = await self.says(*parts)
        assert headers["connection"] == "close"
        assert await asyncio.wait_for(self.reader.read(), LONG_ENOUGH) == b""
        return status, json.loads(body)["errors"][0]["extensions"]["code"]


@asynccontextmanager
async def wire(address: str) -> AsyncIterator[Wire]:
    """A new connection."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def line(address: str) -> AsyncIterator[Wire]:
    async with wire(address) as found:
        yield found


UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"


async def test_the_upgrade_that_java_and_curl_ask_for_is_ignored_and_the_request_answered(line: Wire) -> None:
    """RFC 9110, 7.8; the JDK's HttpClient asks with every first request, `curl --http2` too."""
    status, headers, body = await line.says(POST, UPGRADE, LENGTH, b"\r\n", BODY)
    assert (status, body) == (200, ANSWER)
    assert "upgrade" not in headers
    assert (await line.says(POST, LENGTH, b"\r\n", BODY))[::2] == (200, ANSWER)


async def test_an_upgrade_whose_body_comes_later_and_in_chunks_is_answered_too(line: Wire) -> None:
    line.writer.write(POST + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n")
    await line.writer.drain()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:]))
    assert (await line.says(chunks, b"0\r\n\r\n"))[::2] == (200, ANSWER)


@pytest.mark.parametrize(
    "head",
    [b"POST /graphql HTTP/1.1\r\n", b"POST /graphql HTTP/1.1\r\nHost: a\r\nHost: b\r\n"],
    ids=["none", "two"],
)
async def test_http_1_1_needs_one_host(line: Wire, head: bytes) -> None:
    """RFC 9112, 3.2."""
    refusal = await line.refusal(head, b"Content-Type: application/json\r\n", LENGTH, b"\r\n", BODY)
    assert refusal == (400, "BAD_REQUEST")


async def test_http_1_0_needs_no_host_and_gets_no_chunks(line: Wire) -> None:
    """RFC 9112, 6.1: the stream ends with the connection."""
    head = b"POST /graphql HTTP/1.0\r\nContent-Type: application/json\r\nAuthorization: Bearer wang\r\n"
    body = b'{"query": "subscription { ticks(to: 2) { n } }"}'
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    status, headers, body_seen = await line.says(head, b"Accept: text/event-stream\r\n", length, body)
    assert (status, "transfer-encoding" in headers, headers["connection"]) == (200, False, "close")
    retry, _, rest = body_seen.partition(b"\n")
    assert retry.startswith(b"retry: ")
    assert rest == (
        b'id: c1\nevent: next\ndata: {"data":{"ticks":{"n":1}}}\n\n'
        b'id: c2\nevent: next\ndata: {"data":{"ticks":{"n":2}}}\n\nevent: complete\ndata:\n\n'
    )


async def test_an_answer_to_http_1_0_has_its_length(line: Wire) -> None:
    head = b"POST /graphql HTTP/1.0\r\nContent-Type: application/json\r\n"
    status, headers, body = await line.says(head, LENGTH, b"\r\n", BODY)
    assert (status, headers["content-length"], body) == (200, str(len(ANSWER)), ANSWER)


async def test_several_lines_of_accept_are_one_list(line: Wire) -> None:
    """RFC 9110, 5.3."""
    lines = b"Accept: text/html\r\nAccept: application/graphql-response+json\r\n"
    status, headers, _ = await line.says(POST, lines, LENGTH, b"\r\n", BODY)
    assert (status, headers["content-type"]) == (200, "application/graphql-response+json; charset=utf-8")


async def test_a_compressed_body_is_named_as_such(line: Wire) -> None:
    status, _, body = await line.says(POST, b"Content-Encoding: gzip\r\n", LENGTH, b"\r\n", BODY)
    assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "压缩" in json.loads(body)["errors"][0]["message"]


@pytest.mark.parametrize("name", [b"utf-8", b"UTF-8", b"utf8", b'"utf8"'])
async def test_utf8_goes_by_both_of_its_names(line: Wire, name: bytes) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=" + name + b"\r\n"
    assert (await line.says(head, LENGTH, b"\r\n", BODY))[::2] == (200, ANSWER)


MUCH = 32 * 1024


@pytest.mark.parametrize(
    "head",
    [
        POST + b"Cookie: " + b"a" * MUCH + b"\r\n" + LENGTH + b"\r\n" + BODY,
        POST + b"X: " + b"a" * 2 * MUCH,
        POST + b"X: a\r\n" * MUCH,
        b"GET /" + b"a" * 2 * MUCH,
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX: " + b"a" * 20 * MUCH,
    ],
    ids=["a whole head", "a header without end", "headers without end", "an address without end", "a trailer"],
)
async def test_a_head_beyond_the_limit_is_refused_before_it_has_come(line: Wire, head: bytes) -> None:
    if b"chunked" in head:  # the answer to the request may be on its way: the line is cut
        line.writer.write(head)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.answer()
    else:
        assert await line.refusal(head) == (431, "HEADERS_TOO_LARGE")


async def test_a_head_of_just_the_limit_is_read(line: Wire) -> None:
    lines = [b"host", b"x", b"content-type", b"application/json", b"content-length", b"%d" % len(BODY), b"cookie"]
    used = len(b"/graphql") + sum(map(len, lines)) + 4 * 4
    cookie = b"Cookie: " + b"a" * (MUCH - used) + b"\r\n"
    assert (await line.says(POST, cookie, LENGTH, b"\r\n", BODY))[::2] == (200, ANSWER)


@pytest.mark.parametrize("start", [b"", b"POST /gr", b"\r\n", POST + b"X: "], ids=["none", "a line", "empty", "half"])
async def test_a_head_that_does_not_come_is_not_waited_for(start: bytes) -> None:
    async with serving(Limits(head_seconds=0.2)) as address, wire(address) as line:
        assert await line.refusal(start) == (408, "REQUEST_TIMEOUT")


async def test_a_second_head_on_the_same_connection_is_not_waited_for_either() -> None:
    async with serving(Limits(head_seconds=0.2)) as address, wire(address) as line:
        assert (await line.says(POST, LENGTH, b"\r\n", BODY))[0] == 200
        assert await line.refusal(b"POST ") == (408, "REQUEST_TIMEOUT")


async def test_a_head_that_comes_slowly_behind_a_stream_does_not_end_the_stream() -> None:
    async with serving(Limits(head_seconds=0.1)) as address, wire(address) as line:
        body = b'{"query": "subscription { live { n } }"}'
        signed = b"Authorization: Bearer wang\r\nAccept: text/event-stream\r\n"
        line.writer.write(POST + signed + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"POST ")
        assert (await line.reader.readuntil(b'"n":0}}}')).startswith(b"HTTP/1.1 200 OK")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                while await line.reader.read(64):
                    pass


async def test_a_body_that_nobody_asks_for_any_more_is_not_drained_without_end() -> None:
    async with serving(Limits(head_seconds=0.2)) as address, wire(address) as line:
        status, _, _ = await line.says(POST, b"Content-Length: 31457280\r\n\r\n")
        assert status == 413
        assert await asyncio.wait_for(line.reader.read(), LONG_ENOUGH) == b""


async def test_one_address_has_so_many_connections_and_gets_one_when_another_ends() -> None:
    async with serving(Limits(address_connections=2)) as address, wire(address) as first, wire(address) as second:
        for line in (first, second):
            assert (await line.says(POST, LENGTH, b"\r\n", BODY))[0] == 200
        async with wire(address) as third:
            status, headers, body = await third.answer()
            assert (status, headers["retry-after"], headers["connection"]) == (429, "1", "close")
            assert json.loads(body)["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 1}
        assert (await first.says(POST, b"Connection: close\r\n", LENGTH, b"\r\n", BODY))[0] == 200
        assert await first.reader.read() == b""
        async with wire(address) as fourth:
            assert (await fourth.says(POST, LENGTH, b"\r\n", BODY))[0] == 200


@pytest.mark.parametrize(("host", "most"), [("203.0.113.9", None), ("198.51.100.9", 40), ("192.0.2.9", 2)])
def test_a_trusted_proxy_bounds_its_clients_itself_and_a_known_network_has_more(host: str, most: int | None) -> None:
    config = WireConfig(small_app(Limits()), Limits(address_connections=2), ["203.0.113.0/24"], ["198.51.100.0/24"])
    entered = [config.enter(host) for _ in range(100)]
    assert sum(entered) == (most or 100)
    for _ in range(most or 100):
        config.leave(host)
    assert config.enter(host)


def test_whoever_has_one_address_of_ipv6_has_them_all() -> None:
    config = WireConfig(small_app(Limits()), Limits(address_connections=2))
    assert [config.enter(f"2001:db8:1:2::{n}") for n in range(3)] == [True, True, False]
    assert config.enter("2001:db8:1:3::1")
    config.leave("2001:db8:1:2::beef")
    assert config.enter("2001:db8:1:2::7")


async def test_a_client_that_only_connects_to_the_tunnel_is_refused(line: Wire) -> None:
    assert await line.refusal(b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n") == (405, "METHOD_NOT_ALLOWED")


async def test_what_is_not_http_is_told_as_json(line: Wire) -> None:
    assert await line.refusal(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n") == (400, "BAD_REQUEST")
