"""How a registration came to be: when it runs out, what was granted before, and the rows that tell it (历史沿革)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, auto
from typing import Final

from db.seed.chance import Dice, spread
from db.seed.demo import WITHOUT_ACCOUNT
from db.seed.institutions import Institution
from db.seed.register import Fate, Register
from db.seed.stories import Story, without_leap_day
from rules.clock import add_years
from rules.kinds import Kind
from rules.registration import YEARS_VALID, DeregistrationReason, RegistrationStatus

RECORDS_BEGAN: Final = date(2008, 5, 12)
"""The 护士条例 in force: what was granted before is not in the electronic history."""
DEMO_DAYS: Final = 60
"""The first nurse's registration runs out so many days from now: she may apply."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One change of a registration and where it left it."""

    on: date
    kind: Kind | None
    valid_until: date
    institution: Institution | None
    status: RegistrationStatus = RegistrationStatus.VALID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Career:
    """A nurse's whole registration; without stages she was never registered."""

    stages: tuple[Stage, ...]
    first_on: date | None = None
    deregistration: DeregistrationReason | None = None
    bar_until: date | None = None

    @property
    def last(self) -> Stage | None:
        """Where the registration stands."""
        return self.stages[-1] if self.stages else None


def career(register: Register, index: int, dice: Dice, story: Story | None) -> Career:
    """A nurse's registration; where an application is told of her, it agrees with that."""
    match register.fate(index):
        case Fate.NEVER:
            return Career(())
        case Fate.DEPARTED:
            whole = _departed(register, index, dice)
        case Fate.DEREGISTERED:
            whole = _deregistered(register, index, dice)
        case Fate.ATTACHED:
            whole = _attached(register, index, dice, story)
    recorded = tuple(stage for stage in whole.stages if stage.on >= RECORDS_BEGAN)
    return replace(whole, stages=recorded or whole.stages[-1:], first_on=whole.stages[0].on)


def _attached(register: Register, index: int, dice: Dice, story: Story | None) -> Career:
    home = register.institution_of(index)
    if story is not None:
        granted = tuple(_granted(dice, story.expires, home))
        renewal = [Stage(story.renewed_on, Kind.RENEWAL, story.expires_next, home)] if story.renewed_on else []
        return Career((*granted, *renewal))
    if index == 0:
        return Career(tuple(_granted(dice, without_leap_day(register.today + timedelta(days=DEMO_DAYS)), home)))
    if index == WITHOUT_ACCOUNT:
        return Career(tuple(_told(home)))
    until = without_leap_day(_expiry(dice, home, register.today))
    moved = dice.one_in(4)
    granted = tuple(_granted(dice, until, register.earlier_institution(index) if moved else home))
    return Career((*granted, *_change(dice, granted[-1], home, register.today)) if moved else granted)


def _told(home: Institution) -> Iterator[Stage]:
    """The same whatever the seed and the day, since the demonstration names her certificate's number."""
    first = date(2014, 7, 15)
    yield Stage(first, Kind.FIRST, add_years(first, YEARS_VALID), home)
    for years in (YEARS_VALID, 2 * YEARS_VALID):
        until = add_years(first, years)
        yield Stage(until - timedelta(days=40), Kind.RENEWAL, add_years(until, YEARS_VALID), home)


def _change(dice: Dice, last: Stage, home: Institution, today: date) -> Iterator[Stage]:
    """A move to where she works now, some time after the last grant; the expiry stays."""
    days = (min(today - timedelta(days=1), last.valid_until) - last.on).days
    yield Stage(last.on + timedelta(days=dice.between(1, days)), Kind.CHANGE, last.valid_until, home)


def _departed(register: Register, index: int, dice: Dice) -> Career:
    """On the register and valid, but at no institution: retired, or between two."""
    until = without_leap_day(register.today + timedelta(days=dice.between(100, 1400)))
    granted = tuple(_granted(dice, until, register.institution_of(index)))
    gone = register.today - timedelta(days=dice.between(5, 90))
    return Career((*granted, replace(granted[-1], on=gone, kind=None, institution=None, reason="离职")))


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


_RENEWALS: Final = spread({0: 30, 1: 24, 2: 16, 3: 10, 4: 8, 5: 6, 6: 4, 7: 2})


def _granted(dice: Dice, until: date, home: Institution) -> Iterator[Stage]:
    """The first registration, then every renewal: each gives the old expiry five more years."""
    renewals = dice.pick(_RENEWALS)
    until = add_years(until, -YEARS_VALID * renewals)
    first = Kind.MILITARY_TRANSFER if dice.one_in(200) else Kind.FIRST
    yield Stage(add_years(until, -YEARS_VALID), first, until, home)
    for _ in range(renewals):
        decided = until - timedelta(days=dice.between(5, 80))
        until = add_years(until, YEARS_VALID)
        yield Stage(decided, Kind.RENEWAL, until, home)


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
_BAR_YEARS: Final = {DeregistrationReason.LICENCE_REVOKED: 2, DeregistrationReason.ANNULLED: 3}


def _deregistered(register: Register, index: int, dice: Dice) -> Career:
    """Off the register: after the expiry where it ran out, before it otherwise."""
    ago = dice.between(30, 1500)
    until = without_leap_day(register.today - timedelta(days=ago))
    granted = tuple(_granted(dice, until, register.institution_of(index)))
    reason = dice.pick(_REASONS)
    days = dice.between(1, ago - 1) if reason is DeregistrationReason.EXPIRED else -dice.between(1, 900)
    on, years = until + timedelta(days=days), _BAR_YEARS.get(reason)
    end = Stage(on, Kind.DEREGISTRATION, until, None, RegistrationStatus.DEREGISTERED, reason.label)
    return Career((*granted, end), None, reason, add_years(on, years) if years else None)
