"""Looking up the regulation."""

from __future__ import annotations

import strawberry

from db import law as laws
from graph.context import Info
from graph.schema.regulation import ApplicationKindRule, ReviewReason
from rules.kinds import Kind
from rules.reasons import REASONS


@strawberry.type
class RegulationQuery:
    """Looking."""

    @strawberry.field
    def application_kinds(self, info: Info) -> list[ApplicationKindRule]:
        """The kinds of application, each with its explanation (业务申请, N16); for everybody."""
        return [ApplicationKindRule.of(kind, info.context.language) for kind in Kind]

    @strawberry.field
    async def review_reasons(self, info: Info) -> list[ReviewReason]:
        """The coded reasons of reviewers, and what each means for the nurse; for everybody."""
        async with info.context.db.read() as reader:
            law = await laws.shown(reader)
        return [ReviewReason.of(rule, info.context.language, law) for rule in REASONS.values()]
