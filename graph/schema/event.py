"""Events as clients see them: an interface, and one type for each line of rules.events.EVENTS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from graph.schema.account import Account
from graph.schema.announcement import Announcement
from graph.schema.application import Application
from graph.schema.link import link
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from graph.schema.question import Question
from rules.application import State, Step
from rules.collective import FilingState
from rules.deadline import PeriodWarning
from rules.decision import DecisionOutcome
from rules.events import EVENTS, About, EventKind, EventType, Lost, QueueChange
from rules.kinds import Kind
from rules.nurse_event import MOVED_OUT
from rules.people import Party, Role
from rules.practice_alert import EXPIRED, EXPIRING, PRACTICE
from rules.question import QuestionState, QuestionTopic
from rules.record_merge import MERGED, UNMERGED

strawberry.enum(FilingState, name="CollectiveFilingState")
strawberry.enum(PeriodWarning)
strawberry.enum(QueueChange, name="PendingReviewChangeKind")
strawberry.enum(EventType, name="EventType")
strawberry.enum(Lost, name="FeedResetReason")


@strawberry.interface
class FeedMessage:
    """Anything a feed sends; the cursor is where you stand after it."""

    cursor: str = strawberry.field(
        description="Give it as `after` to go on from here: nothing is missed, nothing comes twice."
    )
    at: datetime = strawberry.field(
        description="When it happened (the database's time when its transaction began; the order is the cursor's); "
        "for a heartbeat, when it was sent."
    )


@strawberry.interface
class PendingReviewFeedMessage(FeedMessage):
    """Anything that a feed of pending reviews sends."""


@strawberry.interface
class EventFeedMessage(FeedMessage):
    """Anything that a feed of events sends."""


@strawberry.interface
class CollectiveFilingFeedMessage(FeedMessage):
    """Anything that the feed of a collective filing sends."""


@strawberry.interface
class AnnouncementFeedMessage(FeedMessage):
    """Anything that the feed of announcements sends."""


@strawberry.interface
class Event(EventFeedMessage):
    """Something that happened in one of your feeds."""

    id: strawberry.ID = strawberry.field(description="The same in every feed that heard it.")
    type: EventType = strawberry.field(description="The type, by which `types` of a feed narrows it down.")
    actor: Party | None = strawberry.field(description="Which side did it; null for the system's scheduler.")
    on_behalf_of_key: strawberry.Private[UUID | None]
    on_behalf_of = link(
        Account,
        "on_behalf_of_key",
        "代: the absent colleague for whom a deputy did it, if one stood in, and if you may read her account.",
    )


@strawberry.interface
class ApplicationEvent(Event):
    """Something that happened to an application."""

    kind: Kind = strawberry.field(description="业务类型 of the application.")
    step: Step | None = strawberry.field(description="The step that was taken; null where only time went by.")
    from_state: State | None = strawberry.field(description="Where the application stood.")
    to_state: State = strawberry.field(description="Where it went.")
    version: int = strawberry.field(description="The application's version from then on.")
    outcome: DecisionOutcome | None = strawberry.field(description="What was decided, if anything was.")
    warning: PeriodWarning | None = strawberry.field(
        description="Which period runs out, or went by in silence (期限预警)."
    )
    application_id: strawberry.ID = strawberry.field(description="The application, by its global id.")
    application_key: strawberry.Private[UUID]
    application = link(Application, "application_key", "The application as it stands now, if you may still read it.")


@strawberry.interface
class NurseEvent(Event):
    """Something that happened to a nurse's account or registration."""

    nurse_id: strawberry.ID = strawberry.field(description="The nurse, by her global id.")
    nurse_name: str = strawberry.field(
        description="姓名 when it happened: also for those who may no longer read her record."
    )
    certificate_number: str | None = strawberry.field(
        description="护士执业证书编号 by then; null where she had none, and for what happened before it was told."
    )
    id_number_masked: str | None = strawberry.field(
        description="证件号, masked, by then: so that two nurses of one name are told apart."
    )
    nurse_key: strawberry.Private[UUID]
    nurse = link(Nurse, "nurse_key", "The nurse as she stands now, if you may still read her record.")


@strawberry.interface
class PracticeEvent(NurseEvent):
    """Something that may have changed whether a nurse may practise (执业资格): yes or no, and since when; never why."""

    may_practise: bool | None = strawberry.field(
        description="Whether she may work as a nurse from then on: to an institution, whether she may there; null for "
        "what happened before it was told."
    )
    practise_since: date | None = strawberry.field(description="The first day on which that is so; null as above.")


@strawberry.interface
class CollectiveFilingEvent(Event, CollectiveFilingFeedMessage):
    """A collective filing went on: told at most once a second, and at its end."""

    collective_filing_id: strawberry.ID = strawberry.field(description="The filing, by its global id.")
    filing_state: FilingState = strawberry.field(description="Where it stood.")
    total: int = strawberry.field(description="How many nurses it is for.")
    filed: int = strawberry.field(description="For how many an application was filed by then.")
    refused: int = strawberry.field(description="How many were refused by then.")


@strawberry.interface
class StaffEvent(Event):
    """Something that happened to the people of an institution or authority (人员)."""

    place_name: str = strawberry.field(description="The name of the institution or authority by then.")
    missing_roles: list[Role] = strawberry.field(
        description="缺岗角色: what nobody active of the place does any more; empty where nothing is missing."
    )
    institution_key: strawberry.Private[UUID | None]
    authority_key: strawberry.Private[UUID | None]
    account_key: strawberry.Private[UUID | None]
    institution = link(Institution, "institution_key", "The institution whose people it is about, if of one.")
    authority = link(Authority, "authority_key", "The authority whose people it is about, if of one.")
    absent_key: strawberry.Private[UUID | None]
    absent = link(Account, "absent_key", "被代理人、移交人: for whom a deputy stands in, or whose work it was.")
    account = link(Account, "account_key", "Whose account it is about, if of one, and if you may read it.")


@strawberry.interface
class StockEvent(Event):
    """Something that happened to the blank certificates of an authority (空白证书): read its lists afresh."""

    first_number: str = strawberry.field(description="空白证书编号 of the first blank that it is about.")
    last_number: str = strawberry.field(description="空白证书编号 of the last one; the same where it is one only.")
    count: int = strawberry.field(description="How many blanks it is about.")
    authority_key: strawberry.Private[UUID | None]
    authority = link(Authority, "authority_key", "The authority whose stock it is.")


@strawberry.interface
class QuestionEvent(Event):
    """Something that happened to a question (提问): no title, no words."""

    question_id: strawberry.ID = strawberry.field(description="The question, by its global id.")
    topic: QuestionTopic = strawberry.field(description="问题类别.")
    question_state: QuestionState = strawberry.field(description="Where it stood from then on.")
    question_key: strawberry.Private[UUID]
    question = link(Question, "question_key", "The question as it stands now, if you may read it.")


@strawberry.interface
class AnnouncementEvent(Event, AnnouncementFeedMessage):
    """Something that happened to an announcement (公告): in `announcementFeed`, and in no feed of a place."""

    announcement_id: strawberry.ID = strawberry.field(description="The announcement, by its global id.")
    announcement_key: strawberry.Private[UUID]
    announcement = link(Announcement, "announcement_key", "The announcement as it stands now, if you may read it.")


@strawberry.type
class _MovedOut(PracticeEvent):
    """A nurse is registered elsewhere from now on."""

    new_institution_key: strawberry.Private[UUID | None]
    new_authority_key: strawberry.Private[UUID | None]
    new_institution = link(
        Institution,
        "new_institution_key",
        "Where she practises from now on (通报, 条例 9): told to the 注册机关 that she left, and to nobody else.",
    )
    new_authority = link(
        Authority,
        "new_authority_key",
        "Her 注册机关 from now on; told to the 注册机关 that she left, and to nobody else.",
    )


@strawberry.type
class _Expiring(NurseEvent):
    """A registration runs out in some days."""

    valid_until: date = strawberry.field(description="有效期至: the last day on which she may practise.")
    days_left: int = strawberry.field(description="The days until then, by the threshold that was reached; 0: today.")
    reached_on: date = strawberry.field(description="The day on which it was reached, also where it is told later.")
    filing_from: date = strawberry.field(description="The first day on which a renewal may be filed.")
    legal_line: date = strawberry.field(
        description="The last day on which a renewal may reach the authority and be granted by law if nobody decides "
        "(许可法 50)."
    )


@strawberry.type
class _Expired(PracticeEvent):
    """A nurse may practise no more: her registration has run out."""

    valid_until: date = strawberry.field(description="有效期至: the last day on which she could practise.")


@strawberry.type
class _Merging(NurseEvent):
    """Two records of a nurse have become one, or two again; `nurse` is the one that was kept."""

    merged_nurse_id: strawberry.ID | None = strawberry.field(
        description="The other record, by its global id: gone from every list while they are merged (read again by it, "
        "the kept one comes), and there again after. Told to places alone."
    )


_OWN: Mapping[str, type[Event]] = {
    **dict.fromkeys(PRACTICE, PracticeEvent),
    **{EXPIRING: _Expiring, EXPIRED: _Expired, MOVED_OUT: _MovedOut, MERGED: _Merging, UNMERGED: _Merging},
}
"""The events that tell more than others of what they are about."""
_INTERFACES: Mapping[About, type[Event]] = {
    About.APPLICATION: ApplicationEvent,
    About.NURSE: NurseEvent,
    About.COLLECTIVE_FILING: CollectiveFilingEvent,
    About.STAFF: StaffEvent,
    About.STOCK: StockEvent,
    About.QUESTION: QuestionEvent,
    About.ANNOUNCEMENT: AnnouncementEvent,
}


def _type_of(kind: EventKind) -> type[Any]:
    base = _OWN.get(kind.type, _INTERFACES[kind.about])
    return strawberry.type(type(kind.name, (base,), {"__doc__": kind.description, "__annotations__": {}}))


EVENT_TYPES: Mapping[str, type[Any]] = {kind.type: _type_of(kind) for kind in EVENTS.values()}
"""Wire name -> type, made from the table of events."""


@strawberry.type
class EventPage:
    """Events of your feed, oldest first."""

    nodes: list[Event] = strawberry.field(description="What happened after `since`.")
    cursor: str = strawberry.field(
        description="Where you stand after this page: the next `since`, or the `after` of a feed."
    )
    has_more: bool = strawberry.field(description="Whether there is more to read at once.")


@strawberry.type
class PendingReviewChange(PendingReviewFeedMessage):
    """Your pending reviews changed (待办审核)."""

    change: QueueChange = strawberry.field(
        description="What to do with the row: ADDED, CHANGED, TAKEN, PUT_BACK or REMOVED."
    )
    kind: Kind = strawberry.field(description="业务类型 of the row, by which `pendingReviewCounts` are kept.")
    left: State | None = strawberry.field(description="The state whose count goes down by one, if any does.")
    entered: State | None = strawberry.field(description="The state whose count goes up by one, if any does.")
    application_id: strawberry.ID = strawberry.field(description="Which row.")
    event: Event = strawberry.field(description="What happened.")
    application_key: strawberry.Private[UUID]
    application = link(Application, "application_key", "The application as it stands now, if you may still read it.")


@strawberry.type
class FeedHeartbeat(PendingReviewFeedMessage, EventFeedMessage, CollectiveFilingFeedMessage, AnnouncementFeedMessage):
    """Nothing happened. The first message of every feed is one, so that you always have a cursor."""


@strawberry.type
class FeedReset(PendingReviewFeedMessage, EventFeedMessage, CollectiveFilingFeedMessage, AnnouncementFeedMessage):
    """The cursor is no longer good: read the list afresh and follow from its `feedCursor`. The stream ends here."""

    reason: Lost = strawberry.field(description="EPOCH: the database was restored. RETENTION: older than what is kept.")
