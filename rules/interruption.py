"""A nurse who does not practise for a while (中断执业, I23): longer than three years asks for training."""

from __future__ import annotations

from datetime import date
from typing import Final

from rules.errors import FieldProblem, Invalid, NotAllowed, Words, WrongState
from rules.registration import Registration, RegistrationStatus
from rules.suspension import Span

REFUSALS: Final = {
    "INTERRUPTED_ALREADY": Words("该护士已有未结束的中断执业记录", "An interruption of hers is running already."),
    "NOT_INTERRUPTED": Words("该护士没有未结束的中断执业记录", "No interruption of hers is running."),
}


def require_may_interrupt(registration: Registration, running: Span | None, starts_on: date, today: date) -> None:
    """One at a time, of a nurse on the register, from a day that has come."""
    _require_day("startsOn", starts_on, today)
    if registration.status is not RegistrationStatus.VALID:
        raise WrongState(registration.status)
    if running is not None:
        raise NotAllowed("INTERRUPTED_ALREADY", REFUSALS["INTERRUPTED_ALREADY"])


def interruption_to_end(running: Span | None, ends_on: date, today: date) -> Span:
    """The interruption that ends on a day that has come and is not before it began."""
    _require_day("endsOn", ends_on, today)
    if running is None:
        raise NotAllowed("NOT_INTERRUPTED", REFUSALS["NOT_INTERRUPTED"])
    if ends_on < running.starts_on:
        zh, en = f"结束日期早于开始日期{running.starts_on}", f"It began on {running.starts_on}: it cannot end before."
        raise Invalid(FieldProblem("endsOn", "ENDS_BEFORE_START", Words(zh, en)))
    return running


def _require_day(path: str, day: date, today: date) -> None:
    if day > today:
        words = Words(f"日期{day}晚于今天", f"{day} lies in the future.")
        raise Invalid(FieldProblem(path, "DATE_IN_FUTURE", words))
