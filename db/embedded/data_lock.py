"""The process that runs PostgreSQL on a data folder.

It is one living process, which notes itself and its socket in the data lock, a file of the folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from db.embedded import files
from db.embedded.files import EmbeddedError

SOCKET_NAME: Final = ".s.PGSQL.5432"
SOCKET_PREFIX: Final = "hushi-"
LONGEST_SOCKET: Final = 103 if sys.platform == "darwin" else 107


class DataInUse(EmbeddedError):
    """Another process runs PostgreSQL on the data; `socket` is the folder of its socket, once there is one."""

    def __init__(self, data: Path, holder: str, socket: Path) -> None:
        super().__init__(
            f"The data in {data} are in use by process {holder}: stop it, or set HUSHI_DATA to another folder."
        )
        self.socket = socket


def acquire(data: Path) -> int:
    """Keep every other process off the data; the operating system gives them back when we end, however we end."""
    with files.one_sentence("The data folder", data):
        handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder, socket = _written(handle)
        os.close(handle)
        raise DataInUse(data, holder, Path(socket)) from None
    _write(handle, _written(handle)[1])
    return handle


def socket_folder(handle: int) -> Path:
    """A new folder for the socket: ours alone, and short, since a socket's path may have 107 bytes.

    It is noted in the lock, so that the next start removes the one that a killed process left.
    """
    forget_socket(Path(_written(handle)[1]))
    for place in (tempfile.gettempdir(), "/tmp"):
        user = files.runner()
        longest = os.path.join(place, f"{SOCKET_PREFIX}12345678", SOCKET_NAME)
        if len(os.fsencode(longest)) > LONGEST_SOCKET or (user and files.closed_to(Path(place), user)):
            continue
        folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=place))
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _write(handle, str(folder))
        return folder
    raise EmbeddedError(
        "No folder is short enough for the database's socket: set TMPDIR to a short one that all can enter."
    )


def forget_socket(folder: Path) -> None:
    """Remove a socket folder that `socket_folder` made."""
    if folder.name.startswith(SOCKET_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _written(handle: int) -> tuple[str, str]:
    """The process that locked the data, and its socket's folder."""
    process, _, socket = os.pread(handle, 200, 0).decode().strip().partition("\n")
    return process, socket


def _write(handle: int, socket: str) -> None:
    os.truncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n{socket}\n".encode(), 0)
