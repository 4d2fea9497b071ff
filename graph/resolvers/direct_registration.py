"""Registering by the province."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, retry_key, shown
from graph.schema.act import Act
from graph.schema.direct_registration import REGISTER_DIRECT
from graph.schema.node import key_of
from rules.direct_registration import DirectEntry
from workflow import direct_registration as workflow
from workflow.direct_registration import DirectRegistration


async def _register(context: Context, act: Act, input: Any) -> Any:
    given = {name: value for name, value in vars(input).items() if name not in ("idempotency_key", "institution")}
    entry = DirectEntry(**given, institution_id=key_of("Institution", input.institution))
    key = await workflow.register(context.db, DirectRegistration(context.signed_in, entry, retry_key(input)))
    return act.payload(nurse=await shown(context, "Nurse", key))


DirectRegistrationMutation: Any = strawberry.type(
    type(
        "DirectRegistrationMutation",
        (),
        {REGISTER_DIRECT.name: mutation(REGISTER_DIRECT, _register), "__doc__": "Acting."},
    )
)
