"""Feeds at the speed of their sockets: an event is rendered once for all who asked the same, and its bytes shared.

Two subscribers asked the same when their statement and all its parameters are equal and nothing in it is personal:
then there is nothing left by which their answers could differ.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Hashable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson
import structlog
from graphql import GraphQLSchema, OperationDefinitionNode

from db.away import patiently
from db.compiled import kind_of
from db.cursor import FeedLost, Place
from db.plan import Builder, Plan, Selected, Unplanned
from db.root_feed import pushed
from db.tail import Recorded
from graph.context import Context, Services
from graph.documents import Document
from graph.marks import NONCE, filled
from graph.reading import Beat, Broken, Happened, Reading, Wanted, wanted
from graph.selection import Reader, Tree
from rules.errors import RegistryError
from rules.events import Lost
from rules.moment import printed
from rules.people import Actor

FEEDS: Final[Mapping[str, str]] = {"pendingReviewFeed": "PendingReviewChange", "eventFeed": "Event"}
"""What each feed shows of an event."""
KEPT: Final = 4096
"""Rendered events that a process remembers."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Rendered:
    """Events as one channel shows them, by their numbers: each with its cursor; and when they were read."""

    read_at: float
    messages: Mapping[int, tuple[str, bytes]]


@dataclass(frozen=True)
class _Prepared:
    """One feed as one kind of viewer asks it."""

    tree: Tree
    plan: Plan


@dataclass
class _Channel:
    """All who asked the same."""

    root: Selected
    plan: Plan
    viewer: Actor
    values: Mapping[int, Mapping[str, Any]]
    __weakref__: Any = field(init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class Live:
    """The planned side of watching; one a process."""

    def __init__(self, schema: GraphQLSchema, services: Services) -> None:
        self._schema, self._db, self._feed = schema, services.db, services.feed
        self._shared_seconds = services.shared_seconds
        self.renderings = 0
        self._channels: WeakValueDictionary[Hashable, _Channel] = WeakValueDictionary()
        self._made: OrderedDict[tuple[_Channel, int], asyncio.Task[_Rendered]] = OrderedDict()

    def follow(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> AsyncGenerator[tuple[str, bytes], None] | None:
        """Each message with its cursor and the JSON of `data`; None where the ordinary executor must answer."""
        try:
            channel, asked = self._asked(document, operation, given, context)
        except (Unplanned, RegistryError) as why:
            log.debug("left to the executor", why=str(why))
            return None
        return self._messages(channel, Reading(context, asked))

    def _asked(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> tuple[_Channel, Wanted]:
        kept: dict[Hashable, Any] = document.__dict__.setdefault("live", {})
        reader: Reader | Unplanned | None = kept.get(id(operation))
        if reader is None:
            reader = kept[id(operation)] = _reader(self._schema, document, operation)
        if isinstance(reader, Unplanned):
            raise reader
        variables = reader.variables(given)
        key = (id(operation), reader.switches(variables), kind_of(context.viewer))
        if key not in kept:
            kept[key] = _prepared(reader.tree(variables), context.actor)
        prepared: _Prepared = kept[key]
        (root,) = prepared.tree.roots
        arguments = prepared.tree.arguments(variables)
        context.pages(arguments.values())
        asked = wanted(context, root.name, arguments[root.number])
        return self._channel(root, prepared.plan, context.actor, arguments), asked

    def _channel(
        self, root: Selected, plan: Plan, viewer: Actor, arguments: Mapping[int, Mapping[str, Any]]
    ) -> _Channel:
        """The one that all share who asked the same."""
        values = {**arguments, 0: {"nonce": NONCE, "seqs": None, "since": None, "until": None}}
        told = tuple(plan.bind(viewer, values))
        key = (root.key, plan.sql, told, viewer if plan.personal else None)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = _Channel(root, plan, viewer, arguments)
        return channel

    async def _messages(self, channel: _Channel, reading: Reading) -> AsyncGenerator[tuple[str, bytes], None]:
        async with aclosing(reading.parts()) as parts:
            async for part in parts:
                match part:
                    case Happened():
                        for task, event in self._rendered(channel, part.place, part.events):
                            rendered = task.result() if task.done() else await asyncio.shield(task)
                            await reading.still(event)
                            yield rendered.messages[event.seq]
                    case Beat(place):
                        yield place.cursor, _written(channel.root, "FeedHeartbeat", place)
                    case Broken(place, because):
                        yield place.cursor, _written(channel.root, "FeedReset", place, because)

    def _rendered(
        self, channel: _Channel, place: Place, events: Sequence[Recorded]
    ) -> list[tuple[asyncio.Task[_Rendered], Recorded]]:
        """The task that renders each event: begun by the first who needs it, for all that are missing at once."""
        missing = [event for event in events if not self._good((channel, event.seq))]
        if missing:
            self.renderings += 1
            task = asyncio.create_task(self._render(channel, place, missing))
            for event in missing:
                self._made[channel, event.seq] = task
                self._made.move_to_end((channel, event.seq))
        found = [(self._made[channel, event.seq], event) for event in events]
        while len(self._made) > KEPT or (self._made and not self._good(next(iter(self._made)))):
            self._made.popitem(last=False)
        return found

    def _good(self, key: tuple[_Channel, int]) -> bool:
        """Whether an event was rendered so lately that a subscriber may get it as it was read then."""
        task = self._made.get(key)
        if task is None or not task.done():
            return task is not None
        failed = task.cancelled() or task.exception() is not None
        return not failed and monotonic() - task.result().read_at < self._shared_seconds

    async def _render(self, channel: _Channel, place: Place, events: Sequence[Recorded]) -> _Rendered:
        moments = [event.at for event in events]
        batch = {"seqs": [event.seq for event in events], "since": min(moments), "until": max(moments)}
        values = channel.plan.bind(channel.viewer, {**channel.values, 0: {"nonce": NONCE, **batch}})

        async def read() -> tuple[float, Sequence[Any]]:
            return monotonic(), await self._db.pool.fetch(channel.plan.sql, *values)

        read_at, rows = await patiently(read)
        if len(rows) < len(events):
            raise FeedLost(Lost.RETENTION)
        before = b'{"%s":' % channel.root.key.encode()
        messages = {
            seq: (place.after(seq).cursor, b"".join((before, filled(self._feed, channel.viewer, data), b"}")))
            for seq, data in rows
        }
        return _Rendered(read_at, messages)


def _reader(schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode) -> Reader | Unplanned:
    try:
        return Reader(schema, document.tree, operation)
    except Unplanned as why:
        return why


def _prepared(tree: Tree, viewer: Actor) -> _Prepared:
    (root,) = tree.roots
    if root.name not in FEEDS:
        raise Unplanned(root.name)
    return _Prepared(tree, pushed(Builder(viewer), FEEDS[root.name], root))


def _written(root: Selected, type_name: str, place: Place, reason: Lost | None = None) -> bytes:
    """A message that no statement has to make."""
    values = {
        "__typename": type_name,
        "cursor": place.cursor,
        "at": printed(datetime.now(UTC)),
        "reason": reason,
    }
    return orjson.dumps({root.key: {one.key: values[one.name] for one in root.fields(type_name)}})
