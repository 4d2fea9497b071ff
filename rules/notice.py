"""Notices (告知): which events a nurse is written to about, outside an open page, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from rules.kinds import KINDS, Kind
from rules.message import VALUES, Template
from rules.moment import SHANGHAI
from rules.people import Party
from rules.practice_alert import EXPIRED, EXPIRING, RESTORED

Notice = tuple[Template, Mapping[str, str]]
"""A template with its values: the name of the business, or days; never a name, a number or a reason."""

NOTICES: Final[Mapping[str, Template]] = {
    "application.submitted": Template.APPLICATION_FILED,
    "application.resubmitted": Template.APPLICATION_FILED,
    "application.returned": Template.APPLICATION_RETURNED,
    "application.correction_required": Template.APPLICATION_CORRECTION,
    "application.claimed": Template.APPLICATION_CLAIMED,
    "application.escalated": Template.APPLICATION_TRANSFERRED,
    "application.transferred": Template.APPLICATION_TRANSFERRED,
    "application.declined": Template.APPLICATION_DECIDED,
    "application.not_accepted": Template.APPLICATION_DECIDED,
    "application.decided": Template.APPLICATION_DECIDED,
    "application.deemed": Template.APPLICATION_DECIDED,
    "application.objection_answered": Template.APPLICATION_DECIDED,
    "application.lapsed": Template.APPLICATION_ENDED,
    "application.voided": Template.APPLICATION_ENDED,
    "application.withdrawn": Template.APPLICATION_ENDED,
    "information.returned": Template.INFORMATION_REVIEWED,
    "information.decided": Template.INFORMATION_REVIEWED,
    "information.lapsed": Template.INFORMATION_REVIEWED,
    "information.edited": Template.INFORMATION_EDITED,
    "information.announced": Template.INFORMATION_ANNOUNCED,
    "photo.decided": Template.PHOTO_REVIEWED,
    "photo.entered": Template.PHOTO_ENTERED,
    "look.answered": Template.LOOK_ANSWERED,
    "registration.departed": Template.DEPARTURE_REPORTED,
    "registration.corrected": Template.REGISTRATION_CHANGED,
    "registration.merge_proposed": Template.MERGE_PROPOSED,
    "registration.unmerge_proposed": Template.UNMERGE_PROPOSED,
    "registration.merged": Template.REGISTRATION_CHANGED,
    "registration.unmerged": Template.REGISTRATION_CHANGED,
    "registration.suspended": Template.REGISTRATION_CHANGED,
    "registration.lifted": Template.REGISTRATION_CHANGED,
    "registration.deregistered": Template.REGISTRATION_CHANGED,
    "registration.interrupted": Template.REGISTRATION_CHANGED,
    "registration.interruption_ended": Template.REGISTRATION_CHANGED,
    "question.answered": Template.QUESTION_ANSWERED,
    "registration.interruption_withdrawn": Template.REGISTRATION_CHANGED,
    "registration.interruption_answered": Template.REGISTRATION_CHANGED,
    "registration.dispatched": Template.REGISTRATION_CHANGED,
    "registration.dispatch_changed": Template.REGISTRATION_CHANGED,
    "conduct.proposed": Template.REGISTRATION_CHANGED,
    "conduct.changed": Template.REGISTRATION_CHANGED,
    EXPIRING: Template.REGISTRATION_EXPIRING,
    EXPIRED: Template.REGISTRATION_EXPIRED,
    RESTORED: Template.REGISTRATION_CHANGED,
}
"""The template of each type of event that a nurse is written to about; no preference of hers switches one off."""

_DATES: Final[Mapping[Template, frozenset[str]]] = {
    one: VALUES[one] for one in (Template.REGISTRATION_EXPIRING, Template.REGISTRATION_EXPIRED)
}
"""The notices that name days of the event, which are no secret of hers on any screen."""

MORNING: Final = time(8)
EVENING: Final = time(21)


def notice_of(type: str, body: Mapping[str, Any]) -> Notice | None:
    """The notice that goes with an event to its nurse; None where there is none, or she did it herself."""
    template = NOTICES.get(type)
    if template is None or body.get("by") == Party.NURSE:
        return None
    if announced := _DATES.get(template):
        return template, {name: str(body[name]) for name in announced}
    kind = body.get("kind")
    return template, {} if kind is None else {"business": KINDS[Kind(kind)].title.zh}


def by_day(now: datetime) -> datetime:
    """The moment at which a text message may go out: now, but from 21:00 to 8:00 not before the morning."""
    here = now.astimezone(SHANGHAI)
    if MORNING <= here.time() < EVENING:
        return now
    day = here.date() + timedelta(days=here.time() >= EVENING)
    return datetime.combine(day, MORNING, SHANGHAI)
