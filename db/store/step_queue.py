"""The statements of a step before and after they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from db.store.ahead import Ahead
from db.store.tx import Found, Meaning
from db.store.wire_message import Asked

Then: TypeAlias = Callable[[Found], None]


class Unhoped(Exception):
    """A hope that was not so: the step is taken anew, and asks."""


@dataclass(slots=True)
class Foreseen:
    """A statement that is asked ahead, with what the command says for it, and its answer."""

    ahead: Ahead
    said: Mapping[str, object]
    rows: Found | None = None


@dataclass(slots=True)
class Queued:
    """A statement that waits for the next trip."""

    asked: Asked
    means: Meaning | None = None
    then: Then | None = None
    hopeful: bool = False


def meant(one: Queued, error: Exception) -> Exception:
    """The error of a statement that waited, by its own meaning."""
    if one.hopeful and isinstance(error, asyncpg.DivisionByZeroError):
        return Unhoped()
    found = one.means(error) if one.means is not None and isinstance(error, asyncpg.PostgresError) else None
    if found is None:
        return error
    found.__cause__ = error
    return found
