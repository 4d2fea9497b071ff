"""Wake-ups between processes: only the ids of scopes with news, never the news.

A wake-up that is lost costs the others a second, never an event.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
from nats.aio.client import Client
from nats.aio.msg import Msg

from db.feed.wakeup_nats import WakeupsAway, connected, is_lost, is_nats
from db.store.engine import Database

POSTGRES: Final = "postgres"
CHANNEL: Final = "feed"
COALESCE_SECONDS: Final = 0.01
LOOK_SECONDS: Final = 1
SCOPES_A_MESSAGE: Final = 200  # a NOTIFY carries less than 8,000 bytes
MOST_WAITING: Final = 10_000
_EPOCH: Final = "select epoch from feed_epoch"

Hear = Callable[[Iterable[UUID]], None]


class Wakeups(Protocol):
    """Sends the scopes with news to the other processes on this database, and receives theirs."""

    def send(self, scopes: Iterable[UUID]) -> None:
        """Send the scopes soon, together with others that are committed meanwhile; never waits."""

    async def run(self) -> None:
        """Send and receive until the connection is lost; scopes not sent yet go with the next connection."""


def wakeups_of(address: str, db: Database, hear: Hear) -> Wakeups:
    """The wake-ups of an address, `postgres` or `nats://…`; raises ValueError."""
    if wakeup_address(address) == POSTGRES:
        return PostgresWakeups(db, hear)
    return NatsWakeups(address, db, hear)


def wakeup_address(address: str) -> str:
    """The address, if wake-ups can go by it; raises ValueError, which never repeats it: it may hold a password."""
    if address != POSTGRES and not is_nats(address):
        raise ValueError("it should be postgres or an address of NATS: write nats://user:password@host:4222")
    return address


class _Sender:
    """The scopes to be sent, gathered for a moment; the base of both ways of sending."""

    def __init__(self, db: Database, hear: Hear) -> None:
        self._db, self._hear = db, hear
        self._waiting: set[UUID] = set()
        self._look = asyncio.Event()

    def send(self, scopes: Iterable[UUID]) -> None:
        """Tell the others soon, together with whatever else is committed meanwhile; never waits."""
        # So many wait only if nothing could be sent for long; by then the others have looked by themselves.
        if len(self._waiting) < MOST_WAITING:
            self._waiting.update(scopes)
        self._look.set()

    async def _send(self, lost: Callable[[], bool], publish: Callable[[Sequence[UUID]], Awaitable[object]]) -> None:
        """Send the waiting scopes, until the connection is lost."""
        while not lost():
            scopes, self._waiting = list(self._waiting), set()
            try:
                for n in range(0, len(scopes), SCOPES_A_MESSAGE):
                    await publish(scopes[n : n + SCOPES_A_MESSAGE])
            except BaseException:
                self._waiting.update(scopes)
                raise
            # One scope alone is sent at once, and those soon after it together.
            await asyncio.sleep(COALESCE_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look.wait()
            self._look.clear()


class PostgresWakeups(_Sender):
    """By NOTIFY and LISTEN, on one connection of their own."""

    def __init__(self, db: Database, hear: Hear) -> None:
        super().__init__(db, hear)
        self._name = secrets.token_hex(4)

    async def run(self) -> None:
        """Send and receive until the connection is lost; scopes not sent yet go with the next connection."""
        connection = await asyncpg.connect(self._db.dsn, **self._db.connection_options())
        try:
            connection.add_termination_listener(lambda _: self._look.set())
            await connection.add_listener(CHANNEL, self._deliver)
            await self._send(connection.is_closed, partial(self._notify, connection))
        finally:
            connection.terminate()

    async def _notify(self, connection: Any, scopes: Sequence[UUID]) -> None:
        await connection.execute("select pg_notify($1, $2)", CHANNEL, f"{self._name} {' '.join(map(str, scopes))}")

    def _deliver(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        name, *scopes = str(payload).split()
        if name != self._name:
            self._hear(map(UUID, scopes))


class NatsWakeups(_Sender):
    """By a NATS server, on a subject of this database's own."""

    def __init__(self, address: str, db: Database, hear: Hear) -> None:
        super().__init__(db, hear)
        self._address = address

    async def run(self) -> None:
        """Send and receive until the connection is lost; scopes not sent yet go with the next connection."""
        # Not the cursors' epoch: that one changes when a standby is promoted, and not everybody connects anew then.
        subject = f"hushi.{await self._db.pool.fetchval(_EPOCH)}"
        async with connected(self._address, self._look.set) as client:
            await client.subscribe(subject, cb=self._deliver)
            await self._send(partial(is_lost, client), partial(self._publish, client, subject))
            raise WakeupsAway from client.last_error

    async def _publish(self, client: Client, subject: str, scopes: Sequence[UUID]) -> None:
        await client.publish(subject, b"".join(scope.bytes for scope in scopes))

    async def _deliver(self, message: Msg) -> None:
        data = message.data
        self._hear([UUID(bytes=data[n : n + 16]) for n in range(0, len(data) - 15, 16)])
