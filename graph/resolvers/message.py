"""Messages that could not be sent, for the authority's admin."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Names
from graph.schema.message import DeadLetter, DeadLetterRetryInput, DeadLetterRetryPayload
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.message import DeadLetterRetry


@strawberry.type
class MessageQuery:
    """Looking."""

    dead_letters = listed(
        "deadLetters",
        Connection[DeadLetter],
        "The messages that were given up, the latest first; for provincial admins (省级管理员).",
    )


def _retry(input: DeadLetterRetryInput) -> DeadLetterRetry:
    return DeadLetterRetry(key_of("DeadLetter", input.id), idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        DeadLetterRetry,
        DeadLetterRetryInput,
        DeadLetterRetryPayload,
        "Try a message afresh that was given up (重新发送); for provincial admins.",
        _retry,
        Names("DeadLetter", "message_id"),
    ),
)
