"""Events rendered once: the bytes of an event for all who asked the same, kept for a moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, cast

import orjson

from db.away import patiently
from db.cursor import FeedLost, Place
from db.plan import Plan, Selected
from db.tail import Recorded
from graph.context import Services
from graph.marks import NONCE, filled
from rules.events import Lost
from rules.moment import printed
from rules.people import Actor

KEPT: Final = 4096
"""Rendered events that a process remembers at most."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One answer of a stream, in GraphQL's form, and where its reader stands in her feed after it, if she has one."""

    answer: dict[str, Any]
    cursor: str | None = None


@dataclass(eq=False)
class Channel:
    """All who asked the same: the selection, its plan, the arguments, and one of them."""

    root: Selected
    plan: Plan
    viewer: Actor
    arguments: Mapping[int, Mapping[str, Any]]
    last_words: tuple[float, Pushed | None] = (0, None)
    __weakref__: Any = field(init=False, repr=False)


class Rendering:
    """Some events on their way to a channel: `ready` once their messages are there, or `failed` says why not."""

    __slots__ = ("failed", "messages", "read_at", "ready", "task")

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.read_at = 0.0
        self.messages: Mapping[int, Pushed] = {}
        self.failed: Exception | None = None
        self.task: asyncio.Task[None] | None = None

    def message(self, event: Recorded) -> Pushed:
        """One of the messages, once they are ready."""
        if self.failed:
            raise self.failed
        return self.messages[event.seq]


class Renderings:
    """What was rendered lately; one a process."""

    def __init__(self, services: Services) -> None:
        self._db, self._feed = services.db, services.feed
        self._shared_seconds = services.shared_seconds
        self._kept: OrderedDict[tuple[Channel, int], Rendering] = OrderedDict()
        self.made = 0

    def of(self, channel: Channel, place: Place, events: Sequence[Recorded]) -> list[Rendering]:
        """The rendering of each event: begun by the first who needs it, for all that are missing at once."""
        found = [self._good(channel, event.seq) for event in events]
        missing = [event for event, rendering in zip(events, found, strict=True) if rendering is None]
        if not missing:
            return cast("list[Rendering]", found)
        self.made += 1
        fresh = Rendering()
        fresh.task = asyncio.create_task(self._make(fresh, channel, place, missing))
        self._keep(channel, missing, fresh)
        return [rendering or fresh for rendering in found]

    def _good(self, channel: Channel, seq: int) -> Rendering | None:
        """An event that was rendered so lately that a subscriber may get it as it was read then."""
        rendering = self._kept.get((channel, seq))
        if rendering is None or not rendering.ready.is_set():
            return rendering
        good = rendering.failed is None and monotonic() - rendering.read_at < self._shared_seconds
        return rendering if good else None

    def _keep(self, channel: Channel, events: Sequence[Recorded], rendering: Rendering) -> None:
        for event in events:
            self._kept[channel, event.seq] = rendering
            self._kept.move_to_end((channel, event.seq))
        while len(self._kept) > KEPT or self._good(*next(iter(self._kept))) is None:
            self._kept.popitem(last=False)

    async def _make(self, rendering: Rendering, channel: Channel, place: Place, events: Sequence[Recorded]) -> None:
        moments = [event.at for event in events]
        batch = {"seqs": [event.seq for event in events], "since": min(moments), "until": max(moments)}
        values = channel.plan.bind(channel.viewer, {**channel.arguments, 0: {"nonce": NONCE, **batch}})

        async def read() -> Sequence[Any]:
            rendering.read_at = monotonic()
            rows: Sequence[Any] = await self._db.pool.fetch(channel.plan.sql, *values)
            return rows

        try:
            rows = await patiently(read)
            if len(rows) < len(events):
                raise FeedLost(Lost.RETENTION)
            rendering.messages = {seq: self._message(channel, place.after(seq), data) for seq, data in rows}
        except Exception as error:  # told to everybody who waits for it
            rendering.failed = error
        finally:
            rendering.ready.set()

    def _message(self, channel: Channel, place: Place, data: bytes) -> Pushed:
        shown = filled(self._feed, channel.viewer, data)
        whole = b"".join((b'{"', channel.root.key.encode(), b'":', shown, b"}"))
        return Pushed({"data": orjson.Fragment(whole)}, place.cursor)

    def heartbeat(self, channel: Channel, place: Place) -> Pushed:
        """Nothing happened; said with the same words to all who stand at the same place at the same moment."""
        said_at, words = channel.last_words
        if words is None or monotonic() - said_at >= self._shared_seconds or words.cursor != place.cursor:
            words = _written(channel.root, "FeedHeartbeat", place)
            channel.last_words = monotonic(), words
        return words


def reset(channel: Channel, place: Place, reason: Lost) -> Pushed:
    """One cannot go on from the cursor; the feed stands here now."""
    return _written(channel.root, "FeedReset", place, reason)


def _written(root: Selected, type_name: str, place: Place, reason: Lost | None = None) -> Pushed:
    """A message that no statement has to make."""
    cursor, now = place.cursor, printed(datetime.now(UTC))
    values = {"__typename": type_name, "cursor": cursor, "at": now, "reason": reason}
    shown = {one.key: values[one.name] for one in root.fields(type_name)}
    return Pushed({"data": orjson.Fragment(orjson.dumps({root.key: shown}))}, cursor)
