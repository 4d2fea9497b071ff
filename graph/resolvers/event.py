"""Pending reviews, and the feeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.relay import PageInfo

from db import pending
from db.cursor import OtherEpoch
from db.feed import FeedLost, Recorded
from graph.context import Context, Info
from graph.dataloaders import application_of
from graph.schema.event import (
    EVENT_TYPES,
    EventPage,
    FeedHeartbeat,
    FeedReset,
    PendingReviewChange,
    PendingReviewFeedMessage,
)
from graph.schema.node import global_id
from graph.schema.page import PendingReviewConnection, PendingReviewEdge, read_position, write_position
from rules.application import PENDING
from rules.errors import FieldProblem, Invalid, NotAllowed, Unauthenticated, Words
from rules.kinds import Kind
from rules.people import Actor

FIRST_OR_LAST = Words("first与last只能填一个", "Give first or last, not both.")


def _scope(actor: Actor) -> UUID:
    """The feed of the viewer's own party."""
    if not actor.active or actor.party_id is None:
        raise NotAllowed
    return actor.party_id


def _event(context: Context, recorded: Recorded) -> Any:
    body = recorded.body
    key = recorded.application_id
    assert key is not None
    return EVENT_TYPES[recorded.type](
        id=global_id("Event", recorded.id),
        cursor=context.services.feed.cursors.write(recorded.scope, recorded.seq),
        at=recorded.at,
        type=recorded.type,
        by=body.get("by"),
        step=body["step"],
        from_state=body["from"],
        to_state=body["to"],
        version=body["version"],
        outcome=body.get("outcome"),
        application_id=global_id("Application", key),
        application_key=key,
    )


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
        seq = 0 if since is None else feed.cursors.read(scope, since)
        found = await feed.page(scope, seq, size + 1)
        shown = found[:size]
        cursor = feed.cursors.write(scope, shown[-1].seq if shown else seq)
        return EventPage(nodes=[_event(context, one) for one in shown], cursor=cursor, has_more=len(found) > size)


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


@dataclass
class _Reading:
    """One subscriber's place in its scope's feed."""

    context: Context
    scope: UUID
    seq: int

    @property
    def cursor(self) -> str:
        return self.context.services.feed.cursors.write(self.scope, self.seq)

    def heartbeat(self) -> FeedHeartbeat:
        return FeedHeartbeat(cursor=self.cursor, at=datetime.now(UTC))

    def change(self, recorded: Recorded) -> PendingReviewChange:
        event = _event(self.context, recorded)
        assert recorded.queue is not None
        return PendingReviewChange(
            cursor=event.cursor,
            at=recorded.at,
            change=recorded.queue,
            application_id=event.application_id,
            application_key=event.application_key,
            event=event,
        )

    def reset(self, reason: str) -> FeedReset:
        return FeedReset(cursor=self.cursor, at=datetime.now(UTC), reason=reason)

    async def messages(self) -> AsyncIterator[PendingReviewFeedMessage]:
        """What was missed, then live; a heartbeat first, and whenever nothing was said for a while."""
        services, quiet = self.context.services, asyncio.get_running_loop().time()
        yield self.heartbeat()
        try:
            async for batch in services.feed.follow(self.scope, self.seq, services.limits.session_seconds):
                await self.still_signed_in()
                for recorded in batch:
                    self.seq = recorded.seq
                    if recorded.queue is not None:
                        quiet = asyncio.get_running_loop().time()
                        self.context.forget()
                        yield self.change(recorded)
                if asyncio.get_running_loop().time() - quiet >= services.heartbeat_seconds:
                    quiet = asyncio.get_running_loop().time()
                    yield self.heartbeat()
        except FeedLost as lost:
            self.seq = await services.feed.position(self.scope)
            yield self.reset(lost.reason)

    async def still_signed_in(self) -> None:
        """A revoked session, a changed role or party: not one event more."""
        session = self.context.signed_in
        now = await self.context.services.sessions.find(session.token_hash)
        if now is None or now.actor != session.actor:
            raise Unauthenticated


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
        context, feed = info.context, info.context.services.feed
        scope = _scope(context.actor)
        if context.actor.party not in PENDING:
            raise NotAllowed
        reading = _Reading(context, scope, await feed.position(scope))
        try:
            position = reading.seq
            reading.seq = reading.seq if after is None else feed.cursors.read(scope, after)
            if reading.seq > position:
                raise OtherEpoch
        except OtherEpoch:
            reading.seq = position
            yield reading.reset("EPOCH")
            return
        async for message in reading.messages():
            yield message
