"""The days on which people who lead an office are written to about its work (每周工作提示、待办事项提醒)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from rules.moment import SHANGHAI
from rules.notice import MORNING
from rules.people import Role

LEADS: Final = (Role.MANAGER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)
"""The people who get the weekly summary (每周工作提示)."""
WEEK: Final = timedelta(days=7)


def monday_of(today: date) -> date:
    """The first day of a week."""
    return today - timedelta(days=today.weekday())


def weekly_due(now: datetime, working: Sequence[date]) -> str | None:
    """The mark of this week's summary once it is due: from 8:00 of the week's first working day on, Beijing time.

    A week without a working day has none: the next one's says it. `working` are the working days from Monday on.
    """
    here = now.astimezone(SHANGHAI)
    monday = monday_of(here.date())
    first = next((day for day in working if monday <= day < monday + WEEK), None)
    if first is None or here < datetime.combine(first, MORNING, SHANGHAI):
        return None
    return f"WEEKLY@{monday}"


def daily_due(now: datetime, working: Sequence[date]) -> str | None:
    """The mark of a day's reminder once it is due: from 8:00 of each working day on."""
    here = now.astimezone(SHANGHAI)
    return f"WORK@{here.date()}" if here.date() in working and here.time() >= MORNING else None
