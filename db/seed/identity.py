"""The identity of a nurse: a name, and a document whose number is unique in the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from db.seed.demo import DEMO_PEOPLE, WITHOUT_ACCOUNT
from db.seed.random_source import Dice, mixed, spread
from db.seed.register import Register
from db.seed.words import (
    AT_HOME,
    COMPOUND_SURNAMES,
    ETHNICITIES,
    FEMALE,
    LATIN_GIVEN,
    LATIN_SURNAMES,
    MALE,
    OLD_REGIONS,
    POPULATION,
    RARE,
    SURNAMES,
    TIBETAN,
    UYGHUR,
    UYGHUR_FATHERS,
)
from rules.identity import DocumentType, check_digit
from rules.nurse import Sex
from rules.working_days import add_months

SLOTS: Final = 500
DAYS: Final = 28
MONTHS: Final = 12
YEARS: Final = 3
REGIONS: Final = 12
ALL: Final = SLOTS * DAYS * MONTHS * YEARS * REGIONS
"""The number of different ID numbers that the place in the register can give: 6,048,000."""
STRIDE: Final = 3_737_669
PERMITS: Final = 400
HMT_REGIONS: Final = ("810000", "820000", "830000")


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts that the register knows a person by."""

    name: str
    document_type: DocumentType
    number: str
    sex: Sex
    birth_date: date
    ethnicity: str
    nationality: str = "中国"


_NAMED: Final = Identity(
    DEMO_PEOPLE[0].name,
    DocumentType.RESIDENT_ID,
    DEMO_PEOPLE[0].id_number,
    Sex.FEMALE,
    date(1991, 5, 12),
    "汉族",
)


def identity(register: Register, index: int, dice: Dice, province: str, birth_year: int) -> Identity:
    """A person born about `birth_year`, most likely in the province of the institution."""
    if index == WITHOUT_ACCOUNT:
        return _NAMED
    sex = Sex.MALE if dice.one_in(25) else Sex.FEMALE
    group = _ethnicity(dice, province)
    kind = _PERMITS.get(index % PERMITS, DocumentType.RESIDENT_ID)
    hmt = kind is DocumentType.HMT_RESIDENCE_PERMIT
    # Permits of residence have three regions only: they are counted among themselves and told apart without.
    mark = _Mark.at(register.seed, index // PERMITS, ALL // REGIONS) if hmt else _Mark.at(register.seed, index, ALL)
    born = mark.birth_date(dice, birth_year)
    match kind:
        case DocumentType.RESIDENT_ID:
            number = mark.number(_region(register, dice, province, mark.region), born, sex)
        case DocumentType.HMT_RESIDENCE_PERMIT:
            number = mark.number(dice.pick(HMT_REGIONS), born, sex)
        case DocumentType.HK_MACAO_PERMIT:
            number = f"{dice.pick('HM')}{10_000_000 + index}"
        case DocumentType.TAIWAN_PERMIT:
            number = f"{10_000_000 + index}"
        case _:
            name = f"{dice.pick(LATIN_GIVEN)} {dice.pick(LATIN_SURNAMES)}"
            return Identity(name, kind, f"P{1_000_000 + index}B", sex, born, "其他", "菲律宾")
    return Identity(_name(dice, sex, group), kind, number, sex, born, group)


@dataclass(frozen=True, slots=True)
class _Mark:
    """The parts of an ID number that no two places in the register share all of."""

    slot: int
    day: int
    month: int
    year: int
    region: int

    @classmethod
    def at(cls, seed: int, place: int, places: int) -> _Mark:
        rest, slot = divmod((place * STRIDE + mixed(seed)) % places, SLOTS)
        rest, day = divmod(rest, DAYS)
        rest, month = divmod(rest, MONTHS)
        region, year = divmod(rest, YEARS)
        return cls(slot, day + 1, month + 1, year, region)

    def birth_date(self, dice: Dice, about: int) -> date:
        """At most two years before `about`; the 28th stands for all the days from there to the month's end."""
        first = date(about - (about - self.year) % YEARS, self.month, 1)
        if self.day < DAYS:
            return first.replace(day=self.day)
        return first.replace(day=dice.between(DAYS, (add_months(first, 1) - first).days))

    def number(self, region: str, born: date, sex: Sex) -> str:
        first17 = f"{region}{born.isoformat().replace('-', '')}{2 * self.slot + (sex is Sex.MALE):03d}"
        return first17 + check_digit(first17)


_PERMITS: Final = {
    99: DocumentType.PASSPORT,
    199: DocumentType.HK_MACAO_PERMIT,
    299: DocumentType.HMT_RESIDENCE_PERMIT,
    399: DocumentType.TAIWAN_PERMIT,
}
_PROVINCES: Final = spread(POPULATION)


def _region(register: Register, dice: Dice, province: str, mark: int) -> str:
    """A district of birth; those of one mark are every twelfth, so that equal marks mean different districts."""
    if dice.one_in(5):
        province = dice.pick(_PROVINCES)
    old, seats = OLD_REGIONS.get(province, ()), register.seats[province]
    nth = REGIONS * int(dice.random() * ((len(old) + len(seats)) // REGIONS)) + mark
    return old[nth] if nth < len(old) else seats[nth - len(old)].code


_ETHNICITIES: Final = spread(ETHNICITIES)
_FAMILY: Final = tuple(name for rank, name in enumerate(SURNAMES) for _ in range(1 + 300 // (rank + 5)))


def _ethnicity(dice: Dice, province: str) -> str:
    group, one_in = AT_HOME.get(province, ("", 0))
    return group if group and dice.one_in(one_in) else dice.pick(_ETHNICITIES)


def _name(dice: Dice, sex: Sex, group: str) -> str:
    match group:
        case "维吾尔族":
            return f"{dice.pick(UYGHUR)}·{dice.pick(UYGHUR_FATHERS)}"
        case "藏族":
            return dice.pick(TIBETAN) + dice.pick(TIBETAN)
    return han_name(dice, sex)


def han_name(dice: Dice, sex: Sex) -> str:
    """A family name and one or two characters, a rare one now and then."""
    family = dice.pick(COMPOUND_SURNAMES) if dice.one_in(200) else dice.pick(_FAMILY)
    own = FEMALE if sex is Sex.FEMALE else MALE
    last = dice.pick(RARE) if dice.one_in(100) else dice.pick(own)
    return family + last if dice.one_in(6) else family + dice.pick(own) + last
