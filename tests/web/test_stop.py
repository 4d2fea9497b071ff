"""What a server that is told to stop still does, for whom, and what it says: a real process, real signals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from tests.support.small_server import LIVE, WANG, Child, Socket, ask, child, codes, opened

EACH = "Restarting; go on after the last cursor of each feed"
HOLD = "mutation ($port: Int!) { hold(port: $port) }"
EVENTS = WANG | {"Accept": "text/event-stream"}


class Gate:
    """Where a `hold` mutation says that it has begun, and waits for the word to end."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self._all: list[asyncio.StreamWriter] = []

    def _begin(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._all.append(writer)
        self.begun.put_nowait(writer)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """Gives the port; whoever still waits at the end is let go."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in self._all:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for writer in self._all), return_exceptions=True)

    async def wait(self) -> asyncio.StreamWriter:
        """Until one has begun."""
        return await asyncio.wait_for(self.begun.get(), 10)


@pytest.fixture
async def server() -> AsyncIterator[Child]:
    async with child() as server:
        yield server


@asynccontextmanager
async def asking(server: Child) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{server.address}", timeout=30) as client:
        yield client


FOLLOW = "subscription ($cursor: String!) { live(cursor: $cursor) { cursor } }"


async def test_every_socket_is_closed_with_the_place_to_go_on_from(server: Child) -> None:
    async with AsyncExitStack() as stack:

        async def following(*cursors: str) -> Socket:
            socket = await stack.enter_async_context(opened(server.address))
            await socket.start()
            for cursor in cursors:
                await socket.subscribe(cursor, FOLLOW, variables={"cursor": cursor})
                assert (await socket.receive())["payload"] == {"data": {"live": {"cursor": cursor}}}
            return socket

        none, one, two = await following(), await following("c7"), await following("c7", "c8")
        too_long_for_a_close_frame, left = await following("c" * 100), await following("c7", "c8")
        await left.send({"type": "complete", "id": "c7"}, {"type": "ping"})
        assert await left.receive() == {"type": "pong"}
        silent = await stack.enter_async_context(opened(server.address))
        server.stop()
        for socket in (none, two, too_long_for_a_close_frame, silent):
            assert await socket.closed() == (1012, EACH)
        assert await one.closed() == (1012, "Restarting; go on after c7")
        assert await left.closed() == (1012, "Restarting; go on after c8")
    assert await server.ended() == 0


async def test_a_mutation_on_a_socket_is_answered_before_the_close_and_nothing_is_begun_after_the_signal(
    server: Child,
) -> None:
    gate = Gate()
    async with gate.open() as port, opened(server.address) as busy, opened(server.address) as idle:
        await busy.start()
        await idle.start("li")
        await busy.subscribe("feed", LIVE)
        await busy.receive()
        await busy.subscribe("held", HOLD, variables={"port": port})
        held = await gate.wait()
        server.stop()
        assert await idle.closed() == (1012, EACH)
        await busy.subscribe("late", HOLD, variables={"port": port})
        await busy.send({"type": "ping"})
        assert await busy.receive() == {"type": "pong"}
        held.write(b"done\n")
        assert await busy.receive() == {"id": "held", "type": "next", "payload": {"data": {"hold": "done"}}}
        assert await busy.receive() == {"id": "held", "type": "complete"}
        assert await busy.closed() == (1012, "Restarting; go on after c0")
    assert gate.begun.empty()
    assert await server.ended() == 0


async def test_requests_in_flight_are_answered_and_new_ones_are_sent_away(server: Child) -> None:
    gate = Gate()
    async with gate.open() as port, asking(server) as client, asking(server) as kept, opened(server.address) as idle:
        await idle.start("li")
        assert (await ask(kept, "{ viewer }")).status_code == 200
        answers = [
            asyncio.create_task(ask(client, HOLD, headers, variables={"port": port})) for headers in (WANG, EVENTS)
        ]
        held = [await gate.wait() for _ in answers]
        # This one keeps the goodbyes waiting, so that connections that were kept open are open still.
        async with opened(server.address) as busy:
            await busy.start()
            await busy.subscribe("held", HOLD, variables={"port": port})
            held.append(await gate.wait())
            server.stop()
            assert await idle.closed() == (1012, EACH)
            late = await ask(kept, "{ viewer }")
            assert (late.status_code, codes(late)) == (503, ["RESTARTING"])
            assert (late.headers["Retry-After"], late.headers["Connection"]) == ("1", "close")
            with pytest.raises(httpx.ConnectError):
                await ask(kept, "{ viewer }")
            for one in held:
                one.write(b"done\n")
            assert (await busy.receive())["payload"] == {"data": {"hold": "done"}}
        plain, stream = [await answer for answer in answers]
        assert plain.json() == {"data": {"hold": "done"}}
        assert stream.text.endswith('data: {"data":{"hold":"done"}}\n\nevent: complete\ndata:\n\n')
    assert await server.ended() == 0


async def test_an_event_stream_ends_after_a_whole_event_and_is_not_complete(server: Child) -> None:
    async with asking(server) as client:
        body = {"query": 'subscription { live(cursor: "c7") { n } }'}
        async with client.stream("POST", "/graphql", json=body, headers=EVENTS) as response:
            lines = response.aiter_lines()
            first = [await anext(lines) for _ in range(5)]
            server.stop()
            # The response ends as HTTP says that it is whole: httpx would raise otherwise.
            rest = [line async for line in lines]
    assert (first[1:], rest) == (["id: c7", "event: next", 'data: {"data":{"live":{"n":0}}}', ""], [])
    assert await server.ended() == 0


async def test_the_deadline_bounds_what_is_waited_for() -> None:
    gate = Gate()
    async with child(deadline_seconds=0.2) as server, gate.open() as port, opened(server.address) as socket:
        await socket.start()
        await socket.subscribe("held", HOLD, variables={"port": port})
        await gate.wait()
        server.stop()
        assert await socket.error("held") == {"code": "DEADLINE"}
        assert await socket.closed() == (1012, EACH)
        assert await server.ended() == 0


async def test_a_client_that_reads_nothing_does_not_keep_the_server(server: Child) -> None:
    async with opened(server.address) as stalled, opened(server.address) as healthy:
        await stalled.start()
        await stalled.subscribe("1", "subscription { flood(bytes: 60000) }")
        await stalled.receive()
        stalled.connection.transport.pause_reading()
        await healthy.start("li")
        server.stop()
        assert await healthy.closed() == (1012, EACH)
        # Far less than the deadline and the goodbye together, which are the bound for whoever reads.
        assert await server.ended(within=9) == 0
        stalled.connection.transport.abort()


async def test_a_second_signal_waits_for_nobody() -> None:
    gate = Gate()
    async with child(deadline_seconds=600) as server, gate.open() as port, opened(server.address) as socket:
        await socket.start()
        await socket.subscribe("held", HOLD, variables={"port": port})
        await gate.wait()
        async with opened(server.address) as idle:
            server.stop()
            assert await idle.closed() == (1012, EACH)
        server.stop()
        assert (await socket.closed())[0] == 1012
        assert await server.ended() == 0


async def test_a_socket_that_comes_while_the_server_goes_is_sent_away(server: Child) -> None:
    gate = Gate()
    async with (
        gate.open() as port,
        asking(server) as kept,
        opened(server.address) as busy,
        opened(server.address) as idle,
    ):
        await busy.start()
        await busy.subscribe("held", HOLD, variables={"port": port})
        held = await gate.wait()
        assert (await ask(kept, "{ viewer }")).status_code == 200
        server.stop()
        await idle.closed()
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-transport-ws"}
        refused = await kept.get("/graphql", headers=upgrade | key)
        assert (refused.status_code, codes(refused), refused.headers["Retry-After"]) == (503, ["RESTARTING"], "1")
        held.write(b"done\n")
    assert await server.ended() == 0
