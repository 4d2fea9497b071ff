"""The regulation as clients may look it up: the kinds of application, and the coded reasons of reviewers."""

from __future__ import annotations

import strawberry

from rules.application import Step
from rules.errors import Language
from rules.form import field_names
from rules.kinds import KINDS, Kind, form_of
from rules.law import Law
from rules.reasons import Cure, Reason, ReasonRule
from rules.working_days import CountedFrom

strawberry.enum(Cure, name="ReasonCure")
strawberry.enum(CountedFrom, name="PeriodStart")


@strawberry.type
class ApplicationKindRule:
    """One kind of application, explained (业务详细说明, N16)."""

    kind: Kind = strawberry.field(description="业务类型.")
    title: str = strawberry.field(description="What it is called.")
    explanation: str = strawberry.field(description="For whom it is, and where to apply (业务说明).")
    fields: list[str] = strawberry.field(description="The fields of its form, which a reviewer may mark.")
    decision_days: int = strawberry.field(
        description="The working days that the law gives the authority (法定审批期限)."
    )
    counted_from: CountedFrom = strawberry.field(description="What starts them.")

    @classmethod
    def of(cls, kind: Kind, language: Language) -> ApplicationKindRule:
        """A kind in the reader's language."""
        rule = KINDS[kind]
        return cls(
            kind=kind,
            title=rule.title.within(language),
            explanation=rule.explanation.within(language),
            fields=list(field_names(form_of(kind))),
            decision_days=rule.period.days,
            counted_from=rule.period.counted_from,
        )


@strawberry.type
class ReviewReason:
    """One coded reason: whether it can be cured, refuses, or bars (退回、不予的理由)."""

    code: Reason = strawberry.field(description="Stable; what a step names.")
    title: str = strawberry.field(description="The reason in words.")
    article: str | None = strawberry.field(description="Where the law says so (依据).")
    cure: Cure = strawberry.field(
        description="Whether she corrects it and goes on, this application ends, or none may follow yet."
    )
    steps: list[Step] = strawberry.field(description="The steps that may name it.")
    fields: list[str] = strawberry.field(description="The fields it may mark; `*` is any field.")
    materials: list[str] = strawberry.field(description="The materials it may mark, by code; `*` is any material.")
    bar_years: int = strawberry.field(
        description="For how many years she may not apply again; the last day stands in `barUntil`."
    )

    @classmethod
    def of(cls, rule: ReasonRule, language: Language, law: Law) -> ReviewReason:
        """A reason in the reader's language, with its article in this law."""
        return cls(
            code=rule.code,
            title=rule.en if language is Language.ENGLISH else rule.code.label,
            article=law.article(rule.article),
            cure=rule.cure,
            steps=[step for step in Step if step in rule.steps],
            fields=sorted(rule.fields),
            materials=sorted(rule.materials),
            bar_years=rule.bar_years,
        )
