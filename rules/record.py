"""The nurse's record beside a form: what is left out stays as on record, and what a form would change there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from rules.casing import camel_case
from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form, form_to_json, read
from rules.form_field import fields_of
from rules.form_terms import title_zh
from rules.label import Labelled
from rules.law import Law
from rules.nurse import Department
from rules.other import OTHERS

RECORDED: Final = (
    *("health_status", "department", "other_department", "title"),
    *("school", "major", "education", "other_education", "degree", "study_length", "graduated_on"),
)
"""The columns of the record that forms write."""
F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One value that a form would change in the nurse's record, as people read it."""

    path: str
    recorded: Words
    wanted: Words


def as_recorded(form: F, record: Mapping[str, object]) -> F:
    """The form with the nurse's record in the place of what was left out."""
    kept = [one for one in fields_of(type(form)).values() if one.kept]
    left_out = [one for one in kept if getattr(form, one.attribute) is None]
    if not left_out:
        return form
    words = (OTHERS[one.attribute] for one in left_out if one.attribute in OTHERS)
    left_out += [fields_of(type(form))[camel_case(name)] for name in words if getattr(form, name) is None]
    return read(type(form), {**form_to_json(form), **{one.name: record.get(one.attribute) for one in left_out}})


def department_problems(form: Form, record: Mapping[str, object], law: Law) -> Iterator[FieldProblem]:
    """The problem of a department that the list of the day does not have; the one on record may stay."""
    chosen = getattr(form, "department", None)
    if chosen is not None and chosen not in law.departments and chosen != record.get("department"):
        offered = [one for one in Department if one in law.departments]
        zh = f"工作科室目录中没有“{chosen.label}”，可选：{'、'.join(one.label for one in offered)}"
        yield FieldProblem(
            "department", "DEPARTMENT_UNLISTED", Words(zh, f"{chosen} is not on the list: {', '.join(offered)}.")
        )


def changes(form: Form, record: Mapping[str, object]) -> tuple[RecordChange, ...]:
    """The values on record that this form would replace by others; what is not on record yet is no change."""
    wanted = {name: value for name, value in form.record().items() if value is not None}
    return tuple(
        RecordChange(camel_case(name), _words(record[name], value), _words(value, value))
        for name, value in wanted.items()
        if record[name] is not None and record[name] != value
    )


def require_meant(found: Iterable[RecordChange], meant: Collection[str]) -> None:
    """Refuse to change a value on record that nobody has said of this nurse; one problem a value."""
    if strange := [one for one in found if one.path not in meant]:
        raise Invalid(*(FieldProblem(one.path, "RECORD_DIFFERS", _differs(one)) for one in strange))


def _differs(one: RecordChange) -> Words:
    return Words(
        f"{title_zh(one.path)}在册为“{one.recorded.zh}”，统一填报为“{one.wanted.zh}”；不变更的请留空，确需变更的请在名单中逐人填写，"
        "或确认变更在册信息",
        f"On record is {one.recorded.en}, the form for all says {one.wanted.en}: leave it out, name it in her row of a "
        "list, or say changesRecord.",
    )


def _words(value: object, like: object) -> Words:
    """A value as people read it: the term of a closed list where `like` is one of its members."""
    if isinstance(like, Labelled):
        member = type(like)(str(value))
        return Words(member.label, member.value)
    return Words(str(value), str(value))
