"""The days on which the register says that a nurse may soon practise no more, or does not any more (执业资格预警).

条例 21 and 28 make the hospital liable from the first day on which she may not; so the register says it when it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from rules.deadline import LEGAL_LINE

EXPIRING: Final = "registration.expiring"
EXPIRED: Final = "registration.expired"
RESTORED: Final = "registration.restored"
THRESHOLDS: Final = (365, 180, 90, 60, 30, 14, 7, 1, 0, -1)
"""The days before the last day of validity on which she is reminded (到期提醒); -1 is the first day after it."""
GONE: Final = THRESHOLDS[-1]
PRACTICE: Final = (
    *("registration.moved_in", "registration.moved_out", "registration.departed", "registration.suspended"),
    *("registration.lifted", "registration.deregistered", EXPIRED, RESTORED),
)
"""The events that say whether she may practise, and since when."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The nearest threshold that an entry has reached: so many days are left by it, reached on that date."""

    days: int
    on: date


def reached(valid_until: date, today: date) -> Crossing | None:
    """The nearest threshold that was reached; after an outage the ones before it are told no more (只提醒最近一次)."""
    left = (valid_until - today).days
    days = min((one for one in THRESHOLDS if left <= one), default=None)
    return None if days is None else Crossing(days, valid_until - timedelta(days=days))


def next_day(valid_until: date, announced: int | None) -> date | None:
    """The day of the next threshold after one that was told; None after the last."""
    days = next((one for one in THRESHOLDS if announced is None or one < announced), None)
    return None if days is None else valid_until - timedelta(days=days)


def legal_line(valid_until: date) -> date:
    """The last day on which a renewal may reach the authority and be granted by law if nobody decides (许可法 50)."""
    return valid_until - LEGAL_LINE


def first_filing_day(valid_until: date, window_days: int) -> date:
    """The first day on which the renewal may be filed (受理窗口)."""
    return valid_until - timedelta(days=window_days)


def expiry_body(valid_until: date, crossing: Crossing, window_days: int) -> dict[str, Any]:
    """The part of an event about the end of an entry: the days, and the three dates that matter."""
    dates = {"validUntil": valid_until, "filingFrom": first_filing_day(valid_until, window_days)}
    dates |= {"legalLine": legal_line(valid_until), "on": crossing.on}
    return {"daysLeft": crossing.days, **{name: day.isoformat() for name, day in dates.items()}}


def practice_body(may: bool, since: date) -> dict[str, Any]:
    """The part of an event about her right to practise: yes or no, and since when; never why."""
    return {"may": may, "since": since.isoformat()}
