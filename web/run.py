"""Starting and stopping: the database, its contents, the server, in this order and back."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog

from db.embedded.server import Embedded
from db.seed import SeedError, is_empty
from db.seed import seed as seed_register
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate, require_keyring, require_migrated
from notify.gateway import Missing
from notify.setup import gateways_of
from notify.worker import SENDERS, Worker
from web.app import build, services_of
from web.banner import progress, welcome
from web.jobs import jobs_of
from web.periodic import kept
from web.server import Server, on_stop
from web.settings import Settings, SettingsError
from workflow.scheduler import run as run_due

DEMO_NURSES: Final = 20_000
DEMO_SEED: Final = 1

log = structlog.get_logger(__name__)


class CommandError(Exception):
    """A command cannot do its work; the text gives the reason and the remedy."""


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


async def run(settings: Settings, listener: socket.socket) -> None:
    """Bring up the database, fill it the first time, and serve until a signal."""
    began = time.monotonic()
    async with database(settings) as owner_url:
        keyring = await prepare(settings, owner_url)
        if settings.owner_url is None:
            await _fill_first_time(owner_url, keyring)
        await _serve(settings, owner_url, keyring, listener, began)


async def serve_outside(settings: Settings, owner_url: str, listener: socket.socket) -> None:
    """Serve on a database that others keep, until a signal."""
    began = time.monotonic()
    keyring = await require_own(settings, owner_url)
    await _serve(settings, owner_url, keyring, listener, began)


async def _serve(settings: Settings, owner_url: str, keyring: Keyring, listener: socket.socket, began: float) -> None:
    url = settings.database_url or owner_url
    services = services_of(settings, url, keyring)
    application = build(settings, url, keyring, services)
    serves = asyncio.Event()

    def ready() -> None:
        welcome(settings, listener.getsockname()[1], began)
        serves.set()

    async with kept(jobs_of(settings, owner_url, services.db), serves), AsyncExitStack() as beside:
        if settings.notify == "server":
            services.db.deliver = await beside.enter_async_context(notifying(settings, url, keyring))
        await Server(application, settings, ready).run_on(listener)


async def schedule_once(settings: Settings, owner_url: str) -> Counter[str]:
    """Do the scheduler's due duties now; returns how often each duty was done."""
    keyring = await require_own(settings, owner_url)
    db = Database(settings.database_url or owner_url, keyring, pool_size=1)
    try:
        return await run_due(db)
    finally:
        await db.close()


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


@asynccontextmanager
async def database(settings: Settings, *, beside: bool = False) -> AsyncIterator[str]:
    """The owner's address of the database: the operator's, or one of our own that ends with us.

    With `beside`, our own may be the one that `hushi run` has started; it then stays with that.
    """
    if settings.owner_url:
        yield settings.owner_url
        return
    embedded = Embedded(settings.data)
    address = await (embedded.start_or_join() if beside else embedded.start())
    try:
        yield address
    finally:
        on_stop(lambda: None)
        await embedded.stop()


async def prepare(settings: Settings, owner_url: str) -> Keyring:
    """Bring the database up to date; gives the keys, which are its own."""
    keyring = _keyring(settings)
    await migrate(owner_url)
    await require_keyring(owner_url, keyring)
    return keyring


async def require_own(settings: Settings, owner_url: str) -> Keyring:
    """Refuse a database that is not up to date or is sealed with other keys; gives the keys."""
    keyring = _keyring(settings)
    await require_migrated(owner_url)
    await require_keyring(owner_url, keyring)
    return keyring


def _keyring(settings: Settings) -> Keyring:
    if settings.keys:
        return Keyring.parse(settings.keys)
    if settings.owner_url:
        raise SettingsError(
            "DATABASE_URL is set and HUSHI_KEYS is not: make a key with `hushi keys new` "
            "and give the same to every process of this database."
        )
    return Keyring.kept_in(settings.data)


async def _fill_first_time(owner_url: str, keyring: Keyring) -> None:
    """Seed our own database if it is empty, or has only the rows of an interrupted seed."""
    try:
        missing, broken_off = await is_empty(owner_url), False
    except SeedError:
        missing = broken_off = True
    if missing:
        await fill(owner_url, keyring, nurses=DEMO_NURSES, seed=DEMO_SEED, force=broken_off, demo=True)


async def fill(owner_url: str, keyring: Keyring, *, nurses: int, seed: int, force: bool, demo: bool) -> None:
    """Seed an invented register, and show how far it is."""
    with progress() as report:
        try:
            await seed_register(owner_url, keyring, nurses=nurses, seed=seed, force=force, demo=demo, progress=report)
        except SeedError as refusal:
            raise CommandError(str(refusal)) from refusal
