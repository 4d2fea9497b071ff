"""The information of a nurse that a change may name (个人信息修改, N14): the form, and the record beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Final

from rules.chronology import Life, life_problems
from rules.errors import FieldProblem, Invalid, Together, Words
from rules.form import Form, form_to_json, read
from rules.form_checks import NAME_LENGTH
from rules.form_field import Past, Text, When, fields_of
from rules.law import Law
from rules.list_values import day
from rules.nationality import CHINA, CHINESE_ONLY, nationality_problems
from rules.nurse import (
    Degree,
    Department,
    Education,
    Post,
    StudyLength,
    Title,
    WorkCategory,
    degree_problems,
    ethnic_group,
)
from rules.other import LONGEST_OTHER, NOT_OTHER, PATHS, WHICH, with_words
from rules.record import department_problems

HISTORY_LENGTH: Final = 2000
_WORDS: Final = Text(LONGEST_OTHER, lines=False)


@dataclass(frozen=True)
class InformationForm(Form):
    """The information that may be changed (个人信息修改); what is left out stays as on record."""

    school: Annotated[str | None, Text(NAME_LENGTH)] = None
    major: Annotated[str | None, Text(NAME_LENGTH)] = None
    education: Education | None = None
    degree: Degree | None = None
    study_length: StudyLength | None = None
    graduated_on: Annotated[date | None, Past()] = None
    study_history: Annotated[str | None, Text(HISTORY_LENGTH)] = None
    department: Department | None = None
    title: Title | None = None
    post: Post | None = None
    work_category: WorkCategory | None = None
    started_work_on: Annotated[date | None, Past()] = None
    work_history: Annotated[str | None, Text(HISTORY_LENGTH)] = None
    auxiliary: Annotated[str | None, Text(HISTORY_LENGTH)] = None
    ethnicity: Annotated[str | None, Text(NAME_LENGTH)] = None
    nationality: Annotated[str | None, Text(NAME_LENGTH)] = None
    other_department: Annotated[str | None, _WORDS, When("department", {Department.OTHER}, WHICH, NOT_OTHER)] = None
    other_education: Annotated[str | None, _WORDS, When("education", {Education.OTHER}, WHICH, NOT_OTHER)] = None
    other_post: Annotated[str | None, _WORDS, When("post", {Post.OTHER}, WHICH, NOT_OTHER)] = None

    def compared(self) -> Iterator[FieldProblem]:
        """The problems of the courses of study, each in the handbook's words."""
        if self.study_history is not None:
            yield from study_history_problems(self.study_history)


COLUMNS: Final = tuple(one.attribute for one in fields_of(InformationForm).values())
"""The columns of the record that a change may write."""
PROVEN: Final = frozenset(
    {
        *("school", "major", "education", "otherEducation", "degree", "studyLength", "graduatedOn", "title"),
        *("ethnicity", "nationality"),
    }
)
"""The fields whose originals the reviewer sees: diploma, certificate of the title, document."""
DIPLOMAS: Final = PROVEN - {"ethnicity", "nationality"}
"""The fields that her institution may write with a proof paper, unless she objects (I27)."""
PLACE: Final = frozenset({"department", "otherDepartment", "post", "otherPost", "workCategory"})
"""The fields that are of her work at one place: of what is open they end when she goes elsewhere."""
WORK: Final = PLACE | {"startedWorkOn", "workHistory", "auxiliary"}
"""The fields that her institution may write at once (I27)."""
_EXAMPLE: Final = "2020年09月01日至2023年06月30日在××学校××专业学习"
_COURSE: Final = re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日)至(\d{4}年\d{1,2}月\d{1,2}日)在(.+)学习")


def study_history_problems(text: str) -> Iterator[FieldProblem]:
    """The problems of 专业学习经历: a line a course, each with its days, its school and its major."""
    for number, line in enumerate((one.strip(" ，。；;") for one in text.splitlines() if one.strip()), 1):
        found = _COURSE.fullmatch(line)
        first, last = (day(found[1]), day(found[2])) if found else (None, None)
        if first is None or last is None:
            zh = f"专业学习经历第{number}行“{line[:40]}”应为“{_EXAMPLE}”，每行一段"
            en = f"Line {number} is no course of study: write {_EXAMPLE}, one a line."
            yield FieldProblem("studyHistory", "STUDY_HISTORY_UNREADABLE", Words(zh, en))
        elif last < first:
            zh, en = f"专业学习经历第{number}行的结束日期早于开始日期", f"Line {number} ends before it begins."
            yield FieldProblem("studyHistory", "ENDS_BEFORE_START", Words(zh, en))


def asked_for(
    form: InformationForm, record: Mapping[str, object], life: Life, today: date, law: Law
) -> dict[str, str | None]:
    """The values that differ from the record; raises Invalid with every problem, or where nothing would change."""
    wanted = {name: value for name, value in form_to_json(form).items() if value is not None}
    recorded = recorded_values(record)
    changed: dict[str, str | None] = {name: value for name, value in wanted.items() if value != recorded[name]}
    beside = (
        *_blank_problems(wanted),
        *(*life_problems(form, life), *department_problems(form, record, law), *_ethnicity_problems(form, record)),
        *nationality_problems(form.nationality, record["document_type"]),
        *(*_degree_problems(form, record), *_course_problems(form.study_history or "", today)),
    )
    judged = with_words(changed)
    found = [one for one in (*form.problems(today, law), *beside) if one.path in judged]
    if not changed:
        zh, en = "填写的内容与在册信息相同，没有需要修改的", "Nothing here differs from what is on record."
        found = [FieldProblem("form", "NOTHING_TO_CHANGE", Words(zh, en))]
    if found:
        raise Invalid(*found)
    return changed


def _blank_problems(wanted: Mapping[str, object]) -> Iterator[FieldProblem]:
    """The problem of a text of nothing: a change puts a value in the place of another."""
    for name, value in wanted.items():
        if isinstance(value, str) and not value.strip():
            zh, en = "请填写内容；不需要修改的项请不要填报", "Give a value, or leave out what is not to change."
            yield FieldProblem(name, "FIELD_REQUIRED", Words(zh, en))


def _degree_problems(form: InformationForm, record: Mapping[str, object]) -> Iterator[FieldProblem]:
    """The problem of a degree beside an education that confers none, with whichever of the two is asked for."""
    education, degree = form.education or record["education"], form.degree or record["degree"]
    if education is not None and degree is not None:
        path = "degree" if education == record["education"] else "education"
        found = degree_problems(Education(str(education)), Degree(str(degree)))
        yield from (replace(problem, path=path) for problem in found)


def _course_problems(text: str, today: date) -> Iterator[FieldProblem]:
    """The problem of a course of study that has not ended yet (专业学习经历)."""
    for found in _COURSE.finditer(text):
        last = day(found[2])
        if last is not None and last > today:
            zh, en = (
                f"专业学习经历的结束日期{last}晚于今天",
                f"A course of study ends on {last}, which is still to come.",
            )
            yield FieldProblem("studyHistory", "DATE_IN_FUTURE", Words(zh, en))


def _ethnicity_problems(form: InformationForm, record: Mapping[str, object]) -> Iterator[FieldProblem]:
    """The problem of an ethnic group that GB 3304 does not have; of a foreigner the papers say it."""
    # Whoever has a document of a citizen is one, whatever nationality the form gives her by mistake.
    citizen = record["document_type"] in CHINESE_ONLY or (form.nationality or record["nationality"]) == CHINA
    if form.ethnicity is not None and citizen:
        each = Together()
        each(lambda: ethnic_group(form.ethnicity or "", path="ethnicity"))
        yield from each.problems


def recorded_values(record: Mapping[str, object]) -> dict[str, str | None]:
    """The record as a form keeps it."""
    fields = fields_of(InformationForm)
    plain = {name: record[one.attribute] for name, one in fields.items()}
    return {name: None if value is None else str(value) for name, value in plain.items()}


def in_information(problem: FieldProblem) -> FieldProblem:
    """A problem of a filled form, from the input that holds the form."""
    return replace(problem, path=f"form.{problem.path}") if problem.path in fields_of(InformationForm) else problem


def values_of(asked: Mapping[str, str | None], names: Collection[str]) -> dict[str, Any]:
    """The columns of the record that these fields write."""
    form, fields = read(InformationForm, {name: asked[name] for name in names}), fields_of(InformationForm)
    # A value goes with its words.
    written = {*names, *(PATHS[name] for name in names if name in PATHS)}
    return {one.attribute: getattr(form, one.attribute) for name, one in fields.items() if name in written}


def newer_values(values: Mapping[str, object]) -> dict[str, str | None]:
    """Columns of the record as the fields of a change that they answer to."""
    fields = {one.attribute: name for name, one in fields_of(InformationForm).items()}
    return {fields[name]: None if value is None else str(value) for name, value in values.items() if name in fields}
