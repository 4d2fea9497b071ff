"""Who may hold a socket, how many, for how long, and what may run on it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import LIVE, WANG, Socket, codes, http, opened, serving
from web import socket as carrier


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


TOO_MANY = "At most 1 sockets and event streams may be open at once; close one first."


async def init(socket: Socket, token: str | None) -> None:
    await socket.send({"type": "connection_init", "payload": {"authorization": f"Bearer {token}" if token else ""}})


@pytest.mark.parametrize("token", ["wang", None])
async def test_a_person_and_an_address_open_so_many_sockets(token: str | None) -> None:
    """1013 lets graphql-ws come back later, where 4429 would be final."""
    async with serving(Limits(sockets=1, address_sockets=1)) as address:
        async with opened(address) as first, opened(address) as second:
            await first.start(token)
            await init(second, token)
            if token:  # it is asked whether it is still there
                assert await first.receive() == {"type": "ping"}
                await first.send({"type": "pong"})
            assert await second.closed() == (1013, TOO_MANY)
            async with opened(address) as other:
                await other.start("li")
            await first.subscribe("1", "{ viewer }")
            assert (await first.receive())["payload"] == {"data": {"viewer": token}}
        async with opened(address) as again:
            await again.start(token)


async def test_the_oldest_socket_that_no_longer_answers_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tab whose network has changed never said goodbye."""
    monkeypatch.setattr(carrier, "ANSWER_SECONDS", 0.3)
    async with (
        serving(Limits(sockets=3)) as address,
        opened(address) as answering,
        opened(address) as silent,
        opened(address) as younger,
        opened(address) as newcomer,
    ):
        for one in (answering, silent, younger):
            await one.start()
        await init(newcomer, "wang")
        assert await answering.receive() == {"type": "ping"}
        await answering.send({"type": "pong"})
        assert (await newcomer.receive())["type"] == "connection_ack"
        assert await silent.closed() == (1013, "Another socket of this account has taken the place.")
        assert await younger.receive() == {"type": "ping"}
        for one in (answering, younger, newcomer):
            await one.subscribe("1", "{ viewer }")
            assert (await one.receive())["payload"] == {"data": {"viewer": "wang"}}


async def test_event_streams_count_with_the_sockets() -> None:
    body = {"query": LIVE}
    headers = WANG | {"Accept": "text/event-stream"}
    async with http(Limits(sockets=2)) as client, opened(client.base_url.netloc.decode()) as one:
        await one.start()
        async with client.stream("POST", "/graphql", json=body, headers=headers) as stream:
            lines = stream.aiter_lines()  # while nobody forgets it, the stream stays open
            assert (await anext(lines)).startswith("retry: ")
            asked = asyncio.create_task(client.post("/graphql", json=body, headers=headers))
            assert await one.receive() == {"type": "ping"}
            await one.send({"type": "pong"})
            refused = await asked
            assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMITED"])
            assert refused.headers["Retry-After"] == "1"
        await WORLD.all_streams_ended()
        async with client.stream("POST", "/graphql", json=body, headers=headers) as stream:
            assert stream.status_code == 200


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


async def test_an_account_that_may_see_something_else_is_told_to_connect_again_and_not_to_sign_in() -> None:
    async with serving() as address, opened(address) as socket:
        await socket.start()
        WORLD.change("wang")
        assert await socket.closed() == (
            4410,
            "What you may see has changed, and you are still signed in: connect again.",
        )


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
