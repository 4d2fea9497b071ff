"""Databases to be seeded, one that is for all that only look, and the applications that registers are told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from db.seed import seed
from db.seed.people import Nurse
from db.seed.register import Register
from db.seed.seeded_application import SeededApplication
from db.store.migrate import migrate
from tests.support.postgres import new_database
from tests.support.seeded_databases import KEYRING, NURSES, Connection, Make, connected

DAYS = (date(2026, 11, 20), date(2026, 10, 10))
"""An ordinary day, and one after the longest holiday."""


@pytest_asyncio.fixture(scope="session")
async def fresh(server: str) -> Make:
    """Makes empty, migrated databases; gives the owner's address."""

    async def make() -> str:
        url = await new_database(server)
        await migrate(url)
        return url

    return make


@pytest_asyncio.fixture(scope="session")
async def seeded(fresh: Make) -> str:
    """A database as `hushi seed` leaves it today."""
    url = await fresh()
    await seed(url, KEYRING, nurses=NURSES, seed=1)
    return url


@pytest_asyncio.fixture
async def connection(seeded: str) -> AsyncIterator[Connection]:
    """To look at the seeded database as its owner."""
    async with connected(seeded) as connection:
        yield connection


@pytest.fixture(scope="module", params=DAYS, ids=str)
def register(request: pytest.FixtureRequest) -> Register:
    """A register of the demonstration's size."""
    return Register.make(1, 20_000, request.param)


@pytest.fixture(scope="module")
def nurses(register: Register) -> list[Nurse]:
    """The nurses with a story: a seeded application."""
    return [nurse for index in range(20_000) if (nurse := Nurse.at(register, index)).story]


@pytest.fixture(scope="module")
def applications(nurses: list[Nurse]) -> list[SeededApplication]:
    """The seeded applications of those nurses."""
    return [application for nurse in nurses if (application := SeededApplication.of(nurse))]
