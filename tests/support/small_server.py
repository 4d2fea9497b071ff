"""The small schema behind the real endpoint, on a real socket, and clients that ask there."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph.limits import Limits
from tests.support.small_schema import PUBLIC, SCHEMA, SECRETS, WORLD
from tests.support.until import LONG_ENOUGH
from web.application import Application
from web.graphql import Endpoint
from web.server import Server, listen
from web.settings import Settings, load

ROOT = Path(__file__).parents[2]


def small_app(limits: Limits) -> Application:
    """The small schema behind the real door."""
    endpoint = Endpoint(SCHEMA, WORLD.open_context, limits, public=PUBLIC, secrets=SECRETS, watch=WORLD.watch)
    return Application(endpoint)


@asynccontextmanager
async def serving(limits: Limits | None = None) -> AsyncIterator[str]:
    """The real server on a port of its own, in this process; gives `host:port`."""
    limits = limits or Limits()
    async with serve(small_app(limits), limits) as address:
        yield address


@asynccontextmanager
async def serve(app: Application, limits: Limits | None = None) -> AsyncIterator[str]:
    """Any application on a port of its own, in this process; gives `host:port`."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        ready = asyncio.Event()
        server = Server(app, Settings(limits=limits or Limits()), ready.set)
        serving = asyncio.create_task(server.serve([listener]))
        await ready.wait()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


class Child:
    """The same server in a process of its own, for real signals."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process, self.address = process, address

    def stop(self) -> None:
        """As an operator does it."""
        self.process.send_signal(signal.SIGTERM)

    async def ended(self, within: float = 30) -> int:
        """The exit code."""
        return await asyncio.wait_for(self.process.wait(), within)


@asynccontextmanager
async def child(**limits: float) -> AsyncIterator[Child]:
    """A server process that has said where it is."""
    environment = {f"HUSHI_LIMIT_{name.upper()}": str(value) for name, value in limits.items()}
    command = (sys.executable, "-m", "tests.support.small_server")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield Child(process, (await process.stdout.readline()).decode().strip())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def http(limits: Limits | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server of its own."""
    async with serving(limits) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client


NEW, OLD = "application/graphql-response+json", "application/json"

WANG = {"Authorization": "Bearer wang"}

ENGLISH = {"Accept-Language": "en"}


async def ask(client: httpx.AsyncClient, query: str, headers: dict[str, str] = WANG, **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **more}, headers=headers)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


LIVE = "subscription { live { n } }"


class Socket:
    """A client that waits for what must come, but not for ever."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, *messages: Any) -> None:
        for message in messages:
            await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self) -> Any:
        frame = await asyncio.wait_for(self.connection.recv(), LONG_ENOUGH)
        assert isinstance(frame, str)
        return json.loads(frame)

    async def closed(self) -> tuple[int, str]:
        """The code and the reason; whatever is sent before does not matter."""
        with pytest.raises(ConnectionClosed) as closing:
            while True:
                await self.receive()
        assert closing.value.rcvd is not None
        return closing.value.rcvd.code, closing.value.rcvd.reason

    async def start(self, token: str | None = "wang") -> None:
        await self.send({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"} if token else None})
        ack = await self.receive()
        self.retry: int = ack["payload"].pop("retry")
        assert ack == {"type": "connection_ack", "payload": {}}

    async def subscribe(self, id: str, query: str, **more: Any) -> None:
        await self.send({"type": "subscribe", "id": id, "payload": {"query": query, **more}})

    async def error(self, id: str) -> dict[str, Any]:
        """The extensions of the one error that ends the operation."""
        message = await self.receive()
        assert (message["type"], message["id"], len(message["payload"])) == ("error", id, 1)
        extensions: dict[str, Any] = message["payload"][0]["extensions"]
        return extensions


@asynccontextmanager
async def opened(
    address: str, protocol: str | None = "graphql-transport-ws", query: str = "", **more: Any
) -> AsyncIterator[Socket]:
    """A socket; when it is closed, the server has let go of whatever ran on it."""
    protocols = [Subprotocol(protocol)] if protocol else None
    async with connect(f"ws://{address}/graphql{query}", subprotocols=protocols, proxy=None, **more) as connection:
        yield Socket(connection)
    await WORLD.all_streams_ended()


async def main() -> None:
    """The small schema, served as the register is."""
    settings = load().model_copy(update={"port": 0})
    listener = listen(settings)
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    await Server(small_app(settings.limits), settings, lambda: print(address, flush=True)).run_on(listener)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
