"""Databases that `hushi seed` filled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from db.store.keys import Keyring, new_keys

TODAY = date(2026, 11, 20)
NURSES = 2000
KEYS = new_keys()
KEYRING = Keyring.parse(KEYS)

Make = Callable[[], Coroutine[Any, Any, str]]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
