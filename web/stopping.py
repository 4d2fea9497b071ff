"""The signals that stop a process: Ctrl-C and SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine

from rules.command_error import CommandError


def on_stop(action: Callable[[], object]) -> None:
    """Set the action of Ctrl-C and SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, action)


async def stoppable(work: Coroutine[None, None, None]) -> None:
    """Do the work; Ctrl-C and SIGTERM break it off in order, and a second one does not disturb that."""
    task = asyncio.ensure_future(work)

    def stop() -> None:
        on_stop(lambda: None)
        task.cancel()

    on_stop(stop)
    try:
        await task
    except asyncio.CancelledError:
        raise CommandError("Stopped before it was done.") from None
