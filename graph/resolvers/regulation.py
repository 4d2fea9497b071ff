"""Looking up the regulation."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db import eligibility
from db import law as laws
from graph.context import Info
from graph.schema.form_definition import FormDefinition
from graph.schema.node import key_of
from graph.schema.regulation import ApplicationKindRule, ReviewReason
from rules.errors import NotFound
from rules.form_definition import definition
from rules.kinds import Kind
from rules.people import Party
from rules.reasons import REASONS

Place = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Where it is filed, by global id; by the nation's law else."),
]


@strawberry.type
class RegulationQuery:
    """Looking."""

    @strawberry.field
    def application_kinds(self, info: Info) -> list[ApplicationKindRule]:
        """The kinds of application, each with its explanation (业务申请, N16); for everybody."""
        return [ApplicationKindRule.of(kind, info.context.language) for kind in Kind]

    @strawberry.field
    async def form_definition(self, info: Info, kind: Kind, institution_id: Place = None) -> FormDefinition | None:
        """The form of a kind as data (填报要求, N16), under the law of where an institution is; for everybody.

        Null where the id is none of an institution.
        """
        context = info.context
        try:
            place = None if institution_id is None else key_of("Institution", institution_id)
        except NotFound:
            return None
        party = context.viewer.party if context.viewer else None
        async with context.db.read() as reader:
            today, law = await eligibility.today(reader), await laws.here(reader, place, None)
        fields = definition(kind, party or Party.NURSE, today, law)
        return FormDefinition.of(kind, fields, context.language, law)

    @strawberry.field
    async def review_reasons(self, info: Info) -> list[ReviewReason]:
        """The coded reasons of reviewers, and what each means for the nurse; for everybody."""
        async with info.context.db.read() as reader:
            law = await laws.shown(reader)
        return [ReviewReason.of(rule, info.context.language, law) for rule in REASONS.values()]
