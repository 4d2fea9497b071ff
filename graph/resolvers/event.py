"""Events, pending reviews, and the feeds of both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from db.feed.cursor import FeedPosition
from db.feed.scope_log import StoredEvent
from db.read import statistic
from graph.context import Context, Info
from graph.feed_session import FILING, PENDING_REVIEWS, Beat, Broken, FeedSession, Happened, narrowed, scope_of, wanted
from graph.schema.event import (
    EVENT_TYPES,
    EventFeedMessage,
    EventPage,
    FeedHeartbeat,
    FeedReset,
    PendingReviewChange,
    PendingReviewFeedMessage,
)
from graph.schema.node import global_id
from graph.schema.pending import PendingReviewCount, PendingReviewCounts
from rules.events import EVENTS, ON_BEHALF_OF, About, EventType
from rules.nurse_event import MOVED_OUT
from rules.people import Role
from rules.practice_alert import EXPIRED, EXPIRING, PRACTICE
from rules.question import QuestionState, QuestionTopic
from rules.record_merge import MERGED, UNMERGED

After = Annotated[
    str | None, strawberry.argument(description="A cursor of yours: what you missed since then comes first.")
]
Since = Annotated[
    str | None, strawberry.argument(description="A cursor of yours; from the oldest that is kept unless told.")
]
Until = Annotated[str | None, strawberry.argument(description="A cursor of yours: nothing after it.")]
Types = Annotated[list[EventType] | None, strawberry.argument(description="Only events of these types.")]
Only = Annotated[strawberry.ID | None, strawberry.argument(description="Only what happens to this application.")]


@strawberry.type
class EventQuery:
    """Looking."""

    @strawberry.field
    async def events(
        self,
        info: Info,
        since: Since = None,
        until: Until = None,
        first: int = 50,
        types: Types = None,
        application_id: Only = None,
    ) -> EventPage | None:
        """The events of your feed, oldest first: the same events as in `eventFeed`, for those without a socket."""
        context, feed = info.context, info.context.services.feed
        scope, before, size = scope_of(context.actor), context.actor.feed_before, context.page(first)
        only, about = narrowed({"types": types, "applicationId": application_id})
        start = None if since is None else await feed.place(scope, since, "since", before)
        end = None if until is None else await feed.place(scope, until, "until", before)
        page = await feed.history(scope, start, end, only, about, size, info.context.actor.units)
        nodes = [event_of(page.place, one) for one in page.events]
        return EventPage(nodes=nodes, cursor=page.place.cursor, has_more=page.more)

    @strawberry.field
    async def pending_review_counts(self, info: Info) -> PendingReviewCounts | None:
        """The pending reviews on your desk, by kind and state, and the place in your feed that belongs to them."""
        context = info.context
        async with context.db.read() as reader:
            seq, rows = await statistic.pending(reader, context.actor)
        place = FeedPosition(context.services.feed.cursors, scope_of(context.actor), seq)
        return PendingReviewCounts(feed_cursor=place.cursor, counts=[PendingReviewCount(**row) for row in rows])


@strawberry.type
class EventSubscription:
    """Watching."""

    @strawberry.subscription
    async def pending_review_feed(self, info: Info, after: After = None) -> AsyncIterator[PendingReviewFeedMessage]:
        """Your pending reviews as they change: what you missed after the cursor, then live, without gap or double.

        Without `after` it starts now. A heartbeat comes first and then every 15 seconds of silence.
        """
        async with aclosing(follow(info.context, PENDING_REVIEWS, {"after": after}, change_of)) as messages:
            async for message in messages:
                yield message

    @strawberry.subscription
    async def event_feed(
        self, info: Info, after: After = None, types: Types = None, application_id: Only = None
    ) -> AsyncIterator[EventFeedMessage]:
        """Everything that happens to you, your institution or your authority, as it happens, without gap or double.

        Without `after` it starts now. A heartbeat comes first and then every 15 seconds of silence.
        """
        given = {"after": after, "types": types, "applicationId": application_id}
        async with aclosing(follow(info.context, "eventFeed", given, event_of)) as messages:
            async for message in messages:
                yield message


async def follow(context: Context, feed: str, given: dict[str, Any], shown: Any) -> Any:
    """The messages of a feed, each event read afresh."""
    reading = FeedSession(context, wanted(context, feed, given))
    async with aclosing(reading.parts()) as parts:
        async for part in parts:
            context.cursor = part.place.cursor
            match part:
                case Happened(place, events):
                    for recorded in events:
                        if reading.changed(recorded):
                            await reading.look_again(recorded)
                        context.cursor = place.after(recorded.seq).cursor
                        context.forget()  # the rows behind this event are not what was loaded for the last one
                        yield shown(place, recorded)
                case Beat(place):
                    yield FeedHeartbeat(cursor=place.cursor, at=datetime.now(UTC))
                case Broken(place, because):
                    yield FeedReset(cursor=place.cursor, at=datetime.now(UTC), reason=because)


def event_of(place: FeedPosition, recorded: StoredEvent) -> Any:
    """An event as clients see it; `place` is any in its feed."""
    body, kind = recorded.body, EVENTS[recorded.type]
    match kind.about:
        case About.NURSE:
            values = _of_nurse(recorded.type, body)
        case About.COLLECTIVE_FILING:
            values = _of_filing(body)
        case About.STAFF:
            values = _of_staff(body)
        case About.STOCK:
            values = _of_stock(body)
        case About.QUESTION:
            values = _of_question(body)
        case About.ANNOUNCEMENT:
            key = UUID(body["announcement"])
            values = {"announcement_id": global_id("Announcement", key), "announcement_key": key}
        case _:
            values = _of_application(recorded)
    shared = {"id": global_id("Event", recorded.id), "cursor": place.after(recorded.seq).cursor, "at": recorded.at}
    absent = body.get(ON_BEHALF_OF)
    shared |= {"actor": body.get("by"), "on_behalf_of_key": absent and UUID(absent)}
    return EVENT_TYPES[recorded.type](**shared, type=EventType(recorded.type), **values)


def _of_nurse(type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    key = UUID(body["nurse"])
    numbers = {"certificate_number": body.get("certificate"), "id_number_masked": body.get("idNumber")}
    values: dict[str, Any] = {
        "nurse_id": global_id("Nurse", key),
        "nurse_name": body["name"],
        "nurse_key": key,
        **numbers,
    }
    if type in (MERGED, UNMERGED):
        other = body.get("merged")
        return values | {"merged_nurse_id": other and global_id("Nurse", UUID(other))}
    if type == EXPIRING:
        return values | {name: _day(body[key]) for name, key in _DAYS.items()} | {"days_left": body["daysLeft"]}
    if type in PRACTICE:
        values |= {"may_practise": body.get("may"), "practise_since": _day(body.get("since"))}
    if type == EXPIRED:
        return values | {"valid_until": _day(body["validUntil"])}
    return values | _new_places(body) if type == MOVED_OUT else values


_DAYS: Final = {"valid_until": "validUntil", "reached_on": "on", "filing_from": "filingFrom", "legal_line": "legalLine"}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _new_places(body: Mapping[str, Any]) -> dict[str, UUID | None]:
    """Her new institution and authority, as far as the event names them."""
    named = {"new_institution_key": body.get("newInstitution"), "new_authority_key": body.get("newAuthority")}
    return {name: place and UUID(place) for name, place in named.items()}


def _of_filing(body: Mapping[str, Any]) -> dict[str, Any]:
    counts = {name: body[name] for name in ("total", "filed", "refused")}
    return {"collective_filing_id": global_id(FILING, UUID(body["filing"])), "filing_state": body["state"], **counts}


def _of_staff(body: Mapping[str, Any]) -> dict[str, Any]:
    keys = {
        f"{noun}_key": body.get(noun) and UUID(body[noun]) for noun in ("institution", "authority", "account", "absent")
    }
    return {"place_name": body["placeName"], "missing_roles": [Role(role) for role in body["missing"]], **keys}


def _of_stock(body: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {"first_number": body["first"], "last_number": body["last"], "count": body["count"]}
    return {**bounds, "authority_key": UUID(body["authority"])}


def _of_question(body: Mapping[str, Any]) -> dict[str, Any]:
    key = UUID(body["question"])
    values = {"topic": QuestionTopic(body["topic"]), "question_state": QuestionState(body["state"])}
    return {"question_id": global_id("Question", key), "question_key": key, **values}


def _of_application(recorded: StoredEvent) -> dict[str, Any]:
    body, key = recorded.body, recorded.application_id
    assert key is not None
    return {
        "kind": body["kind"],
        "step": body["step"],
        "from_state": body["from"],
        "to_state": body["to"],
        "version": body["version"],
        "outcome": body.get("outcome"),
        "warning": body.get("warning"),
        "application_id": global_id("Application", key),
        "application_key": key,
    }


def change_of(place: FeedPosition, recorded: StoredEvent) -> PendingReviewChange:
    """An event as a change of the pending reviews."""
    event, body = event_of(place, recorded), recorded.body
    assert recorded.queue is not None
    return PendingReviewChange(
        cursor=event.cursor,
        at=recorded.at,
        change=recorded.queue,
        kind=body["kind"],
        left=body.get("left"),
        entered=body.get("entered"),
        application_id=event.application_id,
        application_key=event.application_key,
        event=event,
    )
