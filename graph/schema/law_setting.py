"""The law as data with days (法规设定): what is shown of it, and what setting it takes and answers."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.errors import Language
from rules.law import LawSubject, SettingShown

strawberry.enum(LawSubject)


@strawberry.type
class LawSetting:
    """The value of one subject of the law from a day on (法规设定), everywhere or in a province."""

    subject: LawSubject = strawberry.field(description="设定事项.")
    title: str = strawberry.field(description="The subject in words.")
    place: str | None = strawberry.field(description="The authority that set it for its province; null for the nation.")
    from_day: date = strawberry.field(description="生效日期: whatever is filed from this day on is judged by it.")
    until_day: date | None = strawberry.field(description="Its last day, where the next value is known.")
    value: list[str] = strawberry.field(description="An article, a number, or the codes of a list.")
    in_force: bool = strawberry.field(description="Whether it holds today.")
    set_at: datetime = strawberry.field(description="When it was set, or came with a release.")

    @classmethod
    def of(cls, one: SettingShown, language: Language) -> LawSetting:
        """A setting in the reader's language."""
        return cls(
            subject=one.subject,
            title=one.subject.value if language is Language.ENGLISH else one.subject.label,
            place=one.place,
            from_day=one.from_day,
            until_day=one.until,
            value=list(one.value),
            in_force=one.holds,
            set_at=one.set_at,
        )


@strawberry.input
class LawSettingSetInput(IdempotentInput):
    """A value from a day on, for the nation, or for your province where the law leaves the subject open."""

    subject: LawSubject = strawberry.field(description="设定事项; a province sets its DEPARTMENTS.")
    from_day: date = strawberry.field(
        description="生效日期: two days ahead or later; a value that was to begin that very day gives way."
    )
    value: list[str] = strawberry.field(
        description="An article, a number of months, or the codes of a list: of reasons, of departments."
    )


@strawberry.interface
class LawSettingPayload:
    """The law was set; what was filed before its day is judged as before."""

    setting: LawSetting = strawberry.field(description="The setting as it stands now.")

    query = query_after("Anything else you want to read after the step.")
