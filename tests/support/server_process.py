"""A process of the server, started and stopped as an operator does it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from db.store.keys import new_keys

KEYS = new_keys()


@asynccontextmanager
async def begun(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", *arguments),
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HUSHI_KEYS": KEYS, "HUSHI_PORT": "0", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def hushi(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    """How a command ended, what it said, what it complained of."""
    async with begun(*arguments, **environment) as process:
        out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


async def said(process: asyncio.subprocess.Process, *events: str) -> dict[str, Any]:
    """The first of these that the log for machines has."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while line := await process.stderr.readline():
            entry: dict[str, Any] = json.loads(line)
            if entry["event"] in events:
                return entry
    pytest.fail("It ended without saying it.")


async def stopped(process: asyncio.subprocess.Process) -> tuple[int | None, bool]:
    """How it ended on a signal, and whether it complained of a bug."""
    process.send_signal(signal.SIGTERM)
    _, error = await process.communicate()
    return process.returncode, b"Traceback" in error
