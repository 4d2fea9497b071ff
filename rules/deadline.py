"""The effects of time alone on an application (时限): each duty of the scheduler, and the days on which it falls due.

A duty looks at one date of an application and falls due while that date lies in a range; all borders are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from rules.kinds import KINDS, Kind
from rules.label import Labelled
from rules.moves import Step
from rules.working_days import INTAKE_DAYS, CountedFrom, Period

SILENT_DAYS: Final = timedelta(days=30)
"""The time for a nurse's answer; after it the application lapses (逾期失效)."""
LEGAL_LINE: Final = timedelta(days=30)
"""The least time before the expiry for an application that is granted by law without a decision (许可法 50)."""
EVER, NEVER = date(1900, 1, 1), date(9999, 12, 31)


class DeadlineBasis(Labelled):
    """The period for the decision, and the article that gives it (审批期限依据)."""

    RECEIPT_20 = "RECEIPT_20", "自收到申请之日起20个工作日（护士条例第八条）"
    RECEIPT_7 = "RECEIPT_7", "自收到申请之日起7个工作日（护士条例第九条）"
    ACCEPTANCE_20 = "ACCEPTANCE_20", "自受理之日起20个工作日（行政许可法第四十二条）"


_BASES: Final[Mapping[Period, DeadlineBasis]] = {
    Period(20, CountedFrom.RECEIPT): DeadlineBasis.RECEIPT_20,
    Period(7, CountedFrom.RECEIPT): DeadlineBasis.RECEIPT_7,
    Period(20, CountedFrom.ACCEPTANCE): DeadlineBasis.ACCEPTANCE_20,
}
BASIS_OF: Final[Mapping[Kind, DeadlineBasis]] = {kind: _BASES[rule.period] for kind, rule in KINDS.items()}


class PeriodWarning(Labelled):
    """A warning about a period that runs out, or that has gone by in silence."""

    DUE_IN_5 = "DUE_IN_5", "距审批期限不足5个工作日"
    DUE_IN_2 = "DUE_IN_2", "距审批期限不足2个工作日"
    DUE_TODAY = "DUE_TODAY", "审批期限今日届满"
    SILENT_5 = "SILENT_5", "机构超过5个工作日未审核"
    SILENT_10 = "SILENT_10", "机构超过10个工作日未审核"
    RENEWAL_45 = "RENEWAL_45", "距有效期届满不足45日，延续申请仍待机构审核"
    RENEWAL_35 = "RENEWAL_35", "距有效期届满不足35日，延续申请仍待机构审核"


class Duty(StrEnum):
    """A duty of the system's scheduler; the duties are done in this order."""

    DEEM = "DEEM"
    ACCEPT = "ACCEPT"
    LAPSE = "LAPSE"
    ESCALATE = "ESCALATE"
    PASS_UP = "PASS_UP"
    REMIND_2 = "REMIND_2"
    REMIND_7 = "REMIND_7"
    REMIND_14 = "REMIND_14"
    BREACHED = "BREACHED"
    DUE_TODAY = "DUE_TODAY"
    DUE_IN_2 = "DUE_IN_2"
    DUE_IN_5 = "DUE_IN_5"
    SILENT_10 = "SILENT_10"
    SILENT_5 = "SILENT_5"
    RENEWAL_35 = "RENEWAL_35"
    RENEWAL_45 = "RENEWAL_45"


STEP_OF: Final[Mapping[Duty, Step]] = {
    **{Duty.DEEM: Step.DEEM, Duty.ACCEPT: Step.ACCEPT},
    **{Duty.LAPSE: Step.LAPSE, Duty.ESCALATE: Step.ESCALATE, Duty.PASS_UP: Step.PASS_UP},
}
"""The duties that move the application; the other duties only send a warning, once."""
REMIND: Final = frozenset({Duty.REMIND_2, Duty.REMIND_7, Duty.REMIND_14})
DAYS_BEHIND: Final = 10
DAYS_AHEAD: Final = 6
"""The number of working days before and after today in the ranges."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """The dates from `since` on and before `until`."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today, the last working days before it (the latest first), and the next ones after it."""

    today: date
    before: Sequence[date]
    after: Sequence[date]

    def range_of(self, duty: Duty) -> DateRange:
        """The dates that make a duty fall due today; of several possible duties, only the nearest falls due.

        If a missed day makes two reminders due, only the reminder that fits today is sent.
        """
        return self._ranges()[duty]

    def _ranges(self) -> dict[Duty, DateRange]:
        today, first = self.today, self.today - SILENT_DAYS
        ahead = {days: self._ahead(days) for days in (0, 2, 5)}
        silent = {days: self._silent(days) for days in (INTAKE_DAYS, 5, 10)}
        left = {days: first + timedelta(days=days + 1) for days in (2, 7, 14)}
        return {
            Duty.DEEM: DateRange(EVER, today),
            Duty.ACCEPT: DateRange(EVER, silent[INTAKE_DAYS]),
            Duty.LAPSE: DateRange(EVER, first),
            # At once: nobody is waited for who cannot send it on.
            **dict.fromkeys((Duty.ESCALATE, Duty.PASS_UP), DateRange(EVER, today + timedelta(days=1))),
            Duty.REMIND_2: DateRange(first, left[2]),
            Duty.REMIND_7: DateRange(left[2], left[7]),
            Duty.REMIND_14: DateRange(left[7], left[14]),
            Duty.BREACHED: DateRange(EVER, today),
            Duty.DUE_TODAY: DateRange(today, ahead[0]),
            Duty.DUE_IN_2: DateRange(ahead[0], ahead[2]),
            Duty.DUE_IN_5: DateRange(ahead[2], ahead[5]),
            Duty.SILENT_10: DateRange(EVER, silent[10]),
            Duty.SILENT_5: DateRange(silent[10], silent[5]),
            # What reaches the authority after day 30 is no longer granted by law (许可法 50).
            Duty.RENEWAL_35: DateRange(today + LEGAL_LINE, today + timedelta(days=36)),
            Duty.RENEWAL_45: DateRange(today + timedelta(days=36), today + timedelta(days=46)),
        }

    def _silent(self, days: int) -> date:
        """The day before which a date has so many whole working days of silence.

        EVER if the calendar begins too late.
        """
        return self.before[days - 1] if days <= len(self.before) else EVER

    def _ahead(self, days: int) -> date:
        """The day before which a date has so many working days left; NEVER at the end of the calendar."""
        return self.after[days] if days < len(self.after) else NEVER


def lapses_after(moved_on: date) -> date:
    """The last day on which an application that has not moved since then can be answered."""
    return moved_on + SILENT_DAYS


def deemed(valid_until: date, forwarded_on: date, today: date) -> bool:
    """True if an undecided renewal is granted by law today (许可法 50): expired, and filed in time."""
    return today > valid_until and forwarded_on <= valid_until - LEGAL_LINE
