"""A PostgreSQL that outlived the process which started it: found by its pid file, and stopped."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

log = structlog.get_logger()


async def stop_orphan(cluster: Path, patience: float) -> None:
    """Stop the server of a cluster that, as its caller's lock says, has no living parent."""
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().partition("\n")[0]
    deadline = time.monotonic() + patience
    if orphan := _server(pid, cluster):
        log.warning("stopping a postgresql left over by a killed process", pid=orphan.pid)
        _signal(orphan, signal.SIGINT)
    while orphan := _server(pid, cluster):
        if time.monotonic() > deadline:
            _signal(orphan, signal.SIGKILL)
        await asyncio.sleep(0.02)
    # A number in it that now is somebody else's would keep PostgreSQL from starting.
    pid_file.unlink(missing_ok=True)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _server(pid: str, cluster: Path) -> psutil.Process | None:
    """The process, if it still is the server of this cluster: neither a stranger with its old number nor a zombie."""
    with suppress(psutil.Error, ValueError):
        process = psutil.Process(int(pid))
        if process.name() == "postgres" and Path(process.cwd()) == cluster.resolve():
            return process
    return None
