"""Handing in materials, seeing originals, and saying what is asked for."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, retry_key, shown
from graph.schema.act import Act
from graph.schema.material import MaterialRequirement
from graph.schema.material_act import (
    CHECK_MATERIALS,
    END_REQUIREMENT,
    REMOVE_MATERIAL,
    SET_REQUIREMENT,
    UPLOAD_MATERIAL,
)
from graph.schema.node import global_id, key_of
from graph.schema.page import REQUIRED, Connection, Taken, listed
from rules.errors import Words
from rules.kinds import Kind
from rules.material import MATERIALS_AN_APPLICATION
from rules.requirement import Requirement
from workflow import material as workflow
from workflow import requirement as asking

NOUN = "MaterialRequirement"
Place = Annotated[
    strawberry.ID | None, strawberry.argument(description="Of which authority, by global id; your own unless told.")
]


async def _upload(context: Context, act: Act, input: Any) -> Any:
    key = key_of("Application", input.application_id)
    wish = workflow.Upload(context.signed_in, key, input.code, input.file, retry_key(input))
    application_id, material_id = await workflow.upload(context.db, wish)
    application, named = await shown(context, "Application", application_id), global_id("Material", material_id)
    there = await context.load.many("Material", application_id, MATERIALS_AN_APPLICATION)
    return act.payload(application=application, material=next((one for one in there if one.id == named), None))


async def _remove(context: Context, act: Act, input: Any) -> Any:
    wish = workflow.Removal(context.signed_in, key_of("Material", input.id), retry_key(input))
    return act.payload(application=await shown(context, "Application", await workflow.remove(context.db, wish)))


async def _check(context: Context, act: Act, input: Any) -> Any:
    key, codes = key_of("Application", input.application_id), tuple(input.codes)
    wish = workflow.Check(context.signed_in, key, codes, retry_key(input))
    return act.payload(application=await shown(context, "Application", await workflow.check(context.db, wish)))


async def _set(context: Context, act: Act, input: Any) -> Any:
    title, days = Words(input.title_zh, input.title_en), (input.valid_from, input.valid_until)
    one = Requirement(input.kind, input.code, title, input.needed, input.paper, *days)
    key = await asking.set_requirement(context.db, asking.NewRequirement(context.signed_in, one, retry_key(input)))
    return act.payload(requirement=await _requirement(context, key))


async def _end(context: Context, act: Act, input: Any) -> Any:
    wish = asking.End(context.signed_in, key_of(NOUN, input.id), input.valid_until, retry_key(input))
    return act.payload(requirement=await _requirement(context, await asking.end_requirement(context.db, wish)))


async def _requirement(context: Context, key: Any) -> MaterialRequirement:
    found: MaterialRequirement = await shown(context, NOUN, key)
    return found


@strawberry.type
class MaterialQuery:
    """Looking."""

    material_requirements = listed(
        "materialRequirements",
        Connection[MaterialRequirement],
        "What is asked for of a kind today (申请材料目录): the nation's list, with what the province has changed.",
        kind=Taken(Kind, REQUIRED),
        authority=Taken(Place),
    )


MaterialMutation: Any = strawberry.type(
    type(
        "MaterialMutation",
        (),
        {
            UPLOAD_MATERIAL.name: mutation(UPLOAD_MATERIAL, _upload),
            REMOVE_MATERIAL.name: mutation(REMOVE_MATERIAL, _remove),
            CHECK_MATERIALS.name: mutation(CHECK_MATERIALS, _check),
            SET_REQUIREMENT.name: mutation(SET_REQUIREMENT, _set),
            END_REQUIREMENT.name: mutation(END_REQUIREMENT, _end),
            "__doc__": "Acting.",
        },
    )
)
