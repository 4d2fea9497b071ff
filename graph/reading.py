"""A subscriber's way through its feed: first where it stands, then what it missed, then live."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from db.cursor import FeedLost, Place
from db.tail import Recorded
from graph.context import Context
from graph.schema.event import (
    EVENT_TYPES,
    FeedHeartbeat,
    FeedReset,
    PendingReviewChange,
    PendingReviewFeedMessage,
)
from graph.schema.node import global_id
from rules.errors import Unauthenticated

STILL_SECONDS: Final = 0.1
"""How long one look at the session is good for, among events that were read before that look."""

Messages = AsyncGenerator[PendingReviewFeedMessage, None]


def event_of(place: Place, recorded: Recorded) -> Any:
    """An event as clients see it; `place` is any in its feed."""
    body, key = recorded.body, recorded.application_id
    assert key is not None
    return EVENT_TYPES[recorded.type](
        id=global_id("Event", recorded.id),
        cursor=place.after(recorded.seq).cursor,
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


async def follow_pending(context: Context, scope: UUID, after: str | None) -> Messages:
    """The pending reviews of a scope from a cursor on, or from now; a reset is the last message."""
    feed = context.services.feed
    try:
        reading = Reading(context, await feed.enter(scope, after))
        async with aclosing(reading.messages()) as messages:
            async for message in messages:
                yield message
    except FeedLost as lost:
        place = await feed.enter(scope)
        yield FeedReset(cursor=place.cursor, at=datetime.now(UTC), reason=lost.because)


@dataclass
class Reading:
    """One subscriber, and the place where she stands."""

    context: Context
    place: Place
    looked_at: float = 0
    said_at: float = 0

    async def messages(self) -> Messages:
        """A heartbeat first, and whenever nothing was said for a while; each message carries its cursor."""
        services = self.context.services
        patience = min(services.limits.session_seconds, services.heartbeat_seconds)
        yield self._heartbeat()
        async with aclosing(services.feed.follow(self.place, patience)) as batches:
            async for batch in batches:
                self.looked_at = 0
                await self._require_signed_in()
                for recorded in batch:
                    await self._require_signed_in()
                    self.place = self.place.after(recorded.seq)
                    if recorded.queue is not None:
                        yield self._change(recorded)
                if monotonic() - self.said_at >= services.heartbeat_seconds:
                    yield self._heartbeat()

    def _heartbeat(self) -> FeedHeartbeat:
        self.said_at = monotonic()
        return FeedHeartbeat(cursor=self.place.cursor, at=datetime.now(UTC))

    def _change(self, recorded: Recorded) -> PendingReviewChange:
        # The rows behind this event are read afresh, not from what was loaded for the last one.
        self.context.forget()
        self.said_at = monotonic()
        event = event_of(self.place, recorded)
        assert recorded.queue is not None
        return PendingReviewChange(
            cursor=event.cursor,
            at=recorded.at,
            change=recorded.queue,
            application_id=event.application_id,
            application_key=event.application_key,
            event=event,
        )

    async def _require_signed_in(self) -> None:
        """After an ended session, a changed role or party: not one event more, since this look is newer than it."""
        if monotonic() - self.looked_at < STILL_SECONDS:
            return
        self.looked_at, session = monotonic(), self.context.signed_in
        now = await self.context.services.sessions.now(session.token_hash)
        if now is None or now.actor != session.actor:
            raise Unauthenticated
