"""One nurse of the register: everything about the nurse is drawn from the place in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from db.seed.authorities import short_name
from db.seed.career import career
from db.seed.identity import Identity, identity
from db.seed.institutions import FIRST_SIZE, Institution
from db.seed.random_source import Dice, Part, identifier, part_key, spread
from db.seed.register import Fate, Register
from db.seed.registration_stage import Career
from db.seed.stories import CYCLE, Story, story
from db.seed.words import COLLEGES, SECONDARY_SCHOOLS, UNIVERSITIES
from rules.kinds import Kind
from rules.nurse import Degree, Department, Education, StudyLength, Title
from rules.people import AccountState

EDUCATIONS: Final = spread(
    {
        Education.SECONDARY_VOCATIONAL: 512,
        Education.COLLEGE: 1148,
        Education.BACHELOR: 330,
        Education.MASTER: 5,
        Education.DOCTOR: 1,
    }
)
"""The deck's hospital: 1,996 nurses."""
MAJORS: Final = ("护理学", "护理学", "护理学", "护理", "护理", "助产")
EDUCATION_STRIDE: Final = 1109
NUMBERS_BEGAN: Final = 2008
WORK_BEGINS: Final = 8
ACTIVE_PLACE, INACTIVE_PLACE = 8, 15
FIRST_WITH_ACCOUNTS: Final = 200
"""Up to here, in the first hospital of the demonstration, more nurses have accounts, for all that they may do there."""
ACCOUNTS_WITHIN: Final = 1_000_000
"""Beyond so many nurses only applicants have accounts."""


@dataclass(frozen=True)
class Schooling:
    """The studies of an education: (school, length of the course, years of it, age when it ended)."""

    schools: tuple[str, ...]
    length: StudyLength
    years: int
    youngest: int
    degree: Degree = Degree.NONE


SCHOOLING: Final = {
    Education.SECONDARY_VOCATIONAL: Schooling(SECONDARY_SCHOOLS, StudyLength.FOUR_YEARS, 4, 18),
    Education.COLLEGE: Schooling(COLLEGES, StudyLength.THREE_YEARS, 3, 20),
    Education.BACHELOR: Schooling(UNIVERSITIES, StudyLength.FOUR_YEARS, 4, 21, Degree.BACHELOR),
    Education.MASTER: Schooling(UNIVERSITIES, StudyLength.THREE_YEARS, 3, 24, Degree.MASTER),
    Education.DOCTOR: Schooling(UNIVERSITIES, StudyLength.THREE_YEARS, 3, 27, Degree.DOCTOR),
}


@dataclass(frozen=True, slots=True)
class Nurse:
    """One nurse of the register, everything drawn from the place in it."""

    register: Register
    index: int
    key: int
    id: str
    home: Institution
    story: Story | None
    career: Career
    certificate_number: str | None
    earlier_number: str | None  # the number at the filing of the seeded application
    education: Education
    graduated_on: date
    identity: Identity
    department: Department
    other_department: str | None
    title: Title

    @classmethod
    def at(cls, register: Register, index: int) -> Nurse:
        """The nurse at this place in the register."""
        key, home = register.nurse_key(index), register.institution_of(index)
        dice = Dice(key)
        nurse_story = story(register, index, dice)
        past = career(register, index, dice, nurse_story)
        education = EDUCATIONS[index * EDUCATION_STRIDE % FIRST_SIZE]
        graduated_on = _graduated_on(dice, _latest(register, past, nurse_story))
        earlier, number = _numbers(past, home.authority.province, index)
        born = graduated_on.year - SCHOOLING[education].youngest - dice.between(0, 2)
        years = register.today.year - graduated_on.year
        department = dice.pick(_DEPARTMENTS)
        return cls(
            register=register,
            index=index,
            key=key,
            id=identifier(key, later=index),
            home=home,
            story=nurse_story,
            career=past,
            certificate_number=number,
            earlier_number=earlier,
            education=education,
            graduated_on=graduated_on,
            identity=identity(register, index, dice, home.authority.province, born),
            department=department,
            other_department=_UNLISTED[key % len(_UNLISTED)] if department.unlisted else None,
            title=dice.pick(_TITLES[min(years // 5, len(_TITLES) - 1)]),
        )

    @property
    def account_id(self) -> str:
        """The id of the nurse's account, if there is one."""
        return identifier(part_key(self.key, Part.ACCOUNT), later=self.index)

    @property
    def account_state(self) -> AccountState | None:
        """账户状态: applicants are active, some others too, some only registered; most have no account."""
        place = self.index % CYCLE
        if self.story is not None or self.index in (0, self.register.mover):
            return AccountState.ACTIVE
        if self.index >= ACCOUNTS_WITHIN or self.register.fate(self.index) is not Fate.ATTACHED:
            return None
        if self.index == 1 or place == INACTIVE_PLACE:
            return AccountState.INACTIVE
        often = self.index % 3 == 0 or self.index < FIRST_WITH_ACCOUNTS
        return AccountState.ACTIVE if place == ACTIVE_PLACE and often else None

    @property
    def schooling(self) -> Schooling:
        """The studies of the nurse's education."""
        return SCHOOLING[self.education]

    @property
    def school(self) -> str:
        """毕业学校, in the nurse's province."""
        schools, code = self.schooling.schools, f"{self.home.authority.province}0000"
        return short_name(self.register.authorities[code].division) + schools[self.key % len(schools)]

    @property
    def major(self) -> str:
        """所学专业."""
        return MAJORS[(self.key >> 8) % len(MAJORS)]

    @property
    def started_work_on(self) -> date:
        """The month after the graduation."""
        return self.graduated_on.replace(month=WORK_BEGINS)


_UNLISTED: Final = ("体检中心", "康复医学科", "中医科", "口腔科", "静脉用药调配中心")
"""The departments that the list does not have."""
_DEPARTMENTS: Final = spread(
    {
        Department.WARD: 58,
        Department.OUTPATIENT: 14,
        Department.OTHER: 6,
        Department.OPERATING_ROOM: 6,
        Department.EMERGENCY: 5,
        Department.INTENSIVE_CARE: 5,
        Department.RESPIRATORY: 3,
        Department.STERILE_SUPPLY: 2,
        Department.NURSING_OFFICE: 1,
    }
)
_N, _S, _V, _A, _C = Title
_TITLES: Final = (
    spread({_N: 85, _S: 15}),
    spread({_N: 35, _S: 60, _V: 5}),
    spread({_N: 10, _S: 50, _V: 40}),
    spread({_N: 5, _S: 30, _V: 60, _A: 5}),
    spread({_N: 3, _S: 22, _V: 62, _A: 11, _C: 2}),
)
"""By five years of work."""


def _latest(register: Register, past: Career, story: Story | None) -> date:
    """The latest day of the graduation: for a first registration, before it was filed."""
    if story is not None and story.kind is Kind.FIRST:
        return story.filed_on
    return past.first_on or register.today


def _graduated_on(dice: Dice, latest: date) -> date:
    """1 July before the first registration; the examination is taken that spring and lasts three years."""
    return date(latest.year - (latest.month < WORK_BEGINS) - dice.one_in(4), 7, 1)


def _numbers(past: Career, province: str, index: int) -> tuple[str | None, str | None]:
    """护士执业证书编号: before the seeded application, and now."""
    last = past.last
    if last is None or past.first_on is None:
        return None, None
    if last.kind is Kind.REREGISTRATION:
        return _certificate_number(past.first_on, province, index), f"{last.on.year}{province}{index:06d}"
    number = _certificate_number(past.first_on, province, index)
    entered = last.at is not None and len(past.stages) == 1 and last.kind in (Kind.FIRST, Kind.MILITARY_TRANSFER)
    return None if entered else number, number


def _certificate_number(first_on: date, province: str, index: int) -> str:
    """Twelve digits by now; some of the oldest still carry their old style."""
    if first_on.year < NUMBERS_BEGAN and index % 7 == 0:
        return f"护证字{province}{first_on.year % 100:02d}第{index:06d}号"
    return f"{first_on.year}{province}{index:06d}"
