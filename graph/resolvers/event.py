"""Pending reviews, and the feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import strawberry

from graph.context import Info
from graph.reading import event_of, follow_pending
from graph.schema.event import EventPage, PendingReviewFeedMessage
from rules.application import PENDING
from rules.errors import NotAllowed
from rules.people import Actor


def _scope(actor: Actor) -> UUID:
    """The feed of the viewer's own party."""
    if not actor.active or actor.party_id is None:
        raise NotAllowed
    return actor.party_id


@strawberry.type
class EventQuery:
    """Looking."""

    @strawberry.field
    async def events(self, info: Info, since: str | None = None, first: int = 50) -> EventPage | None:
        """What happened in your feed after a cursor, or from the oldest that is kept, oldest first."""
        context, feed = info.context, info.context.services.feed
        scope, size = _scope(context.actor), context.page(first)
        place = await feed.oldest(scope) if since is None else await feed.enter(scope, since, "since")
        found = await feed.page(place, size + 1)
        shown = found[:size]
        stand = place.after(shown[-1].seq) if shown else place
        return EventPage(nodes=[event_of(place, one) for one in shown], cursor=stand.cursor, has_more=len(found) > size)


@strawberry.type
class EventSubscription:
    """Watching."""

    @strawberry.subscription
    async def pending_review_feed(
        self, info: Info, after: str | None = None
    ) -> AsyncIterator[PendingReviewFeedMessage]:
        """Your pending reviews as they change: what you missed after the cursor, then live, without gap or double.

        Without `after` it starts now. A heartbeat comes first and then every 15 seconds of silence.
        """
        context = info.context
        scope = _scope(context.actor)
        if context.actor.party not in PENDING:
            raise NotAllowed
        async with aclosing(follow_pending(context, scope, after)) as messages:
            async for message in messages:
                yield message
