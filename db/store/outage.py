"""Short outages of the database: a question is asked again, and a task that runs for ever is begun again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import monotonic
from typing import Final, TypeVar

import asyncpg
import sqlalchemy.exc
import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.store.connecting import DatabaseRefusal

AGAIN_SECONDS: Final = 0.25
ANOTHER_SECONDS: Final = 60
"""A task that ran longer than this was well before it was cut off, and its end is another outage."""
OUTAGE: Final = (
    OSError,
    DatabaseRefusal,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    SQLAlchemyError,
)
"""The exceptions of an outage of the database.

A TimeoutError is an OSError, and asyncpg raises an InternalClientError if it uses a connection that is just being cut.
"""
BUGS: Final = (asyncpg.SyntaxOrAccessError, asyncpg.DataError)
"""Errors that the database gives again however often it is asked."""

_AWAY: Final = (
    ConnectionError,
    DatabaseRefusal,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalClientError,
    sqlalchemy.exc.DisconnectionError,
    sqlalchemy.exc.TimeoutError,
)
"""The errors that say that the database is away, full or read-only: of what was asked they say nothing."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, and so on: SQLAlchemy wraps those of asyncpg, GraphQL those of SQLAlchemy."""
    while error is not None:
        yield error
        error = error.__cause__


def is_away(error: BaseException | None) -> bool:
    """True if an error means that the database is away, full, overfull or no primary."""
    return any(
        isinstance(one, _AWAY) or (isinstance(one, asyncpg.InterfaceError) and "closed" in str(one))
        for one in causes(error)
    )


class OutageLog:
    """The outages of a process, each logged once however many notice it."""

    def __init__(self) -> None:
        self._last: float | None = None

    def notice(self, error: BaseException) -> None:
        """Log the first error of an outage; another begins after a minute without one."""
        if self._last is None or monotonic() - self._last > ANOTHER_SECONDS:
            *_, first = causes(error)
            log.warning("the database is away", error=type(first).__name__)
        self._last = monotonic()


OUTAGES: Final = OutageLog()


async def retry_until_up(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer, however long the database is away."""
    while True:
        try:
            return await ask()
        except BUGS:
            raise
        except OUTAGE:
            await asyncio.sleep(AGAIN_SECONDS)


async def run_forever(run: Callable[[], Awaitable[None]]) -> None:
    """Run it again whenever it ends, until cancelled; an outage is logged once, not with every try."""
    logged = False
    while True:
        began = monotonic()
        try:
            await run()
        except BUGS:
            log.exception("a task that runs for ever failed and is begun again")
        except OUTAGE as error:
            if not logged or monotonic() - began > ANOTHER_SECONDS:
                log.info("a connection is away", error=type(error).__name__)
            logged = True
        except Exception:
            log.exception("a task that runs for ever failed and is begun again")
        await asyncio.sleep(AGAIN_SECONDS)
