"""An event as its scope hears it, and the short memory of a scope that somebody follows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from rules.events import QueueChange

MEMORY: Final = 256


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event as its scope hears it."""

    scope: UUID
    seq: int
    at: datetime
    id: UUID
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]


def recorded(row: asyncpg.Record) -> Recorded:
    """A row of the event table, with or without what was read beside it."""
    fields = {name: row[name] for name in _PLAIN}
    queue, body = row["queue"], orjson.loads(row["body"])
    return Recorded(**fields, queue=QueueChange(queue) if queue else None, body=body)


_PLAIN: Final = ("scope", "seq", "at", "id", "type", "application_id", "account_id")


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in their order, and the scope's count of changes to who may read it, read in the same snapshot."""

    events: Sequence[Recorded]
    access: int


@dataclass(slots=True)
class Tail:
    """The last events of one scope, without a gap among them; `last` is None until it is known."""

    last: int | None = None
    at: datetime | None = None
    access: int = 0
    events: deque[Recorded] = field(default_factory=lambda: deque(maxlen=MEMORY))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    def after(self, seq: int) -> list[Recorded] | None:
        """What came after `seq`, or None where that lies before this memory."""
        count = max((self.last or 0) - seq, 0)
        if count > len(self.events):
            return None
        return list(islice(reversed(self.events), count))[::-1]

    def add(self, event: Recorded) -> None:
        """Remember one more; what came before a gap is forgotten, so that it is read from the table."""
        if event.seq - 1 != self.last:
            self.events.clear()
        self.last, self.at = event.seq, event.at
        self.events.append(event)

    def tell(self) -> None:
        """Wake everybody who waits for news."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


async def heard(changed: asyncio.Event, patience: float) -> bool:
    """Whether there were news before the patience ran out."""
    try:
        async with asyncio.timeout(patience):
            await changed.wait()
    except TimeoutError:
        return False
    return True
