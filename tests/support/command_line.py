"""The command line, run in a process of its own."""

import asyncio
import os
import sys
from dataclasses import dataclass

LAYOUT = {"PATH": os.environ["PATH"], "COLUMNS": "200", "LANG": "C.UTF-8"}


@dataclass
class Result:
    """How a command ended."""

    code: int
    out: str
    error: str


async def begin(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "web.cli",
        *arguments,
        env=LAYOUT | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def end(process: asyncio.subprocess.Process) -> Result:
    out, error = await process.communicate()
    assert process.returncode is not None
    return Result(process.returncode, out.decode(), error.decode())


async def hushi(*arguments: str, **environment: str) -> Result:
    return await end(await begin(*arguments, **environment))
