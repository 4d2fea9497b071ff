"""A stored event of one scope, and the short memory of a scope that has followers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from uuid import UUID

import asyncpg
import orjson

from rules.events import QueueChange

if TYPE_CHECKING:
    from db.feed.cursor import Cursors

MEMORY: Final = 256


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as its scope hears it."""

    scope: UUID
    seq: int
    at: datetime
    id: UUID
    previous_id: UUID | None
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]
    units: frozenset[UUID] = frozenset()


def recorded(row: asyncpg.Record) -> StoredEvent:
    """A row of the event table, with or without what was read beside it."""
    fields = {name: row[name] for name in _PLAIN}
    queue, body = row["queue"], orjson.loads(row["body"])
    units = frozenset(row["unit_ids"] or ())
    return StoredEvent(**fields, queue=QueueChange(queue) if queue else None, body=body, units=units)


_PLAIN: Final = ("scope", "seq", "at", "id", "previous_id", "type", "application_id", "account_id")


class Shown(Protocol):
    """The way in which some followers of a scope are shown its events: rendered by the statement that finds them."""

    statement: Hashable
    """Equal for all whose statement is one, whoever they are for."""

    def news(
        self, everybody: Sequence[Shown], scopes: Sequence[UUID], lasts: Sequence[int], since: Sequence[datetime]
    ) -> tuple[str, Sequence[Any]]:
        """The statement that finds what is new in these scopes, rendered for each of them, and its parameters."""

    def keep(self, cursors: Cursors, rendered: Sequence[tuple[StoredEvent, bytes]], read_at: float) -> None:
        """Keep what was rendered, until the followers ask for it."""


class Batch(NamedTuple):
    """Events in their order, and the scope's count of changes to the right to read it, read in the same snapshot."""

    access: int
    events: Sequence[StoredEvent]


@dataclass(slots=True)
class ScopeLog:
    """The last events of one scope, without a gap among them; `last` is None until it is known.

    It is `lost` as soon as the database turns out to have another history than it: whoever follows it must enter anew.
    """

    last: int | None = None
    last_id: UUID | None = None
    lost: bool = False
    at: datetime | None = None
    access: int = 0
    events: deque[StoredEvent] = field(default_factory=lambda: deque(maxlen=MEMORY))
    waiting: set[asyncio.Future[bool]] = field(default_factory=set)
    followers: int = 0
    shown: dict[Shown, int] = field(default_factory=dict)
    """The ways in which followers are shown all that happens, and how many each has."""

    @property
    def first_shown(self) -> Shown | None:
        """The one of them for which news are rendered as they are found; the others render them for themselves."""
        return next(iter(self.shown), None)

    def join(self, shown: Shown | None) -> None:
        """One follower more."""
        self.followers += 1
        if shown is not None:
            self.shown[shown] = self.shown.get(shown, 0) + 1

    def leave(self, shown: Shown | None) -> None:
        """One follower less."""
        self.followers -= 1
        if shown is not None:
            self.shown[shown] -= 1
            if not self.shown[shown]:
                del self.shown[shown]

    def after(self, seq: int) -> Sequence[StoredEvent] | None:
        """The events after `seq`, or None if that lies before this memory."""
        count = (self.last or 0) - seq
        if count <= 0:
            return ()
        if count > len(self.events):
            return None
        return list(islice(reversed(self.events), count))[::-1]

    def continued(self, last: int, last_id: UUID | None, first: StoredEvent | None) -> bool:
        """True if what was read goes on from what is known: the scope stands there, with this event first after it."""
        if first is None:
            return last > (self.last or 0) or (last, last_id) == (self.last, self.last_id)
        return first.seq - 1 != self.last or first.previous_id == self.last_id

    def add(self, event: StoredEvent) -> None:
        """Remember one more event; events before a gap are forgotten, so that they are read from the table."""
        if event.seq - 1 != self.last:
            self.events.clear()
        self.last, self.last_id, self.at = event.seq, event.id, event.at
        self.events.append(event)

    def tell(self) -> None:
        """Wake all followers that wait for news."""
        waiting, self.waiting = self.waiting, set()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(True)


class IdleTimer:
    """Wakes a follower when nothing came for so many seconds.

    Its timer runs on while news come and is set anew only when it is over: a timer for every wait would cost more
    than everything else about a follower.
    """

    __slots__ = ("_due", "_loop", "_seconds", "_timer", "_waiter")

    def __init__(self, seconds: float) -> None:
        self._loop, self._seconds = asyncio.get_running_loop(), seconds
        self._waiter: asyncio.Future[bool] | None = None
        self._due = self._loop.time() + seconds
        self._timer = self._loop.call_at(self._due, self._look)

    def begin(self) -> None:
        """Be patient again from now on."""
        self._due = self._loop.time() + self._seconds

    def end(self) -> None:
        """Stop the timer; it wakes no follower any more."""
        self._timer.cancel()

    async def news(self, log: ScopeLog) -> bool:
        """Wait for news of a scope; False when the patience has run out."""
        waiter: asyncio.Future[bool] = self._loop.create_future()
        self._waiter = waiter
        log.waiting.add(waiter)
        try:
            news = await waiter
        finally:
            log.waiting.discard(waiter)
        return news

    def _look(self) -> None:
        if self._loop.time() >= self._due:
            self.begin()
            if self._waiter and not self._waiter.done():
                self._waiter.set_result(False)
        self._timer = self._loop.call_at(self._due, self._look)
