"""A server that the tests of the door share, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.printing_desk import desk, number  # noqa: F401
from tests.support.small_server import Socket, http, opened, serving


@pytest.fixture(scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with http() as client:
        yield client


@pytest.fixture(scope="session")
async def address() -> AsyncIterator[str]:
    async with serving() as address:
        yield address


@pytest.fixture
async def fresh(address: str) -> AsyncIterator[Socket]:
    """A socket on which nothing was said yet."""
    async with opened(address) as socket:
        yield socket


@pytest.fixture
async def socket(fresh: Socket) -> Socket:
    """A socket on which Wang is signed in."""
    await fresh.start()
    return fresh
