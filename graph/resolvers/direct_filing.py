"""Filing for a nurse."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, optional_key, retry_key, shown
from graph.schema.act import Act
from graph.schema.direct_filing import FILE_AT_COUNTER, FILE_DEREGISTRATION
from graph.schema.node import key_of
from rules.forms import DeregistrationForm
from workflow.counter import file_at_counter
from workflow.deregistration import file_deregistration
from workflow.direct_filing import Filing


async def _deregistration(context: Context, act: Act, input: Any) -> Any:
    form = DeregistrationForm(input.reason, input.remarks, input.proof)
    filing = Filing(context.signed_in, key_of("Nurse", input.nurse_id), form, idempotency_key=retry_key(input))
    key = await file_deregistration(context.db, filing)
    return act.payload(application=await shown(context, "Application", key))


async def _at_counter(context: Context, act: Act, input: Any) -> Any:
    target = optional_key("Institution", input.institution_id)
    filing = Filing(context.signed_in, key_of("Nurse", input.nurse_id), input.form.filled(), target, retry_key(input))
    key = await file_at_counter(context.db, filing, identity_seen=input.identity_seen)
    return act.payload(application=await shown(context, "Application", key))


_FIELDS: dict[str, Any] = {
    FILE_DEREGISTRATION.name: mutation(FILE_DEREGISTRATION, _deregistration),
    FILE_AT_COUNTER.name: mutation(FILE_AT_COUNTER, _at_counter),
}
DirectFilingMutation: Any = strawberry.type(type("DirectFilingMutation", (), {**_FIELDS, "__doc__": "Acting."}))
