"""Secrets as an operator holds them: `id:base64,id:base64`, in the environment or in a file of the data folder."""

from __future__ import annotations

import binascii
import os
import re
import secrets
import stat
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from rules.command_error import CommandError

SECRET_BYTES: Final = 32
Refusal = type[CommandError]


def new_secret(mark: str) -> str:
    """A fresh secret, as the environment takes it; its id begins with `mark`."""
    return f"{mark}{secrets.token_hex(4)}:{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def secrets_of(text: str, variable: str, command: str, refusal: Refusal) -> dict[str, bytes]:
    """The secrets of a text by their ids, in its order; what cannot be read is refused without repeating a secret."""
    found: dict[str, bytes] = {}
    for place, entry in enumerate(text.strip().split(","), start=1):
        key_id, separator, encoded = entry.strip().partition(":")
        if not separator or not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", key_id):
            raise refusal(
                f"{variable} is not of the form id:base64,id:base64 at entry {place}: make an entry with `{command}`."
            )
        if key_id in found:
            raise refusal(f"{variable} names the id {key_id!r} twice: give every key an id of its own.")
        found[key_id] = _secret(key_id, encoded, variable, command, refusal)
    return found


def kept_in(path: Path, fresh: Callable[[], str], refusal: Refusal) -> str:
    """The text of a file, made the first time and readable by its owner only."""
    if not path.exists():
        _write_once(path, fresh())
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise refusal(f"The keys in {path} can be read by others: run chmod 600 {path}.")
    try:
        return path.read_text("ascii")
    except UnicodeDecodeError as error:
        raise damaged(path, refusal) from error


def damaged(path: Path, refusal: Refusal) -> CommandError:
    """The refusal of a file that holds no secrets."""
    return refusal(f"The keys in {path} are damaged: put the file back from a backup.")


def _secret(key_id: str, encoded: str, variable: str, command: str, refusal: Refusal) -> bytes:
    try:
        secret = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise refusal(f"{variable} has no base64 after the id {key_id!r}: copy the whole entry.") from None
    if len(secret) != SECRET_BYTES:
        raise refusal(
            f"{variable} gives the key {key_id!r} {len(secret)} bytes and a key has {SECRET_BYTES}: "
            f"make one with `{command}`."
        )
    return secret


def _write_once(path: Path, text: str) -> None:
    """Write the file whole or not at all; of two processes at once the first wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(handle)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    os.unlink(draft)
