"""Short outages of the database: a question is asked again, and a task that runs for ever is begun again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

AGAIN_SECONDS: Final = 0.25
ANOTHER_SECONDS: Final = 60
"""A task that ran longer than this was well before it was cut off, and its end is another outage."""
OUTAGE: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, SQLAlchemyError)
"""The exceptions of an outage of the database.

A TimeoutError is an OSError, and asyncpg raises an InternalClientError if it uses a connection that is just being cut.
"""
BUGS: Final = (asyncpg.SyntaxOrAccessError, asyncpg.DataError)
"""Errors that the database gives again however often it is asked."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


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
