"""The PostgreSQL of a new installation: a child process, reached only by this process, by a socket."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import asyncpg
import structlog

from db.embedded import data_lock, files
from db.embedded.configuration import INITDB, OWNER, SETTINGS
from db.embedded.data_lock import DataInUse
from db.embedded.files import EmbeddedError
from db.embedded.orphan import stop_orphan

__all__ = ["Embedded", "EmbeddedError"]

log = structlog.get_logger()

START_SECONDS: Final = 20
STOP_SECONDS: Final = 20
LIBC: Final = ctypes.CDLL(None)
PR_SET_PDEATHSIG: Final = 1


class Embedded:
    """One PostgreSQL server over one data folder; `options` are settings of postgresql.conf.

    It is started again when it dies, and never outlives us: at the latest the next start stops it.
    """

    def __init__(self, data: Path, options: Mapping[str, str] = MappingProxyType({})) -> None:
        self.data = data.absolute()
        self._cluster = self.data / "postgres"
        self._options = SETTINGS | {"log_directory": str(self.data / "log")} | dict(options)
        self._binaries = self._socket = Path()
        self._lock: int | None = None
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the server, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def dsn(self) -> str:
        """The owner's address, good for asyncpg and through `db.store.url` for SQLAlchemy; the same after a restart."""
        return f"postgresql://{OWNER}@/postgres?host={quote(str(self._socket))}&port=5432"

    async def start(self) -> str:
        """Start the server and wait until it answers; gives the owner's address."""
        files.prepare(self.data)
        self._lock = data_lock.acquire(self.data)
        try:
            self._binaries = files.binaries()
            await stop_orphan(self._cluster, STOP_SECONDS)
            if not self._cluster.exists():
                await self._initialise()
            self._socket = data_lock.socket_folder(self._lock)
            await self._launch()
        except BaseException:
            await self.stop()
            raise
        self._keeper = asyncio.create_task(self._keep())
        return self.dsn

    async def start_or_join(self) -> str:
        """As `start`; where a living process runs the server of these data already, the owner's address of that one."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return await self.start()
            except DataInUse as used:
                self._socket = used.socket
                if used.socket.is_absolute() and await self._is_up():
                    return self.dsn
                # It is only starting, or just stopping.
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Break off what runs, end the server in order, and give the data folder back."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._lock is not None:
            data_lock.forget_socket(self._socket)
            os.close(self._lock)
            self._lock = None

    async def _launch(self) -> None:
        """Start the process; as long as backends of a killed one still hold its memory, again."""
        settings = [f"--{name}={value}" for name, value in self._options.items()]
        socket = f"--unix_socket_directories={self._socket}"
        for _ in range(START_SECONDS * 10):
            self._process = await self._spawn("postgres", "-D", str(self._cluster), socket, *settings)
            if await self._answers(self._process):
                return
            reason = self._last_words()
            if "is still in use" not in reason and "already exists" not in reason:
                break
            await asyncio.sleep(0.1)
        raise EmbeddedError(f"PostgreSQL does not start in {self.data} ({reason}): see {self.data / 'log'}.")

    async def _answers(self, process: Process) -> bool:
        while process.returncode is None:
            if await self._is_up():
                return True
            await asyncio.sleep(0.05)
        return False

    async def _is_up(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def _keep(self) -> None:
        """Start the server again whenever it dies."""
        while self._process:
            code = await self._process.wait()
            log.warning("postgresql ended by itself and is started again", exit_code=code)
            try:
                await self._launch()
            except EmbeddedError as error:
                log.error("postgresql does not start", reason=str(error))
                await asyncio.sleep(1)

    async def _initialise(self) -> None:
        """Make the cluster beside its place, then move it there, so that half a cluster is never started."""
        draft = self._cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        files.own(draft)
        unsafe = ["--no-sync"] if self._options.get("fsync") == "off" else []
        self._process = await self._spawn("initdb", "-D", str(draft), *INITDB, "--builtin-locale=C.UTF-8", *unsafe)
        if await self._process.wait():
            raise EmbeddedError(
                f"PostgreSQL cannot be set up in {self.data} ({self._last_words()}): see {self._words}."
            )
        draft.rename(self._cluster)

    async def _spawn(self, program: str, *arguments: str) -> Process:
        """A child in a session of its own, since Ctrl-C in a terminal reaches the whole of ours."""
        with self._words.open("wb") as words:
            return await asyncio.create_subprocess_exec(
                str(self._binaries / program),
                *arguments,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=DEVNULL,
                stdout=words,
                stderr=STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                **files.process_options(),
            )

    @property
    def _words(self) -> Path:
        return self.data / "log" / "start.log"

    def _last_words(self) -> str:
        lines = self._words.read_text(errors="replace").splitlines() or ["it said nothing"]
        fatal = [line for line in lines if "FATAL" in line or "error:" in line]
        return (fatal or lines)[-1].strip()


def _end_with_parent() -> None:
    """Run in the child: Linux then stops the server when we die, even by kill -9."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
