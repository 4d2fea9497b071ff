"""A small schema behind the real endpoint, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from graph.documents import ReadOnce
from graph.executor import EventExecutor
from rules.errors import AccessChanged, Unauthenticated
from rules.people import Actor, Party, Role
from tests.support.until import LONG_ENOUGH

PEOPLE = {
    name: Actor(UUID(int=number), Party.NURSE, UUID(int=number), frozenset({Role.NURSE}), name=name)
    for number, name in enumerate(["wang", "li"], start=1)
}


@dataclass
class ToyContext:
    """One operation; `number` tells two contexts apart."""

    viewer: Actor | None
    number: int
    last_event_id: str | None = None
    retry_after: int | None = None
    cursor: str | None = None
    address: str = ""


@dataclass
class World:
    """What the tests look at and turn."""

    contexts: count[int] = field(default_factory=lambda: count(1))
    ended: set[str] = field(default_factory=set)
    watching: dict[Callable[[Unauthenticated], None], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    streams_open: int = 0
    flooded: int = 0
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def all_streams_ended(self, within: float = LONG_ENOUGH) -> None:
        """Wait until the server has let go of every stream."""
        if self.streams_open:
            await asyncio.wait_for(self.quiet.wait(), within)

    async def flood_is_held_up(self) -> None:
        """Wait until nobody has room for more of it."""
        before = -1
        while before != self.flooded:
            before = self.flooded
            await asyncio.sleep(0.1)

    async def open_context(self, token: str | None, accept_language: str) -> ToyContext:
        """The name of a person is her token."""
        if self.broken:
            raise RuntimeError("password of wang is secret1")
        if token is not None and (token not in PEOPLE or token in self.ended):
            raise Unauthenticated
        return ToyContext(PEOPLE[token] if token else None, next(self.contexts))

    def watch(self, context: ToyContext, ended: Callable[[Unauthenticated], None]) -> Callable[[], object]:
        """Tell `ended` when the person's session ends, or shows something else."""
        if context.viewer:
            self.watching[ended] = context.viewer.name
        return lambda: self.watching.pop(ended, None)

    def end(self, name: str) -> None:
        """End all sessions of a person."""
        self.ended.add(name)
        for ended in [one for one, whose in self.watching.items() if whose == name]:
            ended(Unauthenticated())

    def change(self, name: str) -> None:
        """Let all sessions of a person show something else."""
        for ended in [one for one, whose in self.watching.items() if whose == name]:
            ended(AccessChanged())

    @contextmanager
    def stream(self) -> Iterator[None]:
        """One more stream, as long as it lasts."""
        self.streams_open += 1
        self.quiet.clear()
        try:
            yield
        finally:
            self.streams_open -= 1
            if not self.streams_open:
                self.quiet.set()


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

    @strawberry.mutation
    async def hold(self, port: int) -> str:
        """Say to whoever listens there that it has begun, and end with what is answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return (await reader.readline()).decode().strip()
        finally:
            writer.close()


@strawberry.type
class Subscription:
    """What can be watched."""

    @strawberry.subscription
    async def ticks(self, info: Info[ToyContext, None], to: int) -> AsyncGenerator[Tick, None]:
        for n in range(int((info.context.last_event_id or "c0")[1:]) + 1, to + 1):
            info.context.cursor = f"c{n}"
            yield Tick(n=n, cursor=f"c{n}")

    @strawberry.subscription
    async def live(self, info: Info[ToyContext, None], cursor: str = "c0") -> AsyncGenerator[Tick, None]:
        with WORLD.stream():
            info.context.cursor = cursor
            yield Tick(n=0, cursor=cursor)
            await asyncio.Event().wait()

    @strawberry.subscription
    async def flood(self, bytes: int) -> AsyncGenerator[str, None]:
        with WORLD.stream():
            while True:
                WORLD.flooded += 1
                yield "x" * bytes
                await asyncio.sleep(0)

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
