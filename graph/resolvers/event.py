"""Pending reviews, and the feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import strawberry
from strawberry.relay import PageInfo

from db import pending
from graph.context import Context, Info
from graph.dataloaders import application_of
from graph.reading import event_of, follow_pending
from graph.schema.event import EventPage, PendingReviewFeedMessage
from graph.schema.page import PendingReviewConnection, PendingReviewEdge, read_position, write_position
from rules.application import PENDING
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.kinds import Kind
from rules.people import Actor

FIRST_OR_LAST = Words("first与last只能填一个", "Give first or last, not both.")


def _scope(actor: Actor) -> UUID:
    """The feed of the viewer's own party."""
    if not actor.active or actor.party_id is None:
        raise NotAllowed
    return actor.party_id


@strawberry.type
class EventQuery:
    """Looking."""

    @strawberry.field
    async def pending_reviews(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        kinds: list[Kind] | None = None,
    ) -> PendingReviewConnection | None:
        """What waits on your desk, longest waiting first (护士申请业务办理, I16); 20 rows unless you say otherwise."""
        context = info.context
        if first is not None and last is not None:
            raise Invalid(FieldProblem("last", "FIRST_OR_LAST", FIRST_OR_LAST))
        size = context.page(20 if first is None else first) if last is None else context.page(last, "last")
        between = pending.Between(read_position("after", after), read_position("before", before), last is not None)
        async with context.db.read() as reader:
            page = await pending.page(reader, context.actor, size, between, kinds)
        return _connection(context, page, between, kinds)

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


def _connection(
    context: Context, page: pending.Page, between: pending.Between, kinds: list[Kind] | None
) -> PendingReviewConnection:
    nodes = [application_of(row) for row in page.rows]
    cursors = [write_position(row["queued_at"], row["id"]) for row in page.rows]
    info = PageInfo(
        has_next_page=between.before is not None if between.backwards else page.more,
        has_previous_page=page.more if between.backwards else between.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return PendingReviewConnection(
        edges=[PendingReviewEdge(cursor=c, node=n) for c, n in zip(cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=info,
        feed_cursor=context.services.feed.cursors.write(_scope(context.actor), page.seq),
        kinds=kinds,
    )


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
