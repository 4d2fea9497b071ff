"""The requirements of a form for its fields (填报要求), as data: judged here, shown by the definition.

A form's class says it once, with the field's type: `school: Annotated[str, Text(NAME_LENGTH)]`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from rules.casing import camel_case
from rules.errors import FieldProblem, Words
from rules.form_checks import REMARKS_LENGTH, REQUIRED, examination_problems, past_problems, text_problems
from rules.label import Labelled
from rules.law import Law
from rules.working_days import add_months, add_years

YEARS_VALID: Final = 5
"""The years for which a registration is valid (条例 10)."""


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day that a date may be; None is no limit."""

    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a field's value; by itself it has none."""

    def problems(self, path: str, value: Any, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of a value that is there."""
        yield from ()

    def span(self, filed_on: date, law: Law) -> Span:
        """The days that it may name."""
        return Span()

    def needs(self, law: Law) -> bool:
        """True where the law wants it although the form lets it be left out."""
        return False


@dataclass(frozen=True, slots=True)
class Text(Limits):
    """Plain words, so many characters at most; on one line or on several."""

    longest: int = REMARKS_LENGTH
    lines: bool = True

    def of_text(self, path: str, value: str) -> Iterator[FieldProblem]:
        """The problems of length and of hidden characters, on whatever day."""
        yield from text_problems(path, value, self.longest, allowed="\n" if self.lines else "")

    def problems(self, path: str, value: Any, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The same."""
        yield from self.of_text(path, value)


@dataclass(frozen=True, slots=True)
class Past(Limits):
    """A day that is not to come."""

    def problems(self, path: str, value: Any, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problem of a day to come."""
        yield from past_problems(path, value, filed_on)

    def span(self, filed_on: date, law: Law) -> Span:
        """Until the day of filing."""
        return Span(latest=filed_on)


@dataclass(frozen=True, slots=True)
class Examination(Limits):
    """The day of an examination, not older than the law lets it be (体检日期), where it wants one of the kind."""

    kind: str

    def problems(self, path: str, value: Any, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problem of one that is too old, or of a day to come."""
        yield from examination_problems(self.kind, value, filed_on, law)

    def span(self, filed_on: date, law: Law) -> Span:
        """The months that the law gives it."""
        return Span(add_months(filed_on, -law.examination_months) if self.needs(law) else None, filed_on)

    def needs(self, law: Law) -> bool:
        """True where the form of the kind names an examination."""
        return law.examined(self.kind)


@dataclass(frozen=True, slots=True)
class MilitaryExpiry(Limits):
    """The last day of a military certificate, which is valid for five years."""

    def problems(self, path: str, value: Any, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problem of one that no certificate can have."""
        latest = self.span(filed_on, law).latest
        assert latest is not None
        if value > latest:
            zh, en = f"军队或武警护士证有效期不会晚于{latest}", f"It is valid until {latest} at most."
            yield FieldProblem(path, "EXPIRY_TOO_FAR", Words(zh, en))

    def span(self, filed_on: date, law: Law) -> Span:
        """Until five years from the day of filing."""
        return Span(latest=add_years(filed_on, YEARS_VALID))


@dataclass(frozen=True, slots=True)
class When:
    """That a field may be left out, but not where another field has one of these values; with the words for that.

    `only` are the words for where it is filled in beside other values, if it may not be.
    """

    field: str
    values: Collection[str]
    missing: Words = REQUIRED
    only: Words | None = None


@dataclass(frozen=True, slots=True)
class AllOrNone:
    """That these fields are filled in together or not at all; with the words for one that is missing."""

    fields: tuple[str, ...]
    missing: Words


@dataclass(frozen=True, slots=True)
class Kept:
    """That a field stays as on record where it is left out; with the words for where nothing is on record."""

    missing: Words


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form: its name as GraphQL has it, that of its attribute, its type, and what is asked of it."""

    name: str
    attribute: str
    type: type
    needed: bool
    """True where it may never be left out."""
    limits: Limits = Limits()
    when: When | None = None
    together: AllOrNone | None = None
    kept: Kept | None = None

    @property
    def choices(self) -> tuple[Labelled, ...]:
        """The members of its closed list, where it has one."""
        return tuple(self.type) if issubclass(self.type, Labelled) else ()

    def is_needed(self, values: Mapping[str, object], law: Law) -> bool:
        """True where it must be there beside these values of the other fields."""
        when, together = self.when, self.together
        return (
            self.needed
            or self.kept is not None
            or self.limits.needs(law)
            or (when is not None and values.get(when.field) in when.values)
            or (together is not None and any(not is_empty(values.get(name)) for name in together.fields))
        )

    @property
    def missing(self) -> Words:
        """The words for where it is not there and must be."""
        says = self.kept or self.together or self.when
        return REQUIRED if says is None else says.missing


_SAYS: Final[Mapping[type, str]] = {When: "when", AllOrNone: "together", Kept: "kept"}


def _of(one: Field[Any], hint: Any) -> FormField:
    plain, said = (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())
    (wanted,) = (option for option in get_args(plain) or (plain,) if option is not NoneType)
    asked = {_SAYS.get(type(each), "limits"): each for each in said}
    needed = one.default is MISSING and NoneType not in get_args(plain)
    return FormField(camel_case(one.name), one.name, wanted, needed, **asked)


def _fields_of(form: Any) -> Mapping[str, FormField]:
    hints = get_type_hints(form, include_extras=True)
    return {made.name: made for made in (_of(one, hints[one.name]) for one in fields(form))}


fields_of: Final[Callable[[Any], Mapping[str, FormField]]] = cache(_fields_of)
"""The fields of a form's class by their names, in its order."""


def is_empty(value: object) -> bool:
    """True if nothing was filled in: no value, or blanks alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def field_problems(form: Any, values: Mapping[str, Any], filed_on: date, law: Law) -> Iterator[FieldProblem]:
    """The problems of each field by itself, and of those that are missing."""
    for name, one in fields_of(form).items():
        value = values.get(name)
        if is_empty(value) and one.is_needed(values, law):
            yield FieldProblem(name, "FIELD_REQUIRED", one.missing)
        when = one.when
        if when is not None and when.only and not is_empty(value) and values.get(when.field) not in when.values:
            yield FieldProblem(name, "OTHER_NOT_CHOSEN", when.only)
        if value is not None:
            yield from one.limits.problems(name, value, filed_on, law)
