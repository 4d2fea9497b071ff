"""Saying what is asked for, and looking at it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields
from graph.schema.node import key_of
from graph.schema.page import REQUIRED, Connection, Taken, listed
from graph.schema.requirement import (
    MaterialRequirement,
    MaterialRequirementEndInput,
    MaterialRequirementPayload,
    MaterialRequirementSetInput,
)
from rules.errors import Words
from rules.kinds import Kind
from rules.requirement import Requirement
from workflow.requirement import MaterialRequirementEnd, MaterialRequirementSet

NOUN: Final = "MaterialRequirement"
OfAuthority = Annotated[
    strawberry.ID | None, strawberry.argument(description="Of which authority, by global id; your own unless told.")
]


def _set(input: MaterialRequirementSetInput) -> MaterialRequirementSet:
    title, days = Words(input.title_zh, input.title_en), (input.valid_from, input.valid_until)
    one = Requirement(input.kind, input.code, title, input.needed, input.paper, *days)
    return MaterialRequirementSet(one, idempotency_key=retry_key(input))


def _end(input: MaterialRequirementEndInput) -> MaterialRequirementEnd:
    return MaterialRequirementEnd(key_of(NOUN, input.id), input.valid_until, idempotency_key=retry_key(input))


async def _shown(context: Context, key: UUID) -> Fields:
    return {"requirement": await shown(context, NOUN, key)}


MUTATIONS: Final = (
    mutation.of(
        MaterialRequirementSet,
        MaterialRequirementSetInput,
        MaterialRequirementPayload,
        "Say what your province asks for of a kind, from a day on (申请材料目录), as its provincial admin.",
        _set,
        _shown,
    ),
    mutation.of(
        MaterialRequirementEnd,
        MaterialRequirementEndInput,
        MaterialRequirementPayload,
        "End what your province asks for; the nation's of the same code holds again.",
        _end,
        _shown,
    ),
)


@strawberry.type
class RequirementQuery:
    """Looking."""

    material_requirements = listed(
        "materialRequirements",
        Connection[MaterialRequirement],
        "What is asked for of a kind today (申请材料目录): the nation's list, with what the province has changed; "
        "for its own admin also what is to come.",
        kind=Taken(Kind, REQUIRED),
        authority=Taken(OfAuthority),
    )
