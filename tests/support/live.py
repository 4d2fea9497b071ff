"""The whole server on a real port, and clients that talk to it as a front end does."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from db.store.keys import Keyring
from graph.context import Services
from tests.support.until import LONG_ENOUGH, UNHURRIED
from tests.support.world import Person
from web.app import build
from web.settings import Settings


class Client:
    """Somebody's front end: HTTP for what she asks, WebSockets for what she watches."""

    def __init__(self, origin: str, http: httpx.AsyncClient, token: str | None) -> None:
        self.origin, self._http, self.token = origin, http, token

    async def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """The whole response."""
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables or {}}
        return await self._http.post(f"{self.origin}/graphql", json=body, headers={**signed, **headers})

    async def ask(self, query: str, /, **variables: Any) -> Any:
        """The data of an answer without errors."""
        body = (await self.post(query, variables)).json()
        assert "errors" not in body, body
        return body["data"]

    async def refused(self, query: str, /, **variables: Any) -> list[str]:
        """The codes of the errors."""
        body = (await self.post(query, variables)).json()
        return [error["extensions"]["code"] for error in body["errors"]]

    @asynccontextmanager
    async def watch(self, query: str, /, **variables: Any) -> AsyncIterator[Watch]:
        """A subscription on a socket of its own."""
        address = self.origin.replace("http", "ws", 1) + "/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            payload = {"authorization": f"Bearer {self.token}"} if self.token else {}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            message = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}}
            await socket.send(json.dumps(message))
            yield Watch(socket)


class Watch:
    """What comes on a subscription."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def message(self, within: float = LONG_ENOUGH) -> dict[str, Any]:
        """The next message of the protocol."""
        async with asyncio.timeout(within):
            found: dict[str, Any] = json.loads(await self.socket.recv())
            return found

    async def next(self, within: float = LONG_ENOUGH) -> Any:
        """The data of the next event."""
        message = await self.message(within)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (found,) = message["payload"]["data"].values()
        return found


class Live:
    """A running server."""

    def __init__(self, origin: str, http: httpx.AsyncClient) -> None:
        self.origin, self._http = origin, http

    def as_(self, person: Person | None) -> Client:
        """A client of somebody, or of nobody."""
        return Client(self.origin, self._http, person.token if person else None)


@pytest_asyncio.fixture(scope="session")
async def live(services: Services, owner_url: str, keyring: Keyring) -> AsyncIterator[Live]:
    """The server of this run, in this process, on a port of its own."""
    app = build(Settings(limits=UNHURRIED), owner_url, keyring, services)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    # The services are opened and closed by their own fixture.
    config = uvicorn.Config(
        app, http="httptools", ws="websockets-sansio", lifespan="off", log_config=None, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    # Sooner than the server's 5 seconds, so that nothing is asked on a connection that is just being closed.
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        yield Live(f"http://127.0.0.1:{listener.getsockname()[1]}", http)
    server.should_exit = True
    await task
