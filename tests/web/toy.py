"""A small schema behind the real endpoint, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from graph.documents import ReadOnce
from graph.executor import EventExecutor
from rules.errors import Unauthenticated
from rules.people import Actor, Party, Role

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
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def all_streams_ended(self) -> None:
        """Wait until the server has let go of every stream."""
        if self.streams_open:
            await asyncio.wait_for(self.quiet.wait(), 5)

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
        WORLD.quiet.clear()
        try:
            yield Tick(n=0, cursor="c0")
            await asyncio.Event().wait()
        finally:
            WORLD.streams_open -= 1
            if not WORLD.streams_open:
                WORLD.quiet.set()

    @strawberry.subscription
    async def revoked(self) -> AsyncGenerator[Tick, None]:
        yield Tick(n=0, cursor="c0")
        raise GraphQLError("请先登录", extensions={"code": "UNAUTHENTICATED"})


class Quiet(strawberry.Schema):
    """The schema of the register logs errors without source lines; this one not at all."""

    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Say nothing."""


SCHEMA = Quiet(Query, Mutation, Subscription, extensions=[ReadOnce], execution_context_class=EventExecutor)
PUBLIC = frozenset({"viewer", "signIn"})
SECRETS = frozenset({"signIn"})
