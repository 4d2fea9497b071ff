"""The eligibility of a nurse, rule by rule, before she fills in a form."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from rules.eligibility import Outcome, Verdict
from rules.errors import Language
from rules.kinds import Kind
from rules.law import Law

if TYPE_CHECKING:
    from graph.schema.application import Application

strawberry.enum(Outcome, name="EligibilityOutcome")


@strawberry.type
class EligibilityVerdict:
    """The verdict of one rule on her today."""

    code: str = strawberry.field(description="Stable, as in the problems of a refused filing.")
    outcome: Outcome = strawberry.field(
        description="UNKNOWN is left to the form or to the reviewer, and refuses nobody."
    )
    title: str = strawberry.field(description="The rule in words (条件).")
    article: str | None = strawberry.field(description="Where the law says so (依据).")
    what_to_do: str | None = strawberry.field(description="What to do about it (如何办理).")
    earliest: date | None = strawberry.field(
        description="The first day on which time alone will have cured it (最早可申请日期)."
    )

    @classmethod
    def of(cls, verdict: Verdict, language: Language, law: Law) -> EligibilityVerdict:
        """A verdict in the reader's language, with its article in this law."""
        rule, advice = verdict.rule, verdict.what_to_do
        return cls(
            code=rule.code,
            outcome=verdict.outcome,
            title=rule.en if language is Language.ENGLISH else rule.zh,
            article=law.article(rule.article),
            what_to_do=advice and advice.within(language),
            earliest=verdict.earliest,
        )


@strawberry.type
class Eligibility:
    """A nurse's eligibility for a kind today (申请资格); judged again when she files and at the decision."""

    kind: Kind = strawberry.field(description="业务类型.")
    eligible: bool = strawberry.field(description="Whether no rule fails.")
    verdicts: list[EligibilityVerdict] = strawberry.field(
        description="Every rule of the kind, in the order people read them; before her account is active those that "
        "read the register are UNKNOWN."
    )
    open_applications: list[Annotated[Application, strawberry.lazy("graph.schema.application")]] = strawberry.field(
        description="Her applications that stand in the way, so far as you may read them (在办业务): a draft of this "
        "kind, to go on with, and what must be decided or withdrawn first."
    )
