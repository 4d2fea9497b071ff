"""The source of every record of one seeded register; each process makes the same from the same three values."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from itertools import accumulate

from db.seed.authorities import Authority, authorities, leaves
from db.seed.institutions import Institution, institutions
from db.seed.random_source import Salt, identifier, key_of
from db.store.announced_days import working_days
from rules.people import Role


class Fate(Enum):
    """The fate of a nurse's registration."""

    ATTACHED = auto()  # 在册, at an institution
    DEPARTED = auto()  # 在册, at none
    NEVER = auto()
    DEREGISTERED = auto()


@dataclass(frozen=True, slots=True)
class Register:
    """A register of `nurses` nurses on the day `today`, as `seed` makes it."""

    seed: int
    nurses: int
    today: date
    authorities: Mapping[str, Authority]
    seats: Mapping[str, Sequence[Authority]]
    institutions: Sequence[Institution]
    ends: Sequence[int]
    working_days: Sequence[date]

    @classmethod
    def make(cls, seed: int, nurses: int, today: date) -> Register:
        """The register's places and days; its nurses are made one by one."""
        known = authorities(seed)
        seats = leaves(known)
        places = institutions(seed, nurses, today, seats)
        ends = list(accumulate(place.size for place in places))
        return cls(seed, nurses, today, known, seats, places, ends, working_days())

    def fate(self, index: int) -> Fate:
        """Nurses come institution by institution; those at none are the last."""
        if index < self.ends[-1]:
            return Fate.ATTACHED
        return (Fate.NEVER, Fate.DEREGISTERED, Fate.NEVER, Fate.DEREGISTERED, Fate.DEPARTED)[index % 5]

    def institution_of(self, index: int) -> Institution:
        """The nurse's institution, the present or the last one."""
        if index < self.ends[-1]:
            return self.institutions[bisect_right(self.ends, index)]
        return self.earlier_institution(index)

    def earlier_institution(self, index: int) -> Institution:
        """Some institution that has nurses."""
        return self.institution_of(index * 7919 % self.ends[-1])

    @property
    def mover(self) -> int:
        """The nurse of the demonstration who may move: the first of the second institution."""
        return self.ends[0]

    def nurse_key(self, index: int) -> int:
        """64 bits of the nurse's own."""
        return key_of(self.seed, Salt.NURSE, index)

    def staff_id(self, role: Role, place: int = 0, number: int = 0) -> str:
        """The account that holds a role: of an institution by its number, of an authority by its code."""
        nth = list(Role).index(role) * 8 + number
        return identifier(key_of(self.seed, Salt.STAFF, place << 8 | nth))
