"""Handing in materials, seeing originals, and saying what is asked for."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from db import requirement as requirements
from graph.context import Context, Info
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
from rules.errors import NotFound, Words
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
    async with context.db.read() as reader:
        found = await requirements.by_id(reader, key)
    if found is None:
        raise NotFound
    return _shown(context, found)


def _shown(context: Context, row: Any) -> MaterialRequirement:
    return MaterialRequirement(
        id=global_id(NOUN, row.id),
        kind=Kind(row.kind),
        code=row.code,
        title=Words(row.title_zh, row.title_en).within(context.language),
        needed=row.needed,
        paper=row.paper,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        authority_id=row.authority_id,
    )


@strawberry.type
class MaterialQuery:
    """Looking."""

    @strawberry.field
    async def material_requirements(self, info: Info, kind: Kind, authority: Place = None) -> list[MaterialRequirement]:
        """What is asked for of a kind today (申请材料目录): the nation's list, with what the province has changed."""
        context = info.context
        viewer = context.actor
        given = None if authority is None else key_of("Authority", authority)
        async with context.db.read() as reader:
            place = given or await requirements.viewed_from(reader, viewer)
            found = await requirements.in_force(reader, kind, place)
        return [_shown(context, row) for row in found]


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
