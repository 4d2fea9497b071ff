"""Working days (工作日) over a calendar that is given, and years that end where the month ends."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rules.errors import RegistryError, Words
from rules.label import Labelled

INTAKE_DAYS: Final = 5  # 行政许可法 32: ask for all corrections within these, or the application counts as accepted
SILENCE_DAYS: Final = 10  # an institution that says nothing for so long is passed over, where the nurse wishes
MONTHS: Final = 12


class CalendarEnds(RegistryError):
    """The calendar of working days (工作日历) does not reach as far as the period that was asked for."""

    code = "CALENDAR_ENDS"

    def __init__(self, start: date, days: int, last: date | None) -> None:
        super().__init__(start, days, last)
        self.start, self.days, self.last = start, days, last
        self.words = Words(
            f"工作日历只维护到{last or '（空）'}，无法计算自{start}起的第{days}个工作日，请先维护工作日历",
            f"The working-day calendar ends on {last}: extend it, working day {days} after {start} lies beyond.",
        )


def due_on(start: date, days: int, working_days: Sequence[date]) -> date:
    """The last day of a period of `days` working days: the day after `start` is the first that can count.

    `working_days` is ascending and without gaps from the day after `start` on; earlier days do no harm.
    """
    if days < 1:
        raise ValueError(f"a period has at least one working day, not {days}")
    last = bisect_right(working_days, start) + days - 1
    if last >= len(working_days):
        raise CalendarEnds(start, days, working_days[-1] if working_days else None)
    return working_days[last]


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day of the calendar, as it was when a due date was counted across it, and as it is now."""

    day: date
    counted: bool
    working: bool


def recounted(due: date, days: Sequence[CountedDay], today: date) -> date:
    """A due date under the calendar as it is now (期限重算): as many working days on as it was.

    `days` are those after the day on which it was counted, ascending and without gaps. A due date is never moved into
    the past: nobody can keep a period that has ended before it was told.
    """
    number = sum(one.counted or one.day == due for one in days if one.day <= due)
    if number == 0:
        return due
    moved = due_on(days[0].day - timedelta(days=1), number, [one.day for one in days if one.working])
    return max(moved, min(due, today))


class CountedFrom(Labelled):
    """The event from which the authority's period is counted."""

    RECEIPT = "RECEIPT", "收到申请"
    ACCEPTANCE = "ACCEPTANCE", "受理"


@dataclass(frozen=True, slots=True)
class Period:
    """The working days an authority has for its decision (审批期限), and the event from which they are counted."""

    days: int
    counted_from: CountedFrom

    def promised(self, days: int | None) -> Period:
        """The period under an authority's promise, which may only shorten it (承诺时限)."""
        return self if days is None else Period(min(self.days, days), self.counted_from)

    def due_on(self, received_on: date, accepted_on: date, working_days: Sequence[date]) -> date:
        """The last day for the decision; an acceptance by silence counts from receipt: pass that day twice."""
        start = received_on if self.counted_from is CountedFrom.RECEIPT else accepted_on
        return due_on(start, self.days, working_days)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), or the month's last where it has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day `years` later: 29 February becomes the 28th where the year has none."""
    return add_months(day, years * MONTHS)
