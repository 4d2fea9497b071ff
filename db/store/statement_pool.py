"""Connections for single statements: one is taken, used once and put back.

Between two statements that change nothing about a connection there is nothing to reset and nothing to ask, so this
spares the tasks and round trips of a general pool; they cost a planned read a sixth of its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import asyncpg

CLOSE_SECONDS: Final = 3
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class StatementPool:
    """At most so many connections, made when they are needed, the one used last taken first."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], most: int) -> None:
        self._connect, self._room = connect, asyncio.Semaphore(most)
        self._idle: list[Connection] = []
        self._good: set[Connection] = set()
        self._in_use = 0
        self._returned = asyncio.Event()

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """The rows of one statement; TimeoutError where the database has broken it off."""
        async with self._room:
            connection = self._free() or await self._another()
            self._in_use += 1
            try:
                rows: list[asyncpg.Record] = await connection.fetch(sql, *values)
            except asyncpg.QueryCanceledError as broken_off:
                raise TimeoutError from broken_off
            finally:
                self._in_use -= 1
                self._put_back(connection)
        return rows

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """The first cell of the first row of one statement; None where there is none."""
        rows = await self.fetch(sql, *values)
        return rows[0][0] if rows else None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Connection]:
        """A connection of its own for one user, until the block ends."""
        connection = await self._more()
        try:
            yield connection
        finally:
            self._good.discard(connection)
            connection.terminate()

    def expire(self) -> None:
        """Use none of the connections again that were made before."""
        self._good.clear()
        while self._idle:
            self._idle.pop().terminate()

    async def close(self) -> None:
        """Close what is idle, and cut what is in use."""
        idle, self._idle = self._idle, []
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*(connection.close() for connection in idle), return_exceptions=True)
        except TimeoutError:
            pass
        for connection in self._good:
            connection.terminate()

    def _free(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._good.discard(connection)
        return None

    async def _another(self) -> Connection:
        """A new connection; where the server has no room for one more, the next of our own that is put back."""
        while True:
            self._returned.clear()
            try:
                return await self._more()
            except asyncpg.TooManyConnectionsError:
                if not self._in_use and not self._idle:
                    raise
                if not self._idle:
                    await self._returned.wait()
                if connection := self._free():
                    return connection

    async def _more(self) -> Connection:
        connection = await self._connect()
        self._good.add(connection)
        return connection

    def _put_back(self, connection: Connection) -> None:
        self._returned.set()
        if connection in self._good and not connection.is_closed():
            self._idle.append(connection)
        else:
            self._good.discard(connection)
            connection.terminate()
