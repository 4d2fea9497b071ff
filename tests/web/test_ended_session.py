"""When a session ends, all that lives on it at the door ends, also what has nothing to say."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from db.session import Sessions
from db.store.keys import Keyring
from graph.context import Services
from graph.limits import Limits
from tests.support.world import Cast, Person, World
from web.app import build
from web.request_wire import RequestWire
from web.settings import Settings
from web.socket_wire import SocketWire
from web.wire import WireConfig

QUICK = 0.02
"""Seconds between two looks, in place of 2.5."""


@pytest.fixture
async def address(services: Services, owner_url: str, keyring: Keyring) -> AsyncIterator[str]:
    """The register on a port of its own, whose sessions are looked at often."""
    heard = services.db.heard
    sessions = Sessions(services.db)
    await sessions.open(QUICK)
    app = build(Settings(), owner_url, keyring, replace(services, sessions=sessions))
    config = WireConfig(app, Limits(), http=RequestWire, ws=SocketWire, lifespan="off", log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        serve = asyncio.create_task(server.serve([listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serve
    await sessions.close()
    services.db.heard = heard  # those of the other tests hear of their wake-ups again


async def revoke(world: World, person: Person) -> None:
    await world.owner.execute("update session set revoked_at = now() where account_id = $1", person.account_id)


async def signed_in(address: str, person: Person) -> Any:
    """A socket on which nothing runs."""
    found = await connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None)
    payload = {"authorization": f"Bearer {person.token}"}
    await found.send(json.dumps({"type": "connection_init", "payload": payload}))
    assert json.loads(await found.recv())["type"] == "connection_ack"
    return found


async def test_an_idle_socket_is_closed_and_those_of_others_are_not(address: str, world: World, cast: Cast) -> None:
    ended, other = await signed_in(address, cast.operator), await signed_in(address, cast.manager)
    await revoke(world, cast.operator)
    with pytest.raises(ConnectionClosed) as closing:
        await asyncio.wait_for(ended.recv(), 10)
    assert closing.value.rcvd is not None
    assert (closing.value.rcvd.code, closing.value.rcvd.reason) == (4403, "Sign in first.")
    await other.send(json.dumps({"type": "ping"}))
    assert json.loads(await other.recv()) == {"type": "pong"}
    await other.close()


async def test_an_event_stream_ends_and_says_why(address: str, world: World, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.operator.token}", "Accept": "text/event-stream", "Accept-Language": "en"}
    body = {"query": "subscription { pendingReviewFeed { __typename } }"}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("POST", f"http://{address}/graphql", json=body, headers=headers) as response,
        aclosing(response.aiter_lines()) as lines,
    ):
        while not (await anext(lines)).startswith("data:"):
            pass
        await revoke(world, cast.operator)
        rest = [line async for line in lines if line]
    assert rest[0] == "event: next"
    (error,) = json.loads(rest[1].removeprefix("data: "))["errors"]
    assert error == {"message": "Sign in first.", "extensions": {"code": "UNAUTHENTICATED"}}
    assert rest[2:] == ["event: complete", "data:"]
