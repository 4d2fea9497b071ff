"""Events recorded as a step records them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from db.feed.event import Addressed, record
from graph.context import Services
from rules.events import QueueChange


async def tell(
    services: Services,
    scope: UUID,
    count: int = 1,
    ago: timedelta = timedelta(0),
    *,
    queue: QueueChange | None = QueueChange.ADDED,
    named: str = "application.submitted",
    **body: Any,
) -> None:
    """One step that tells `count` events."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        tx.now -= ago
        one = Addressed(scope, named, uuid7(), None, queue, body)
        await record(tx, [one] * count)
