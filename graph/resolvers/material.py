"""Handing in materials, and seeing originals."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema.material import Material
from graph.schema.material_act import (
    MaterialApplicationPayload,
    MaterialCheckInput,
    MaterialHandedInPayload,
    MaterialRemoveInput,
    MaterialUploadInput,
)
from graph.schema.node import global_id, key_of
from rules.material import MATERIALS_AN_APPLICATION
from workflow.material import MaterialCheck, MaterialRemove, MaterialUpload, upload


async def _upload(context: Context, input: MaterialUploadInput) -> Fields:
    key = key_of("Application", input.application_id)
    place = None if input.institution_id is None else key_of("Institution", input.institution_id)
    wish = MaterialUpload(key, input.code, input.file, place, idempotency_key=retry_key(input))
    named = global_id("Material", await upload(context.db, context.signed_in, wish))
    application = await shown(context, "Application", key)
    there: list[Material] = await context.load.many("Material", key, MATERIALS_AN_APPLICATION)
    return {"application": application, "material": next((one for one in there if one.id == named), None)}


def _remove(input: MaterialRemoveInput) -> MaterialRemove:
    return MaterialRemove(key_of("Material", input.id), idempotency_key=retry_key(input))


def _check(input: MaterialCheckInput) -> MaterialCheck:
    key, codes = key_of("Application", input.application_id), frozenset(input.codes)
    return MaterialCheck(key, codes, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    Mutation(
        MaterialUpload,
        MaterialUploadInput,
        MaterialHandedInPayload,
        "Hand in a material (上传材料), as a multipart request: in a draft, or where the materials were marked.",
        _upload,
    ),
    mutation.of(
        MaterialRemove,
        MaterialRemoveInput,
        MaterialApplicationPayload,
        "Take a material back (删除材料).",
        _remove,
        Shows("Application"),
    ),
    mutation.of(
        MaterialCheck,
        MaterialCheckInput,
        MaterialApplicationPayload,
        "Tick the originals that you have seen (核对原件, N18), as a reviewer of the authority.",
        _check,
        Shows("Application"),
    ),
)
