"""Wake-ups between processes: only which scopes have news, never the news.

A wake-up that is lost costs the others a second, never an event.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.engine import Database

CHANNEL: Final = "feed"
COALESCE_SECONDS: Final = 0.01
SCOPES_A_MESSAGE: Final = 200  # a NOTIFY carries less than 8,000 bytes


class Wakeups:
    """Tells the other processes on this database and hears them, by NOTIFY and LISTEN on one connection."""

    def __init__(self, db: Database, hear: Callable[[Iterable[UUID]], None]) -> None:
        self._db, self._hear = db, hear
        self._name = secrets.token_hex(4)
        self._outgoing: set[UUID] = set()
        self._send = asyncio.Event()

    def send(self, scopes: Iterable[UUID]) -> None:
        """Tell the others soon, together with whatever else is committed meanwhile."""
        self._outgoing.update(scopes)
        self._send.set()

    async def run(self) -> None:
        """Tell and hear until the connection is lost; what was not told yet goes with the next one."""
        connection = await asyncpg.connect(self._db.dsn, **self._db.connection_options())
        try:
            connection.add_termination_listener(lambda _: self._send.set())
            await connection.add_listener(CHANNEL, self._deliver)
            while not connection.is_closed():
                await self._announce(connection)
                await self._send.wait()
                await asyncio.sleep(COALESCE_SECONDS)
                self._send.clear()
        finally:
            connection.terminate()

    async def _announce(self, connection: Any) -> None:
        scopes, self._outgoing = list(self._outgoing), set()
        groups = [scopes[i : i + SCOPES_A_MESSAGE] for i in range(0, len(scopes), SCOPES_A_MESSAGE)]
        messages = [f"{self._name} {' '.join(map(str, group))}" for group in groups]
        try:
            if messages:
                await connection.execute("select pg_notify($1, m) from unnest($2::text[]) m", CHANNEL, messages)
        except BaseException:
            self._outgoing.update(scopes)
            raise

    def _deliver(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        name, *scopes = str(payload).split()
        if name != self._name:
            self._hear(map(UUID, scopes))
