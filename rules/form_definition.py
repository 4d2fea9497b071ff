"""The definition of a form (填报要求): its fields as people fill them in, under the law of a day, for one end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rules.deregistration import reasons_of
from rules.form import Form
from rules.form_field import FormField, Span, Text, fields_of
from rules.form_terms import TERMS, FieldTerms
from rules.kinds import Kind, form_of
from rules.label import Labelled
from rules.law import Law
from rules.people import Party


class FieldType(Labelled):
    """The type of a field of a form: how it is filled in (填报方式)."""

    TEXT = "TEXT", "文字"
    DATE = "DATE", "日期"
    CHOICE = "CHOICE", "选项"


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """The definition of one field: what is asked, in which terms, with which choices and between which days."""

    asked: FormField
    terms: FieldTerms
    choices: Sequence[Labelled]
    span: Span
    needed: bool
    """True where it is always needed, under the law of the place."""

    @property
    def type(self) -> FieldType:
        """Its type."""
        if self.asked.choices:
            return FieldType.CHOICE
        return FieldType.DATE if self.asked.type is date else FieldType.TEXT

    @property
    def longest(self) -> int | None:
        """The most characters of a text."""
        return self.asked.limits.longest if isinstance(self.asked.limits, Text) else None


def definition(kind: Kind, party: Party, today: date, law: Law) -> tuple[FieldDefinition, ...]:
    """The fields of a kind's form, in its order, as one end of the system fills them in today."""
    return defined(form_of(kind), party, today, law)


def defined(form: type[Form], party: Party, today: date, law: Law) -> tuple[FieldDefinition, ...]:
    """The same of any form."""
    offered = {"department": law.departments, "reason": reasons_of(party)}

    def field(name: str, one: FormField) -> FieldDefinition:
        listed = offered.get(name)
        choices = [choice for choice in one.choices if listed is None or choice in listed]
        needed = one.needed or one.limits.needs(law)
        return FieldDefinition(one, TERMS[name], choices, one.limits.span(today, law), needed)

    return tuple(field(name, one) for name, one in fields_of(form).items())
