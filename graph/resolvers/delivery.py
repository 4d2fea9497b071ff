"""The delivery of decisions."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.delivery import (
    DecisionAcknowledgeInput,
    DecisionDeliverInput,
    Delivery,
    DeliveryConsentSetInput,
    DeliveryConsentSetPayload,
    DeliveryPayload,
    DeliveryWithdrawInput,
)
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.delivery import DecisionAcknowledge, DecisionDeliver, DeliveryConsentSet, DeliveryWithdraw

NOUN: Final = "Delivery"


def _acknowledge(input: DecisionAcknowledgeInput) -> DecisionAcknowledge:
    return DecisionAcknowledge(key_of(NOUN, input.id), idempotency_key=retry_key(input))


def _deliver(input: DecisionDeliverInput) -> DecisionDeliver:
    values = (input.how, input.at, input.postal_number)
    return DecisionDeliver(key_of(NOUN, input.id), *values, idempotency_key=retry_key(input))


def _withdraw(input: DeliveryWithdrawInput) -> DeliveryWithdraw:
    return DeliveryWithdraw(key_of(NOUN, input.id), input.reason, idempotency_key=retry_key(input))


def _consent(input: DeliveryConsentSetInput) -> DeliveryConsentSet:
    return DeliveryConsentSet(input.consents, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        DecisionAcknowledge,
        DecisionAcknowledgeInput,
        DeliveryPayload,
        "Take a decision on your page (网页签收): with your consent to electronic delivery that delivers it.",
        _acknowledge,
        Shows(NOUN),
    ),
    mutation.of(
        DecisionDeliver,
        DecisionDeliverInput,
        DeliveryPayload,
        "Record how a decision of your authority reached the nurse (送达登记, 许可法 44); once.",
        _deliver,
        Shows(NOUN),
    ),
    mutation.of(
        DeliveryWithdraw,
        DeliveryWithdrawInput,
        DeliveryPayload,
        "Take back a delivery of your authority that was recorded by mistake (撤销送达登记): the decision waits to be "
        "delivered again. What the nurse has taken on her page stays.",
        _withdraw,
        Shows(NOUN),
    ),
    mutation.of(
        DeliveryConsentSet,
        DeliveryConsentSetInput,
        DeliveryConsentSetPayload,
        "Consent to electronic delivery of decisions (电子送达), or end your consent; notices come either way.",
        _consent,
        Shows("Nurse"),
    ),
)


@strawberry.type
class DeliveryQuery:
    """Looking."""

    undelivered_decisions = listed(
        "undeliveredDecisions",
        Connection[Delivery],
        "What your authority, or one below it, has decided and not delivered yet (未送达), longest waiting first.",
    )
