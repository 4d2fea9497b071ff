"""The demonstration: an invented register in the database that comes along, and its accounts."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from db.seed import DEMO_ACCOUNTS, MORE_ACCOUNTS, SeedError, is_empty
from db.seed import seed as seed_register
from db.store.keys import Keyring
from web.embedded import own_database
from web.installation import prepare
from web.progress import progress, start_over_notice
from web.run import serve
from web.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented register: its size, and the number that makes it the same every time."""

    nurses: int
    seed: int


async def run(settings: Settings, listener: socket.socket, register: Invented) -> None:
    """Bring up our own database, fill it the first time, and serve until a signal."""
    began = time.monotonic()
    async with own_database(settings) as owner_url:
        keyring = await prepare(settings, owner_url)
        await _fill_first_time(owner_url, keyring, register)
        await serve(settings, owner_url, keyring, listener, began, (*DEMO_ACCOUNTS, *MORE_ACCOUNTS))


async def start_over(settings: Settings, register: Invented) -> None:
    """Empty our own database and fill it as the first start did; refused while a server runs on it."""
    if settings.owner_url is not None:
        raise SettingsError(
            "DATABASE_URL is set, and `hushi reset` empties only the database that comes along: unset it, "
            "or empty that one by `hushi seed --force`."
        )
    async with own_database(settings) as owner_url:
        keyring = await prepare(settings, owner_url)
        start_over_notice(settings.data, register.nurses)
        await fill(owner_url, keyring, register, force=True, demo=True)


async def _fill_first_time(owner_url: str, keyring: Keyring, register: Invented) -> None:
    """Seed our own database if it is empty, or has only the rows of an interrupted seed."""
    try:
        missing, broken_off = await is_empty(owner_url), False
    except SeedError:
        missing = broken_off = True
    if missing:
        await fill(owner_url, keyring, register, force=broken_off, demo=True)


async def fill(owner_url: str, keyring: Keyring, register: Invented, *, force: bool, demo: bool) -> None:
    """Seed an invented register, and show how far it is."""
    with progress() as report:
        await seed_register(
            owner_url, keyring, nurses=register.nurses, seed=register.seed, force=force, demo=demo, progress=report
        )
