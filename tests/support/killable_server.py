"""A register in a database of its own, and server processes on it that may be killed."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from signal import SIGTERM

import asyncpg

from db.store import known_law
from db.store.announced_days import fill
from db.store.keys import Keyring, new_keys
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from tests.support.postgres import new_database
from tests.support.world import Cast, World


@dataclass(repr=False)
class Register:
    """A database of its own with one hospital, and what a server needs to be let in."""

    url: str
    keys: str
    world: World
    cast: Cast


@asynccontextmanager
async def registered(server: str, nurses: int) -> AsyncIterator[Register]:
    """One of these, with so many nurses."""
    url, keys = await new_database(server), new_keys()
    await migrate(url)
    keyring = Keyring.parse(keys)
    await require_keyring(url, keyring)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    world = World(owner, keyring)
    cast = await world.cast()
    for _ in range(nurses - 1):
        await world.nurse(cast.hospital, cast.district)
    await owner.execute("analyze")
    yield Register(url, keys, world, cast)
    await owner.close()


@dataclass(repr=False)
class Server:
    """A process of its own, as an operator starts it."""

    process: asyncio.subprocess.Process
    origin: str


@asynccontextmanager
async def serving(register: Register) -> AsyncIterator[Server]:
    """One of these; what was killed by then is left."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": register.url, "HUSHI_KEYS": register.keys}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", "serve"),
        env={**environment, "HUSHI_PORT": "0", "HUSHI_LOG": "warning"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (found := re.search(rb"GraphQL +(http://\S+)/graphql", await process.stdout.readline())):
                assert process.returncode is None
        yield Server(process, found[1].decode())
    finally:
        if process.returncode is None:
            process.send_signal(SIGTERM)
        await process.communicate()
