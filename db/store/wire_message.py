"""The parts of a message to PostgreSQL and of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from db.store.wire_codec import Cell

Row: TypeAlias = Mapping[str, Any]


class Unsent(ConnectionResetError):
    """The connection was gone before the message: the server has heard nothing of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement of a message, with its parameters; JSON is parsed unless it is asked for `raw`."""

    sql: str
    values: Sequence[object] = ()
    raw: bool = False


@dataclass(slots=True)
class Answer:
    """The rows of each statement that was carried out, and the error at which the rest was skipped."""

    rows: list[list[Row]] = field(default_factory=list)
    error: Exception | None = None
    unconfirmed: bool = False
    """True where a commit stands here, and no standby has confirmed it."""


@dataclass(slots=True)
class Prepared:
    """A statement that is prepared on a connection, by its name, with its columns."""

    name: bytes
    cells: list[tuple[str, Cell, Cell]] = field(default_factory=list)
    described: bool = False


def put(parts: list[bytes], kind: bytes, body: bytes) -> None:
    """Add one message of the protocol: its kind, its length, its body."""
    parts += (kind, (len(body) + 4).to_bytes(4, "big"), body)


def fields(buffer: bytes, at: int, end: int) -> dict[str, str]:
    """The fields of an error or a notice, by their letters."""
    parts = (one for one in buffer[at:end].split(b"\0") if one)
    return {one[:1].decode(): one[1:].decode(errors="replace") for one in parts}
