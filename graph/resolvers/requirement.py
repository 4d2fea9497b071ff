"""Saying what is asked for, and looking at it."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
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


_SHOWN: Final = Shows(NOUN, "requirement")
MUTATIONS: Final = (
    mutation.of(
        MaterialRequirementSet,
        MaterialRequirementSetInput,
        MaterialRequirementPayload,
        "Say what your province asks for of a kind, from a day on (申请材料目录), as its provincial admin.",
        _set,
        _SHOWN,
    ),
    mutation.of(
        MaterialRequirementEnd,
        MaterialRequirementEndInput,
        MaterialRequirementPayload,
        "End what your province asks for; the nation's of the same code holds again.",
        _end,
        _SHOWN,
    ),
)


@strawberry.type
class RequirementQuery:
    """Looking."""

    material_requirements = listed(
        "materialRequirements",
        Connection[MaterialRequirement],
        "What is asked for of a kind today (申请材料目录): the nation's list, with what the province has changed.",
        kind=Taken(Kind, REQUIRED),
        authority=Taken(OfAuthority),
    )
