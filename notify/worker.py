"""Carries what stands in the outbox to the gateways: at least once, by as many processes as like."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from db import message
from db.message import ReservedMessage
from db.store.engine import Database
from db.store.outage import retry_until_up, run_forever
from notify.gateway import Gateway, Later, Refused
from rules.message import pause_after
from rules.verification import Channel

SENDERS: Final = 4
"""The number of messages that a process sends at once; a slow one holds up only its own sender."""
POLL_SECONDS: Final = 3.0
SEND_SECONDS: Final = 90.0
GOODBYE_SECONDS: Final = 5.0
LEASE: Final = timedelta(minutes=3)
"""The time for which a message is reserved, longer than sending may take. No other process gets it meanwhile."""

log = structlog.get_logger(__name__)


class Worker:
    """The senders of one process. They look when they are woken, and every few seconds anyway."""

    def __init__(
        self,
        db: Database,
        gateways: Mapping[Channel, Gateway],
        *,
        send_seconds: float = SEND_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._db, self._gateways = db, gateways
        self._send_seconds, self._poll_seconds, self._chance = send_seconds, poll_seconds, chance
        self._news = asyncio.Event()
        self._senders: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[bool]] = set()

    def wake(self) -> None:
        """Look now: something was put into the outbox."""
        self._news.set()

    def open(self) -> None:
        """Begin."""
        self._senders = {asyncio.create_task(run_forever(self._run)) for _ in range(SENDERS)}

    async def close(self) -> None:
        """Begin nothing new and finish the messages being sent.

        A message that takes too long is free again after its lease.
        """
        await _cancel(self._senders)
        if self._sending:
            await asyncio.wait(self._sending, timeout=GOODBYE_SECONDS)
        await _cancel(self._sending)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            while await self._begin_one():
                pass
            # Not all processes in step, since each looks at the same rows.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds * (0.75 + self._chance() / 2)):
                    await self._news.wait()

    async def _begin_one(self) -> bool:
        """As `send_one`, in a task that outlives its sender, so that a stop does not break it off."""
        task = asyncio.create_task(self.send_one())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return await asyncio.shield(task)

    async def send_one(self) -> bool:
        """Send the message that is due longest; False where none is due."""
        reserved = await message.reserve(self._db, LEASE)
        if reserved is None:
            return False
        gateway = self._gateways[reserved.channel]
        try:
            async with asyncio.timeout(self._send_seconds):
                await gateway.send(reserved.open(self._db.keyring))
        except Exception as error:
            await self._failed(reserved, error)
        else:
            await retry_until_up(partial(message.sent, self._db, reserved, keep=gateway.keeps))
            log.info("a message was sent", message=str(reserved.id), channel=reserved.channel)
        return True

    async def _failed(self, reserved: ReservedMessage, error: Exception) -> None:
        detail = str(error) if isinstance(error, Refused | Later) else type(error).__name__
        pause = None if isinstance(error, Refused) else pause_after(reserved.tries, self._chance())
        await retry_until_up(partial(message.failed, self._db, reserved, detail, pause))
        event = "a message was given up" if pause is None else "a message is tried again later"
        log.info(event, message=str(reserved.id), channel=reserved.channel, tries=reserved.tries, error=detail)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    left = [task for task in tasks if not task.done()]
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left)
