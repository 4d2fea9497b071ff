"""The place after an event of a scope, as whoever has read that event knows it."""

from __future__ import annotations

from uuid import UUID

from db.feed.cursor import FeedPosition
from graph.context import Services

_ID = """
select id from event where scope = $1 and seq = $2::bigint
union all select previous_id from event where scope = $1 and seq = $2::bigint + 1
union all select last_id from feed_scope where scope = $1 and seq = $2::bigint limit 1"""


async def place_at(services: Services, scope: UUID, seq: int) -> FeedPosition:
    """The place after the event of this number."""
    event_id = await services.db.pool.fetchval(_ID, scope, seq)
    return FeedPosition(services.feed.cursors, scope, seq, event_id)


async def cursor_at(services: Services, scope: UUID, seq: int) -> str:
    """Its cursor."""
    return (await place_at(services, scope, seq)).cursor
