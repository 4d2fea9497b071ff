"""Starting and stopping a server: its application, its jobs and its messages, in this order and back."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from db import signing_key as signing_keys
from db.store.keys import Keyring
from web.app import build, services_of
from web.banner import welcome
from web.installation import prepare, require_own, signers_of
from web.jobs import jobs_of
from web.notifying import notifying
from web.periodic import kept
from web.server import Server
from web.settings import Settings

if TYPE_CHECKING:
    from db.seed.demo import DemoAccount


async def migrate_and_serve(settings: Settings, owner_url: str, listener: socket.socket) -> None:
    """Bring the operator's database up to date and serve on it, until a signal."""
    began = time.monotonic()
    await serve(settings, owner_url, await prepare(settings, owner_url), listener, began)


async def serve_outside(settings: Settings, owner_url: str, listener: socket.socket) -> None:
    """Serve on a database that others keep, until a signal."""
    began = time.monotonic()
    await serve(settings, owner_url, await require_own(settings, owner_url), listener, began)


async def serve(
    settings: Settings,
    owner_url: str,
    keyring: Keyring,
    listener: socket.socket,
    began: float,
    accounts: Sequence[DemoAccount] = (),
) -> None:
    """Serve on a database that is up to date, until a signal; `accounts` are offered to whoever starts it."""
    url = settings.database_url or owner_url
    signers = signers_of(settings)
    if settings.owner_url is None:  # a trial publishes the keys that it has made
        await signing_keys.publish(owner_url, signers.public)
    services = services_of(settings, url, keyring, signers)
    await services.db.require_ours()
    application = build(settings, url, keyring, services, accounts)
    serves = asyncio.Event()

    def ready() -> None:
        welcome(settings, listener.getsockname()[1], began, accounts)
        serves.set()

    async with kept(jobs_of(settings, owner_url, services.db), serves), AsyncExitStack() as beside:
        if settings.notify == "server":
            services.db.deliver = await beside.enter_async_context(notifying(settings, url, keyring))
        await Server(application, settings, ready).run_on(listener)
