"""A nurse who does not practise for a while (中断执业, I23): longer than the law allows asks for training.

It never changes whether she may practise. Why is a code of a closed list, or not said at all: never an illness or a
pregnancy, and no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words, WrongState
from rules.label import Labelled
from rules.own_nurse import require_not_herself, require_own_nurse
from rules.people import Actor, Party, Role, wrong_role
from rules.registration import Registration, RegistrationStatus
from rules.suspension import Span


class InterruptionReason(Labelled):
    """The reason for an interruption, which nobody has to give (中断事由)."""

    LEAVE = "LEAVE", "休假"
    STUDY = "STUDY", "学习"
    OTHER_POST = "OTHER_POST", "转任其他岗位"
    OTHER = "OTHER", "其他"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A span that an institution has recorded of a locked nurse: an interruption, or a dispatch."""

    id: UUID
    nurse_id: UUID
    institution_id: UUID | None
    account_id: UUID | None
    starts_on: date
    ends_on: date | None
    disputed_at: datetime | None = None
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None


REFUSALS: Final = {
    "INTERRUPTED_ALREADY": Words("该护士已有未结束的中断执业记录", "An interruption of hers is running already."),
    "NOT_INTERRUPTED": Words("该护士没有未结束的中断执业记录", "No interruption of hers is running."),
    "SPAN_WITHDRAWN": Words("该记录已撤回", "This record was taken back."),
    "SPAN_DISPUTED_ALREADY": Words("您已对该记录提出异议", "You have disputed this record already."),
    "SPAN_NOT_DISPUTED": Words("护士未提出异议", "She has not disputed it."),
    "SPAN_ANSWERED": Words("该异议已答复", "What she disputes has been answered."),
}


def refused(reason: str) -> NotAllowed:
    """The refusal of a step on a span."""
    return NotAllowed(reason, REFUSALS[reason])


def require_may_interrupt(registration: Registration, running: Span | None, starts_on: date, today: date) -> None:
    """One at a time, of a nurse on the register, from a day that has come."""
    require_come("startsOn", starts_on, today)
    if registration.status is not RegistrationStatus.VALID:
        raise WrongState(registration.status)
    if running is not None:
        raise refused("INTERRUPTED_ALREADY")


def require_after(starts_on: date, last: date | None) -> None:
    """Refuse a first day within an interruption that is over: days are counted once."""
    if last is not None and starts_on <= last:
        zh, en = f"与{last}结束的中断执业重叠", f"It overlaps with the interruption that ended on {last}."
        raise Invalid(FieldProblem("startsOn", "SPAN_OVERLAPS", Words(zh, en)))


def interruption_to_end(running: Span | None, ends_on: date, today: date) -> Span:
    """The interruption that ends on a day that has come and is not before it began."""
    require_come("endsOn", ends_on, today)
    if running is None:
        raise refused("NOT_INTERRUPTED")
    require_in_order(running.starts_on, ends_on)
    return running


def require_in_order(starts_on: date, ends_on: date) -> None:
    """Refuse a last day before the first."""
    if ends_on < starts_on:
        zh, en = f"结束日期早于开始日期{starts_on}", f"It began on {starts_on}: it cannot end before."
        raise Invalid(FieldProblem("endsOn", "ENDS_BEFORE_START", Words(zh, en)))


def require_come(path: str, day: date, today: date) -> None:
    """Refuse a day that has not come."""
    if day > today:
        words = Words(f"日期{day}晚于今天", f"{day} lies in the future.")
        raise Invalid(FieldProblem(path, "DATE_IN_FUTURE", words))


def require_recorder(actor: Actor, span: Recorded, registration: Registration) -> None:
    """Refuse whoever is no operator of the institution that recorded it; of who is limited, of another unit's nurse.

    The institution keeps this right where she has left: what it has recorded it can set right.
    """
    if registration.institution_id == span.institution_id is not None:
        return require_own_nurse(actor, registration, Role.OPERATOR)
    limited = actor.units is not None and actor.account_id != span.account_id
    own = actor.party is Party.INSTITUTION and actor.party_id == span.institution_id
    if not actor.active or not own or limited:
        raise NotFound
    if not actor.has(Role.OPERATOR):
        raise wrong_role({Role.OPERATOR})
    return require_not_herself(actor, span.nurse_id)


def require_standing(span: Recorded) -> None:
    """Refuse a step on a record that was taken back."""
    if span.withdrawn_at is not None:
        raise refused("SPAN_WITHDRAWN")


def require_may_dispute(actor: Actor, span: Recorded) -> None:
    """Refuse a dispute but by the nurse concerned, once, while the record stands."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != span.nurse_id:
        raise NotFound
    require_standing(span)
    if span.disputed_at is not None:
        raise refused("SPAN_DISPUTED_ALREADY")


def require_may_answer(officer: Actor, span: Recorded, registration: Registration) -> None:
    """Refuse an answer but by a reviewer of her 注册机关, once, to what she disputes."""
    require_own_nurse(officer, registration, Role.REVIEWER)
    require_standing(span)
    if span.disputed_at is None:
        raise refused("SPAN_NOT_DISPUTED")
    if span.answered_at is not None:
        raise refused("SPAN_ANSWERED")
