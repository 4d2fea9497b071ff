"""Reading the audit trail of an area (审计查阅): for how long a time at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rules.errors import FieldProblem, Invalid, Words

LONGEST: Final = timedelta(days=92)
_ORDER: Final = Words("截止时间须晚于起始时间", "The end must lie after the beginning.")
_LONG: Final = Words(
    f"一次最多查阅{LONGEST.days}天，请缩短期间", f"At most {LONGEST.days} days are read at once: shorten the period."
)


def require_period(since: datetime, until: datetime) -> None:
    """Refuse a period that is none, or longer than a quarter: the trail lies in months, and few are read at once."""
    if until <= since:
        raise Invalid(FieldProblem("until", "PERIOD_ORDER", _ORDER))
    if until - since > LONGEST:
        raise Invalid(FieldProblem("since", "PERIOD_LENGTH", _LONG))
