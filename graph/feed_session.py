"""A subscriber's way through her feed: first her position, then the events that she missed, then live."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import UUID

from db.feed.cursor import FeedLost, FeedPosition
from db.feed.scope_log import Shown, StoredEvent
from db.store.outage import retry_until_up
from graph.context import Context
from graph.schema.node import key_of
from rules.announcement import FEED, concerns
from rules.application import PENDING
from rules.collective import FilingState
from rules.errors import AccessChanged, NotAllowed, Unauthenticated, Words
from rules.events import EventType, Lost
from rules.people import HELP_DESK_FEED, Actor, Party, require_active, require_party

NO_FEED: Final = Words("您的账户没有动态", "Your account has no feed.")
PENDING_REVIEWS = "pendingReviewFeed"
FILING = "CollectiveFiling"
BATCH = "ApplicationBatch"
_JOBS: Final = {"collectiveFilingFeed": (FILING, "filing"), "applicationBatchFeed": (BATCH, "batch")}
"""The feeds of one thing, named by its id: its noun, and the field of an event that names it."""
ANNOUNCEMENTS = "announcementFeed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events of one scope that a subscriber follows, and the cursor after which they begin.

    `before` is the scope in which her feed was before her account was active.
    """

    scope: UUID
    after: str | None
    before: UUID | None = None
    pending: bool = False
    types: frozenset[str] | None = None
    application: UUID | None = None
    job: tuple[str, str] | None = None
    """The one filing or batch that is followed: where an event names it, and its id."""
    units: frozenset[UUID] | None = None
    """The units (科室病区) that she is limited to; None is no limit."""
    announced: Actor | None = None
    """The follower of the announcements (公告): of those of everybody she gets hers."""

    @property
    def shared(self) -> bool:
        """True for a feed that is no place's own: nothing is counted in it when somebody's rights change."""
        return self.scope in (FEED, HELP_DESK_FEED)

    @property
    def whole(self) -> bool:
        """True if all that happens in the scope is wanted, as far as the feed shows it at all."""
        narrowed = (self.types, self.application, self.filing, self.units, self.announced)
        return all(one is None for one in narrowed)

    def passes(self, event: StoredEvent) -> bool:
        """True if this event is one of them."""
        return (
            (event.queue is not None or not self.pending)
            and (self.types is None or event.type in self.types)
            and (self.application is None or event.application_id == self.application)
            and (self.job is None or event.body.get(self.job[0]) == self.job[1])
            and (self.units is None or not self.units.isdisjoint(event.units))
            and (self.announced is None or concerns(self.announced, event.body))
        )

    def ends_with(self, event: StoredEvent) -> bool:
        """True if nothing comes after this event: a collective filing, or a batch, ends once."""
        return self.job is not None and event.body["state"] != FilingState.RUNNING


def scope_of(actor: Actor) -> UUID:
    """The scope of the viewer's own feed; only a nurse has one before her account is active."""
    if actor.party is not Party.NURSE:
        require_active(actor)
    if actor.feed is None or actor.ward_only:
        raise NotAllowed("NOT_ALLOWED", NO_FEED)
    return actor.feed


def narrowed(given: Mapping[str, Any]) -> tuple[frozenset[str] | None, UUID | None]:
    """The types and the application that somebody wants the events of; None for all."""
    types, application = given.get("types"), given.get("applicationId")
    only = None if types is None else frozenset(EventType(one).value for one in types)
    return only, None if application is None else key_of("Application", application)


def wanted(context: Context, feed: str, given: Mapping[str, Any]) -> Wanted:
    """The events that the arguments of a feed ask for; Invalid for a cursor of another, else NotAllowed or NotFound."""
    actor, after = context.actor, context.last_event_id or given["after"]
    if feed == ANNOUNCEMENTS:
        return _announcements(context, actor, after)
    scope, before = scope_of(actor), actor.feed_before
    if feed == PENDING_REVIEWS:
        require_party(actor, *PENDING)
    if after is not None:
        with suppress(FeedLost):  # sent as the only message
            context.services.feed.cursors.read(scope, after, before=before)
    types, application = narrowed(given)
    job = None
    if feed in _JOBS:
        noun, name = _JOBS[feed]
        job = name, str(key_of(noun, given["id"]))
    return Wanted(scope, after, before, feed == PENDING_REVIEWS, types, application, job, actor.units)


def _announcements(context: Context, actor: Actor, after: str | None) -> Wanted:
    if after is not None:
        with suppress(FeedLost):
            context.services.feed.cursors.read(FEED, after)
    return Wanted(FEED, after, announced=actor)


class Beat(NamedTuple):
    """A heartbeat: nothing happened; she stands here."""

    place: FeedPosition


class Broken(NamedTuple):
    """The end of a feed that cannot go on from her cursor; the feed stands here now."""

    place: FeedPosition
    because: Lost


class Happened(NamedTuple):
    """Events that she wants, in their order; `place` is any in her feed."""

    place: FeedPosition
    events: Sequence[StoredEvent]


Part = Beat | Broken | Happened


@dataclass
class FeedSession:
    """One subscriber, and the place where she stands; `shown` is how events are shown to her, if that has a plan."""

    context: Context
    wanted: Wanted
    shown: Shown | None = None
    access: int | None = field(default=None, init=False)

    async def parts(self) -> AsyncGenerator[Part, None]:
        """A heartbeat first, and whenever nothing was said for a while; where she cannot go on, that is the last."""
        services, wanted = self.context.services, self.wanted
        feed, seconds = services.feed, services.heartbeat_seconds
        try:
            place = await retry_until_up(partial(feed.enter, wanted.scope, wanted.after, wanted.before))
            yield Beat(place)
            said = monotonic()
            async with aclosing(feed.follow(place, seconds, self.shown)) as batches:
                async for access, events in batches:
                    if access != self.access:
                        await self._require_signed_in(access)
                    place = place.after(events[-1]) if events else place
                    if passing := [event for event in events if wanted.passes(event)]:
                        yield Happened(place, passing)
                        if wanted.ends_with(passing[-1]):
                            return
                    elif monotonic() - said < seconds:
                        continue
                    else:
                        yield Beat(place)
                    said = monotonic()
        except FeedLost as lost:
            yield Broken(await retry_until_up(partial(feed.enter, wanted.scope)), lost.because)

    def changed(self, event: StoredEvent) -> bool:
        """True if her session must be looked at again before this event is sent to her."""
        return self.wanted.shared or self._feed_access() != self.access or event.at >= self.context.signed_in.expires_at

    async def look_again(self, event: StoredEvent) -> None:
        """Not one message more after an ended session, a changed role or party."""
        if event.at >= self.context.signed_in.expires_at:
            raise Unauthenticated
        await self._require_signed_in(self._feed_access())

    def _feed_access(self) -> int:
        return self.context.services.feed.access(self.wanted.scope)

    async def _require_signed_in(self, access: int) -> None:
        """Look once the scope's access has changed: this look is newer than whatever was read with it."""
        session = self.context.signed_in
        now = await self.context.services.sessions.now(session.token_hash)
        if now is None:
            raise Unauthenticated
        if now.actor != session.actor:
            raise AccessChanged
        self.access = access
