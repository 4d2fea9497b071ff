"""The pools, and the two ways to use them: `begin()` to change things, `read()` to look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Executable, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.store.connecting import DatabaseRefusal, connected
from db.store.keys import Keyring
from db.store.outage import causes
from db.store.statement import Statement
from db.store.statement_pool import StatementPool
from db.store.url import asyncpg_dsn, sqlalchemy_url
from rules.moment import SHANGHAI

IDLE_SECONDS: Final = 0.5
"""Less than an operation has: so it is told that the database has no room, and not that it took too long itself."""
AGAIN_SECONDS: Final = 0.05
APP_ROLE: Final = "hushi_app"


@dataclass
class Reader:
    """A connection for one query; never shared by two resolvers."""

    connection: AsyncConnection
    keyring: Keyring
    kept: dict[str, Any] = field(default_factory=dict)
    """Rows that this process has read and that never change any more, such as the law of a day that has begun."""

    async def execute(self, query: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement."""
        return await self.connection.execute(query, parameters)


@dataclass
class Tx(Reader):
    """One transaction.

    Only `Database.begin` makes it, so a step cannot be handed a bare reader. Its time is the database's: the statement
    that reads the session brings it along (`tell_time`), or `ask_time` without a session. `woken` collects what every
    process is told after the commit: feed scopes with news, and sessions to be read again. `posted` is True once the
    outbox has a new message.
    """

    clock: Callable[[], datetime] | None = None
    woken: set[UUID] = field(default_factory=set)
    posted: bool = False
    now: datetime = field(init=False)

    def tell_time(self, now: datetime) -> None:
        """Set the transaction's time; a test's clock goes first."""
        self.now = self.clock() if self.clock else now

    async def run(self, statement: Statement, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """Run a compiled statement on the transaction's own connection, once its first statement has begun it."""
        raw: Any = await self.connection.get_raw_connection()
        rows: list[asyncpg.Record] = await raw.driver_connection.fetch(statement.sql, *statement.values(values))
        return rows

    async def ask_time(self) -> None:
        """Set the transaction's time by a statement of its own."""
        self.tell_time((await self.execute(select(func.now()))).scalar_one())

    @property
    def today(self) -> date:
        """The date of `now` in China."""
        return self.date_of(self.now)

    def date_of(self, moment: datetime) -> date:
        """The date of a moment in China."""
        return moment.astimezone(SHANGHAI).date()


async def raw_json(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """JSON comes as it is, to be sent as it is."""
    for name, prefix in (("json", b""), ("jsonb", b"\x01")):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=lambda value, prefix=prefix: prefix + value,
            decoder=lambda value, prefix=prefix: value[len(prefix) :],
            format="binary",
        )


def _still_there(connection: Any, record: Any, _: Any) -> None:
    """Pass over a connection that was cut, and ask one that has idled whether the server is still there."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    idle = monotonic() - record.info.get("used", 0)
    record.info["used"] = monotonic()
    if idle < IDLE_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("select 1")
        cursor.close()
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


class Database:
    """One process's connections: an engine for steps, bare ones for single statements.

    `clock` replaces the database's time; only tests give one.
    """

    def __init__(
        self,
        url: str,
        keyring: Keyring,
        *,
        pool_size: int = 10,
        statement_seconds: float = 3,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.keyring, self.dsn = keyring, asyncpg_dsn(url)
        self.kept: dict[str, Any] = {}
        # Whoever may wait so long for a statement waits as long to be let in, and a moment more for a turn.
        self._connect_seconds, self._turn_seconds = statement_seconds, statement_seconds + 1
        self._clock, self._pool_size = clock, pool_size
        self._settings = {
            "role": APP_ROLE,
            "timezone": "Asia/Shanghai",
            "jit": "off",
            "application_name": "hushi",
            "statement_timeout": str(int(statement_seconds * 1000)),
            "idle_in_transaction_session_timeout": "10000",
        }
        self.engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=self._turn_seconds,
            hide_parameters=True,
            connect_args={
                "server_settings": self._settings,
                "timeout": self._connect_seconds,
                "async_creator_fn": connected,
            },
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        listen(self.engine.sync_engine, "checkout", _still_there)
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.pool: StatementPool
        self.wake: Callable[[Iterable[UUID]], None] = lambda scopes: None
        self.heard: Callable[[Iterable[UUID]], None] = lambda woken: None
        self.deliver: Callable[[], None] = lambda: None

    async def open(self) -> None:
        """Make the bare connections; the engine connects by itself."""
        self.pool = StatementPool(self._connect, self._pool_size)
        await self.pool.fetchval("select 1")

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        # The door's deadline and the server's statement_timeout bound a read; a third clock would only cost time.
        options = {**self.connection_options(), "command_timeout": None}
        connection = await connected(self.dsn, **options)
        await raw_json(connection)
        return connection

    def connection_options(self) -> dict[str, Any]:
        """The options of every bare connection of this process."""
        return {
            "server_settings": self._settings,
            "timeout": self._connect_seconds,
            "command_timeout": 10,
            "statement_cache_size": 500,
        }

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """One transaction: commits when the block ends, rolls back when it raises; wakes others after the commit."""
        async with self._connection(self.engine) as connection, connection.begin():
            tx = Tx(connection, self.keyring, self.kept, self._clock)
            yield tx
        if tx.woken:
            self.wake(tx.woken)
        if tx.posted:
            self.deliver()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A connection for one query, without a transaction around it."""
        async with self._connection(self._reading) as connection:
            yield Reader(connection, self.keyring, self.kept)

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        connection = await self._started(engine)
        try:
            yield connection
        finally:
            # Whoever is cancelled gives it back all the same.
            await asyncio.shield(asyncio.ensure_future(connection.close()))

    async def _started(self, engine: AsyncEngine) -> AsyncConnection:
        """One of the engine's; where the server has no room for one more, the next of our own that is put back."""
        ends = monotonic() + self._turn_seconds
        while True:
            connection = engine.connect()
            try:
                return await connection.start()
            except (asyncpg.PostgresError, DBAPIError) as error:
                full = any(isinstance(one, asyncpg.TooManyConnectionsError) for one in causes(error))
                if not full or monotonic() > ends:
                    raise
            await asyncio.sleep(AGAIN_SECONDS)

    async def require_ours(self) -> None:
        """Refuse a database that does not let us in as we are, in one sentence."""
        try:
            connection = await self._connect()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DatabaseRefusal.because(error) from error
        await connection.close()

    async def close(self) -> None:
        """Give every connection back."""
        if hasattr(self, "pool"):
            await self.pool.close()
        await self.engine.dispose()
