"""The one reader of a process: what is new in the scopes that are followed here, into a short memory of each."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from time import monotonic
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from db.feed import statements
from db.feed.cursor import Cursors
from db.feed.scope_log import ScopeLog, Shown, recorded
from db.feed.statements import PAGE
from db.feed.wakeup import wakeups_of
from db.store.engine import Database, raw_json
from db.store.outage import retry_until_up, run_forever
from db.store.statement_pool import StatementPool

POLL_SECONDS: Final = 1.0
CONNECTIONS: Final = 4
RENDERED: Final = 64
"""Scopes whose news are rendered by the statement that finds them, at most."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING: Final[Mapping[UUID, Shown]] = MappingProxyType({})
logger = structlog.get_logger(__name__)


class NewsReader:
    """Keeps the memory of every followed scope up to date, and knows the database by its connections."""

    cursors: Cursors
    _pool: StatementPool

    def __init__(self, db: Database, wakeups: str = "postgres") -> None:
        self._db = db
        self._wakeups = wakeups_of(wakeups, db, self._woken_for)
        self._logs: dict[UUID, ScopeLog] = {}
        self._woken: set[UUID] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._rendering: set[asyncio.Task[None]] = set()
        self._busy: set[UUID] = set()
        self._later: set[UUID] = set()
        db.wake = self.wake

    async def open(self) -> None:
        """Start reading and listening."""
        self._pool = StatementPool(self._connect, CONNECTIONS)
        await self._pool.fetchval("select 1")  # the first connection brings the cursors along
        self._tasks = [asyncio.create_task(run_forever(run)) for run in (self._read, self._poll, self._wakeups.run)]

    async def close(self) -> None:
        """Stop; the streams end with their connections."""
        running = [*self._tasks, *self._rendering]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._pool.close()

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

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        connection = await asyncpg.connect(self._db.dsn, **self._db.connection_options())
        await raw_json(connection)
        await self._recognise(connection)
        return connection

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
        self._later |= known.keys() & self._busy
        # Of very many at once each is rendered by who follows it, on several connections.
        together = len(known) <= RENDERED
        alike: dict[Hashable, dict[UUID, Shown]] = {}
        plain: dict[UUID, ScopeLog] = {}
        for scope in known.keys() - self._busy:
            shown = known[scope].first_shown if together else None
            if shown is None:
                plain[scope] = known[scope]
            else:
                alike.setdefault(shown.statement, {})[scope] = shown
        for some in alike.values():
            self._apart({scope: known[scope] for scope in some}, some)
        if plain:
            self._remember(plain, await connection.fetch(statements.NEW, *_stands(plain)))

    def _apart(self, known: Mapping[UUID, ScopeLog], shown: Mapping[UUID, Shown]) -> None:
        """Find and render what is new in these scopes, so that whoever asks for much keeps nobody else waiting."""
        self._busy |= known.keys()
        task = asyncio.create_task(self._render(known, shown))
        self._rendering.add(task)
        task.add_done_callback(self._rendering.discard)

    async def _render(self, known: Mapping[UUID, ScopeLog], shown: Mapping[UUID, Shown]) -> None:
        try:
            read_at = monotonic()
            self._remember(known, await retry_until_up(partial(self._news, known, shown)), shown, read_at)
        finally:
            self._busy -= known.keys()
            again = self._later & known.keys()
            self._later -= again
            self._hear(again)

    async def _news(self, known: Mapping[UUID, ScopeLog], shown: Mapping[UUID, Shown]) -> Sequence[Any]:
        """The rows of what is new, each with its bytes as it is shown."""
        rendering = list(shown.values())
        sql, values = rendering[0].news(rendering, *_stands(known))
        try:
            return await self._pool.fetch(sql, *values)
        except (asyncpg.PostgresError, TimeoutError) as error:
            # What cannot be rendered is the matter of who follows it: the news are found without.
            logger.warning("news are found without being rendered", error=type(error).__name__)
        return await self._pool.fetch(statements.NEW, *_stands(known))

    def _remember(
        self,
        known: Mapping[UUID, ScopeLog],
        rows: Sequence[Any],
        shown: Mapping[UUID, Shown] = NOTHING,
        read_at: float = 0,
    ) -> None:
        """Remember what was read of these scopes, and tell their followers; a full page asks for another round."""
        # Nothing is awaited in between: who sees the events sees the count that was read with them.
        for scope, found in groupby(rows, itemgetter("followed")):
            if self._add(known[scope], list(found), shown.get(scope), read_at) == PAGE:
                self._hear({scope})

    def _add(self, log: ScopeLog, rows: Sequence[Any], shown: Shown | None, read_at: float) -> int:
        """Remember what was read of one scope; the number of events."""
        scope, events = rows[0]["followed"], [recorded(row) for row in rows if row["seq"] is not None]
        if not log.continued(rows[0]["stands"], rows[0]["last_id"], events[0] if events else None):
            if self._logs.get(scope) is log:
                self._lose(scope)
            return 0
        log.access = rows[0]["access"]
        for event in events:
            log.add(event)
        if shown is not None and events and "rendered" in rows[0].keys():  # noqa: SIM118
            made = zip(events, (row["rendered"] for row in rows), strict=True)
            shown.keep(self.cursors, [(event, data) for event, data in made if data is not None], read_at)
        log.tell()
        return len(events)


def _stands(known: Mapping[UUID, ScopeLog]) -> tuple[list[UUID], list[int], list[datetime]]:
    """What is known of these scopes, as the statement that finds their news takes it."""
    # A partition that ended a day before the last known event can hold nothing newer: transactions are short.
    since = [one.at - timedelta(days=1) if one.at else _LONG_AGO for one in known.values()]
    return list(known), [one.last or 0 for one in known.values()], since
