"""The stages of a registration: what was granted, moved or ended, one after the other (历史沿革)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.authorities import Authority
from db.seed.chance import CHINA, Dice, spread
from db.seed.institutions import Institution
from rules.kinds import Kind
from rules.registration import YEARS_VALID, DeregistrationReason, RegistrationStatus
from rules.working_days import add_years

_TEN: Final = time(10, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class Stage:
    """One change of a registration and where it left it."""

    on: date
    kind: Kind | None
    valid_until: date
    institution: Institution | None
    status: RegistrationStatus = RegistrationStatus.VALID
    reason: str | None = None
    authority: Authority | None = None  # where it is not the institution's own
    business: bool = True  # whether history has it as one of a kind (业务)
    at: datetime | None = None  # the moment of a step that is told of

    @property
    def moment(self) -> datetime:
        """When it was written down."""
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
    """A nurse's whole registration; without stages she was never registered."""

    stages: tuple[Stage, ...]
    first_on: date | None = None
    deregistration: DeregistrationReason | None = None
    bar_until: date | None = None

    @property
    def last(self) -> Stage | None:
        """Where the registration stands."""
        return self.stages[-1] if self.stages else None


_RENEWALS: Final = spread({0: 30, 1: 24, 2: 16, 3: 10, 4: 8, 5: 6, 6: 4, 7: 2})


def granted(dice: Dice, until: date, home: Institution) -> Iterator[Stage]:
    """The first registration, then every renewal: each gives the old expiry five more years."""
    renewals = dice.pick(_RENEWALS)
    until = add_years(until, -YEARS_VALID * renewals)
    first = Kind.MILITARY_TRANSFER if dice.one_in(200) else Kind.FIRST
    yield Stage(add_years(until, -YEARS_VALID), first, until, home)
    for _ in range(renewals):
        decided = until - timedelta(days=dice.between(5, 80))
        until = add_years(until, YEARS_VALID)
        yield Stage(decided, Kind.RENEWAL, until, home)
