"""Setting the law (法规设定): who may, from what day, and which values are possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from rules.application import Step
from rules.dispatch import DispatchKind
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.form import field_names
from rules.form_checks import text_problems
from rules.kinds import Kind, form_of
from rules.law import LawSubject
from rules.nurse import Department
from rules.people import Actor, Role, require
from rules.reasons import REASONS

NOTICE: Final = timedelta(days=2)
"""So long before its first day a value is set, so that no process has begun the day when it is: what holds today is
settled, and may be kept until midnight.
"""
LONGEST_ARTICLE: Final = 100
MOST_MONTHS: Final = 24
MOST_YEARS: Final = 10
PROVINCIAL: Final = frozenset({LawSubject.DEPARTMENTS, LawSubject.EXAMINED_KINDS})
"""The subjects that a province may set: the law leaves the departments open, and practice whose examination is asked
for; the rest is the nation's.
"""
MAY_BE_EMPTY: Final = frozenset({LawSubject.EXAMINED_KINDS})
"""The lists that may be of nothing: no kind need name an examination."""
_LEVELS: Final = frozenset({"NATION", "PROVINCE"})
_NOT_YOURS: Final = Words("该事项由国家级管理部门设定", "This is set by the national authority.")
_NO_PLACE: Final = Words(
    "法规设定由国家级或省级管理部门维护", "The law is set by the national authority, or a province's for itself."
)


def require_setter(actor: Actor, level: str | None, subject: LawSubject) -> bool:
    """True where it is set for the nation; refuses an actor who may not set the subject."""
    require(actor, Role.PROVINCIAL_ADMIN)
    if level not in _LEVELS:
        raise NotAllowed("NO_LAW_PLACE", _NO_PLACE)
    if level != "NATION" and subject not in PROVINCIAL:
        raise NotAllowed("NOT_NATIONAL", _NOT_YOURS)
    return level == "NATION"


def require_setting(subject: LawSubject, from_day: date, value: Sequence[str], today: date) -> None:
    """Refuse a value that the subject cannot have, or a first day that is too near: days that have begun stay."""
    problems = [*_value_problems(subject, value)]
    if from_day < (first := today + NOTICE):
        zh = f"生效日期最早为{first}：已施行的设定不再更改，新设定须提前{NOTICE.days}天"
        en = f"It can begin on {first} or later: what holds already stays as it was."
        problems.append(FieldProblem("fromDay", "DATE_TOO_NEAR", Words(zh, en)))
    if problems:
        raise Invalid(*problems)


def _value_problems(subject: LawSubject, value: Sequence[str]) -> Iterator[FieldProblem]:
    if not value and subject not in MAY_BE_EMPTY:
        yield FieldProblem("value", "FIELD_REQUIRED", Words("请填写设定值", "Give the value."))
    if len({*value}) < len(value):
        yield FieldProblem("value", "VALUE_TWICE", Words("同一代码出现了两次", "A code stands there twice."))
    if subject in _CODES:
        yield from _code_problems(value, _CODES[subject])
    elif len(value) > 1:
        yield FieldProblem("value", "ONE_VALUE", Words("该事项只能有一个值", "This subject has one value only."))
    elif value and subject in _NUMBERS:
        yield from _number_problems(value[0], _NUMBERS[subject])
    elif value:
        yield from text_problems("value", value[0], LONGEST_ARTICLE, needed=True, allowed="")


def _code_problems(value: Sequence[str], known: Mapping[str, str]) -> Iterator[FieldProblem]:
    if strange := [code for code in value if code not in known]:
        zh = f"没有“{'、'.join(strange)}”，可用：{'、'.join(known.values())}"
        en = f"There is no {', '.join(strange)}; there are: {', '.join(known)}."
        yield FieldProblem("value", "CODE_UNKNOWN", Words(zh, en))


def _number_problems(text: str, most: int) -> Iterator[FieldProblem]:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        zh, en = f"“{text:.20}”应为1至{most}的整数", f"{text!r:.20} is not a number from 1 to {most}."
        yield FieldProblem("value", "NUMBER_RANGE", Words(zh, en))


def _names_health(kind: Kind) -> bool:
    return "healthExaminedOn" in field_names(form_of(kind))


_GROUNDS: Final = {rule.code.value: rule.code.label for rule in REASONS.values() if Step.REJECT in rule.steps}
_NUMBERS: Final = {LawSubject.EXAMINATION_MONTHS: MOST_MONTHS, LawSubject.INTERRUPTION_YEARS: MOST_YEARS}
"""The subjects whose value is a number, and the greatest."""
_CODES: Final[Mapping[LawSubject, Mapping[str, str]]] = {
    **{LawSubject(f"{kind}_REFUSALS"): _GROUNDS for kind in Kind},
    LawSubject.DEPARTMENTS: {one.value: one.label for one in Department},
    LawSubject.DISPATCH_KINDS: {one.value: one.label for one in DispatchKind},
    # A change is a report and asks for no proof of health (条例 9, 许可法 31).
    LawSubject.EXAMINED_KINDS: {one.value: one.label for one in Kind if one is not Kind.CHANGE and _names_health(one)},
}
"""The codes of which the value of a list is made, and their titles."""
