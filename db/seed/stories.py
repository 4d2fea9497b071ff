"""The stories of seeded applications: the path, the time of each step, and the registration before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from db.seed.application_paths import (
    CLOSED_PATHS,
    DEPARTED_PATHS,
    DEREGISTERED_PATHS,
    NEVER_PATHS,
    OPEN_PATHS,
    ApplicationPath,
)
from db.seed.authorities import Authority
from db.seed.institutions import Institution
from db.seed.random_source import Dice, spread
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
"""Of each 8 rounds of fates of nurses without an institution, one has a story."""
TRIES: Final = 8
FILES: Final = (Step.SUBMIT, Step.FILE_DEREGISTRATION, Step.FILE_AT_COUNTER)
"""The steps by which an application is filed."""


@dataclass(frozen=True, slots=True)
class Story:
    """One application, step by step, and the registration it was filed against: its last day, and its institution.

    For a transfer from the military the last day is the military certificate's. `target` is the institution that the
    nurse wants, which reviews; `reason` is the reason for the end of a registration.
    """

    path: ApplicationPath
    times: tuple[datetime, ...]
    expires: date
    origin: Institution
    target: Institution
    authority: Authority
    filed_on: date
    reason: DeregistrationReason | None = None

    @property
    def kind(self) -> Kind:
        """The kind of the application."""
        return self.path.kind

    @property
    def approved_on(self) -> date | None:
        """The day of the decision, where it was a yes that still stands."""
        return self.times[-1].date() if self.path.approved else None


def story(register: Register, index: int, dice: Dice) -> Story | None:
    """The story of this nurse's application, if it is the nurse's turn and the institution can forward one of its
    kind.
    """
    path = _path(register, index)
    places = _places(register, index, path) if path else None
    if path is None or places is None:
        return None
    origin, target = places
    times = step_times(dice, path, register)
    filed = next((at for move, at in zip(path.moves, times, strict=True) if move.step in FILES), None)
    filed_on = filed.date() if filed else register.today
    reason = _reason(register, index, dice, path)
    expires = without_leap_day(_expires(dice, path, times, filed_on, reason))
    if path.kind is Kind.RENEWAL and path.moves[-1].target in {*OPEN, State.DRAFT}:
        expires = without_leap_day(max(expires, register.today + timedelta(days=3)))
    return Story(path, times, expires, origin, target, _authority(path, origin, target), filed_on, reason)


def without_leap_day(day: date) -> date:
    """29 February as the 28th, so that five years back and forth lead to the same day."""
    return day - timedelta(days=1) if (day.month, day.day) == _LEAP_DAY else day


_LEAP_DAY: Final = (2, 29)
_TAIL: Final = {
    Fate.NEVER: NEVER_PATHS,
    Fate.DEREGISTERED: DEREGISTERED_PATHS,
    Fate.DEPARTED: DEPARTED_PATHS,
}


def _path(register: Register, index: int) -> ApplicationPath | None:
    """Another turn in each round, so that a small hospital sees every kind of story too."""
    fate = register.fate(index)
    if fate is Fate.ATTACHED:
        nth, place = divmod(index, CYCLE)
        if place not in (OPEN_PLACE, CLOSED_PLACE) or index == register.mover:
            return None
        paths = OPEN_PATHS if place == OPEN_PLACE else CLOSED_PATHS
        return paths[(nth * 7 + nth // len(paths)) % len(paths)]
    nth, place = divmod(index, 5)
    if nth % TAIL_CYCLE != TAIL_PLACE:
        return None
    paths = _TAIL[fate]
    # Two of each five have the first fates.
    return paths[(nth // TAIL_CYCLE * 2 + place // 2) % len(paths)]


def _places(register: Register, index: int, path: ApplicationPath) -> tuple[Institution, Institution] | None:
    """The institution at the application, and the one that the nurse wants.

    None if neither could forward the application.
    """
    home, moves = register.institution_of(index), path.kind is Kind.CHANGE
    if not moves or register.fate(index) is not Fate.ATTACHED:
        return (home, home) if home.forwards(path.kind) else None
    other = _other(register, index, home, path)
    if other is None:
        return None
    origin, target = (other, home) if path.approved else (home, other)
    return (origin, target) if target.forwards(path.kind) else None


def _other(register: Register, index: int, home: Institution, path: ApplicationPath) -> Institution | None:
    """Another institution, more often a large one."""
    found = (register.earlier_institution(index + nth) for nth in range(TRIES))
    return next((one for one in found if one is not home and (path.approved or one.forwards(path.kind))), None)


def _authority(path: ApplicationPath, origin: Institution, target: Institution) -> Authority:
    """The deciding authority at the begin of the application: the nurse's own if no institution confirms."""
    if path.kind is Kind.REISSUE or path.has(Step.FILE_AT_COUNTER):
        return origin.authority
    return target.authority_for(path.kind) or target.authority


_STAFF_REASONS: Final = spread(
    {
        DeregistrationReason.EXPIRED: 4,
        DeregistrationReason.OTHER: 3,
        DeregistrationReason.DEATH: 1,
        DeregistrationReason.INCAPACITY: 1,
    }
)
_NURSE_REASONS: Final = (DeregistrationReason.EXPIRED, DeregistrationReason.OTHER)


def _reason(register: Register, index: int, dice: Dice, path: ApplicationPath) -> DeregistrationReason | None:
    """The reason for the end of the nurse's registration, now or before a re-registration."""
    if path.kind is Kind.DEREGISTRATION:
        by_nurse = path.has(Step.OBJECT) or path.has(Step.SUBMIT)
        return dice.pick(_NURSE_REASONS if by_nurse else _STAFF_REASONS)
    if path.has(Step.END_REGISTRATION):
        return DeregistrationReason.DEATH
    ended = path.kind is Kind.REREGISTRATION and register.fate(index) is Fate.DEREGISTERED
    return dice.pick(_NURSE_REASONS) if ended else None


def _expires(
    dice: Dice, path: ApplicationPath, times: tuple[datetime, ...], filed_on: date, reason: DeregistrationReason | None
) -> date:
    """The last day of the registration that the application is about, as its kind wants it."""
    if path.has(Step.DEEM):
        return times[-1].date() - timedelta(days=1)
    if path.kind is Kind.RENEWAL:
        return filed_on + timedelta(days=dice.between(4, 30) if dice.one_in(10) else dice.between(35, 85))
    if path.kind is Kind.REREGISTRATION or (
        path.kind is Kind.DEREGISTRATION and reason is DeregistrationReason.EXPIRED
    ):
        return filed_on - timedelta(days=dice.between(10, 700))
    return filed_on + timedelta(days=dice.between(200, 1500))
