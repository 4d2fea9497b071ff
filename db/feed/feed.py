"""The live side of the event log: one reader a process, and a short memory of each followed scope.

A follower keeps nothing but its own place. It reads from the scope's memory while it keeps up, and from the table when
it does not, so that a slow reader costs no memory and no event is missed or repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.feed import statements
from db.feed.cursor import Claim, Cursors, FeedLost, FeedPosition, Stand
from db.feed.scope_log import Batch, IdleTimer, ScopeLog, StoredEvent, recorded
from db.feed.statements import PAGE
from db.feed.wakeup import wakeups_of
from db.store.engine import Database
from db.store.outage import retry_until_up, run_forever
from db.store.statement_pool import StatementPool
from rules.events import Lost

POLL_SECONDS: Final = 1.0
CONNECTIONS: Final = 4
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
        claim = None if cursor is None else await self.claim(scope, cursor, "after", before)
        return await self._found(scope, claim)

    async def claim(self, scope: UUID, cursor: str, argument: str, before: UUID | None) -> Claim:
        """The place that a cursor claims; one of the scope in which the same feed was before is continued in this one.

        Raises Invalid, or FeedLost where the event at that place is gone.
        """
        claim = self.cursors.read(scope, cursor, argument, before)
        if claim.scope == scope:
            return claim
        (row,) = await self._pool.fetch(statements.CONTINUED, claim.scope, scope, claim.seq)
        claim = claim._replace(cursors=self._born(row["epoch"]))
        if claim.seq > (row["last"] or 0):
            raise FeedLost(Lost.EPOCH)
        if row["seq"] is None:
            raise FeedLost(Lost.RETENTION)
        if row["is_next"]:
            claim.at(claim.seq, row["previous_id"])
            return FeedPosition(claim.cursors, scope, row["seq"] - 1, row["there_previous_id"]).claim
        return claim.at(row["seq"], row["id"])._replace(scope=scope).claim

    async def _found(self, scope: UUID, claim: Claim | None) -> FeedPosition:
        """The place in the history that is there now, or its end."""
        (row,) = await self._pool.fetch(statements.ENTER, scope, claim and claim.seq)
        cursors = self._born(row["epoch"])
        if claim is None:
            return FeedPosition(cursors, scope, row["last"], row["last_id"])
        stand = Stand(row["last"], row["last_id"], row["kept"], row["previous_id"])
        return claim._replace(cursors=cursors).found(stand)

    def access(self, scope: UUID) -> int:
        """The count of changes to the right to read a followed scope, as far as this process knows."""
        log = self._logs.get(scope)
        return log.access if log else -1

    async def history(
        self,
        scope: UUID,
        since: Claim | None,
        until: Claim | None,
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
        rows = await self._pool.fetch(
            statements.HISTORY, scope, since and since.seq, end, only, application, first + 1, limit
        )
        start, stop = self._bounds(scope, since, until, rows[0])
        events = [recorded(row) for row in rows if row["seq"] is not None]
        more, shown = len(events) > first, events[:first]
        reached = max(start, stop, key=lambda place: place.seq)
        here = (start.after(shown[-1]) if shown else start) if more else reached
        return History(here, shown, more)

    def _bounds(
        self, scope: UUID, since: Claim | None, until: Claim | None, row: Any
    ) -> tuple[FeedPosition, FeedPosition]:
        """The places between which a page of history lies, both in the history that was read."""
        cursors, last, last_id = self._born(row["epoch"]), row["last"], row["last_id"]
        after_start = Stand(last, last_id, row["kept"], row["start_id"])
        first = FeedPosition(cursors, scope, row["start"], last_id if row["start"] == last else row["start_id"])
        start = first if since is None else since._replace(cursors=cursors).found(after_start)
        stop = FeedPosition(cursors, scope, last, last_id)
        # Where nothing is kept up to the end, there is nothing to show either.
        if until is not None and (until.seq >= last or row["end_kept"]):
            stop = until._replace(cursors=cursors).found(Stand(last, last_id, row["end_kept"], row["end_id"]))
        elif until is not None:
            stop = start
        return start, stop

    async def follow(self, place: FeedPosition, patience: float) -> AsyncGenerator[Batch, None]:
        """Everything from a place on, then live: batches in order, an empty one after `patience` seconds of silence
        and one at once when it has changed who may read the scope.

        Raises FeedLost when events are gone, or the database turns out to have another history.
        """
        waiting, log = IdleTimer(patience), self._join(place.scope)
        try:
            await self._begin(place, log)
            access = log.access
            while True:
                if log.lost:
                    self._leave(place.scope, log)
                    log = self._join(place.scope)
                    await self._begin(place, log)
                    await self._still(place)
                    continue
                events = log.after(place.seq)
                batch = (
                    await retry_until_up(partial(self._missed, place)) if events is None else Batch(log.access, events)
                )
                if not self._goes_on(place, log, batch.events):
                    raise FeedLost(Lost.EPOCH)
                if not batch.events and batch.access == access and await waiting.news(log):
                    continue
                yield batch
                waiting.begin()
                access = batch.access
                place = place.after(batch.events[-1]) if batch.events else place
        finally:
            waiting.end()
            self._leave(place.scope, log)

    def _join(self, scope: UUID) -> ScopeLog:
        log = self._logs.setdefault(scope, ScopeLog())
        log.followers += 1
        return log

    def _leave(self, scope: UUID, log: ScopeLog) -> None:
        log.followers -= 1
        if not log.followers and self._logs.get(scope) is log:
            del self._logs[scope]

    @staticmethod
    def _goes_on(place: FeedPosition, log: ScopeLog, events: Sequence[StoredEvent]) -> bool:
        """True if these events come after the event at the place; or none, where the scope stands at that event."""
        if events:
            return events[0].previous_id == place.event_id
        return log.last != place.seq or log.last_id == place.event_id

    async def _begin(self, place: FeedPosition, log: ScopeLog) -> None:
        """Find where the scope stands; news that came meanwhile are looked for once more."""
        if log.last is None:
            rows = await retry_until_up(partial(self._pool.fetch, statements.STAND, place.scope))
            last, last_id, access = rows[0] if rows else (0, None, 0)
            if log.last is None:
                log.last, log.last_id, log.access = last, last_id, access
            self._hear({place.scope})
        if (log.last or 0) < place.seq or place.cursors.birth != self.cursors.birth:
            await self._still(place)

    async def _still(self, place: FeedPosition) -> None:
        """Look again whether the history holds this place, as for somebody who comes back; raises FeedLost."""
        await retry_until_up(partial(self._found, place.scope, place.claim))

    async def _missed(self, place: FeedPosition) -> Batch:
        """A page that must be there, since the scope has moved beyond this place."""
        rows = await self._pool.fetch(statements.MISSED, place.scope, place.seq, PAGE)
        if not rows or rows[0]["seq"] != place.seq + 1:
            await self._still(place)
            raise FeedLost(Lost.RETENTION)
        return Batch(rows[0]["access"], list(map(recorded, rows)))

    async def _recognise(self, connection: object) -> None:
        """On every new connection: another database than before is told apart, and all scopes are looked at."""
        found = await Cursors.of(connection, self._db.keyring)
        if getattr(self, "cursors", found) != found:
            self._pool.expire()
            self._hear(self._logs)
            self._born(found.birth)
        self.cursors = found

    def _born(self, birth: UUID) -> Cursors:
        """The cursors of the register with this birth; with another than before no place of before is good."""
        if birth != self.cursors.birth:
            self.cursors = replace(self.cursors, birth=birth)
            for scope in list(self._logs):
                self._lose(scope)
        return self.cursors

    def _lose(self, scope: UUID) -> None:
        """Forget a scope whose history is another than what is known of it; its followers enter anew."""
        log = self._logs.pop(scope)
        log.lost = True
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
            stands = zip(*((log.last, log.last_id, log.access) for log in known.values()), strict=True)
            for (scope,) in await self._pool.fetch(statements.MOVED, list(known), *map(list, stands)) if known else ():
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
        rows = await connection.fetch(statements.NEW, list(known), [log.last for log in known.values()], since)
        # Nothing is awaited in between: who sees the events sees the count that was read with them.
        for scope, found in groupby(rows, itemgetter("followed")):
            count = self._remember(scope, known[scope], list(found))
            if count == PAGE:
                self._hear({scope})

    def _remember(self, scope: UUID, log: ScopeLog, rows: Sequence[Any]) -> int:
        """Remember what was read of a scope, and tell its followers; the number of events."""
        events = [recorded(row) for row in rows if row["seq"] is not None]
        if not log.continued(rows[0]["stands"], rows[0]["last_id"], events[0] if events else None):
            if self._logs.get(scope) is log:
                self._lose(scope)
            return 0
        log.access = rows[0]["access"]
        for event in events:
            log.add(event)
        log.tell()
        return len(events)
