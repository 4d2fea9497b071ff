"""A stored event of one scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from rules.events import QueueChange


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as its scope hears it."""

    scope: UUID
    seq: int
    at: datetime
    id: UUID
    previous_id: UUID | None
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]
    units: frozenset[UUID] = frozenset()


def recorded(row: asyncpg.Record) -> StoredEvent:
    """A row of the event table, with or without what was read beside it."""
    fields = {name: row[name] for name in _PLAIN}
    queue, body = row["queue"], orjson.loads(row["body"])
    units = frozenset(row["unit_ids"] or ())
    return StoredEvent(**fields, queue=QueueChange(queue) if queue else None, body=body, units=units)


_PLAIN: Final = ("scope", "seq", "at", "id", "previous_id", "type", "application_id", "account_id")
