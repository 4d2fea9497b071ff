"""Copies of a register's database, as PostgreSQL's own tools and operators make them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from db.embedded import files
from db.embedded.server import Embedded
from tests.support.postgres import TESTING

STANDBY: Final = "standby.signal"


async def run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, as the user that PostgreSQL runs as."""
    child = await asyncio.create_subprocess_exec(
        str(files.binaries() / program), *arguments, cwd="/", stderr=PIPE, stdout=PIPE, **files.process_options()
    )
    out, error = await child.communicate()
    assert child.returncode == 0, (program, out, error)


def socket_of(url: str) -> str:
    """The folder of the socket of a server's address."""
    return str(make_url(url).query["host"])


def connected(url: str) -> tuple[str, ...]:
    """The options by which PostgreSQL's programs reach a database."""
    address = make_url(url)
    return ("-h", socket_of(url), "-p", "5432", "-U", str(address.username))


def server_at(folder: Path, **options: str) -> Embedded:
    """A server over the data of a folder."""
    return Embedded(folder, {**TESTING, "max_connections": "60", "shared_buffers": "16MB", **options})


def cluster(folder: Path) -> Path:
    """The data that PostgreSQL itself keeps in such a folder; a new one is made, open to whom it runs as."""
    if not folder.exists():
        folder.mkdir(mode=0o755)
        files.own(folder)
    return folder / "postgres"


def copied(source: Path, target: Path) -> None:
    """A copy of all files, but for what says that the other server runs."""
    shutil.copytree(cluster(source), cluster(target), symlinks=True, ignore=shutil.ignore_patterns("postmaster.*"))
    for path in (cluster(target), *cluster(target).rglob("*")):
        if user := files.runner():
            os.chown(path, user.pw_uid, user.pw_gid)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A server none of whose processes does anything, as a snapshot of its disk finds it."""
    pids = [pid, *_children(pid)]
    for one in pids:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in pids:
            os.kill(one, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        _, _, rest = status.read_text().rpartition(")")
        if int(rest.split()[1]) == pid:
            found.append(int(status.parent.name))
    return found


async def base_backup(url: str, target: Path) -> None:
    """A copy by pg_basebackup, which knows nothing of being one."""
    await run("pg_basebackup", *connected(url), "-D", str(cluster(target)), "-c", "fast", "-X", "stream", "--no-sync")
