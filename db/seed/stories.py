"""What became of the applications: each plot is a path through the regulation's own table of moves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.chance import CHINA, Dice
from db.seed.register import Fate, Register
from rules.application import MOVES, Move, Step
from rules.clock import add_years
from rules.kinds import Kind
from rules.registration import YEARS_VALID

CYCLE: Final = 20
OPEN_PLACE: Final = 2
CLOSED_PLACE: Final = 12
"""Of each 20 nurses the third has an application open, the thirteenth had one."""
SPAN: Final = 35
"""Working days in which a recent story happens: its events lie within the two months that are kept."""
OFFICE_MINUTES: Final = 480
OFFICE_OPENS: Final = time(8, 30, tzinfo=CHINA)
SILENT_DAYS: Final = 30


def _moves(*steps: Step) -> tuple[Move, ...]:
    """The rows of the table that the steps take; StopIteration where it has none."""
    found: list[Move] = []
    for step in steps:
        state = found[-1].target if found else None
        found.append(next(m for m in MOVES if m.step is step and m.source is state and Kind.RENEWAL in m.kinds))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Plot:
    """One way that an application goes; an old one was over before the events that are kept."""

    moves: tuple[Move, ...]
    old: bool = False


_FILED: Final = (Step.CREATE_DRAFT, Step.SUBMIT)
_AGAIN: Final = (*_FILED, Step.RETURN, Step.RESUBMIT)
_FORWARDED: Final = (*_FILED, Step.FORWARD)
_CORRECTED: Final = (*_FORWARDED, Step.REQUIRE_CORRECTION)
_ACCEPTED: Final = (*_FORWARDED, Step.ACCEPT)
_RECOMMENDED: Final = (*_ACCEPTED, Step.RECOMMEND)
_APPROVED: Final = (*_RECOMMENDED, Step.APPROVE)

OPEN_PLOTS: Final[tuple[Plot, ...]] = (
    *[Plot(_moves(*_FILED))] * 6,
    *[Plot(_moves(Step.CREATE_DRAFT))] * 3,
    *[Plot(_moves(*_FORWARDED))] * 3,
    *[Plot(_moves(*_FILED, Step.RETURN))] * 2,
    *[Plot(_moves(*_ACCEPTED))] * 2,
    Plot(_moves(*_AGAIN)),
    Plot(_moves(*_CORRECTED)),
    Plot(_moves(*_CORRECTED, Step.SUPPLEMENT)),
    Plot(_moves(*_RECOMMENDED)),
)
CLOSED_PLOTS: Final[tuple[Plot, ...]] = (
    *[Plot(_moves(*_APPROVED))] * 6,
    *[Plot(_moves(*_APPROVED), old=True)] * 4,
    Plot(_moves(*_AGAIN, Step.FORWARD, Step.ACCEPT, Step.RECOMMEND, Step.APPROVE)),
    Plot(_moves(*_RECOMMENDED, Step.REJECT)),
    Plot(_moves(*_RECOMMENDED, Step.REJECT), old=True),
    Plot(_moves(*_FILED, Step.DECLINE)),
    Plot(_moves(*_FILED, Step.DECLINE), old=True),
    Plot(_moves(*_FORWARDED, Step.REFUSE_INTAKE)),
    Plot(_moves(*_FILED, Step.WITHDRAW)),
    Plot(_moves(*_FORWARDED, Step.WITHDRAW)),
    Plot(_moves(*_FILED, Step.RETURN, Step.LAPSE), old=True),
    Plot(_moves(*_APPROVED, Step.VOID), old=True),
)


@dataclass(frozen=True, slots=True)
class Story:
    """One renewal, step by step: what was moved, when, and the expiry that it was filed against."""

    plot: Plot
    times: tuple[datetime, ...]
    expires: date

    @property
    def renewed_on(self) -> date | None:
        """The day of the decision, where it was a yes that still stands."""
        return self.times[-1].date() if self.plot.moves[-1].step is Step.APPROVE else None

    @property
    def expires_next(self) -> date:
        """What an approval makes of the expiry."""
        return add_years(self.expires, YEARS_VALID)


def story(register: Register, index: int, dice: Dice) -> Story | None:
    """The application of this nurse, if it is her turn and her institution can forward one."""
    nth, place = divmod(index, CYCLE)
    if place not in (OPEN_PLACE, CLOSED_PLACE) or register.fate(index) is not Fate.ATTACHED:
        return None
    if not register.institution_of(index).files:
        return None
    plots = OPEN_PLOTS if place == OPEN_PLACE else CLOSED_PLOTS
    # Another turn in each round, so that a small hospital sees every kind of story too.
    plot = plots[(nth * 7 + nth // CYCLE) % len(plots)]
    times = _times(dice, plot, register.working_days, register.today)
    filed_on = times[1].date() if len(times) > 1 else register.today
    expires = filed_on + timedelta(days=dice.between(3, 30) if dice.one_in(10) else dice.between(35, 85))
    if place == OPEN_PLACE:
        expires = max(expires, register.today + timedelta(days=2))
    return Story(plot, times, without_leap_day(expires))


def without_leap_day(day: date) -> date:
    """29 February as the 28th, so that five years back and forth lead to the same day."""
    return day - timedelta(days=1) if (day.month, day.day) == _LEAP_DAY else day


_LEAP_DAY: Final = (2, 29)


def _times(dice: Dice, plot: Plot, working_days: Sequence[date], today: date) -> tuple[datetime, ...]:
    """A moment in office hours for each step, ascending, the latest ones closer together; never today."""
    # Not so near to the calendar's end that a decision would be due beyond it.
    end = min(bisect_left(working_days, today), len(working_days) - SPAN)
    end -= dice.between(50, 700) if plot.old else 0
    window = SPAN * OFFICE_MINUTES - len(plot.moves)
    minutes = sorted(int(window * (1 - dice.random() ** 2)) for _ in plot.moves)
    times = [_moment(working_days[end - SPAN :], minute + nth) for nth, minute in enumerate(minutes)]
    if plot.moves[-1].step is Step.LAPSE:
        times[-1] = times[-2] + timedelta(days=SILENT_DAYS)
    return tuple(times)


def _moment(days: Sequence[date], minute: int) -> datetime:
    day, rest = divmod(minute, OFFICE_MINUTES)
    return datetime.combine(days[day], OFFICE_OPENS) + timedelta(minutes=rest)
