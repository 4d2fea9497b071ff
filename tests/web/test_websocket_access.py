"""Who may hold a socket, how many, for how long, and what may run on it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import LIVE, Socket, opened, serving


@pytest.mark.parametrize("authorization", ["Bearer nobody", "Bearer", "Basic d2FuZzp4", "wang"])
async def test_a_bad_token_closes_the_socket(fresh: Socket, authorization: str) -> None:
    await fresh.send({"type": "connection_init", "payload": {"authorization": authorization}})
    assert await fresh.closed() == (4403, "Sign in first.")


async def test_a_stranger_may_ask_what_is_public_and_nothing_else(fresh: Socket) -> None:
    await fresh.start(token=None)
    await fresh.subscribe("1", LIVE)
    assert await fresh.error("1") == {"code": "UNAUTHENTICATED"}
    assert WORLD.streams_open == 0
    await fresh.subscribe("2", "{ viewer }")
    assert (await fresh.receive())["payload"] == {"data": {"viewer": None}}


async def test_a_token_in_the_address_is_neither_read_nor_logged(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with opened(address, query="?authorization=Bearer%20wang") as socket:
        await socket.start(token=None)
        await socket.subscribe("1", "{ viewer }")
        assert (await socket.receive())["payload"] == {"data": {"viewer": None}}
    assert [record.getMessage().split('"')[1] for record in caplog.records if "accepted" in record.getMessage()] == [
        "WebSocket /graphql"
    ]
    assert "wang" not in caplog.text


async def test_a_socket_runs_so_many_operations_at_once() -> None:
    async with serving(Limits(socket_operations=1)) as address, opened(address) as socket:
        await socket.start()
        await socket.subscribe("1", LIVE)
        await socket.receive()
        await socket.subscribe("2", "{ viewer }")
        allowed = {"limit": "socket_operations", "allowed": 1, "found": 2}
        assert await socket.error("2") == {"code": "QUERY_TOO_COMPLEX", **allowed}
        assert WORLD.streams_open == 1
        await socket.send({"type": "complete", "id": "1"})
        await WORLD.all_streams_ended()
        await socket.subscribe("2", "{ viewer }")
        assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}


@pytest.mark.parametrize("token", ["wang", None])
async def test_a_person_and_an_address_open_so_many_sockets(token: str | None) -> None:
    async with serving(Limits(sockets=1, address_sockets=1)) as address:
        async with opened(address) as first, opened(address) as second:
            await first.start(token)
            await second.send(
                {"type": "connection_init", "payload": {"authorization": f"Bearer {token}" if token else ""}}
            )
            assert await second.closed() == (4429, "At most 1 sockets may be open at once; close one first.")
            async with opened(address) as other:
                await other.start("li")
            await first.subscribe("1", "{ viewer }")
            assert (await first.receive())["payload"] == {"data": {"viewer": token}}
        async with opened(address) as again:
            await again.start(token)


@pytest.fixture
def end_of_session() -> Any:
    yield lambda: WORLD.end("wang")
    WORLD.ended.clear()


async def test_a_session_that_ends_closes_its_idle_sockets(end_of_session: Any) -> None:
    async with serving() as address, opened(address) as socket, opened(address) as other:
        await socket.start()
        await other.start("li")
        end_of_session()
        assert await socket.closed() == (4403, "Sign in first.")
        assert list(WORLD.watching.values()) == ["li"]
        await other.send({"type": "ping"})
        assert await other.receive() == {"type": "pong"}


async def test_nothing_is_answered_after_the_session_has_ended(socket: Socket, end_of_session: Any) -> None:
    WORLD.ended.add("wang")
    await socket.subscribe("1", "{ echo }")
    assert await socket.closed() == (4403, "Sign in first.")


async def test_a_feed_that_finds_the_session_ended_closes_the_socket(socket: Socket) -> None:
    await socket.subscribe("1", "subscription { revoked { n } }")
    assert (await socket.receive())["payload"] == {"data": {"revoked": {"n": 0}}}
    assert await socket.closed() == (4403, "Sign in first.")


async def test_a_bug_at_the_start_closes_with_its_number(fresh: Socket) -> None:
    WORLD.broken = True
    try:
        with capture_logs() as logs:
            await fresh.send({"type": "connection_init", "payload": {"authorization": "Bearer wang"}})
            closed = await fresh.closed()
    finally:
        WORLD.broken = False
    assert closed == (1011, f"Something went wrong on our side; its number is {logs[0]['incident']}.")
