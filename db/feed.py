"""The live side of the event log: one reader a process, and a short memory of each followed scope.

A follower keeps nothing but its own place. It reads from the scope's memory while it keeps up, and from the table
when it does not, so that a slow reader costs no memory and nobody ever misses or repeats an event.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg

from db.away import keep, patiently
from db.cursor import Cursors, FeedLost, Lost, Place
from db.engine import Database
from db.tail import Recorded, Tail, heard, recorded
from db.wakeup import Wakeups

PAGE: Final = 200
POLL_SECONDS: Final = 1.0
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

_COLUMNS: Final = "e.scope, e.seq, e.at, e.id, e.type, e.application_id, e.account_id, e.queue, e.body"
_NEW: Final = f"""
select {_COLUMNS} from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as s(scope, last, since)
cross join lateral (select * from event e where e.scope = s.scope and e.seq > s.last
  and e.at >= s.since order by e.seq limit {PAGE}) e order by e.scope, e.seq"""
_PAGE: Final = f"select {_COLUMNS} from event e where e.scope = $1 and e.seq > $2 order by e.seq limit $3"
_MOVED: Final = """select f.scope from unnest($1::uuid[], $2::bigint[]) as s(scope, last)
join feed_scope f on f.scope = s.scope and f.seq > s.last"""
_LAST: Final = "coalesce((select seq from feed_scope where scope = $1), 0)"
_ENTER: Final = f"select {_LAST}, exists (select from event where scope = $1 and seq = $2::bigint + 1)"
_OLDEST: Final = f"select coalesce(min(seq) - 1, {_LAST}) from event where scope = $1"


class Feed:
    """Every scope's events, from any place on, live."""

    cursors: Cursors
    _pool: asyncpg.Pool[asyncpg.Record]

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wakeups = Wakeups(db, self._hear)
        self._tails: dict[UUID, Tail] = {}
        self._woken: set[UUID] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        db.wake = self.wake

    async def open(self) -> None:
        """Start reading and listening."""
        options = self._db.connection_options()
        self._pool = await asyncpg.create_pool(self._db.dsn, min_size=0, max_size=4, init=self._recognise, **options)
        await self._pool.fetchval("select 1")  # the first connection brings the cursors along
        self._tasks = [asyncio.create_task(keep(run)) for run in (self._read, self._poll, self._wakeups.run)]

    async def close(self) -> None:
        """Stop; the streams end with their connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.terminate()

    def wake(self, scopes: Iterable[UUID]) -> None:
        """Called after a commit: these scopes have news, here and in every other process."""
        scopes = set(scopes)
        self._hear(scopes)
        self._wakeups.send(scopes)

    def followers(self, scope: UUID) -> int:
        """How many follow a scope in this process."""
        return self._tails[scope].followers if scope in self._tails else 0

    async def enter(self, scope: UUID, cursor: str | None = None, argument: str = "after") -> Place:
        """The place of a cursor, or the end of the feed; raises Invalid, or FeedLost where one cannot go on."""
        cursors = self.cursors
        place = None if cursor is None else cursors.read(scope, cursor, argument)
        last, next_is_kept = await self._pool.fetchrow(_ENTER, scope, place and place.seq)
        if place is None:
            return Place(cursors, scope, last)
        if place.seq > last:
            raise FeedLost(Lost.EPOCH)
        if place.seq < last and not next_is_kept:
            raise FeedLost(Lost.RETENTION)
        return place

    async def oldest(self, scope: UUID) -> Place:
        """The place before the oldest event that is still kept."""
        cursors = self.cursors
        return Place(cursors, scope, await self._pool.fetchval(_OLDEST, scope))

    async def page(self, place: Place, first: int = PAGE) -> list[Recorded]:
        """The next events from a place, oldest first; raises FeedLost where they are gone."""
        rows = await self._pool.fetch(_PAGE, place.scope, place.seq, first)
        self._require_same(place)
        if rows and rows[0]["seq"] != place.seq + 1:
            raise FeedLost(Lost.RETENTION)
        return list(map(recorded, rows))

    async def follow(self, place: Place, patience: float) -> AsyncGenerator[Sequence[Recorded], None]:
        """Everything from a place on, then live: batches in order, an empty one after `patience` seconds of silence.

        Raises FeedLost when events are gone, or the database turns out to be another one.
        """
        tail = self._tails.setdefault(place.scope, Tail())
        tail.followers += 1
        try:
            await self._begin(place.scope, tail)
            while True:
                changed, batch = tail.changed, tail.after(place.seq)
                if batch is None:
                    batch = await patiently(partial(self._missed, place))
                self._require_same(place)
                if not batch and await heard(changed, patience):
                    continue
                yield batch
                place = place.after(batch[-1].seq) if batch else place
        finally:
            tail.followers -= 1
            if not tail.followers and self._tails.get(place.scope) is tail:
                del self._tails[place.scope]

    async def _begin(self, scope: UUID, tail: Tail) -> None:
        """Find where the scope stands; news that came meanwhile are looked for once more."""
        if tail.last is None:
            last = await patiently(partial(self._pool.fetchval, f"select {_LAST}", scope))
            tail.last = last if tail.last is None else tail.last
            self._hear({scope})

    async def _missed(self, place: Place) -> list[Recorded]:
        """A page that must be there, since the scope has moved beyond this place."""
        batch = await self.page(place)
        if not batch:
            raise FeedLost(Lost.RETENTION)
        return batch

    def _require_same(self, place: Place) -> None:
        if place.cursors != self.cursors:
            raise FeedLost(Lost.EPOCH)

    async def _recognise(self, connection: object) -> None:
        """On every new connection: in another database than before no old place is good, and every stream says so."""
        found = await Cursors.of(connection, self._db.keyring)
        before, self.cursors = getattr(self, "cursors", found), found
        if found != before:
            await self._pool.expire_connections()
            tails, self._tails = self._tails, {}
            for tail in tails.values():
                tail.tell()

    def _hear(self, scopes: Iterable[UUID]) -> None:
        followed = self._tails.keys() & set(scopes)
        if followed:
            self._woken |= followed
            self._wake.set()

    async def _poll(self) -> None:
        """The net under the wake-ups: each second, whichever scopes have moved."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            known = {scope: tail for scope, tail in self._tails.items() if tail.last is not None}
            lasts = [tail.last for tail in known.values()]
            for (scope,) in await self._pool.fetch(_MOVED, list(known), lasts) if known else ():
                # Whatever the clocks said: this time every partition is searched.
                known[scope].at = None
                self._hear({scope})

    async def _read(self) -> None:
        """The one reader: brings the scopes that were named up to date."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            woken, self._woken = self._woken, set()
            try:
                await self._fetch(woken)
            except BaseException:
                self._hear(woken)
                raise

    async def _fetch(self, scopes: Iterable[UUID]) -> None:
        """Remember what is new in these scopes; a full page asks for another round."""
        known = {s: t for s in scopes if (t := self._tails.get(s)) is not None and t.last is not None}
        if not known:
            return
        # A partition that ended a day before the last known event can hold nothing newer: transactions are short.
        since = [tail.at - timedelta(days=1) if tail.at else _LONG_AGO for tail in known.values()]
        rows = await self._pool.fetch(_NEW, list(known), [tail.last for tail in known.values()], since)
        for event in map(recorded, rows):
            known[event.scope].add(event)
        for scope, count in Counter(row["scope"] for row in rows).items():
            known[scope].tell()
            if count == PAGE:
                self._hear({scope})
