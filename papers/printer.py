"""Printing (打印), never on the event loop: one paper in a thread, a list in a process of its own that can be ended."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from threading import local
from typing import Any, Final

import orjson
import typst

from papers import press
from papers.press import compiler, pressed
from rules.errors import RateLimited, RegistryError, Words

AT_ONCE: Final = 2
WAITING: Final = 40
LISTS_WAITING: Final = 4
"""So many lists are printed or wait: one after the other, since each has memory of its own."""
SOON: Final = 20
"""Seconds: half a list takes about as long."""
MEMORY: Final = 4 << 30
"""Bytes of addresses: 500 forms with photos need 1.5 GiB of memory, and some addresses more."""
CPU_SECONDS: Final = 300
"""For a process whose server was killed: nobody is left to end it."""


class TooLargeToPrint(RegistryError):
    """A list whose papers need more memory than a list may have."""

    code = "PRINT_TOO_LARGE"
    words = Words(
        "该名单内容过多，无法一次打印，请分批打印", "This list is too large to be printed at once: print in parts."
    )


class Printer:
    """Makes the papers: two at once, and one list; one a process."""

    def __init__(self, memory: int = MEMORY) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "printer")
        self._own, self._memory = local(), memory
        self._waiting = {False: 0, True: 0}
        self._list = asyncio.Semaphore(1)

    @asynccontextmanager
    async def place(self, papers: int) -> AsyncIterator[None]:
        """A place in the queue, taken before anything is read: what waits holds no memory. Raises RateLimited."""
        many = papers > 1
        if self._waiting[many] >= (LISTS_WAITING if many else WAITING):
            raise RateLimited(SOON if many else 1)
        self._waiting[many] += 1
        try:
            if many:
                async with self._list:
                    yield
            else:
                yield
        finally:
            self._waiting[many] -= 1

    async def pdf(self, run: Mapping[str, Any], at: datetime) -> bytes:
        """The papers of a run as one PDF, dated `at`: equal runs give equal bytes."""
        moment = int(at.timestamp())
        if len(run["papers"]) > 1:
            return await self._of_list(run, moment)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._of_one, run, moment)

    def _of_one(self, run: Mapping[str, Any], at: int) -> bytes:
        """Each thread has its own compiler."""
        if not hasattr(self._own, "compiler"):
            self._own.compiler = compiler()
        own: typst.Compiler = self._own.compiler
        return pressed(own, run, at)

    async def _of_list(self, run: Mapping[str, Any], at: int) -> bytes:
        """The list's own process gets nothing of the environment; whoever waits no longer ends it."""
        asked = await asyncio.to_thread(orjson.dumps, {"run": run, "at": at})
        command = (sys.executable, "-P", "-m", press.__name__, str(CPU_SECONDS), str(self._memory))
        found = {"PYTHONPATH": os.pathsep.join(sys.path)}
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=found)
        try:
            made, _ = await process.communicate(asked)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == press.TOO_LARGE or (process.returncode or 0) < 0:
            raise TooLargeToPrint
        if process.returncode:
            raise RuntimeError(f"the press has ended with {process.returncode}")
        return made


@cache
def printer() -> Printer:
    """This process's printer, made when it is first used."""
    return Printer()
