"""What happened, as clients see it: an interface, and one type for each line of rules.events.EVENTS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Union
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.application import Application
from graph.schema.nurse import Nurse
from rules.application import State, Step
from rules.collective import FilingState
from rules.deadline import PeriodWarning
from rules.events import EVENTS, About, EventType, Lost, QueueChange
from rules.kinds import Kind
from rules.people import Party

strawberry.enum(FilingState, name="CollectiveFilingState")
strawberry.enum(PeriodWarning)
strawberry.enum(QueueChange, name="PendingReviewChangeKind")
strawberry.enum(EventType, name="EventType")
strawberry.enum(Lost, name="FeedResetReason")
said = strawberry.field


@strawberry.interface
class FeedMessage:
    """Anything a feed sends; the cursor is where you stand after it."""

    cursor: str = said(description="Give it as `after` to go on from here: nothing is missed, nothing comes twice.")
    at: datetime = said(
        description="When it happened (the database's time when its transaction began; the order is the cursor's); "
        "for a heartbeat, when it was sent."
    )


@strawberry.interface
class Event(FeedMessage):
    """Something that happened in one of your feeds."""

    id: strawberry.ID = said(description="The same in every feed that heard it.")
    type: str = said(description="The name on the wire, such as `application.submitted`.")
    actor: Party | None = said(description="Which side did it; null for the system's clock.")


@strawberry.interface
class ApplicationEvent(Event):
    """Something that happened to an application."""

    kind: Kind = said(description="业务类型 of the application.")
    step: Step | None = said(description="The step that was taken; null where only time went by.")
    from_state: State | None = said(description="Where the application stood.")
    to_state: State = said(description="Where it went.")
    version: int = said(description="The application's version from then on.")
    outcome: str | None = said(description="What was decided, if anything was.")
    warning: PeriodWarning | None = said(description="Which period runs out, or went by in silence (期限预警).")
    application_id: strawberry.ID = said(description="The application, by its global id.")
    application_key: strawberry.Private[UUID]

    @strawberry.field
    async def application(self, info: Info) -> Application | None:
        """The application as it stands now, if you may still read it."""
        found: Application | None = await info.context.load.one("Application", self.application_key)
        return found


@strawberry.interface
class NurseEvent(Event):
    """Something that happened to a nurse's account or registration."""

    nurse_id: strawberry.ID = said(description="The nurse, by her global id.")
    nurse_name: str = said(description="姓名 when it happened: also for those who may no longer read her record.")
    nurse_key: strawberry.Private[UUID]

    @strawberry.field
    async def nurse(self, info: Info) -> Nurse | None:
        """The nurse as she stands now, if you may still read her record."""
        found: Nurse | None = await info.context.load.one("Nurse", self.nurse_key)
        return found


@strawberry.interface
class CollectiveFilingEvent(Event):
    """A collective filing went on: told at most once a second, and at its end."""

    collective_filing_id: strawberry.ID = said(description="The filing, by its global id.")
    filing_state: FilingState = said(description="Where it stood.")
    total: int = said(description="How many nurses it is for.")
    filed: int = said(description="For how many an application was filed by then.")
    refused: int = said(description="How many were refused by then.")


_INTERFACES: Mapping[About, type[Any]] = {
    About.APPLICATION: ApplicationEvent,
    About.NURSE: NurseEvent,
    About.COLLECTIVE_FILING: CollectiveFilingEvent,
}
EVENT_TYPES: Mapping[str, type[Any]] = {
    kind.type: strawberry.type(
        type(kind.name, (_INTERFACES[kind.about],), {"__doc__": kind.description, "__annotations__": {}})
    )
    for kind in EVENTS.values()
}
"""Wire name -> type, made from the table of events."""


@strawberry.type
class EventPage:
    """Events of your feed, oldest first."""

    nodes: list[Event] = said(description="What happened after `since`.")
    cursor: str = said(description="Where you stand after this page: the next `since`, or the `after` of a feed.")
    has_more: bool = said(description="Whether there is more to read at once.")


@strawberry.type
class PendingReviewChange(FeedMessage):
    """Your pending reviews changed (待办审核)."""

    change: QueueChange = said(description="What to do with the row: ADDED, CHANGED, TAKEN, PUT_BACK or REMOVED.")
    kind: Kind = said(description="业务类型 of the row, by which `pendingReviewCounts` are kept.")
    left: State | None = said(description="The state whose count goes down by one, if any does.")
    entered: State | None = said(description="The state whose count goes up by one, if any does.")
    application_id: strawberry.ID = said(description="Which row.")
    event: Event = said(description="What happened.")
    application_key: strawberry.Private[UUID]

    @strawberry.field
    async def application(self, info: Info) -> Application | None:
        """The application as it stands now, if you may still read it."""
        found: Application | None = await info.context.load.one("Application", self.application_key)
        return found


@strawberry.type
class FeedHeartbeat(FeedMessage):
    """Nothing happened. The first message of every feed is one, so that you always have a cursor."""


@strawberry.type
class FeedReset(FeedMessage):
    """The cursor is no longer good: read the list afresh and follow from its `feedCursor`. The stream ends here."""

    reason: Lost = said(description="EPOCH: the database was restored. RETENTION: older than what is kept.")


PendingReviewFeedMessage = Annotated[
    PendingReviewChange | FeedHeartbeat | FeedReset,
    strawberry.union("PendingReviewFeedMessage", description="What a feed of pending reviews sends."),
]

EventFeedMessage: Any = Annotated[
    Union[(*EVENT_TYPES.values(), FeedHeartbeat, FeedReset)],
    strawberry.union("EventFeedMessage", description="What a feed of events sends."),
]


@strawberry.type
class PendingReviewCount:
    """How many pending reviews of one kind stand in one state."""

    kind: Kind = said(description="业务类型.")
    state: State = said(description="Where they stand.")
    count: int = said(description="How many.")


@strawberry.type
class PendingReviewCounts:
    """How much waits on your desk; kept up to date by the `left` and `entered` of each PendingReviewChange."""

    feed_cursor: str = said(description="Follow `pendingReviewFeed` after this: each change is counted exactly once.")
    counts: list[PendingReviewCount] = said(description="Kinds and states of which nothing waits are not listed.")
