"""The institutions that nurses work for: the deck's hospital first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Final

from db.seed.authorities import Authority
from db.seed.random_source import OPENED, Dice, Row, Salt, identifier, key_of, spread
from db.seed.words import COMMUNITIES, HOSPITALS, POPULATION, PRACTICES
from rules.institution import InstitutionState, institution_code_check
from rules.kinds import Kind

STAGE: Final = ("110102", "310101")
"""The codes of the first two institutions' districts: 西城区, and another province's 黄浦区."""
FIRST_NAME: Final = "首都医科大学附属示范医院"
FIRST_SIZE: Final = 1996
FIRST_AT: Final = 20_000
FIRST_SPIKE: Final = 425
"""Days ahead: on the deck of June 2017 most of the hospital expires on 21 August 2018."""
FEWEST: Final = 12
NURSES_EACH: Final = 200
ATTACHED: Final = 94
"""Of 100 nurses of the register; the others work nowhere."""


@dataclass(frozen=True, slots=True)
class Institution:
    """One medical institution; `size` nurses of the register work there, most of them expiring on `spike`."""

    id: str
    number: int
    code: str
    name: str
    state: InstitutionState
    authority: Authority
    size: int
    spike: date

    def forwards(self, kind: Kind) -> bool:
        """True if it can forward applications of a kind: active, with an authority set for it."""
        return self.state is InstitutionState.ACTIVE and self.authority_for(kind) is not None

    @property
    def staffed(self) -> bool:
        """True if it has staff: not before it opens, nor after it closed."""
        return self.state in _STAFFED

    def authority_for(self, kind: Kind) -> Authority | None:
        """The authority set for a kind (审批机关设置); some institutions left some unset, as on the deck."""
        every, place, above = _ELSEWHERE.get(kind, _NOWHERE)
        if self.number % every != place:
            return self.authority
        return self.authority.parent if above else None

    def row(self) -> Row:
        """The row of `institution`."""
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "state": self.state,
            "division": self.authority.code,
            "authority_id": self.authority.id,
            "created_at": OPENED,
        }

    def settings(self) -> Iterator[Row]:
        """Its rows of `approval_setting`."""
        for kind in Kind:
            authority = self.authority_for(kind)
            yield {
                "institution_id": self.id,
                "kind": kind,
                "authority_id": authority and authority.id,
                "set_at": OPENED,
            }


def institutions(seed: int, nurses: int, today: date, seats: Mapping[str, Sequence[Authority]]) -> list[Institution]:
    """The first two on the demonstration's stage, the others where people live; `seats` by province.

    The sizes of the others fall off slowly; a few are suspended, not open yet, or closed.
    """
    count = max(FEWEST, nurses // NURSES_EACH)
    states = [_state(number, count) for number in range(count)]
    sizes, used, found = _sizes(nurses, states), Counter[str](), list[Institution]()
    for number, (state, size) in enumerate(zip(states, sizes, strict=True)):
        key = key_of(seed, Salt.INSTITUTION, number)
        authority = _authority(number, key, seats)
        name = FIRST_NAME if number == 0 else authority.place + _kind(used[authority.place])
        used[authority.place] += number > 0
        spike = today + timedelta(days=FIRST_SPIKE if number == 0 else 30 + key % 1750)
        code = _code(number, authority)
        found.append(Institution(identifier(key, later=number), number, code, name, state, authority, size, spike))
    return found


_NOWHERE: Final = (1, 1, False)
_ELSEWHERE: Final = {
    Kind.CHANGE: (20, 4, False),
    Kind.DEREGISTRATION: (20, 4, False),
    Kind.RENEWAL: (100, 44, False),
    Kind.FIRST: (3, 2, True),
    Kind.MILITARY_TRANSFER: (3, 2, True),
}
"""The exceptions of a kind: each such number of institutions, from this one on, leaves it unset or, if True, sends it
to the authority above.
"""
_STAFFED: Final = (InstitutionState.ACTIVE, InstitutionState.SUSPENDED)
_PROVINCES: Final = spread(POPULATION)


def _authority(number: int, key: int, seats: Mapping[str, Sequence[Authority]]) -> Authority:
    if number < len(STAGE):
        return next(seat for seat in seats[STAGE[number][:2]] if seat.code == STAGE[number])
    dice = Dice(key)
    return dice.pick(seats[dice.pick(_PROVINCES)])


def _kind(nth: int) -> str:
    """The nth institution of a place: hospitals first, then community services and practices."""
    if nth < len(HOSPITALS):
        return HOSPITALS[nth]
    group, community = divmod(nth - len(HOSPITALS), len(COMMUNITIES))
    branch, practice = divmod(group, len(PRACTICES))
    return COMMUNITIES[community] + PRACTICES[practice] + (f"（{branch + 1}部）" if branch else "")


def _state(number: int, count: int) -> InstitutionState:
    """The state of the institution: a few cannot file; the last three are always such."""
    place = number % 100 if number < count - 3 else 100 + number - count
    odd = {97: InstitutionState.SUSPENDED, 98: InstitutionState.PENDING, 99: InstitutionState.CLOSED}
    return odd.get(place, InstitutionState.ACTIVE)


def _sizes(nurses: int, states: Sequence[InstitutionState]) -> list[int]:
    """Nurses of each institution, the first as large as the deck's where the register is large enough."""
    first = min(FIRST_SIZE, nurses * FIRST_SIZE // FIRST_AT)
    weights = [(number + 4) ** -0.5 * (state in _STAFFED) for number, state in enumerate(states)][1:]
    rest, whole = nurses * ATTACHED // 100 - first, sum(weights)
    bounds = [round(rest * reached / whole) for reached in accumulate(weights, initial=0.0)]
    return [first, *(high - low for low, high in pairwise(bounds))]


_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def _code(number: int, authority: Authority) -> str:
    """A unified social credit code: a public institution (12), its division, and an organisation code (GB 11714)."""
    organisation = f"{40_000_000 + number * 7}"
    rest = -sum(int(digit) * weight for digit, weight in zip(organisation, _WEIGHTS, strict=True)) % 11
    first17 = f"12{authority.code}{organisation}{'0123456789X'[rest]}"
    return first17 + institution_code_check(first17)
