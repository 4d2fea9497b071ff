"""The live side of the event log: one reader a process, and a short memory of each followed scope.

A follower keeps nothing but its own position. It reads from the scope's memory while it keeps up, and from the table
when it does not, so that a slow reader costs no memory and nobody ever misses or repeats an event.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
import structlog

from db.cursor import Cursors
from db.engine import Database
from rules.events import QueueChange

CHANNEL: Final = "feed"
MEMORY: Final = 256
PAGE: Final = 200
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
POLL_SECONDS: Final = 1.0
COALESCE_SECONDS: Final = 0.01
SCOPES_A_MESSAGE: Final = 200
LOST: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)

log = structlog.get_logger(__name__)


class FeedLost(Exception):
    """The cursors of this feed are no longer good: the database is another one than before (`reason`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event as its scope hears it."""

    scope: UUID
    seq: int
    at: datetime
    id: UUID
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]


@dataclass(slots=True)
class _Tail:
    """The last events of one scope that somebody here follows; `last` is None until it is known."""

    last: int | None = None
    at: datetime | None = None
    events: deque[Recorded] = field(default_factory=lambda: deque(maxlen=MEMORY))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    def after(self, seq: int) -> list[Recorded] | None:
        """What came after `seq`, or None where that lies before this memory."""
        if self.last is None:
            return None
        if seq >= self.last:
            return []
        if not self.events or self.events[0].seq > seq + 1:
            return None
        return [event for event in self.events if event.seq > seq]

    def add(self, event: Recorded) -> None:
        self.last, self.at = event.seq, event.at
        self.events.append(event)

    def tell(self) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


_COLUMNS: Final = "e.scope, e.seq, e.at, e.id, e.type, e.application_id, e.account_id, e.queue, e.body"
_NEW: Final = f"""
select {_COLUMNS} from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as s(scope, last, since)
cross join lateral (select * from event e where e.scope = s.scope and e.seq > s.last
  and e.at >= s.since order by e.seq limit {PAGE}) e order by e.scope, e.seq"""
_PAGE: Final = f"select {_COLUMNS} from event e where e.scope = $1 and e.seq > $2 order by e.seq limit $3"
_MOVED: Final = """select f.scope from unnest($1::uuid[], $2::bigint[]) as s(scope, last)
join feed_scope f on f.scope = s.scope and f.seq > s.last"""


class Feed:
    """Every scope's events, from any point on, live."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._tails: dict[UUID, _Tail] = {}
        self._woken: set[UUID] = set()
        self._outgoing: set[UUID] = set()
        self._wake = asyncio.Event()
        self._send = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.cursors: Cursors
        db.wake = self.wake

    async def open(self) -> None:
        """Start reading and listening."""
        self.cursors = await Cursors.of(self._db)
        self._tasks = [asyncio.create_task(run()) for run in (self._read, self._announce, self._listen)]

    async def close(self) -> None:
        """Stop; the streams end with their connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self, scopes: Iterable[UUID]) -> None:
        """Called after a commit: these scopes have news, here and in every other process."""
        scopes = set(scopes)
        self._hear(scopes)
        self._outgoing |= scopes
        self._send.set()

    async def position(self, scope: UUID) -> int:
        """The number of the scope's last event; 0 before its first."""
        found = await self._db.pool.fetchval("select seq from feed_scope where scope = $1", scope)
        return int(found or 0)

    async def oldest(self, scope: UUID) -> int | None:
        """The number of the oldest event that is still kept, if any is."""
        found: int | None = await self._db.pool.fetchval("select min(seq) from event where scope = $1", scope)
        return found

    async def page(self, scope: UUID, after: int, first: int = PAGE) -> list[Recorded]:
        """The next events after a number, oldest first."""
        return list(map(_recorded, await self._db.pool.fetch(_PAGE, scope, after, first)))

    async def follow(self, scope: UUID, after: int, patience: float) -> AsyncIterator[Sequence[Recorded]]:
        """Everything after a number, then live: batches in order, an empty one after `patience` seconds of silence.

        Raises FeedLost when the database turns out to be another one.
        """
        cursors, seq = self.cursors, after
        tail = self._tails.setdefault(scope, _Tail())
        tail.followers += 1
        try:
            await self._begin(scope, tail)
            while True:
                if cursors is not self.cursors:
                    raise FeedLost("EPOCH")
                changed = tail.changed
                batch = tail.after(seq)
                if batch is None:
                    batch = await self._patiently(scope, seq)
                if not batch:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), patience)
                        continue
                yield batch
                seq = batch[-1].seq if batch else seq
        finally:
            tail.followers -= 1
            if not tail.followers and self._tails.get(scope) is tail:
                del self._tails[scope]

    async def _begin(self, scope: UUID, tail: _Tail) -> None:
        """Find where the scope stands; news that came meanwhile are looked for once more."""
        while tail.last is None:
            try:
                last = await self.position(scope)
            except LOST:
                await asyncio.sleep(POLL_SECONDS)
                continue
            if tail.last is None:
                tail.last = last
        self._hear({scope})

    async def _patiently(self, scope: UUID, seq: int) -> list[Recorded]:
        """A page from the table, however long the database is away."""
        while True:
            try:
                return await self.page(scope, seq)
            except LOST:
                await asyncio.sleep(POLL_SECONDS / 2)

    def _hear(self, scopes: Iterable[UUID]) -> None:
        followed = self._tails.keys() & set(scopes)
        if followed:
            self._woken |= followed
            self._wake.set()

    async def _read(self) -> None:
        """The one reader: on a wake-up the scopes that were named, each second whichever have moved."""
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                with contextlib.suppress(*LOST):
                    self._woken |= await self._moved()
            self._wake.clear()
            woken, self._woken = self._woken, set()
            try:
                await self._fetch(woken)
            except LOST:
                log.info("feed: the database is away")
                self._woken |= woken
                await asyncio.sleep(POLL_SECONDS / 4)

    async def _moved(self) -> set[UUID]:
        known = [(scope, tail.last) for scope, tail in self._tails.items() if tail.last is not None]
        if not known:
            return set()
        rows = await self._db.pool.fetch(_MOVED, [scope for scope, _ in known], [last for _, last in known])
        return {row["scope"] for row in rows}

    async def _fetch(self, scopes: Iterable[UUID]) -> None:
        """Bring the followed scopes up to date; a full page asks for another round."""
        known = [(s, t) for s in scopes if (t := self._tails.get(s)) is not None and t.last is not None]
        if not known:
            return
        # A partition that ended a day before the last known event can hold nothing newer: transactions are short.
        since = [tail.at - timedelta(days=1) if tail.at else _LONG_AGO for _, tail in known]
        rows = await self._db.pool.fetch(_NEW, [s for s, _ in known], [t.last for _, t in known], since)
        counts: dict[UUID, int] = {}
        for event in map(_recorded, rows):
            counts[event.scope] = counts.get(event.scope, 0) + 1
            tail = self._tails.get(event.scope)
            if tail is not None and tail.last is not None and event.seq == tail.last + 1:
                tail.add(event)
        for scope, count in counts.items():
            if scope in self._tails:
                self._tails[scope].tell()
            if count == PAGE:
                self._hear({scope})

    async def _announce(self) -> None:
        """Tell the other processes, many commits at a time."""
        while True:
            await self._send.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._send.clear()
            scopes, self._outgoing = sorted(map(str, self._outgoing)), set()
            messages = [",".join(scopes[i : i + SCOPES_A_MESSAGE]) for i in range(0, len(scopes), SCOPES_A_MESSAGE)]
            # A wake-up that is lost costs the others a second, never an event.
            with contextlib.suppress(*LOST):
                await self._db.pool.execute(f"select pg_notify('{CHANNEL}', m) from unnest($1::text[]) m", messages)

    async def _listen(self) -> None:
        """Hear the other processes, on a connection of its own; made anew when it is lost."""
        while True:
            with contextlib.suppress(*LOST):
                await self._listen_once()
            await asyncio.sleep(POLL_SECONDS / 4)

    async def _listen_once(self) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(self._db.dsn, **self._db.connection_options())
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._deliver)
            await self._same_database()
            self._hear(list(self._tails))
            await lost.wait()
        finally:
            connection.terminate()

    def _deliver(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._hear(map(UUID, str(payload).split(",")))

    async def _same_database(self) -> None:
        """After a lost connection: a restored backup makes the cursors worthless, and every stream must say so."""
        cursors = await Cursors.of(self._db)
        if cursors.epoch != self.cursors.epoch:
            self.cursors = cursors
            for tail in self._tails.values():
                tail.tell()


def _recorded(row: asyncpg.Record) -> Recorded:
    fields = dict(row)
    queue, body = fields.pop("queue"), orjson.loads(fields.pop("body"))
    return Recorded(**fields, queue=QueueChange(queue) if queue else None, body=body)
