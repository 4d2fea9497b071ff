"""A small schema behind the real endpoint, on a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import httpx
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry.types import Info

from graph.documents import ReadOnce
from graph.executor import EventExecutor
from graph.limits import Limits
from rules.errors import Unauthenticated
from rules.people import Actor, Party, Role
from web.graphql import Endpoint

PEOPLE = {
    name: Actor(UUID(int=number), Party.NURSE, UUID(int=number), frozenset({Role.NURSE}), name=name)
    for number, name in enumerate(["wang", "li"], start=1)
}


@dataclass
class ToyContext:
    """One operation; `number` tells two contexts apart."""

    viewer: Actor | None
    number: int


@dataclass
class World:
    """What the tests look at and turn."""

    contexts: count[int] = field(default_factory=lambda: count(1))
    ended: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    streams_open: int = 0
    stream_closed: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def open_context(self, token: str | None, accept_language: str) -> ToyContext:
        """The name of a person is her token."""
        if self.broken:
            raise ConnectionError("password of wang is secret1")
        if token is not None and (token not in PEOPLE or token in self.ended):
            raise Unauthenticated
        return ToyContext(PEOPLE[token] if token else None, next(self.contexts))


WORLD = World()


@strawberry.type
class Tick:
    """One event."""

    n: int
    cursor: str

    @strawberry.field
    def context(self, info: Info[ToyContext, None]) -> int:
        return info.context.number


@strawberry.type
class Node:
    """A leaf and a branch."""

    b: int = 1

    @strawberry.field
    def a(self) -> Node:
        return self


@strawberry.type
class Query:
    """What can be looked up."""

    @strawberry.field
    def viewer(self, info: Info[ToyContext, None]) -> str | None:
        return info.context.viewer.name if info.context.viewer else None

    @strawberry.field
    def context(self, info: Info[ToyContext, None]) -> int:
        return info.context.number

    @strawberry.field
    def echo(self, text: str = "") -> str:
        return text

    @strawberry.field
    def a(self) -> Node:
        return Node()

    @strawberry.field
    async def endless(self) -> str:
        await asyncio.Event().wait()
        return "never"


@strawberry.type
class Mutation:
    """What can be done."""

    @strawberry.mutation
    def sign_in(self, name: str) -> str | None:
        return name if name in PEOPLE else None

    @strawberry.mutation
    def note(self, text: str) -> int:
        WORLD.notes.append(text)
        return len(WORLD.notes)


@strawberry.type
class Subscription:
    """What can be watched."""

    @strawberry.subscription
    async def ticks(self, to: int) -> AsyncGenerator[Tick, None]:
        for n in range(1, to + 1):
            yield Tick(n=n, cursor=f"c{n}")

    @strawberry.subscription
    async def live(self) -> AsyncGenerator[Tick, None]:
        WORLD.streams_open += 1
        try:
            yield Tick(n=0, cursor="c0")
            await asyncio.Event().wait()
        finally:
            WORLD.streams_open -= 1
            WORLD.stream_closed.set()

    @strawberry.subscription
    async def revoked(self) -> AsyncGenerator[Tick, None]:
        yield Tick(n=0, cursor="c0")
        raise strawberry_error("UNAUTHENTICATED")


def strawberry_error(code: str) -> Exception:
    """An error as graph/errors.py lets it out."""
    from graphql import GraphQLError

    return GraphQLError("请先登录", extensions={"code": code})


class Quiet(strawberry.Schema):
    """The schema of the register logs errors without source lines; this one not at all."""

    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Say nothing."""


SCHEMA = Quiet(Query, Mutation, Subscription, extensions=[ReadOnce], execution_context_class=EventExecutor)
PUBLIC = frozenset({"viewer", "signIn"})
SECRETS = frozenset({"signIn"})


@asynccontextmanager
async def serving(limits: Limits | None = None) -> AsyncIterator[str]:
    """The endpoint on a port of its own; gives `host:port`."""
    limits = limits or Limits()
    endpoint = Endpoint(SCHEMA, WORLD.open_context, limits, public=PUBLIC, secrets=SECRETS)
    app = Starlette(routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint)])
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=limits.frame_bytes,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        serve = asyncio.create_task(server.serve([listener]))
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serve


@asynccontextmanager
async def http(limits: Limits | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server of its own."""
    async with serving(limits) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client
