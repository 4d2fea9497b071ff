"""Filled forms: the way they are kept and compared, and the answers to a reviewer's marks.

Fields are named here as GraphQL names them (camelCase): `healthExaminedOn`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from rules.errors import FieldProblem, Invalid, Words
from rules.form_field import FormField, field_problems, fields_of
from rules.label import Labelled
from rules.law import LAW, Law
from rules.other import OTHERS, trimmed, with_words


@dataclass(frozen=True)
class Form:
    """The form of one kind of application; each kind has its own.

    A draft's may be half filled: then what is empty is None, whatever its type says. `check` lets none of that pass.
    """

    def __post_init__(self) -> None:
        """Words for what no list has are kept without the blanks around them."""
        for words in OTHERS.values():
            if hasattr(self, words):
                object.__setattr__(self, words, trimmed(getattr(self, words)))

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of this form when it is filed that day, under the law of the day.

        Its fields are compared with each other once all are there.
        """
        values = {name: getattr(self, one.attribute) for name, one in fields_of(type(self)).items()}
        yield from field_problems(type(self), values, filed_on, law)
        if not any(one.needed and values[name] is None for name, one in fields_of(type(self)).items()):
            yield from self.compared()

    def compared(self) -> Iterator[FieldProblem]:
        """The problems of its fields beside each other."""
        yield from ()

    def record(self) -> Mapping[str, object]:
        """The values that approval carries into the nurse's record, by column.

        通过办理的申请业务将自动完成护士信息修改.
        """
        return {}


F = TypeVar("F", bound=Form)


def check(
    form: Form,
    filed_on: date,
    only: Collection[str] | None = None,
    beside: Iterable[FieldProblem] = (),
    *,
    law: Law = LAW,
) -> None:
    """Refuse a form that breaks the regulation on the day it is filed, with every problem at once.

    `beside` are the problems that it has beside the nurse's record. Of a form that is filed again `only` the marked
    fields are judged: the others passed on their own day.
    """
    found = (*form.problems(filed_on, law), *beside)
    if problems := [problem for problem in found if only is None or problem.path in only]:
        raise Invalid(*problems)


def field_names(form: type[Form]) -> tuple[str, ...]:
    """The fields a form has, in its order; those a reviewer may mark."""
    return tuple(fields_of(form))


def form_to_json(form: Form) -> dict[str, str | None]:
    """The form as plain JSON: ISO dates and enum values, and null for what is empty."""
    return {name: _plain(getattr(form, one.attribute)) for name, one in fields_of(type(form)).items()}


def read(form: type[F], data: Mapping[str, object]) -> F:
    """The form that `form_to_json` made, or Invalid with every field that is unknown or unreadable."""
    known = fields_of(form)
    problems = [FieldProblem(name, "FIELD_UNKNOWN", _UNKNOWN) for name in data if name not in known]
    values: dict[str, Any] = {}
    for name, one in known.items():
        try:
            values[one.attribute] = _parsed(one, data.get(name))
        except ValueError:
            problems.append(_unreadable(one, data.get(name)))
    if problems:
        raise Invalid(*problems)
    return form(**values)


def changed_fields(old: Form, new: Form) -> tuple[str, ...]:
    """The fields in which two forms of one kind differ, in the form's order."""
    before, after = form_to_json(old), form_to_json(new)
    return tuple(name for name in after if before[name] != after[name])


def answer(
    old: Form,
    marked: Collection[str],
    new: Form,
    confirmed: Collection[str] = (),
    *,
    opened: Collection[str] = (),
    beside: Iterable[FieldProblem] = (),
) -> tuple[str, ...]:
    """The fields that changed in answer to a reviewer's marks; raises Invalid with a problem for each wrong field.

    Only marked fields may change, those `opened` by a marked material, and the words that belong to them. Each marked
    field is answered by a new value, or by naming it in `confirmed`: the nurse then stands by the value, so a right
    value need not change.
    `beside` are the problems of the rest of the answer.
    """
    changed, open_now = changed_fields(old, new), with_words({*marked, *opened})
    problems = [
        *(FieldProblem(name, "FIELD_LOCKED", _LOCKED) for name in changed if name not in open_now),
        *(FieldProblem(name, "FIELD_NOT_MARKED", _NOT_MARKED) for name in confirmed if name not in marked),
        *(FieldProblem(name, "FIELD_UNANSWERED", _UNANSWERED) for name in marked if name not in {*changed, *confirmed}),
        *beside,
    ]
    if problems:
        raise Invalid(*problems)
    return changed


_UNKNOWN = Words("没有该填报项", "The form has no such field.")
_LOCKED = Words("该项未被标注，不能修改", "This field was not marked, so it may not change.")
_NOT_MARKED = Words("该项未被标注，无需确认", "This field was not marked, so there is nothing to confirm.")
_UNANSWERED = Words("请修改该项，或确认无误", "This field was marked: change it, or confirm it as it is.")


def _plain(value: date | str | None) -> str | None:
    match value:
        case None:
            return None
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _parsed(one: FormField, value: object) -> object:
    """`value` as the field's type; ValueError where it is not one."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("text is expected")
    return date.fromisoformat(value) if one.type is date else one.type(value)


def _unreadable(one: FormField, value: object) -> FieldProblem:
    known = terms(one.type) if issubclass(one.type, Labelled) else _EXPECTED[one.type]
    words = Words(
        f"“{value!s:.40}”不是有效的值，应为：{known.zh}", f"{value!r:.40} is not valid here; expected: {known.en}."
    )
    return FieldProblem(one.name, "FIELD_UNREADABLE", words)


def terms(kind: type[Labelled]) -> Words:
    """The members of a closed list as people read them: terms in Chinese, values in English."""
    return Words("、".join(one.label for one in kind), ", ".join(kind))


_EXPECTED: Final[Mapping[type, Words]] = {date: Words("年-月-日", "YYYY-MM-DD"), str: Words("文字", "text")}
