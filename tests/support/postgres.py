"""A real PostgreSQL for the whole run, and databases in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from db.embedded.server import Embedded
from db.store.migrate import migrate

# A crash of the machine may lose what the tests wrote, and several servers with full pools share this PostgreSQL.
TESTING = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}


def open_folder() -> Path:
    """A new folder that everybody can enter; not pytest's own, since as root PostgreSQL runs as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="hushi-test-", dir="/tmp" if os.geteuid() == 0 else None))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def roomy() -> Iterator[Path]:
    """A folder for a server that the test starts itself."""
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest_asyncio.fixture(scope="session")
async def server() -> AsyncIterator[str]:
    """A server made for this run, each worker's own; its owner's address."""
    folder = open_folder()
    embedded = Embedded(folder / "data", TESTING)
    yield await embedded.start()
    await embedded.stop()
    shutil.rmtree(folder)


async def new_database(server: str, options: str = "") -> str:
    """The address of an empty database of its own."""
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"create database {name} {options}")
    await connection.close()
    return server.replace("/postgres?", f"/{name}?")


@pytest_asyncio.fixture
async def empty_url(server: str) -> str:
    """An empty database, not migrated; the owner's address."""
    return await new_database(server)


@pytest_asyncio.fixture(scope="session")
async def owner_url(server: str) -> str:
    """The database of this run, migrated; the owner's address."""
    url = await new_database(server)
    await migrate(url)
    return url
