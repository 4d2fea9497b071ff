"""The definition of a form (填报要求), by which a front end draws it, checks it and names its fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import strawberry

from rules.errors import Language
from rules.form_definition import FieldDefinition, FieldType
from rules.kinds import KINDS, Kind
from rules.label import Labelled
from rules.law import Law

strawberry.enum(FieldType, name="FormFieldType")


@strawberry.type
class FormChoice:
    """One choice of a closed list."""

    value: str = strawberry.field(description="Stable; the value of the enum.")
    label: str = strawberry.field(description="The term that people read.")

    @classmethod
    def of(cls, one: Labelled, language: Language) -> FormChoice:
        """A choice in the reader's language."""
        english = one.english[:1].upper() + one.english[1:]
        return cls(value=one.value, label=english if language is Language.ENGLISH else one.label)


@strawberry.type
class FormCondition:
    """A condition on another field of the form."""

    field: str = strawberry.field(description="The other field, by its name.")
    values: list[str] = strawberry.field(description="The values with which the condition holds.")


@strawberry.type
class FormField:
    """The definition of one field of a form (填报项)."""

    name: str = strawberry.field(description="As the form's input, its type and a reviewer's marks name it.")
    label: str = strawberry.field(description="What it is called, on the page and on paper.")
    help: str | None = strawberry.field(description="What helps to fill it in (填报说明).")
    article: str | None = strawberry.field(description="Where the law asks for it (依据).")
    type: FieldType = strawberry.field(description="How it is filled in (填报方式).")
    choices: list[FormChoice] = strawberry.field(
        description="What may be chosen there and today, in its order; none where it is no choice."
    )
    required: bool = strawberry.field(description="Whether it is always needed (必填).")
    required_when: FormCondition | None = strawberry.field(
        description="The values of another field with which it is needed."
    )
    required_together: list[str] = strawberry.field(
        description="The fields that are filled in together with it, or not at all."
    )
    kept_on_record: bool = strawberry.field(description="Whether it stays as on record (在册) where it is left out.")
    max_length: int | None = strawberry.field(description="The most characters of a text.")
    earliest: date | None = strawberry.field(description="The first day that it may name, if it is filed today.")
    latest: date | None = strawberry.field(description="The last day that it may name, if it is filed today.")

    @classmethod
    def of(cls, one: FieldDefinition, language: Language, law: Law) -> FormField:
        """A field in the reader's language, with its article in this law."""
        asked, terms, when = one.asked, one.terms, one.asked.when
        return cls(
            name=asked.name,
            label=terms.title.within(language),
            help=terms.help and terms.help.within(language),
            article=law.article(terms.article),
            type=one.type,
            choices=[FormChoice.of(it, language) for it in one.choices],
            required=one.needed,
            required_when=None if when is None else FormCondition(field=when.field, values=sorted(when.values)),
            required_together=[name for name in asked.together.fields if name != asked.name] if asked.together else [],
            kept_on_record=asked.kept is not None,
            max_length=one.longest,
            earliest=one.span.earliest,
            latest=one.span.latest,
        )


@strawberry.type
class FormDefinition:
    """A form as data (填报要求): what an application of a kind asks for there and today."""

    kind: Kind = strawberry.field(description="业务类型.")
    title: str = strawberry.field(description="What the kind is called.")
    fields: list[FormField] = strawberry.field(description="The fields, in the order of the form.")

    @classmethod
    def of(cls, kind: Kind, fields: Iterable[FieldDefinition], language: Language, law: Law) -> FormDefinition:
        """A form in the reader's language."""
        shown = [FormField.of(one, language, law) for one in fields]
        return cls(kind=kind, title=KINDS[kind].title.within(language), fields=shown)
