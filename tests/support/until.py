"""Waiting for what nobody announces, and how long a test waits for what must come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from graph.limits import Limits

LONG_ENOUGH: Final = 30
"""Seconds within which what must come has come, also on a machine that does much else; what comes is not waited for."""
UNHURRIED: Final = Limits(deadline_seconds=2 * LONG_ENOUGH, statement_seconds=LONG_ENOUGH, init_seconds=LONG_ENOUGH)
"""The limits of a server whose speed is no matter: on a busy machine no step of a test runs out of time."""


async def until(condition: Callable[[], bool], within: float = LONG_ENOUGH) -> None:
    """Go on as soon as the condition holds; fail where it never does."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def eventually(ask: Callable[[], Awaitable[Any]], within: float = LONG_ENOUGH) -> Any:
    """What a question to the database is answered with, once that is something."""
    async with asyncio.timeout(within):
        while not (found := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    return found
