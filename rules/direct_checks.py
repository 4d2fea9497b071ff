"""The checks of a direct registration (A6): examination, exam library, health and training, as the law asks of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from rules.errors import FieldProblem, Words
from rules.facts import TRAINING_MONTHS
from rules.form_checks import months_between, training_problems
from rules.law import Law, LawSubject
from rules.matching import EXAM_LIBRARY_BEGAN, Exam, judge
from rules.nurse import HealthStatus
from rules.qualification import WORKING_AGE, YEARS_TO_APPLY
from rules.verification import IdentityOutcome
from rules.working_days import add_years

_NOT_EARLY: Final = Words("仅限2008年5月以前通过考试的人员", "Only who passed before May 2008 is registered this way.")
_USUAL_WAY: Final = Words(
    "考试库中有其2008年5月以后的考试合格记录，请由本人申请首次注册",
    "The exam library has a later examination of hers: let her apply for first registration.",
)
_OTHER_DAY: Final = Words(
    "与考试库中的考试合格日期不符，请核对原件", "The exam library has another day: check the original."
)
_LIBRARY: Final[Mapping[IdentityOutcome, Words]] = {
    IdentityOutcome.NAME_MISMATCH: Words(
        "考试库中该证件号码登记的是另一姓名，请核对原件；不能以他人证件号码注册",
        "The exam library has this number under another name: check the original; nobody is registered by another's.",
    ),
    IdentityOutcome.NAME_UNDECIDED: Words(
        "考试库中该证件号码的姓名不能由系统判断，请先办理考试库姓名核定",
        "No machine reads the exam library's name of this number: settle it first.",
    ),
    IdentityOutcome.MULTIPLE: Words(
        "考试库中该证件号码有多条不一致的记录，请先核对",
        "The exam library has records of this number that differ: put them right first.",
    ),
}
_UNFIT: Final = Words("不符合护士执业健康标准，不予注册（{}）", "Who is not fit to nurse is not registered.")
_TRAIN: Final = Words(
    "通过考试已超过3年，须先接受3个月临床护理培训并考核合格（{}），请填写培训单位和起止日期",
    "Over three years after the examination a clinical training of three months is needed: name its place and days.",
)
_TRAINED_EARLY: Final = Words("培训早于通过考试，请核对", "The training was before the examination: check the days.")


def library_problems(name: str, passed_on: date, exams: Sequence[Exam]) -> Iterator[FieldProblem]:
    """The problems that the exam library makes of the document: another name, another day, or the usual way is open."""
    outcome = judge(name, None, exams)
    if outcome in _LIBRARY:
        yield FieldProblem("name", "EXAM_LIBRARY_NAME", _LIBRARY[outcome])
    elif outcome is IdentityOutcome.EXAM_PASSED:
        yield FieldProblem("examPassedOn", "EXAM_NOT_BEFORE_2008", _USUAL_WAY)
    elif exams and not any(_same_day(one, passed_on) for one in exams):
        yield FieldProblem("examPassedOn", "EXAM_LIBRARY_DATE", _OTHER_DAY)


def _same_day(exam: Exam, passed_on: date) -> bool:
    return exam.year == passed_on.year and exam.passed_on in {None, passed_on}


def exam_problems(passed: date, born: date | None) -> Iterator[FieldProblem]:
    """Passed before the library began, and at working age."""
    if not passed < EXAM_LIBRARY_BEGAN:
        yield FieldProblem("examPassedOn", "EXAM_NOT_BEFORE_2008", _NOT_EARLY)
    elif born is not None and passed < (first := add_years(born, WORKING_AGE)):
        zh = f"通过考试时未满{WORKING_AGE}周岁（{first}满{WORKING_AGE}周岁），请核对考试日期和出生日期"
        en = f"She was under {WORKING_AGE} then ({WORKING_AGE} on {first}): check the examination's day and her birth."
        yield FieldProblem("examPassedOn", "EXAM_UNDER_AGE", Words(zh, en))


def _citing(words: Words, law: Law) -> Words:
    """The words with the article of the conditions, as it is numbered that day."""
    return Words(words.zh.format(law.article(LawSubject.CONDITIONS_ARTICLE)), words.en)


def fitness_problems(health: HealthStatus, law: Law) -> Iterator[FieldProblem]:
    """Fit to nurse, as everybody who is registered."""
    if health is HealthStatus.UNFIT:
        yield FieldProblem("healthStatus", "HEALTH", _citing(_UNFIT, law))


def trained_problems(
    passed: date, where: str | None, first: date | None, last: date | None, today: date, *, law: Law
) -> Iterator[FieldProblem]:
    """More than three years after the examination she is trained for three months, after it (条例 7)."""
    yield from training_problems(where, first, last, today)
    if today <= add_years(passed, YEARS_TO_APPLY):
        return
    if not (where or first or last):
        yield FieldProblem("trainingInstitution", "TRAINED", _citing(_TRAIN, law))
    elif first and last and not months_between(first, last, TRAINING_MONTHS):
        yield FieldProblem("trainedUntil", "TRAINED", _citing(_TRAIN, law))
    if first and first < passed:
        yield FieldProblem("trainedFrom", "TRAINED_BEFORE_EXAM", _TRAINED_EARLY)
