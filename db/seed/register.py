"""The source of every record of one seeded register; each process makes the same from the same three values."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from itertools import accumulate
from typing import Final

from db.seed.authorities import Authority, authorities, leaves
from db.seed.institutions import Institution, institutions
from db.seed.random_source import OPENED, Row, Salt, identifier, key_of
from db.store.announced_days import working_days
from rules.nurse import Department
from rules.people import Role
from rules.unit import UnitKind

WITH_UNITS: Final = 100
"""The nurses from whom on an institution has units; the first one always has some."""


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

    def unit_id(self, place: Institution, department: Department) -> str | None:
        """The ward of a department at a larger institution (科室病区); none where nobody says which one it is."""
        if (place.size < WITH_UNITS and place.number > 0) or department.unlisted:
            return None
        nth = list(Department).index(department)
        return identifier(key_of(self.seed, Salt.UNIT, place.number << 8 | nth))

    def units(self) -> Iterator[Row]:
        """The rows of `unit`: a ward for each department of the larger institutions."""
        for place in self.institutions:
            for department in Department:
                key = self.unit_id(place, department)
                if key is not None:
                    named = {"name": department.label, "kind": UnitKind.WARD, "department": department}
                    yield {"id": key, "institution_id": place.id, **named, "created_at": OPENED}

    def staff_id(self, role: Role, place: int = 0, number: int = 0) -> str:
        """The account that holds a role: of an institution by its number, of an authority by its code."""
        nth = list(Role).index(role) * 8 + number
        return identifier(key_of(self.seed, Salt.STAFF, place << 8 | nth))
