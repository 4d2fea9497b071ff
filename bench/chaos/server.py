"""`hushi serve` under a supervisor: the same port, and started again at once whenever it ends."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.chaos.register import Register
from bench.measure import Failed
from bench.server import COMMANDS, HUSHI, OURS

STOP_SECONDS: Final = 20
AGAIN_SECONDS: Final = 0.1
# Below what systems give to outgoing connections: with one of those, a client that knocks while nobody listens
# could be connected with itself, and the server would then find its port taken.
PORTS: Final = range(20_000, 32_000)


@dataclass
class Supervised:
    """The one server process; `deaths` are the exit codes that nobody asked for."""

    port: int
    environment: dict[str, str]
    log: Path
    deaths: list[int] = field(default_factory=list)
    _process: Process | None = None
    _killed: bool = False

    @property
    def origin(self) -> str:
        """The address of the server, the same after every start."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process is None or self._process.returncode is not None:
            raise Failed("The server was to be killed and does not run: it should have recovered.")
        self._killed = True
        self._process.kill()

    async def start(self) -> Process:
        """Start the process."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *COMMANDS[HUSHI], env=self.environment, stdout=DEVNULL, stderr=log, start_new_session=True
            )
        return self._process

    async def keep(self) -> None:
        """Start it again whenever it ends, until cancelled."""
        process = await self.start()
        while True:
            code = await process.wait()
            if not self._killed:
                self.deaths.append(code)
                await asyncio.sleep(AGAIN_SECONDS)
            self._killed = False
            process = await self.start()

    async def stop(self) -> None:
        """End it as an operator would."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise Failed(f"The server did not stop within {STOP_SECONDS} seconds.") from None


@asynccontextmanager
async def supervised(register: Register) -> AsyncIterator[Supervised]:
    """A server on this register, kept running until the end."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment |= {"DATABASE_URL": register.owner_url, "HUSHI_KEYS": register.keys, "HUSHI_PORT": str(port)}
    environment |= {"HUSHI_LOG": "warning"}
    server = Supervised(port, environment, register.folder / "server.log")
    keeper = asyncio.create_task(server.keep())
    try:
        yield server
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await server.stop()


def _free_port() -> int:
    for port in random.sample(PORTS, k=len(PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise Failed(f"Every port from {PORTS.start} to {PORTS.stop - 1} of 127.0.0.1 is taken.")
