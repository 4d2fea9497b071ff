"""A draft (草稿): kept as far as it is filled, and told what it lacks before it can be filed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rules.chronology import Life, life_problems
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, Words
from rules.form import Form
from rules.form_field import Text, fields_of
from rules.kinds import KINDS, Kind
from rules.law import Law
from rules.moves import ANSWERING, State
from rules.record import as_recorded, department_problems


def in_the_way(kind: Kind, state: State | None) -> Conflict:
    """The refusal of another application beside this one: which it is and where it stands, if she may know of it."""
    if state is None:
        return Conflict(Situation.APPLICATION_OPEN)
    title = KINDS[kind].title
    todo = ("请等待办理结果，或撤回后再申请", "wait for its result, or withdraw it first")
    if state is State.DRAFT:
        todo = ("请继续填报，或撤回后重新申请", "go on with it, or withdraw it first")
    elif state in ANSWERING:
        todo = ("请先修改或补正后提交，或撤回后再申请", "answer what was marked, or withdraw it first")
    zh = f"已有“{title.zh}”业务（{state.label}），{todo[0]}"
    en = f"There is an application already ({title.en}; {state.english}): {todo[1]}."
    return Conflict(Situation.APPLICATION_OPEN, words=Words(zh, en))


def require_storable(form: Form) -> None:
    """Refuse texts that no form may have: too long, or with hidden characters. All else may still be put right."""
    found = list[FieldProblem]()
    for one in fields_of(type(form)).values():
        value = getattr(form, one.attribute)
        if isinstance(one.limits, Text) and value is not None:
            found += one.limits.of_text(one.name, value)
    if found:
        raise Invalid(*found)


def draft_problems(
    form: Form, record: Mapping[str, object], life: Life, filed_on: date, law: Law
) -> Iterator[FieldProblem]:
    """All that would be refused in a form that is filed that day, of a nurse with this record and life."""
    whole = as_recorded(form, record)
    yield from whole.problems(filed_on, law)
    yield from life_problems(whole, life)
    yield from department_problems(whole, record, law)


def require_whole(form: Form, record: Mapping[str, object], life: Life, filed_on: date, law: Law) -> None:
    """Refuse a form that may not be filed that day, with every problem at once."""
    if found := [*draft_problems(form, record, life, filed_on, law)]:
        raise Invalid(*found)
