"""Suspending, lifting, striking off."""

from __future__ import annotations

from typing import Final

from graph.resolvers.act import retry_key
from graph.resolvers.registration_act import act
from graph.schema.suspension import RegistrationLiftInput, RegistrationRevokeInput, RegistrationSuspendInput
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend


def _suspend(input: RegistrationSuspendInput) -> RegistrationSuspend:
    decided = (input.decision_number, input.reason)
    return RegistrationSuspend(input.nurse_key(), input.months, *decided, idempotency_key=retry_key(input))


def _lift(input: RegistrationLiftInput) -> RegistrationLift:
    how = (input.decision_number, input.annulled)
    return RegistrationLift(input.nurse_key(), *how, idempotency_key=retry_key(input))


def _revoke(input: RegistrationRevokeInput) -> RegistrationRevoke:
    decided = (input.decision_number, input.reason)
    return RegistrationRevoke(input.nurse_key(), *decided, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    act(
        RegistrationSuspend,
        RegistrationSuspendInput,
        "Forbid a nurse registered with you to practise for 6 to 12 months (暂停执业); for deciders.",
        _suspend,
    ),
    act(
        RegistrationLift,
        RegistrationLiftInput,
        "End her suspension early (解除暂停), or because the decision was undone (撤销); for deciders.",
        _lift,
    ),
    act(
        RegistrationRevoke,
        RegistrationRevokeInput,
        "Strike her off (吊销): barred for two years, and all that is open for her ends; for deciders.",
        _revoke,
    ),
)
