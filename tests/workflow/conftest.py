"""A database whose clock the test sets, and one application with its people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from db.store.engine import Database
from db.store.keys import Keyring
from tests.support.story import NOW, Clock, Story, open_story
from tests.support.until import LONG_ENOUGH
from tests.support.world import World

_clock = Clock(NOW)


@pytest.fixture
def clock() -> Clock:
    """The database's time, starting where every story starts."""
    _clock.now = NOW
    return _clock


@pytest_asyncio.fixture(scope="session")
async def timed(owner_url: str, keyring: Keyring, world: World) -> AsyncIterator[Database]:
    """A database that tells the time of `clock`."""
    db = Database(owner_url, keyring, clock=_clock, statement_seconds=LONG_ENOUGH)
    yield db
    await db.close()


@pytest_asyncio.fixture
async def story(timed: Database, world: World, clock: Clock) -> Story:
    """A renewal that the nurse has begun."""
    return await open_story(timed, world, clock)
