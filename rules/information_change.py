"""Changes of what the register says of a nurse (信息修改, N14, I15, I27): asked for by her, reviewed where she works.

Name and document are corrected otherwise (`rules/key_fact.py`); examination data never by a change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from rules.chronology import Life, life_problems
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, Together, Words
from rules.form import Form, form_to_json, read
from rules.form_checks import NAME_LENGTH
from rules.form_field import Past, Text, When, fields_of
from rules.form_terms import TERMS
from rules.label import Labelled
from rules.law import Law
from rules.list_values import day
from rules.nurse import Degree, Department, Education, Post, StudyLength, Title, WorkCategory, ethnic_group
from rules.other import LONGEST_OTHER, NOT_OTHER, PATHS, WHICH, with_words
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, Role, require
from rules.record import department_problems
from rules.registration import Registration, RegistrationStatus

HISTORY_LENGTH: Final = 2000
_WORDS: Final = Text(LONGEST_OTHER, lines=False)
LAPSE_DAYS: Final = 30
"""The days after which what was returned, and is not answered, lapses."""


class ChangeState(Labelled):
    """The state of a change of information (信息修改状态)."""

    PENDING = "PENDING", "待审核"
    RETURNED = "RETURNED", "已退回"
    APPROVED = "APPROVED", "已同意"
    REJECTED = "REJECTED", "不同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    SUPERSEDED = "SUPERSEDED", "已被取代"
    LAPSED = "LAPSED", "已失效"


OPEN: Final = frozenset({ChangeState.PENDING, ChangeState.RETURNED})
"""A nurse has one of these at most."""


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
WORK: Final = frozenset(
    {
        *("department", "otherDepartment", "post", "otherPost"),
        *("workCategory", "startedWorkOn", "workHistory", "auxiliary"),
    }
)
"""The fields that her institution may write itself (I27); they are of her work there."""
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


@dataclass(frozen=True, slots=True, repr=False)
class InformationChange:
    """A change as it stands; `asked` and `recorded` are the wanted and the replaced values, as a form keeps them."""

    id: UUID
    nurse_id: UUID
    state: ChangeState
    version: int
    asked: Mapping[str, str | None]
    recorded: Mapping[str, str | None]
    marked_fields: tuple[str, ...]
    superseded_fields: tuple[str, ...]
    queued_at: datetime
    escalated_at: datetime | None


def asked_for(
    form: InformationForm, record: Mapping[str, object], life: Life, today: date, law: Law
) -> dict[str, str | None]:
    """The values that differ from the record; raises Invalid with every problem, or where nothing would change."""
    wanted = {name: value for name, value in form_to_json(form).items() if value is not None}
    recorded = recorded_values(record)
    changed: dict[str, str | None] = {name: value for name, value in wanted.items() if value != recorded[name]}
    beside = (*life_problems(form, life), *department_problems(form, record, law), *_ethnicity_problems(form, record))
    judged = with_words(changed)
    found = [one for one in (*form.problems(today, law), *beside) if one.path in judged]
    if not changed:
        zh, en = "填写的内容与在册信息相同，没有需要修改的", "Nothing here differs from what is on record."
        found = [FieldProblem("form", "NOTHING_TO_CHANGE", Words(zh, en))]
    if found:
        raise Invalid(*found)
    return changed


def _ethnicity_problems(form: InformationForm, record: Mapping[str, object]) -> Iterator[FieldProblem]:
    """The problem of an ethnic group that GB 3304 does not have; of a foreigner the papers say it."""
    if form.ethnicity is not None and (form.nationality or record["nationality"]) == "中国":
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


def require_open(change: InformationChange, version: int, *states: ChangeState) -> None:
    """Refuse a step on a change that has moved on, or does not stand where the step begins."""
    if change.state not in OPEN:
        raise Conflict(Situation.REQUEST_DECIDED, current_version=change.version)
    if change.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=change.version)
    if change.state not in states:
        raise NotAllowed(*_ELSEWHERE[change.state])


def require_hers(actor: Actor, nurse_id: UUID) -> None:
    """Refuse anybody but the nurse herself."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != nurse_id:
        raise NotFound


def before_first(registration: Registration, open_application: bool) -> bool:
    """True if what she changes takes effect at once: she was never registered, and nothing of hers is under way.

    Raises NotAllowed where it travels with her application, and takes effect with its approval.
    """
    if registration.status is not RegistrationStatus.NEVER:
        return False
    if open_application:
        raise NotAllowed("TRAVELS_WITH_APPLICATION", _TRAVELS)
    return True


def require_may_review(actor: Actor, change: InformationChange, registration: Registration) -> None:
    """Refuse a review by anybody but an operator where she is registered, or else a reviewer of her 注册机关."""
    require_place(actor, registration, escalated=change.escalated_at is not None)


def require_place(actor: Actor, registration: Registration, *, escalated: bool) -> None:
    """The same, by the place alone."""
    institution, authority = registration.institution_id, registration.authority_id
    if not actor.active or actor.party_id is None or actor.party_id not in (institution, authority):
        raise NotFound
    with_authority = escalated or institution is None
    if (actor.party is Party.AUTHORITY) is not with_authority:
        raise NotAllowed(*(_WITH_AUTHORITY if with_authority else _WITH_INSTITUTION))
    require(actor, Role.REVIEWER if with_authority else Role.OPERATOR)
    require_not_herself(actor, registration.nurse_id)


def require_accepted(
    change: InformationChange, accepted: Collection[str] | None, opinion: str | None, *, originals_seen: bool
) -> tuple[str, ...]:
    """The fields that are accepted, in the form's order: all, or those named; the others are refused in words."""
    names = tuple(name for name, value in change.asked.items() if value is not None)
    chosen = names if accepted is None else tuple(name for name in names if name in accepted)
    problems = [*_not_asked("acceptedFields", change, accepted or ())]
    if not chosen:
        problems.append(FieldProblem("acceptedFields", "FIELD_REQUIRED", _NONE_ACCEPTED))
    elif chosen != names and not opinion:
        problems.append(FieldProblem("opinion", "FIELD_REQUIRED", _SAY_WHY))
    if not originals_seen and PROVEN & {*chosen}:
        problems.append(FieldProblem("originalsSeen", "ORIGINALS_UNSEEN", _ORIGINALS))
    if problems:
        raise Invalid(*problems)
    return chosen


def _not_asked(path: str, change: InformationChange, names: Collection[str]) -> Iterator[FieldProblem]:
    if strange := [name for name in names if name not in change.asked]:
        titles = "、".join(TERMS[name].title.zh if name in TERMS else "没有的项" for name in strange)
        zh, en = f"本次修改不包括：{titles}", f"This change does not ask for {', '.join(strange)}."
        yield FieldProblem(path, "FIELD_NOT_ASKED", Words(zh, en))


def require_marks(change: InformationChange, marked: Collection[str]) -> tuple[str, ...]:
    """The fields to correct, in the form's order; refuses none, or one that was not asked for."""
    problems = [*_not_asked("markedFields", change, marked)]
    if not marked:
        problems.append(FieldProblem("markedFields", "FIELD_REQUIRED", _MARK))
    if problems:
        raise Invalid(*problems)
    return tuple(name for name in change.asked if name in marked)


def require_answer(change: InformationChange, asked: Mapping[str, str | None]) -> None:
    """Refuse an answer that changes what was not marked."""
    others = {*asked, *change.asked} - {*change.marked_fields}
    if locked := [name for name in sorted(others) if asked.get(name) != change.asked.get(name)]:
        raise Invalid(*(FieldProblem(name, "FIELD_LOCKED", _LOCKED) for name in locked))


def require_silence(last_day: date, today: date, *, unattended: bool) -> None:
    """Refuse to go on without the institution while it has time for its word, and somebody to give it."""
    if not unattended and today <= last_day:
        zh = f"机构有十个工作日审核，{last_day}之后可转注册机关审核"
        en = f"The institution has ten working days: it can go to the authority after {last_day}."
        raise NotAllowed("INSTITUTION_HAS_TIME", Words(zh, en))


def lapses_before(now: datetime) -> datetime:
    """The moment before which what was returned, and is unanswered, lapses."""
    return now - timedelta(days=LAPSE_DAYS)


def lapses(change: InformationChange, now: datetime) -> bool:
    """True if a change was returned so long ago that its answer is waited for no longer."""
    return change.state is ChangeState.RETURNED and change.queued_at < lapses_before(now)


def newer_values(values: Mapping[str, object]) -> dict[str, str | None]:
    """Columns of the record as the fields of a change that they answer to."""
    fields = {one.attribute: name for name, one in fields_of(InformationForm).items()}
    return {fields[name]: None if value is None else str(value) for name, value in values.items() if name in fields}


def require_work(asked: Collection[str]) -> None:
    """Refuse what an institution may not write itself: for all else she asks, with her papers."""
    if others := [name for name in asked if name not in WORK]:
        raise Invalid(*(FieldProblem(name, "NOT_OF_HER_WORK", _NOT_WORK) for name in others))


_ELSEWHERE: Final = {
    ChangeState.PENDING: (
        "CHANGE_PENDING",
        Words("该修改正在审核，请等待审核结果", "This change is being reviewed: wait for the result."),
    ),
    ChangeState.RETURNED: (
        "CHANGE_RETURNED",
        Words("该修改已退回护士，请等待其补充", "This change was returned to the nurse: wait for her answer."),
    ),
}
ESCALATED: Final = (
    "CHANGE_WITH_AUTHORITY",
    Words("已由注册机关审核", "Your authority reviews it already."),
)
_NOT_WORK: Final = Words(
    "该项由护士本人申请修改，机构审核", "She asks for that change herself, and you review it: it is not of her work."
)
_TRAVELS: Final = Words(
    "首次注册申请正在办理，学历等信息随该申请审核生效，请在申请中填写",
    "Your first registration is under way: what you change travels with it, so say it there.",
)
_WITH_AUTHORITY: Final = (
    "CHANGE_WITH_AUTHORITY",
    Words("现由注册机关审核", "The authority where she is registered reviews it."),
)
_WITH_INSTITUTION: Final = (
    "CHANGE_WITH_INSTITUTION",
    Words("现由护士所在执业机构审核", "The institution where she practises reviews it."),
)
_NONE_ACCEPTED: Final = Words(
    "请至少同意一项；全部不同意的请办理“不同意”", "Agree to a field at least; if to none, reject the change."
)
_SAY_WHY: Final = Words("部分项未同意的，请说明理由", "Say why the other fields are not accepted.")
_ORIGINALS: Final = Words(
    "学历、学位、职称、民族、国籍等须核对证书或证件原件，请确认已核对",
    "Diploma, title or document must be seen in the original: say that you have seen it.",
)
_MARK: Final = Words("请标注需要护士修改的项", "Mark the fields that she is to correct.")
_LOCKED: Final = Words("该项未被标注，不能修改", "This field was not marked, so it may not change.")
