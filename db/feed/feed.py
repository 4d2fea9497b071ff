"""The live side of the event log: one reader a process, and a short memory of each followed scope.

A follower keeps nothing but its own place. It reads from the scope's memory while it keeps up, and from the table when
it does not, so that a slow reader costs no memory and no event is missed or repeated.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from db.feed import statements
from db.feed.cursor import Claim, FeedLost, FeedPosition, Stand
from db.feed.reader import NewsReader
from db.feed.scope_log import Batch, IdleTimer, ScopeLog, Shown, StoredEvent, recorded
from db.feed.statements import PAGE
from db.store.outage import retry_until_up
from rules.events import Lost


@dataclass(frozen=True, slots=True)
class History:
    """A page of events, the place after it, and True if there is more to read at once."""

    place: FeedPosition
    events: Sequence[StoredEvent]
    more: bool


class Feed(NewsReader):
    """Every scope's events, from any place on, live."""

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

    async def follow(
        self, place: FeedPosition, patience: float, shown: Shown | None = None
    ) -> AsyncGenerator[Batch, None]:
        """Everything from a place on, then live: batches in order, an empty one after `patience` seconds of silence
        and one at once when it has changed who may read the scope.

        `shown` is how all of it is shown, where news may be rendered as they are found. Raises FeedLost when events
        are gone, or the database turns out to have another history.
        """
        waiting, log = IdleTimer(patience), self._join(place.scope, shown)
        try:
            await self._begin(place, log)
            access = log.access
            while True:
                if log.lost:
                    self._leave(place.scope, log, shown)
                    log = self._join(place.scope, shown)
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
            self._leave(place.scope, log, shown)

    def _join(self, scope: UUID, shown: Shown | None) -> ScopeLog:
        log = self._logs.setdefault(scope, ScopeLog())
        log.join(shown)
        return log

    def _leave(self, scope: UUID, log: ScopeLog, shown: Shown | None) -> None:
        log.leave(shown)
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
