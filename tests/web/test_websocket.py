"""Operations over WebSocket: each lives and dies alone."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack, ExitStack

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import LIVE, Socket, opened, serving
from web.connections import ConnectionRegistry


async def test_a_subscription_answers_until_it_is_complete(socket: Socket) -> None:
    await socket.subscribe("1", "subscription ($to: Int!) { ticks(to: $to) { n } }", variables={"to": 2})
    assert [await socket.receive() for _ in range(3)] == [
        {"id": "1", "type": "next", "payload": {"data": {"ticks": {"n": 1}}}},
        {"id": "1", "type": "next", "payload": {"data": {"ticks": {"n": 2}}}},
        {"id": "1", "type": "complete"},
    ]


async def test_queries_and_mutations_go_over_the_socket_too(socket: Socket) -> None:
    await socket.subscribe("1", 'query A { viewer } mutation B { signIn(name: "li") }', operationName="B")
    assert await socket.receive() == {"id": "1", "type": "next", "payload": {"data": {"signIn": "li"}}}
    assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_an_id_is_free_again_after_its_operation(socket: Socket) -> None:
    for _ in range(2):
        await socket.subscribe("1", "{ viewer }")
        assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}
        assert (await socket.receive())["type"] == "complete"


async def test_every_operation_has_a_context_of_its_own(socket: Socket) -> None:
    numbers = set()
    for _ in range(3):
        await socket.subscribe("1", "{ context }")
        numbers.add((await socket.receive())["payload"]["data"]["context"])
        await socket.receive()
    assert len(numbers) == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ echo", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ missing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { echo } query B { echo }", "OPERATION_RESOLUTION_FAILURE"),
        ("query ($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        ("subscription ($to: Int!) { ticks(to: $to) { n } }", "BAD_USER_INPUT"),
        ("{" + " echo" * 301 + " }", "QUERY_TOO_COMPLEX"),
        ('mutation { a: signIn(name: "x") b: signIn(name: "x") }', "QUERY_TOO_COMPLEX"),
    ],
)
async def test_a_bad_document_ends_its_own_operation_only(socket: Socket, query: str, code: str) -> None:
    await socket.subscribe("live", LIVE)
    await socket.receive()
    await socket.subscribe("bad", query)
    assert (await socket.error("bad"))["code"] == code
    await socket.subscribe("bad", "{ viewer }")
    assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}
    assert await socket.receive() == {"id": "bad", "type": "complete"}
    assert WORLD.streams_open == 1


async def test_a_client_that_goes_ends_its_streams(address: str) -> None:
    async with opened(address) as socket:
        await socket.start()
        await socket.subscribe("1", LIVE)
        await socket.receive()
        assert WORLD.streams_open == 1
    assert WORLD.streams_open == 0


async def test_an_operation_on_a_socket_ends_at_the_deadline() -> None:
    async with serving(Limits(deadline_seconds=0.05)) as address, opened(address) as socket:
        await socket.start()
        await socket.subscribe("live", LIVE)
        await socket.receive()
        await socket.subscribe("1", "{ endless }")
        assert await socket.error("1") == {"code": "DEADLINE"}
        assert WORLD.streams_open == 1


async def test_a_bug_ends_the_operation_it_happens_in(socket: Socket) -> None:
    WORLD.broken = True
    try:
        with capture_logs() as logs:
            await socket.subscribe("1", "{ viewer }")
            error = await socket.error("1")
    finally:
        WORLD.broken = False
    assert error == {"code": "INTERNAL", "incident": logs[0]["incident"]}
    await socket.subscribe("1", "{ viewer }")
    assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}


async def test_a_server_that_stops_says_so_and_ends_its_streams() -> None:
    async with serving() as address:
        connection = await connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")])
        socket = Socket(connection)
        await socket.start()
        await socket.subscribe("1", LIVE)
        await socket.receive()
        assert WORLD.streams_open == 1
    assert await socket.closed() == (1012, "Restarting; go on after c0")
    assert WORLD.streams_open == 0
    await connection.close()


async def test_a_client_learns_how_long_to_wait_before_it_comes_back() -> None:
    async with serving() as address, AsyncExitStack() as stack:
        for open_by_now in range(1, 11):
            socket = await stack.enter_async_context(opened(address))
            await socket.start()
            assert 500 <= socket.retry <= 500 + open_by_now


class Silent:
    """A guest who goes when she is told to."""

    async def stop(self) -> None: ...


async def test_ten_thousand_who_come_back_at_once_are_spread_over_ten_seconds() -> None:
    connections = ConnectionRegistry(Limits())
    assert connections.retry == 500
    with ExitStack() as stack:
        for _ in range(20_000):
            stack.enter_context(connections.hosting(Silent()))
        found = [connections.retry for _ in range(10_000)]
    assert (min(found) >= 500, max(found) <= 10_500) == (True, True)
    # Of ten thousand equal draws at most some 40 fall into one of 500 slots; were they all alike it would be more.
    slots = Counter(milliseconds // 20 for milliseconds in found)
    assert max(slots.values()) < 100
    assert len(connections) == 0
