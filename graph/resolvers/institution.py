"""The steps on institutions, and the tree of authorities that license them."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, optional_key, reason_of, retry_key, shown
from graph.schema.act import Act
from graph.schema.institution import CREATE, INSTITUTION_STEPS
from graph.schema.node import key_of
from rules.institution import InstitutionStep
from workflow import institution as workflow

_STEP_OF: dict[str, InstitutionStep] = {act.name: step for step, act in INSTITUTION_STEPS.items()}


async def _create(context: Context, act: Act, input: Any) -> Any:
    order = workflow.NewInstitution(
        context.signed_in,
        input.code,
        input.name,
        input.division,
        input.responsible_name,
        input.responsible_phone,
        frozenset(input.documents_seen),
        {one.kind: key_of("Authority", one.authority) for one in input.approval_settings},
        retry_key(input),
    )
    key = await workflow.create(context.db, context.services.passwords, order)
    return act.payload(institution=await shown(context, "Institution", key))


async def _take(context: Context, act: Act, input: Any) -> Any:
    order = workflow.InstitutionOrder(
        context.signed_in,
        _STEP_OF[act.name],
        key_of("Institution", input.id),
        reason_of(input),
        getattr(input, "name", ""),
        optional_key("Institution", getattr(input, "into", None)),
        retry_key(input),
    )
    key = await workflow.take(context.db, order)
    return act.payload(institution=await shown(context, "Institution", key))


_FIELDS: dict[str, Any] = {
    CREATE.name: mutation(CREATE, _create),
    **{act.name: mutation(act, _take) for act in INSTITUTION_STEPS.values()},
}
InstitutionMutation: Any = strawberry.type(type("InstitutionMutation", (), {**_FIELDS, "__doc__": "Acting."}))
