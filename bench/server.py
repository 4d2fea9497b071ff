"""Starting and stopping one system under test as a child process."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import graph.root
from bench.measure import Failed, Target

PEERS: Final = Path(__file__).parent / "peers"
SCHEMA: Final = Path(graph.root.__file__).with_name("schema.graphql")
OURS: Final = ("HUSHI_", "DATABASE_")
STOP_SECONDS: Final = 20

HUSHI: Final = "Hushi"
MERCURIUS: Final = "Mercurius"
TUNED: Final = "Mercurius, tuned"
POSTGRAPHILE: Final = "PostGraphile"
COMMANDS: Final = {
    HUSHI: (sys.executable, "-m", "web.cli", "serve"),
    MERCURIUS: ("node", str(PEERS / "mercurius.js")),
    TUNED: ("env", "COLUMNS=asked", "node", str(PEERS / "mercurius.js")),
    POSTGRAPHILE: ("node", str(PEERS / "postgraphile.js")),
}
"""The command that starts each system. The tuned Mercurius reads the columns asked for, the natural one all."""


def require_peers() -> None:
    """Refuse to begin without Node and the peers' packages."""
    if shutil.which("node") is None:
        raise Failed("The peers need Node 20 or newer, and there is no `node` here: install it first.")
    if not (PEERS / "node_modules" / "mercurius").exists():
        raise Failed(f"The peers are not installed: run npm ci in {PEERS}.")


@dataclass(frozen=True)
class Address:
    """A database with a register: its owner's address, its keys, and the process of its server."""

    owner_url: str
    keys: str
    postmaster: int


@asynccontextmanager
async def running(system: str, database: Address) -> AsyncIterator[Target]:
    """One server process of the system, on this database and a port of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment |= {"DATABASE_URL": database.owner_url, "HUSHI_KEYS": database.keys, "HUSHI_PORT": "0"}
    # All clients of a bench come from this machine.
    environment |= {"HUSHI_LIMIT_ADDRESS_CONNECTIONS": "100000"}
    environment |= {"HUSHI_LOG": "warning", "SCHEMA": str(SCHEMA), "NODE_ENV": "production"}
    environment |= {"GRAPHILE_ENV": "production"}
    process = await asyncio.create_subprocess_exec(
        *COMMANDS[system], env=environment, stdout=PIPE, start_new_session=True
    )
    try:
        yield Target(system, await _port(process, system), process.pid, database.postmaster)
    finally:
        await _stop(process)


async def _port(process: Process, system: str) -> int:
    assert process.stdout is not None
    async for line in process.stdout:
        if found := re.search(r"http://[^:/\s]+:(\d+)/graphql", line.decode()):
            return int(found[1])
    raise Failed(f"{system} ended before it was ready; it says why above.")


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
