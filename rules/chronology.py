"""The days of a nurse's life in their order (日期先后): studies, internship, training, examination, birth, practice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form
from rules.working_days import add_years

GRADUATES_FROM: Final = 15
"""Nobody has finished a nursing course of three years before this age."""
WORKS_FROM: Final = 16
"""Nobody practises before this age (劳动法 15)."""


@dataclass(frozen=True, slots=True)
class Life:
    """The days on record with which the days of a form are compared."""

    birth_date: date
    exam_passed_on: date | None = None


def study_problems(graduated_on: date, internship_until: date, trained_from: date | None) -> Iterator[FieldProblem]:
    """The problems of a course: its internship lies within it (条例 7), a clinical training comes after it."""
    if internship_until > graduated_on:
        zh = f"临床实习于{internship_until}结束，晚于毕业时间{graduated_on}；实习应在毕业前完成"
        en = f"The internship ends on {internship_until}, after the graduation of {graduated_on}."
        yield FieldProblem("internshipUntil", "INTERNSHIP_AFTER_GRADUATION", Words(zh, en))
    if trained_from is not None and trained_from < graduated_on:
        zh, en = f"培训早于毕业时间{graduated_on}", f"The training began before the graduation of {graduated_on}."
        yield FieldProblem("trainedFrom", "TRAINED_BEFORE_GRADUATION", Words(zh, en))


def life_problems(form: Form, life: Life) -> Iterator[FieldProblem]:
    """The problems of a form's days beside the record's: birth and examination."""
    born = life.birth_date
    firsts: Mapping[str, tuple[str, date, Words]] = {
        "health_examined_on": ("healthExaminedOn", born, Words("体检日期早于出生日期", "Examined before her birth.")),
        "internship_from": ("internshipFrom", born, Words("实习早于出生日期", "The internship was before her birth.")),
        "graduated_on": ("graduatedOn", add_years(born, GRADUATES_FROM), _GRADUATED),
        "started_work_on": ("startedWorkOn", add_years(born, WORKS_FROM), _WORKED),
        "military_valid_until": ("militaryValidUntil", add_years(born, WORKS_FROM), _SERVED),
    }
    for name, (path, first, words) in firsts.items():
        day = getattr(form, name, None)
        report = name == "health_examined_on" and hasattr(form, "change_reason")  # nothing to refuse a change for
        if day is not None and day < first and not report:
            note = Words(f"{words.zh}（出生日期{born}），请核对", f"{words.en} She was born on {born}: check the day.")
            yield FieldProblem(path, "BEFORE_ITS_TIME", note)
    trained, passed = getattr(form, "trained_from", None), life.exam_passed_on
    if hasattr(form, "graduated_on") and trained is not None and passed is not None and trained < passed:
        zh, en = f"培训早于通过考试的日期{passed}", f"The training began before the examination of {passed}."
        yield FieldProblem("trainedFrom", "TRAINED_BEFORE_EXAM", Words(zh, en))


def require_since_registered(path: str, day: date, first_registered_on: date | None, came_on: date | None) -> None:
    """Refuse a day of practice before she was first registered, or before she came to this institution."""
    since = max(filter(None, (first_registered_on, came_on)), default=None)
    if since is not None and day < since:
        zh = f"日期{day}早于其在本机构注册的日期{since}" if since == came_on else f"日期{day}早于首次注册日期{since}"
        en = f"{day} is before {since}, the day since which she has been registered here."
        raise Invalid(FieldProblem(path, "BEFORE_REGISTRATION", Words(zh, en)))


_GRADUATED: Final = Words(f"毕业时未满{GRADUATES_FROM}周岁", f"She graduated before the age of {GRADUATES_FROM}.")
_WORKED: Final = Words(f"参加工作时未满{WORKS_FROM}周岁", f"She began to work before the age of {WORKS_FROM}.")
_SERVED: Final = Words(f"原证有效期至其未满{WORKS_FROM}周岁时", f"It ended before the age of {WORKS_FROM}.")
