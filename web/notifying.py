"""The sending of mail and text messages, within a server or alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from db.store.engine import Database
from db.store.keys import Keyring
from notify.gateway import Missing
from notify.setup import gateways_of
from notify.worker import SENDERS, Worker
from web.installation import require_own
from web.settings import Settings
from web.stopping import on_stop

log = structlog.get_logger(__name__)


async def notify_alone(settings: Settings, owner_url: str) -> None:
    """Send what stands in the outbox of a database that others serve, until a signal."""
    keyring = await require_own(settings, owner_url)
    stopped = asyncio.Event()
    on_stop(stopped.set)
    async with notifying(settings, settings.database_url or owner_url, keyring):
        await stopped.wait()


@asynccontextmanager
async def notifying(settings: Settings, url: str, keyring: Keyring) -> AsyncIterator[Callable[[], None]]:
    """The worker of this process, with connections of its own; gives what makes it look at once."""
    gateways = gateways_of(settings.smtp_url, settings.sms_gateway, loopback=settings.loopback)
    for channel, gateway in gateways.items():
        if isinstance(gateway, Missing):
            log.warning("a channel has no gateway: its messages wait and are given up after a day", channel=channel)
    db = Database(url, keyring, pool_size=SENDERS)
    worker = Worker(db, gateways)
    worker.open()
    try:
        yield worker.wake
    finally:
        await worker.close()
        await db.close()
