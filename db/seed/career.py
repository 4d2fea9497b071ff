"""The career of a registration: its last day, the earlier grants, and the rows of its history (历史沿革)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum, auto
from typing import Final

from db.seed.demo import WITHOUT_ACCOUNT
from db.seed.institutions import Institution
from db.seed.random_source import Dice, spread
from db.seed.register import Fate, Register
from db.seed.registration_outcome import after, ended, outcome_of
from db.seed.registration_stage import Career, RegistrationStage, granted
from db.seed.stories import Story, without_leap_day
from rules.departure import DepartureReason
from rules.kinds import Kind
from rules.registration import YEARS_VALID, DeregistrationReason
from rules.working_days import add_years

RECORDS_BEGAN: Final = date(2008, 5, 12)
"""The first day of the 护士条例: earlier grants are not in the electronic history."""
DEMO_DAYS: Final = 85
"""The days from the seed to the expiry of the first nurse's registration.

The nurse may renew it, within 90 days, on whatever day the register was made, and on each of these days after it.
"""
MOVER_DAYS: Final = 800
"""The days to the expiry of the nurse who may move: a longer time."""


def career(register: Register, index: int, dice: Dice, story: Story | None) -> Career:
    """A nurse's registration; it agrees with the nurse's seeded application, if there is one."""
    match register.fate(index):
        case Fate.NEVER:
            return Career(())
        case Fate.DEPARTED:
            whole = _departed(register, index, dice, story)
        case Fate.DEREGISTERED if story is None:
            whole = _deregistered(register, index, dice)
        case Fate.ATTACHED if story is None:
            whole = Career(tuple(_attached(register, index, dice)))
        case _:
            assert story is not None
            whole = outcome_of(story, dice)
    recorded = tuple(stage for stage in whole.stages if stage.on >= RECORDS_BEGAN)
    return replace(whole, stages=recorded or whole.stages[-1:], first_on=whole.stages[0].on)


def _attached(register: Register, index: int, dice: Dice) -> Iterator[RegistrationStage]:
    home = register.institution_of(index)
    if index in (0, register.mover):
        days = DEMO_DAYS if index == 0 else MOVER_DAYS
        yield from granted(dice, without_leap_day(register.today + timedelta(days=days)), home)
        return
    if index == WITHOUT_ACCOUNT:
        yield from _demonstrated(home)
        return
    until = without_leap_day(_expiry(dice, home, register.today))
    moved = dice.one_in(4)
    stages = tuple(granted(dice, until, register.earlier_institution(index) if moved else home))
    yield from stages
    if moved:
        yield from _change(dice, stages[-1], home, register.today)


def _demonstrated(home: Institution) -> Iterator[RegistrationStage]:
    """A registration that is the same for each seed and day, since the demonstration names its certificate's number."""
    first = date(2014, 7, 15)
    yield RegistrationStage(first, Kind.FIRST, add_years(first, YEARS_VALID), home)
    for years in (YEARS_VALID, 2 * YEARS_VALID):
        until = add_years(first, years)
        yield RegistrationStage(until - timedelta(days=40), Kind.RENEWAL, add_years(until, YEARS_VALID), home)


def _change(dice: Dice, last: RegistrationStage, home: Institution, today: date) -> Iterator[RegistrationStage]:
    """A change to the nurse's present institution, some time after the last grant; the expiry stays."""
    days = (min(today - timedelta(days=1), last.valid_until) - last.on).days
    yield RegistrationStage(last.on + timedelta(days=dice.between(1, days)), Kind.CHANGE, last.valid_until, home)


def _departed(register: Register, index: int, dice: Dice, story: Story | None) -> Career:
    """On the register and valid, but at no institution: retired, or between two."""
    days, gone = dice.between(100, 1400), register.today - timedelta(days=dice.between(5, 90))
    until = story.expires if story else without_leap_day(register.today + timedelta(days=days))
    if story is not None:
        gone = min(gone, story.filed_on - timedelta(days=1))
    stages = tuple(granted(dice, until, register.institution_of(index)))
    why = f"离职报告（{left_because(index, story).label}），离职日期{gone}"
    return Career((*stages, after(stages[-1], gone, institution=None, reason=why, business=False)))


def left_because(index: int, story: Story | None) -> DepartureReason:
    """The reason for a departure; a nurse with an application for another institution has not retired."""
    return DepartureReason.RESIGNED if story else tuple(DepartureReason)[index // 5 % len(DepartureReason)]


class _Expiry(Enum):
    SPIKE = auto()
    RED = auto()
    BLUE = auto()
    LATER = auto()


_EXPIRIES: Final = spread({_Expiry.SPIKE: 13, _Expiry.RED: 2, _Expiry.BLUE: 3, _Expiry.LATER: 7})


def _expiry(dice: Dice, home: Institution, today: date) -> date:
    """In spikes: on the deck 11 of 21 nurses of a roster expire on one day, and most of the red ones on two."""
    match dice.pick(_EXPIRIES):
        case _Expiry.SPIKE:
            return home.spike
        case _Expiry.RED:
            spike = date(today.year - dice.pick((0, 0, 1, 3)), 1, 1)
            return spike if spike < today and not dice.one_in(4) else today - timedelta(days=dice.between(1, 900))
        case _Expiry.BLUE:
            return today + timedelta(days=dice.between(0, 365))
        case _Expiry.LATER:
            return today + timedelta(days=dice.between(366, 1800))


_REASONS: Final = spread(
    {
        DeregistrationReason.EXPIRED: 50,
        DeregistrationReason.OTHER: 30,
        DeregistrationReason.DEATH: 10,
        DeregistrationReason.LICENCE_REVOKED: 4,
        DeregistrationReason.INCAPACITY: 3,
        DeregistrationReason.ANNULLED: 3,
    }
)


def _deregistered(register: Register, index: int, dice: Dice) -> Career:
    """Off the register: after the expiry where it ran out, before it otherwise."""
    ago = dice.between(30, 1500)
    until = without_leap_day(register.today - timedelta(days=ago))
    stages = tuple(granted(dice, until, register.institution_of(index)))
    reason = dice.pick(_REASONS)
    days = dice.between(1, ago - 1) if reason is DeregistrationReason.EXPIRED else -dice.between(1, 900)
    return ended(stages, reason, until + timedelta(days=days))
