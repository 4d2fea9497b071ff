"""A database whose outbox only these tests use, and a clock that is moved, not waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from db.store.engine import Database
from db.store.keys import Keyring, new_keys
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from tests.support.outbox import BEGAN, Register
from tests.support.postgres import new_database


@pytest_asyncio.fixture(scope="module")
async def database(server: str) -> AsyncIterator[Register]:
    """The database of these tests."""
    url, keys = await new_database(server), new_keys()
    keyring = Keyring.parse(keys)
    await migrate(url)
    await require_keyring(url, keyring)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    register = Register(url, keys, owner, Database(url, keyring))
    register.db._clock = lambda: register.now
    yield register
    await register.db.close()
    await owner.close()


@pytest_asyncio.fixture
async def register(database: Register) -> Register:
    """An empty outbox, at nine in the morning."""
    await database.owner.execute("delete from outbox")
    database.now = BEGAN
    database.db.deliver = lambda: None
    return database
