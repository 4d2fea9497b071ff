"""Clients that stop reading are let go of, those that read slowly are not, and the others do not notice."""

from __future__ import annotations

import asyncio
import json
import select
import socket
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import LIVE, Socket, child, opened, serving

STALLED = 1.2
"""Seconds, in place of 30; whoever reads nothing must be gone after twice as long, here times 3."""
BOUND = 2 * STALLED * 3
FLOOD = "subscription { flood(bytes: 60000) }"


@pytest.fixture
async def door() -> AsyncIterator[str]:
    async with serving(Limits(stalled_seconds=STALLED)) as address:
        yield address


@pytest.mark.parametrize("query", [LIVE, FLOOD], ids=["with nothing to read", "with more than there is room for"])
async def test_a_client_that_reads_nothing_is_gone_in_time_and_its_neighbour_stays(door: str, query: str) -> None:
    with capture_logs() as logs:
        async with opened(door) as stalled, opened(door) as healthy:
            await stalled.start()
            await healthy.start("li")
            await stalled.subscribe("1", query)
            await stalled.receive()
            stalled.connection.transport.pause_reading()
            await WORLD.all_streams_ended(within=BOUND)
            # The neighbour was pinged as often.
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(healthy.connection.wait_closed(), STALLED)
            stalled.connection.transport.abort()
    assert [log["event"] for log in logs] == ["a client that reads nothing was cut off"]


async def test_a_client_that_reads_slowly_is_never_cut() -> None:
    async with serving(Limits(stalled_seconds=1)) as address:
        narrow = socket.create_connection(("127.0.0.1", int(address.split(":")[1])))
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        async with opened(address, sock=narrow, max_queue=1) as slow:
            await slow.start()
            await slow.subscribe("1", FLOOD)
            # Behind what waits, a ping is answered only after several times the limit.
            began = monotonic()
            while monotonic() - began < 4:
                assert (await slow.receive())["type"] == "next"
                await asyncio.sleep(0.04)
            slow.connection.transport.abort()


async def test_a_client_of_an_event_stream_that_reads_nothing_is_gone_in_time(door: str) -> None:
    body = json.dumps({"query": FLOOD})
    reader, writer = await asyncio.open_connection(*door.split(":"), limit=1)
    writer.write(
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wang\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    assert await reader.readexactly(15) == b"HTTP/1.1 200 OK"
    with capture_logs() as logs:
        await WORLD.all_streams_ended(within=BOUND)
    assert [log["event"] for log in logs] == ["a client that reads nothing was cut off"]
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_a_stalled_socket_whose_session_ends_is_sent_nothing_more_at_once() -> None:
    """It has no room for the close either; nothing waits for that."""
    async with serving() as address, opened(address) as stalled:
        await stalled.start("li")
        await stalled.subscribe("1", FLOOD)
        await stalled.receive()
        stalled.connection.transport.pause_reading()
        await WORLD.flood_is_held_up()
        try:
            WORLD.end("li")
            with capture_logs() as logs:
                await WORLD.all_streams_ended()
        finally:
            WORLD.ended.clear()
        assert logs == []
        stalled.connection.transport.resume_reading()
        assert await stalled.closed() == (4403, "Sign in first.")


async def cut(client: Socket) -> None:
    """Until the server has cut the connection, which one sees without reading."""
    poller = select.poll()
    poller.register(client.connection.transport.get_extra_info("socket").fileno(), 0)
    assert await asyncio.to_thread(poller.poll, BOUND * 1000)
    client.connection.transport.abort()


async def test_a_client_that_does_not_read_the_close_is_let_go_of(door: str) -> None:
    async with opened(door) as stalled:
        await stalled.start("li")
        await stalled.subscribe("1", FLOOD)
        await stalled.receive()
        stalled.connection.transport.pause_reading()
        await WORLD.flood_is_held_up()
        await stalled.subscribe("1", "{ echo }")  # an id in use closes the socket
        await WORLD.all_streams_ended()
        await cut(stalled)


async def test_the_limit_is_a_setting() -> None:
    async with child(stalled_seconds=STALLED) as server, opened(server.address) as stalled:
        await stalled.start()
        await stalled.subscribe("1", FLOOD)
        await stalled.receive()
        stalled.connection.transport.pause_reading()
        await cut(stalled)
