"""Events rendered once: the bytes of an event for all who asked the same, kept for a moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, cast
from uuid import UUID

import orjson
import structlog

from db.feed.cursor import Cursors, FeedLost, FeedPosition
from db.feed.scope_log import Shown, StoredEvent
from db.read.plan import Plan, Selected
from db.read.root_feed import Pushes
from db.read.viewer import VIEWER
from db.store.outage import retry_until_up
from graph.context import Services
from graph.placeholders import NONCE, Writer
from rules.events import Lost
from rules.moment import printed
from rules.people import Actor

log = structlog.get_logger(__name__)
KEPT: Final = 4096
"""Rendered events that a process remembers at most."""
EVENTS: Final = 256
"""Events of a statement."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One answer of a stream, in GraphQL's form, and where its reader stands in her feed after it, if she has one."""

    answer: dict[str, Any]
    cursor: str | None = None


@dataclass(eq=False)
class SharedFeed:
    """A feed that subscribers share who asked the same: selection, plan, one viewer, arguments, and the statement."""

    root: Selected
    pushes: Pushes
    viewer: Actor
    arguments: Mapping[int, Mapping[str, Any]]
    statement: Hashable
    renderings: Renderings
    last_words: tuple[float, Pushed | None] = (0, None)
    __weakref__: Any = field(init=False, repr=False)

    def bind(self, plan: Plan, each: Iterable[SharedFeed], **columns: Sequence[Any]) -> list[Any]:
        """The parameters of a statement with a row for each of these feeds, which differ only in their viewers."""
        viewers = [one.viewer for one in each]
        of_viewer = {name: [value(viewer) for viewer in viewers] for name, (_, value) in VIEWER.items()}
        return plan.bind(self.viewer, {**self.arguments, 0: {"nonce": NONCE, **columns, **of_viewer}})

    def news(
        self, everybody: Sequence[Shown], scopes: Sequence[UUID], lasts: Sequence[int], since: Sequence[datetime]
    ) -> tuple[str, Sequence[Any]]:
        """The statement that finds what is new in these scopes, rendered for each of them, and its parameters."""
        self.renderings.statements += 1
        plan, each = self.pushes.news, cast("Sequence[SharedFeed]", everybody)
        return plan.sql, self.bind(plan, each, followed=scopes, last=lasts, since=since)

    def keep(self, cursors: Cursors, rendered: Sequence[tuple[StoredEvent, bytes]], read_at: float) -> None:
        """Keep what was rendered, until the followers ask for it."""
        self.renderings.keep(self, cursors, rendered, read_at)


class Rendering:
    """Some events on their way to a shared feed: `ready` once their messages are there, or `failed` says why not."""

    __slots__ = ("events", "failed", "messages", "place", "read_at", "ready", "shared")

    def __init__(self, shared: SharedFeed, place: FeedPosition, events: Sequence[StoredEvent]) -> None:
        self.shared, self.place, self.events = shared, place, events
        self.ready = asyncio.Event()
        self.read_at = 0.0
        self.messages: dict[int, Pushed] = {}
        self.failed: Exception | None = None

    def message(self, event: StoredEvent) -> Pushed:
        """One of the messages, once they are ready."""
        if self.failed:
            raise self.failed
        if event.seq not in self.messages:
            raise FeedLost(Lost.RETENTION)
        return self.messages[event.seq]


class Renderings:
    """The renderings of the last moments; one a process."""

    def __init__(self, services: Services) -> None:
        self._db, self._feed = services.db, services.feed
        self._shared_seconds = services.shared_seconds
        self._kept: OrderedDict[tuple[SharedFeed, int], Rendering] = OrderedDict()
        self._waiting: dict[Hashable, list[Rendering]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.made = self.statements = self.found = 0

    def of(self, shared: SharedFeed, place: FeedPosition, events: Sequence[StoredEvent]) -> list[Rendering]:
        """The rendering of each event: begun by the first who needs it, for all that are missing at once."""
        found = [self._good(shared, event.seq) for event in events]
        missing = [event for event, rendering in zip(events, found, strict=True) if rendering is None]
        if not missing:
            return cast("list[Rendering]", found)
        self.made += 1
        fresh = Rendering(shared, place, missing)
        self._keep(shared, missing, fresh)
        if not self._waiting:
            # Soon, when everybody has asked who was woken by the same news.
            asyncio.get_running_loop().call_soon(self._begin)
        self._waiting.setdefault(shared.statement, []).append(fresh)
        return [rendering or fresh for rendering in found]

    def keep(
        self, shared: SharedFeed, cursors: Cursors, rendered: Sequence[tuple[StoredEvent, bytes]], read_at: float
    ) -> None:
        """Events that were rendered as they were found."""
        if not rendered:
            return
        first, _ = rendered[0]
        made = Rendering(shared, FeedPosition(cursors, first.scope, first.seq, first.id), [e for e, _ in rendered])
        try:
            for event, data in rendered:
                made.messages[event.seq] = self._message(shared, made.place.after(event), data)
        except Exception as error:  # whoever wants it tries again, and is told
            log.warning("an event is not rendered", error=type(error).__name__)
            return
        made.read_at = read_at
        made.ready.set()
        self.made += 1
        self.found += len(rendered)
        self._keep(shared, made.events, made)

    def _good(self, shared: SharedFeed, seq: int) -> Rendering | None:
        """An event that was rendered so lately that a subscriber may get it as it was read then."""
        rendering = self._kept.get((shared, seq))
        if rendering is None or not rendering.ready.is_set():
            return rendering
        good = rendering.failed is None and monotonic() - rendering.read_at < self._shared_seconds
        return rendering if good else None

    def _keep(self, shared: SharedFeed, events: Sequence[StoredEvent], rendering: Rendering) -> None:
        for event in events:
            self._kept[shared, event.seq] = rendering
            self._kept.move_to_end((shared, event.seq))
        while len(self._kept) > KEPT or self._good(*next(iter(self._kept))) is None:
            self._kept.popitem(last=False)

    def _begin(self) -> None:
        """One statement for all renderings that only differ in whom they are for."""
        waiting, self._waiting = self._waiting, {}
        for renderings in waiting.values():
            for some in _at_most(renderings, EVENTS):
                task = asyncio.create_task(self._make(some))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def _make(self, renderings: Sequence[Rendering]) -> None:
        self.statements += 1
        shared, each = renderings[0].shared, [(one, event) for one in renderings for event in one.events]
        plan, events = shared.pushes.known, [event for _, event in each]
        seqs, moments = [event.seq for event in events], [event.at for event in events]
        values = shared.bind(plan, (one.shared for one, _ in each), seq=seqs, at=moments)

        async def read() -> Sequence[Any]:
            for rendering in renderings:
                rendering.read_at = monotonic()
            rows: Sequence[Any] = await self._db.pool.fetch(plan.sql, *values)
            return rows

        try:
            for nth, data in await retry_until_up(read):
                rendering, event = each[nth - 1]
                place = rendering.place.after(event)
                rendering.messages[event.seq] = self._message(rendering.shared, place, data)
        except Exception as error:  # raised at everybody who waits for it
            for rendering in renderings:
                rendering.failed = error
        finally:
            for rendering in renderings:
                rendering.ready.set()

    def _message(self, shared: SharedFeed, place: FeedPosition, data: bytes) -> Pushed:
        shown = Writer(self._feed, self._db.keyring, shared.viewer).filled(data)
        whole = b"".join((b'{"', shared.root.key.encode(), b'":', shown, b"}"))
        return Pushed({"data": orjson.Fragment(whole)}, place.cursor)

    def heartbeat(self, shared: SharedFeed, place: FeedPosition) -> Pushed:
        """The heartbeat: the same bytes for all who stand at the same place at the same moment."""
        said_at, words = shared.last_words
        if words is None or monotonic() - said_at >= self._shared_seconds or words.cursor != place.cursor:
            words = _written(shared.root, "FeedHeartbeat", place)
            shared.last_words = monotonic(), words
        return words


def _at_most(renderings: Sequence[Rendering], most: int) -> Iterator[list[Rendering]]:
    """The renderings in groups of so many events, as far as a single one has no more."""
    group, events = list[Rendering](), 0
    for rendering in renderings:
        if group and events + len(rendering.events) > most:
            yield group
            group, events = [], 0
        group.append(rendering)
        events += len(rendering.events)
    yield group


def reset(shared: SharedFeed, place: FeedPosition, reason: Lost) -> Pushed:
    """The last message of a feed that cannot go on from the cursor; the feed stands here now."""
    return _written(shared.root, "FeedReset", place, reason)


def _written(root: Selected, type_name: str, place: FeedPosition, reason: Lost | None = None) -> Pushed:
    """A message that no statement has to make."""
    cursor, now = place.cursor, printed(datetime.now(UTC))
    values = {"__typename": type_name, "cursor": cursor, "at": now, "reason": reason}
    shown = {one.key: values[one.name] for one in root.fields(type_name)}
    return Pushed({"data": orjson.Fragment(orjson.dumps({root.key: shown}))}, cursor)
