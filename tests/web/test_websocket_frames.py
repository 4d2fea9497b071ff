"""The frames of graphql-transport-ws: each fault has its close code and a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import LIVE, Socket, opened, serving


async def test_ping_is_answered_before_and_after_the_start(fresh: Socket) -> None:
    await fresh.send({"type": "ping"})
    assert await fresh.receive() == {"type": "pong"}
    await fresh.start()
    await fresh.send({"type": "pong"}, {"type": "ping", "payload": {"a": 1}})
    assert await fresh.receive() == {"type": "pong"}


@pytest.mark.parametrize("protocol", ["graphql-ws", "something", None])
async def test_only_one_protocol_is_spoken(address: str, protocol: str | None) -> None:
    async with opened(address, protocol) as socket:
        assert await socket.closed() == (4406, "Subprotocol not acceptable")


OBJECT = "A message must be a JSON object."

TYPE = "`type` must be connection_init, ping, pong, subscribe or complete."

PAYLOAD = "`payload` must be an object or null."

ID = "`id` must be a string that is not empty."

BAD_FRAMES: dict[str, tuple[Any, str]] = {
    "array": ([], OBJECT),
    "string": ('"x"', OBJECT),
    "null": ("null", OBJECT),
    "number": (1, OBJECT),
    "not JSON": ("{", "This is not JSON: "),
    "empty": ("", "This is not JSON: "),
    "NaN": ('{"type": NaN}', "This is not JSON: "),
    "lone surrogate": (r'{"type": "ping", "payload": {"a": "\ud800"}}', "This is not JSON: "),
    "NUL": (r'{"type": "ping", "payload": {"a": "\u0000"}}', "A string may not contain the character U+0000."),
    "big integer": ('{"type": ' + "1" * 5000 + "}", "This is not JSON: "),
    "far too deep": ("[" * 2_000, "This is not JSON: "),
    "too deep": ("[" * 33 + "]" * 33, "The request is too complex: levels of JSON may be at most 32, here 33."),
    "binary": (b'{"type": "ping"}', "Send text frames, not binary ones."),
    "no type": ({}, TYPE),
    "type of another kind": ({"type": 1}, TYPE),
    "unhashable type": ({"type": []}, TYPE),
    "unknown type": ({"type": "start"}, TYPE),
    "type of the server": ({"type": "next", "id": "1", "payload": {}}, TYPE),
    "ping with a string": ({"type": "ping", "payload": "x"}, PAYLOAD),
    "pong with an array": ({"type": "pong", "payload": []}, PAYLOAD),
    "init with a string": ({"type": "connection_init", "payload": "x"}, PAYLOAD),
    "token of another kind": (
        {"type": "connection_init", "payload": {"authorization": 1}},
        "`authorization` must be a string.",
    ),
    "subscribe without id": ({"type": "subscribe", "payload": {"query": "{ viewer }"}}, ID),
    "subscribe with a number": ({"type": "subscribe", "id": 1, "payload": {"query": "{ viewer }"}}, ID),
    "subscribe with an empty id": ({"type": "subscribe", "id": "", "payload": {"query": "{ viewer }"}}, ID),
    "subscribe without payload": ({"type": "subscribe", "id": "1"}, "The request must be a JSON object, not null."),
    "subscribe without query": ({"type": "subscribe", "id": "1", "payload": {}}, "`query` must be a string."),
    "query of another kind": ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, "`query` must be a string."),
    "variables as array": (
        {"type": "subscribe", "id": "1", "payload": {"query": "{ viewer }", "variables": []}},
        "`variables` must be an object or null.",
    ),
    "complete without id": ({"type": "complete"}, ID),
    "complete with an array": ({"type": "complete", "id": []}, ID),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_closes_the_socket_with_a_reason(fresh: Socket, name: str) -> None:
    frame, reason = BAD_FRAMES[name]
    await fresh.send(frame)
    code, given = await fresh.closed()
    assert code == 4400
    assert given.startswith(reason) if reason.endswith((": ", "33.")) else given == reason


async def test_a_frame_too_big_closes_with_1009(socket: Socket) -> None:
    await socket.send(json.dumps({"type": "ping", "payload": {"a": "x" * 65536}}))
    assert (await socket.closed())[0] == 1009


async def test_an_operation_too_big_is_refused_by_itself(socket: Socket) -> None:
    await socket.subscribe("1", LIVE)
    assert (await socket.receive())["id"] == "1"
    await socket.subscribe("2", "{ viewer }", variables={"a": "x" * 65536})
    assert await socket.error("2") == {"code": "PAYLOAD_TOO_LARGE", "limit": "frame_bytes", "allowed": 65536}
    await socket.subscribe("3", "{ viewer }")
    assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}
    assert WORLD.streams_open == 1


async def test_one_many_times_too_big_closes_the_socket(socket: Socket) -> None:
    await socket.subscribe("1", "{ viewer }", variables={"a": "x" * 16 * 65536})
    assert (await socket.closed())[0] == 1009


async def test_a_persisted_query_is_refused_by_itself(socket: Socket) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}
    await socket.send({"type": "subscribe", "id": "1", "payload": {"extensions": extensions}})
    assert await socket.error("1") == {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}
    await socket.subscribe("2", "{ viewer }")
    assert (await socket.receive())["payload"] == {"data": {"viewer": "wang"}}


async def test_a_frame_of_just_the_limit_is_read(socket: Socket) -> None:
    await socket.send('{"type": "ping"}'.ljust(65536))
    assert await socket.receive() == {"type": "pong"}


async def test_a_socket_that_never_starts_is_closed() -> None:
    async with serving(Limits(init_seconds=0.05)) as address, opened(address) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_the_start_is_said_once(socket: Socket) -> None:
    await socket.send({"type": "connection_init"})
    assert await socket.closed() == (4429, "Too many initialisation requests")


async def test_nothing_is_asked_before_the_start(fresh: Socket) -> None:
    await fresh.subscribe("1", "{ viewer }")
    assert await fresh.closed() == (4401, "Unauthorized")


async def test_an_id_in_use_is_not_used_again(socket: Socket) -> None:
    await socket.subscribe("1", LIVE)
    await socket.subscribe("1", LIVE)
    assert await socket.closed() == (4409, "Subscriber for 1 already exists")


async def test_another_origin_is_not_let_in(address: str) -> None:
    with pytest.raises(Exception, match="HTTP 403"):
        async with opened(address, origin="https://elsewhere.example"):
            pass
