"""The checks that several forms share: days, texts, the health examination and the training."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from rules.errors import FieldProblem, Words
from rules.law import Law
from rules.privacy import hidden_characters
from rules.working_days import add_months

REMARKS_LENGTH: Final = 500
NAME_LENGTH: Final = 100
NUMBER_LENGTH: Final = 64
REQUIRED: Final = Words("该项必填", "This field is required.")
TRAINING_IN_FULL: Final = Words("请填写完整的培训单位和起止日期", "Name the place and both the days of the training.")


def months_between(first: date, last: date, months: int) -> bool:
    """True if a span, both its days included, lasts at least so many months."""
    return add_months(first, months) <= last + timedelta(days=1)


def examination_problems(kind: str, examined_on: date | None, filed_on: date, law: Law) -> Iterator[FieldProblem]:
    """The problems of a health examination: not to come; where the law wants one of the kind, there and not old."""
    path, months, asked = "healthExaminedOn", law.examination_months, law.examined(kind)
    if examined_on is None:
        if asked:
            yield FieldProblem(path, "FIELD_REQUIRED", REQUIRED)
    elif examined_on > filed_on:
        zh, en = f"体检日期{examined_on}晚于今天", f"The examination date {examined_on} lies in the future."
        yield FieldProblem(path, "DATE_IN_FUTURE", Words(zh, en))
    elif asked and examined_on < (oldest := add_months(filed_on, -months)):
        zh = f"体检日期{examined_on}已超过{months}个月，须为{oldest}或以后"
        en = f"The examination of {examined_on} is more than {months} months old: one of {oldest} or later is needed."
        yield FieldProblem(path, "EXAMINATION_TOO_OLD", Words(zh, en))


def text_problems(
    path: str,
    given: str | None,
    longest: int = REMARKS_LENGTH,
    *,
    needed: bool = False,
    missing: Words = REQUIRED,
    allowed: str = "\n",
) -> Iterator[FieldProblem]:
    """The problems of a text: it must be short and plain, and present if it is needed."""
    text = given or ""
    if needed and not text.strip():
        yield FieldProblem(path, "FIELD_REQUIRED", missing)
    if len(text) > longest:
        zh = f"内容为{len(text)}字，不得超过{longest}字"
        yield FieldProblem(path, "TEXT_TOO_LONG", Words(zh, f"{len(text)} characters: at most {longest}."))
    if hidden := ", ".join(hidden_characters(text, allowed=allowed)):
        words = Words(f"含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        yield FieldProblem(path, "TEXT_HIDDEN_CHARACTER", words)


def past_problems(path: str, day: date, filed_on: date) -> Iterator[FieldProblem]:
    """Not of a day to come."""
    if day > filed_on:
        yield FieldProblem(path, "DATE_IN_FUTURE", Words(f"日期{day}晚于今天", f"{day} lies in the future."))


def span_problems(path: str, first: date, last: date, filed_on: date) -> Iterator[FieldProblem]:
    """The problems of a span: it ends after it began, and lies in the past."""
    yield from past_problems(path, last, filed_on)
    yield from order_problems(path, first, last)


def order_problems(path: str, first: date, last: date) -> Iterator[FieldProblem]:
    """The problem of a span that ends before it began."""
    if last < first:
        zh, en = f"结束日期{last}早于开始日期{first}", f"It ends on {last}, before it begins on {first}."
        yield FieldProblem(path, "ENDS_BEFORE_START", Words(zh, en))


def training_problems(
    institution: str | None, first: date | None, last: date | None, filed_on: date
) -> Iterator[FieldProblem]:
    """A training is named with its place and both its days, or not at all."""
    given = {"trainingInstitution": institution, "trainedFrom": first, "trainedUntil": last}
    missing = [path for path, value in given.items() if not value]
    if len(missing) == len(given):
        return
    for path in missing:
        yield FieldProblem(path, "FIELD_REQUIRED", TRAINING_IN_FULL)
    yield from text_problems("trainingInstitution", institution, NAME_LENGTH)
    if first and last:
        yield from span_problems("trainedUntil", first, last, filed_on)
