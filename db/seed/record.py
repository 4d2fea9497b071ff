"""The row of a nurse's record: identity, examination, education and work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from db.seed.people import Nurse
from db.seed.random_source import OPENED, Dice, Part, Row, part_key, spread
from db.seed.words import PHONE_PREFIXES
from db.store.keys import Keyring
from db.store.name_order import named
from rules.nurse import ExamResult, HealthStatus, Post, Title, WorkCategory
from rules.privacy import mask_email, mask_id_number, mask_phone

EXAMS_BEGAN: Final = 1995
POOL_BEGAN: Final = 2008


def nurse_row(nurse: Nurse, keyring: Keyring) -> Row:
    """The row of `nurse`."""
    who, dice = nurse.identity, Dice(part_key(nurse.key, Part.RECORD))
    has_account = nurse.account_state is not None
    return {
        "id": nurse.id,
        **named(who.name),
        "document_type": who.document_type,
        **_sealed(keyring, "id_number", who.number, mask_id_number),
        **_sealed(keyring, "phone", _phone(dice, nurse.index) if has_account else None, mask_phone),
        **_sealed(keyring, "email", f"hs{nurse.index:07d}@example.com" if has_account else None, mask_email),
        "sex": who.sex,
        "birth_date": who.birth_date,
        "ethnicity": who.ethnicity,
        "nationality": who.nationality,
        "health_status": HealthStatus.FAIR if dice.one_in(200) and nurse.story is None else HealthStatus.GOOD,
        **_exam(nurse, dice),
        **_studies(nurse),
        **_work(nurse, dice),
        "good_record": f"{nurse.register.today.year - 1}年度院级优秀护士" if dice.one_in(60) else None,
        "bad_record": f"{nurse.register.today.year - 2}年未按规定参加继续教育" if dice.one_in(900) else None,
        "created_at": OPENED,
    }


def _exam(nurse: Nurse, dice: Dice) -> Row:
    """The qualifying examination, of which often only the year is known; there was none before 1995."""
    year: int | None = nurse.graduated_on.year if nurse.graduated_on.year >= EXAMS_BEGAN else None
    exact = year is not None and dice.one_in(3)
    number = f"{year}{nurse.home.authority.province}{nurse.index:07d}"
    return {
        "exam_score": ExamResult.PASSED.label if year else None,
        "exam_passed_on": date(year, 5, 20) if year and exact else None,
        "exam_year": year,
        "exam_certificate_number": number if year else None,
        "exam_pool_linked": year is not None and year >= POOL_BEGAN and not dice.one_in(10),
    }


def _studies(nurse: Nurse) -> Row:
    schooling, end = nurse.schooling, nurse.graduated_on
    school, major = nurse.school, nurse.major
    return {
        "school": school,
        "major": major,
        "study_length": schooling.length,
        "education": nurse.education,
        "degree": schooling.degree,
        "graduated_on": end,
        "study_history": f"{end.year - schooling.years}年09月01日至{end.year}年07月01日在{school}{major}专业学习",
    }


def _work(nurse: Nurse, dice: Dice) -> Row:
    last = nurse.career.last
    if last is None:
        return dict.fromkeys(_WORK)
    post = dice.pick(_POSTS) if nurse.title in _EXPERIENCED else Post.NONE
    office = post in (Post.NURSING_DIRECTOR, Post.DEPUTY_NURSING_DIRECTOR)
    started = nurse.started_work_on
    category = WorkCategory.NURSING_ADMINISTRATION if office else WorkCategory.CLINICAL_NURSING
    until = "至今" if last.institution else f"至{last.on:%Y年%m月}"
    history = f"{started:%Y年%m月}{until}在{nurse.home.name}{nurse.other_department or nurse.department.label}工作"
    values = (category, nurse.department, nurse.other_department, post, nurse.title, started, history)
    return dict(zip(_WORK, values, strict=True))


_WORK: Final = ("work_category", "department", "other_department", "post", "title", "started_work_on", "work_history")
_EXPERIENCED: Final = (Title.SUPERVISOR_NURSE, Title.ASSOCIATE_CHIEF_NURSE, Title.CHIEF_NURSE)
_POSTS: Final = spread(
    {
        Post.NONE: 170,
        Post.HEAD_NURSE: 20,
        Post.DEPARTMENT_HEAD_NURSE: 5,
        Post.DEPUTY_NURSING_DIRECTOR: 2,
        Post.NURSING_DIRECTOR: 1,
        Post.OTHER: 2,
    }
)


def _phone(dice: Dice, index: int) -> str:
    return f"{dice.pick(PHONE_PREFIXES)}{index * 7_654_321 % 10**8:08d}"


def _sealed(keyring: Keyring, name: str, text: str | None, mask: Callable[[str], str]) -> Row:
    """The four columns of a private value."""
    if text is None:
        return {f"{name}_key_id": None, f"{name}_sealed": None, f"{name}_index": None, f"{name}_masked": None}
    sealed = keyring.seal(text, name)
    return {
        f"{name}_key_id": sealed.key_id,
        f"{name}_sealed": sealed.ciphertext,
        f"{name}_index": keyring.blind_index(text, name),
        f"{name}_masked": mask(text),
    }
