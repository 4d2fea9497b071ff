"""The live side of the event log: one reader a process, and a short memory of each followed scope.

A follower keeps nothing but its own place. It reads from the scope's memory while it keeps up, and from the table when
it does not, so that a slow reader costs no memory and no event is missed or repeated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.feed.cursor import Cursors, FeedLost, FeedPosition
from db.feed.scope_log import Batch, IdleTimer, ScopeLog, StoredEvent, recorded
from db.feed.wakeup import wakeups_of
from db.store.engine import Database
from db.store.outage import retry_until_up, run_forever
from db.store.statement_pool import StatementPool
from rules.events import Lost

PAGE: Final = 200
POLL_SECONDS: Final = 1.0
CONNECTIONS: Final = 4
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

_COLUMNS: Final = "e.scope, e.seq, e.at, e.id, e.type, e.application_id, e.account_id, e.queue, e.body, e.unit_ids"
_NEW: Final = f"""
select f.scope as followed, f.access, {_COLUMNS}
from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as s(scope, last, since)
join feed_scope f on f.scope = s.scope
left join lateral (select * from event e where e.scope = s.scope and e.seq > s.last
  and e.at >= s.since order by e.seq limit {PAGE}) e on true order by f.scope, e.seq"""
_PAGE: Final = f"""
select {_COLUMNS}, (select access from feed_scope where scope = $1) as access
from event e where e.scope = $1 and e.seq > $2 order by e.seq limit $3"""
_MOVED: Final = """select f.scope from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as s(scope, last, access)
join feed_scope f on f.scope = s.scope and (f.seq > s.last or f.access <> s.access)"""
_STAND: Final = "select seq, access from feed_scope where scope = $1"
_LAST: Final = "coalesce((select seq from feed_scope where scope = $1), 0)"
_ENTER: Final = f"select {_LAST}, exists (select from event where scope = $1 and seq = $2::bigint + 1)"
# The same event is in both scopes, and whatever comes after it in the one comes after it in the other.
_CONTINUED: Final = """select later.seq - (earlier.seq > $3)::int from event earlier
join event later on later.scope = $2 and later.id = earlier.id
where earlier.scope = $1 and earlier.seq = greatest($3, 1)"""
_HISTORY: Final = f"""
select s.start, s.last, s.start = s.last or exists (select from event where scope = $1 and seq = s.start + 1) as kept,
  {_COLUMNS}
from (select last, coalesce($2::bigint, (select min(seq) - 1 from event where scope = $1), last) as start
  from (select {_LAST} as last)) s
left join lateral (select * from event e where e.scope = $1 and e.seq > s.start
  and ($3::bigint is null or e.seq <= $3) and ($4::text[] is null or e.type = any($4))
  and ($5::uuid is null or e.application_id = $5)
  and ($7::uuid[] is null or e.unit_ids && $7) order by e.seq limit $6) e on true order by e.seq"""


@dataclass(frozen=True, slots=True)
class History:
    """A page of events, the place after it, and True if there is more to read at once."""

    place: FeedPosition
    events: Sequence[StoredEvent]
    more: bool


class Feed:
    """Every scope's events, from any place on, live."""

    cursors: Cursors
    _pool: StatementPool

    def __init__(self, db: Database, wakeups: str = "postgres") -> None:
        self._db = db
        self._wakeups = wakeups_of(wakeups, db, self._woken_for)
        self._logs: dict[UUID, ScopeLog] = {}
        self._woken: set[UUID] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        db.wake = self.wake

    async def open(self) -> None:
        """Start reading and listening."""
        self._pool = StatementPool(self._connect, CONNECTIONS)
        await self._pool.fetchval("select 1")  # the first connection brings the cursors along
        self._tasks = [asyncio.create_task(run_forever(run)) for run in (self._read, self._poll, self._wakeups.run)]

    async def close(self) -> None:
        """Stop; the streams end with their connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.close()

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        connection = await asyncpg.connect(self._db.dsn, **self._db.connection_options())
        await self._recognise(connection)
        return connection

    def wake(self, scopes: Iterable[UUID]) -> None:
        """Called after a commit: these scopes have news, here and in every other process."""
        scopes = set(scopes)
        self._woken_for(scopes)
        self._wakeups.send(scopes)

    def _woken_for(self, named: Iterable[UUID]) -> None:
        """A wake-up, of this process or another: the scopes with news, and the sessions that are no longer the same."""
        named = set(named)
        self._db.heard(named)
        self._hear(named)

    def followers(self, scope: UUID) -> int:
        """The number of followers of a scope in this process."""
        return self._logs[scope].followers if scope in self._logs else 0

    async def enter(self, scope: UUID, cursor: str | None = None, before: UUID | None = None) -> FeedPosition:
        """The place of a cursor, or the end of the feed; raises Invalid, or FeedLost where one cannot go on.

        `before` is the scope in which the same feed was before.
        """
        cursors = self.cursors
        place = None if cursor is None else await self.place(scope, cursor, "after", before)
        ((last, next_is_kept),) = await self._pool.fetch(_ENTER, scope, place and place.seq)
        if place is None:
            return FeedPosition(cursors, scope, last)
        if place.seq > last:
            raise FeedLost(Lost.EPOCH)
        if place.seq < last and not next_is_kept:
            raise FeedLost(Lost.RETENTION)
        return place

    async def place(self, scope: UUID, cursor: str, argument: str, before: UUID | None) -> FeedPosition:
        """The place of a cursor; one of the scope in which the same feed was before is continued in this one.

        Raises Invalid, or FeedLost where the event at that place is gone.
        """
        place = self.cursors.read(scope, cursor, argument, before)
        if place.scope == scope:
            return place
        seq = await self._pool.fetchval(_CONTINUED, place.scope, scope, place.seq)
        if seq is None:
            raise FeedLost(Lost.RETENTION)
        return FeedPosition(place.cursors, scope, seq)

    def access(self, scope: UUID) -> int:
        """The count of changes to the right to read a followed scope, as far as this process knows."""
        log = self._logs.get(scope)
        return log.access if log else -1

    async def history(
        self,
        scope: UUID,
        since: FeedPosition | None,
        until: FeedPosition | None,
        types: frozenset[str] | None,
        application: UUID | None,
        first: int,
        units: frozenset[UUID] | None = None,
    ) -> History:
        """A page of a scope's events after one place, up to another; raises FeedLost where they are gone.

        `units` are those that the reader is limited to.
        """
        only, end = None if types is None else list(types), until and until.seq
        limit = None if units is None else list(units)
        rows = await self._pool.fetch(_HISTORY, scope, since and since.seq, end, only, application, first + 1, limit)
        cursors = self.cursors
        for place in (since, until):
            if place:
                self._require_same(place)
        start, last, kept = rows[0]["start"], rows[0]["last"], rows[0]["kept"]
        if not kept:
            raise FeedLost(Lost.EPOCH if start > last else Lost.RETENTION)
        events = [recorded(row) for row in rows if row["seq"] is not None]
        more, shown = len(events) > first, events[:first]
        reached = max(start, last if end is None else min(end, last))
        stand = (shown[-1].seq if shown else start) if more else reached
        return History(FeedPosition(cursors, scope, stand), shown, more)

    async def follow(self, place: FeedPosition, patience: float) -> AsyncGenerator[Batch, None]:
        """Everything from a place on, then live: batches in order, an empty one after `patience` seconds of silence
        and one at once when it has changed who may read the scope.

        Raises FeedLost when events are gone, or the database turns out to be another one.
        """
        log = self._logs.setdefault(place.scope, ScopeLog())
        log.followers += 1
        waiting = IdleTimer(patience)
        try:
            await self._begin(place.scope, log)
            access = log.access
            while True:
                events = log.after(place.seq)
                batch = (
                    await retry_until_up(partial(self._missed, place)) if events is None else Batch(log.access, events)
                )
                self._require_same(place)
                if not batch.events and batch.access == access and await waiting.news(log):
                    continue
                yield batch
                waiting.begin()
                access = batch.access
                place = place.after(batch.events[-1].seq) if batch.events else place
        finally:
            waiting.end()
            log.followers -= 1
            if not log.followers and self._logs.get(place.scope) is log:
                del self._logs[place.scope]

    async def _begin(self, scope: UUID, log: ScopeLog) -> None:
        """Find where the scope stands; news that came meanwhile are looked for once more."""
        if log.last is None:
            rows = await retry_until_up(partial(self._pool.fetch, _STAND, scope))
            last, access = rows[0] if rows else (0, 0)
            if log.last is None:
                log.last, log.access = last, access
            self._hear({scope})

    async def _missed(self, place: FeedPosition) -> Batch:
        """A page that must be there, since the scope has moved beyond this place."""
        rows = await self._pool.fetch(_PAGE, place.scope, place.seq, PAGE)
        self._require_same(place)
        if not rows or rows[0]["seq"] != place.seq + 1:
            raise FeedLost(Lost.RETENTION)
        return Batch(rows[0]["access"], list(map(recorded, rows)))

    def _require_same(self, place: FeedPosition) -> None:
        if place.cursors != self.cursors:
            raise FeedLost(Lost.EPOCH)

    async def _recognise(self, connection: object) -> None:
        """On every new connection: in another database than before no old place is good, and every stream says so."""
        found = await Cursors.of(connection, self._db.keyring)
        before, self.cursors = getattr(self, "cursors", found), found
        if found != before:
            self._pool.expire()
            logs, self._logs = self._logs, {}
            for log in logs.values():
                log.tell()

    def _hear(self, scopes: Iterable[UUID]) -> None:
        followed = self._logs.keys() & set(scopes)
        if followed:
            self._woken |= followed
            self._wake.set()

    async def _poll(self) -> None:
        """The net under the wake-ups: each second, whichever scopes have moved."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            known = {scope: log for scope, log in self._logs.items() if log.last is not None}
            lasts, accesses = [log.last for log in known.values()], [log.access for log in known.values()]
            for (scope,) in await self._pool.fetch(_MOVED, list(known), lasts, accesses) if known else ():
                # Whatever the clocks said: this time every partition is searched.
                known[scope].at = None
                self._hear({scope})

    async def _read(self) -> None:
        """The one reader: brings the scopes that were named up to date, on a connection that it keeps."""
        async with self._pool.kept() as connection:
            cursors = self.cursors
            while self.cursors == cursors:
                await self._wake.wait()
                self._wake.clear()
                woken, self._woken = self._woken, set()
                try:
                    await self._fetch(connection, woken)
                except BaseException:
                    self._hear(woken)
                    raise

    async def _fetch(self, connection: Any, scopes: Iterable[UUID]) -> None:
        """Remember what is new in these scopes; a full page asks for another round."""
        known = {s: t for s in scopes if (t := self._logs.get(s)) is not None and t.last is not None}
        if not known:
            return
        # A partition that ended a day before the last known event can hold nothing newer: transactions are short.
        since = [log.at - timedelta(days=1) if log.at else _LONG_AGO for log in known.values()]
        rows = await connection.fetch(_NEW, list(known), [log.last for log in known.values()], since)
        # Nothing is awaited in between: who sees the events sees the count that was read with them.
        for row in rows:
            known[row["followed"]].access = row["access"]
            if row["seq"] is not None:
                known[row["followed"]].add(recorded(row))
        for scope, count in Counter(row["followed"] for row in rows).items():
            known[scope].tell()
            if count == PAGE:
                self._hear({scope})
