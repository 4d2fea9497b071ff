"""Filing for a nurse."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.schema.direct_filing import ApplicationFileAtCounterInput, ApplicationFileDeregistrationInput
from graph.schema.node import key_of
from graph.schema.step import ApplicationPayload
from rules.forms import DeregistrationForm
from workflow.counter import ApplicationFileAtCounter
from workflow.deregistration import ApplicationFileDeregistration


def _deregistration(input: ApplicationFileDeregistrationInput) -> ApplicationFileDeregistration:
    form = DeregistrationForm(input.reason, input.remarks, input.proof)
    return ApplicationFileDeregistration(key_of("Nurse", input.nurse_id), form, idempotency_key=retry_key(input))


def _at_counter(input: ApplicationFileAtCounterInput) -> ApplicationFileAtCounter:
    form, target = input.form.filled(), optional_key("Institution", input.institution_id)
    told = (form, input.identity_seen, target)
    return ApplicationFileAtCounter(key_of("Nurse", input.nurse_id), *told, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        ApplicationFileDeregistration,
        ApplicationFileDeregistrationInput,
        ApplicationPayload,
        "File for the end of a nurse's registration (注销注册申请, I21): straight to the authority; she may object. "
        "For DEATH, INCAPACITY and LICENCE_REVOKED whatever else is open for her ends at once, for good.",
        _deregistration,
        mutation.shows("Application"),
    ),
    mutation.of(
        ApplicationFileAtCounter,
        ApplicationFileAtCounterInput,
        ApplicationPayload,
        "File for a nurse at your counter (窗口受理), for those without an account; for reviewers.",
        _at_counter,
        mutation.shows("Application"),
    ),
)
