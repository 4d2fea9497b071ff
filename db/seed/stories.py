"""Of whom an application is told: which plot, when each step was taken, and what stood in the register before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from db.seed.authorities import Authority
from db.seed.chance import Dice, spread
from db.seed.institutions import Institution
from db.seed.plots import (
    CLOSED_PLOTS,
    DEPARTED_PLOTS,
    DEREGISTERED_PLOTS,
    NEVER_PLOTS,
    OPEN_PLOTS,
    Plot,
)
from db.seed.register import Fate, Register
from db.seed.times import step_times
from rules.application import OPEN, State, Step
from rules.kinds import Kind
from rules.nurse import DeregistrationReason

CYCLE: Final = 20
OPEN_PLACE: Final = 2
CLOSED_PLACE: Final = 12
"""Of each 20 nurses the third has an application open, the thirteenth had one."""
TAIL_CYCLE, TAIL_PLACE = 8, 3
"""Of each 8 rounds of fates of those who work nowhere, one is told of."""
TRIES: Final = 8
FILES: Final = (Step.SUBMIT, Step.FILE_DEREGISTRATION, Step.FILE_AT_COUNTER)
"""The steps by which an application is filed."""


@dataclass(frozen=True, slots=True)
class Story:
    """One application, step by step, and the registration it was filed against: its last day, and where it was.

    For a transfer from the military the last day is the military certificate's. `target` is where she wants to be,
    which reviews; `reason` is why a registration ends.
    """

    plot: Plot
    times: tuple[datetime, ...]
    expires: date
    origin: Institution
    target: Institution
    authority: Authority
    filed_on: date
    reason: DeregistrationReason | None = None

    @property
    def kind(self) -> Kind:
        """What was applied for."""
        return self.plot.kind

    @property
    def approved_on(self) -> date | None:
        """The day of the decision, where it was a yes that still stands."""
        return self.times[-1].date() if self.plot.approved else None


def story(register: Register, index: int, dice: Dice) -> Story | None:
    """The application of this nurse, if it is her turn and the institution can forward one of its kind."""
    plot = _plot(register, index)
    places = _places(register, index, plot) if plot else None
    if plot is None or places is None:
        return None
    origin, target = places
    times = step_times(dice, plot, register)
    filed = next((at for move, at in zip(plot.moves, times, strict=True) if move.step in FILES), None)
    filed_on = filed.date() if filed else register.today
    reason = _reason(register, index, dice, plot)
    expires = without_leap_day(_expires(dice, plot, times, filed_on, reason))
    if plot.kind is Kind.RENEWAL and plot.moves[-1].target in {*OPEN, State.DRAFT}:
        expires = without_leap_day(max(expires, register.today + timedelta(days=3)))
    return Story(plot, times, expires, origin, target, _authority(plot, origin, target), filed_on, reason)


def without_leap_day(day: date) -> date:
    """29 February as the 28th, so that five years back and forth lead to the same day."""
    return day - timedelta(days=1) if (day.month, day.day) == _LEAP_DAY else day


_LEAP_DAY: Final = (2, 29)
_TAIL: Final = {
    Fate.NEVER: NEVER_PLOTS,
    Fate.DEREGISTERED: DEREGISTERED_PLOTS,
    Fate.DEPARTED: DEPARTED_PLOTS,
}


def _plot(register: Register, index: int) -> Plot | None:
    """Another turn in each round, so that a small hospital sees every kind of story too."""
    fate = register.fate(index)
    if fate is Fate.ATTACHED:
        nth, place = divmod(index, CYCLE)
        if place not in (OPEN_PLACE, CLOSED_PLACE) or index == register.mover:
            return None
        plots = OPEN_PLOTS if place == OPEN_PLACE else CLOSED_PLOTS
        return plots[(nth * 7 + nth // len(plots)) % len(plots)]
    nth, place = divmod(index, 5)
    if nth % TAIL_CYCLE != TAIL_PLACE:
        return None
    plots = _TAIL[fate]
    # Two of each five have the first fates.
    return plots[(nth // TAIL_CYCLE * 2 + place // 2) % len(plots)]


def _places(register: Register, index: int, plot: Plot) -> tuple[Institution, Institution] | None:
    """Where she was registered when she filed, and where she wants to be; None where nobody could forward it."""
    home, moves = register.institution_of(index), plot.kind is Kind.CHANGE
    if not moves or register.fate(index) is not Fate.ATTACHED:
        return (home, home) if home.forwards(plot.kind) else None
    other = _other(register, index, home, plot)
    if other is None:
        return None
    origin, target = (other, home) if plot.approved else (home, other)
    return (origin, target) if target.forwards(plot.kind) else None


def _other(register: Register, index: int, home: Institution, plot: Plot) -> Institution | None:
    """Another institution, more often a large one."""
    found = (register.earlier_institution(index + nth) for nth in range(TRIES))
    return next((one for one in found if one is not home and (plot.approved or one.forwards(plot.kind))), None)


def _authority(plot: Plot, origin: Institution, target: Institution) -> Authority:
    """Who decides, as the application begins: its own authority where no institution confirms."""
    if plot.kind is Kind.REISSUE or plot.has(Step.FILE_AT_COUNTER):
        return origin.authority
    return target.authority_for(plot.kind) or target.authority


_SAID: Final = spread(
    {
        DeregistrationReason.EXPIRED: 4,
        DeregistrationReason.OTHER: 3,
        DeregistrationReason.DEATH: 1,
        DeregistrationReason.INCAPACITY: 1,
    }
)
_SAYS: Final = (DeregistrationReason.EXPIRED, DeregistrationReason.OTHER)


def _reason(register: Register, index: int, dice: Dice, plot: Plot) -> DeregistrationReason | None:
    """Why her registration ends, or has ended before she comes back."""
    if plot.kind is Kind.DEREGISTRATION:
        nurse_speaks = plot.has(Step.OBJECT) or plot.has(Step.SUBMIT)
        return dice.pick(_SAYS if nurse_speaks else _SAID)
    if plot.has(Step.END_REGISTRATION):
        return DeregistrationReason.DEATH
    ended = plot.kind is Kind.REREGISTRATION and register.fate(index) is Fate.DEREGISTERED
    return dice.pick(_SAYS) if ended else None


def _expires(
    dice: Dice, plot: Plot, times: tuple[datetime, ...], filed_on: date, reason: DeregistrationReason | None
) -> date:
    """The last day of the registration that the application is about, as its kind wants it."""
    if plot.has(Step.DEEM):
        return times[-1].date() - timedelta(days=1)
    if plot.kind is Kind.RENEWAL:
        return filed_on + timedelta(days=dice.between(4, 30) if dice.one_in(10) else dice.between(35, 85))
    if plot.kind is Kind.REREGISTRATION or (
        plot.kind is Kind.DEREGISTRATION and reason is DeregistrationReason.EXPIRED
    ):
        return filed_on - timedelta(days=dice.between(10, 700))
    return filed_on + timedelta(days=dice.between(200, 1500))
