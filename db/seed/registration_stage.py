"""The stages of a registration: every grant, change and end, one after the other (历史沿革)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.authorities import Authority
from db.seed.institutions import Institution
from db.seed.random_source import CHINA, Dice, spread
from rules.kinds import Kind
from rules.registration import YEARS_VALID, DeregistrationReason, RegistrationStatus
from rules.working_days import add_years

_TEN: Final = time(10, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class RegistrationStage:
    """One change of a registration and the state after it."""

    on: date
    kind: Kind | None
    valid_until: date
    institution: Institution | None
    status: RegistrationStatus = RegistrationStatus.VALID
    reason: str | None = None
    authority: Authority | None = None  # where it is not the institution's own
    business: bool = True  # whether history has it as one of a kind (业务)
    at: datetime | None = None  # the moment of a step of a seeded application

    @property
    def moment(self) -> datetime:
        """The moment at which the stage was written down."""
        return self.at or datetime.combine(self.on, _TEN)

    @property
    def decided_by(self) -> Authority:
        """注册机关: the institution's own, unless it was set otherwise."""
        if self.authority is not None:
            return self.authority
        assert self.institution is not None, "a stage without an institution says its authority"
        return self.institution.authority


@dataclass(frozen=True, slots=True)
class Career:
    """A nurse's whole registration; without stages the nurse was never registered."""

    stages: tuple[RegistrationStage, ...]
    first_on: date | None = None
    deregistration: DeregistrationReason | None = None
    bar_until: date | None = None

    @property
    def last(self) -> RegistrationStage | None:
        """The present stage of the registration."""
        return self.stages[-1] if self.stages else None


_RENEWALS: Final = spread({0: 30, 1: 24, 2: 16, 3: 10, 4: 8, 5: 6, 6: 4, 7: 2})


def granted(dice: Dice, until: date, home: Institution) -> Iterator[RegistrationStage]:
    """The first registration, then every renewal: each gives the old expiry five more years."""
    renewals = dice.pick(_RENEWALS)
    until = add_years(until, -YEARS_VALID * renewals)
    first = Kind.MILITARY_TRANSFER if dice.one_in(200) else Kind.FIRST
    yield RegistrationStage(add_years(until, -YEARS_VALID), first, until, home)
    for _ in range(renewals):
        decided = until - timedelta(days=dice.between(5, 80))
        until = add_years(until, YEARS_VALID)
        yield RegistrationStage(decided, Kind.RENEWAL, until, home)
