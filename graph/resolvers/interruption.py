"""Interrupting practice, and practising again."""

from __future__ import annotations

from typing import Final

from graph.resolvers.act import retry_key
from graph.resolvers.registration_act import act
from graph.schema.interruption import InterruptionEndInput, InterruptionStartInput
from workflow.interruption import InterruptionEnd, InterruptionStart


def _start(input: InterruptionStartInput) -> InterruptionStart:
    return InterruptionStart(input.nurse_key(), input.starts_on, input.reason, idempotency_key=retry_key(input))


def _end(input: InterruptionEndInput) -> InterruptionEnd:
    return InterruptionEnd(input.nurse_key(), input.ends_on, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    act(
        InterruptionStart,
        InterruptionStartInput,
        "Record that a nurse of yours does not practise (中断执业信息, I23).",
        _start,
    ),
    act(InterruptionEnd, InterruptionEndInput, "Record the last day of her interruption (恢复执业, I23).", _end),
)
