"""Filing for a nurse."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.shown import Shows
from graph.schema.direct_filing import ApplicationFileAtCounterInput, ApplicationFileDeregistrationInput
from graph.schema.node import key_of
from graph.schema.step import ApplicationPayload
from rules.direct_filing import require_one_name
from rules.forms import DeregistrationForm
from workflow import look_up
from workflow.counter import ApplicationFileAtCounter
from workflow.deregistration import ApplicationFileDeregistration


def _deregistration(input: ApplicationFileDeregistrationInput) -> ApplicationFileDeregistration:
    form = DeregistrationForm(input.reason, input.remarks, input.proof)
    return ApplicationFileDeregistration(key_of("Nurse", input.nurse_id), form, idempotency_key=retry_key(input))


async def _at_counter(context: Context, input: ApplicationFileAtCounterInput) -> ApplicationFileAtCounter:
    form, target = input.form.filled(), optional_key("Institution", input.institution_id)
    values = (form, input.identity_seen, target, input.id_number is not None)
    return ApplicationFileAtCounter(await _named(context, input), *values, idempotency_key=retry_key(input))


async def _named(context: Context, input: ApplicationFileAtCounterInput) -> UUID:
    """The nurse at the counter; looked up where her document names her."""
    require_one_name(input.nurse_id is not None, input.id_number is not None)
    if input.id_number is not None:
        return await look_up.at_counter(context.db, context.signed_in, input.document_type, input.id_number)
    return key_of("Nurse", input.nurse_id or "")


MUTATIONS: Final = (
    mutation.of(
        ApplicationFileDeregistration,
        ApplicationFileDeregistrationInput,
        ApplicationPayload,
        "File for the end of a nurse's registration (注销注册申请, I21): straight to the authority; she may object. "
        "For DEATH, INCAPACITY and LICENCE_REVOKED whatever else is open for her ends at once, for good.",
        _deregistration,
        Shows("Application"),
    ),
    mutation.prepared(
        ApplicationFileAtCounter,
        ApplicationFileAtCounterInput,
        ApplicationPayload,
        "File for a nurse at your counter (窗口受理), for those without an account; for reviewers.",
        _at_counter,
        Shows("Application"),
        secret=True,
    ),
)
