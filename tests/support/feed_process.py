"""A process on a database, as far as the database can tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from db.store.keys import Keyring
from graph.context import Services
from web.app import services_of
from web.settings import Settings


@asynccontextmanager
async def process(url: str, keyring: Keyring, **more: Any) -> AsyncIterator[Services]:
    """Another process on a database."""
    services = services_of(Settings(), url, keyring, **more)
    await services.db.open()
    await services.feed.open()
    try:
        yield services
    finally:
        await services.feed.close()
        await services.db.close()
