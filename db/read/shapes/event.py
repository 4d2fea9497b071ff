"""Events (事件) as feeds and histories show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Text, Uuid, func

from db.read import scope
from db.read.shape import (
    FEED_CURSOR,
    Computed,
    Link,
    One,
    SameRow,
    Shape,
    global_id,
    plain,
)
from db.read.shapes.nurse import stands_for
from db.store.tables import event
from rules.events import EVENTS, ON_BEHALF_OF, EventType

_NURSE_KEY: Final = event.c.body.op("->>")("nurse").cast(Uuid())
_TYPE: Final = func.upper(func.replace(event.c.type, ".", "_"))
"""The name in the schema: `application.submitted` is APPLICATION_SUBMITTED."""
_PLACES: Final = ("institution", "authority", "account")
"""Whose people, or whose account, an event about staff tells of."""
_EVENT_KEYS: Final = {
    "application_key": event.c.application_id,
    "nurse_key": stands_for(_NURSE_KEY),
    "place": event.c.scope.cast(Text()).concat(":").concat(event.c.seq.cast(Text())),
}
_EVENT_LINKS: Final[Mapping[str, Link]] = {
    "application": One("Application", "application_key"),
    "cursor": Computed(FEED_CURSOR, "place", lambda place: place),
}

SHAPES: Final[Mapping[str, Shape]] = {
    "Event": Shape(
        event,
        event.c.id,
        scope.events,
        {
            "id": global_id("Event", event.c.id),
            "applicationId": global_id("Application", event.c.application_id),
            **plain(event, "at"),
            "type": _TYPE,
            "actor": event.c.body.op("->>")("by"),
            "kind": event.c.body.op("->>")("kind"),
            "step": event.c.body.op("->>")("step"),
            "fromState": event.c.body.op("->>")("from"),
            "toState": event.c.body.op("->>")("to"),
            "version": event.c.body.op("->")("version"),
            "outcome": event.c.body.op("->>")("outcome"),
            "warning": event.c.body.op("->>")("warning"),
            "nurseId": global_id("Nurse", _NURSE_KEY),
            "nurseName": event.c.body.op("->>")("name"),
            "certificateNumber": event.c.body.op("->>")("certificate"),
            "idNumberMasked": event.c.body.op("->>")("idNumber"),
            "mergedNurseId": global_id("Nurse", event.c.body.op("->>")("merged")),
            "mayPractise": event.c.body.op("->")("may"),
            "practiseSince": event.c.body.op("->>")("since"),
            **{name: event.c.body.op("->>")(name) for name in ("validUntil", "filingFrom", "legalLine")},
            "reachedOn": event.c.body.op("->>")("on"),
            "daysLeft": event.c.body.op("->")("daysLeft"),
            "collectiveFilingId": global_id("CollectiveFiling", event.c.body.op("->>")("filing")),
            "filingState": event.c.body.op("->>")("state"),
            **{name: event.c.body.op("->")(name) for name in ("total", "filed", "refused")},
            "placeName": event.c.body.op("->>")("placeName"),
            "missingRoles": event.c.body.op("->")("missing"),
            "firstNumber": event.c.body.op("->>")("first"),
            "lastNumber": event.c.body.op("->>")("last"),
            "count": event.c.body.op("->")("count"),
            "questionId": global_id("Question", event.c.body.op("->>")("question")),
            "topic": event.c.body.op("->>")("topic"),
            "questionState": event.c.body.op("->>")("state"),
            "announcementId": global_id("Announcement", event.c.body.op("->>")("announcement")),
        },
        {
            **_EVENT_KEYS,
            "question_key": event.c.body.op("->>")("question").cast(Uuid()),
            "announcement_key": event.c.body.op("->>")("announcement").cast(Uuid()),
            "new_institution_key": event.c.body.op("->>")("newInstitution").cast(Uuid()),
            "new_authority_key": event.c.body.op("->>")("newAuthority").cast(Uuid()),
            **{f"{noun}_key": event.c.body.op("->>")(noun).cast(Uuid()) for noun in (*_PLACES, "absent")},
            "on_behalf_of_key": event.c.body.op("->>")(ON_BEHALF_OF).cast(Uuid()),
        },
        links={
            **_EVENT_LINKS,
            "nurse": One("Nurse", "nurse_key"),
            "newInstitution": One("Institution", "new_institution_key"),
            "newAuthority": One("Authority", "new_authority_key"),
            **{noun: One(noun.capitalize(), f"{noun}_key") for noun in _PLACES},
            "absent": One("Account", "absent_key"),
            "question": One("Question", "question_key"),
            "announcement": One("Announcement", "announcement_key"),
            "onBehalfOf": One("Account", "on_behalf_of_key"),
        },
        types={name: EVENTS[one.value].name for name, one in EventType.__members__.items()},
        tells="type",
    ),
    "PendingReviewChange": Shape(
        event,
        event.c.id,
        scope.events,
        {
            "applicationId": global_id("Application", event.c.application_id),
            **plain(event, "at"),
            "change": event.c.queue,
            "kind": event.c.body.op("->>")("kind"),
            "left": event.c.body.op("->>")("left"),
            "entered": event.c.body.op("->>")("entered"),
        },
        _EVENT_KEYS,
        links={**_EVENT_LINKS, "event": SameRow("Event")},
    ),
}
