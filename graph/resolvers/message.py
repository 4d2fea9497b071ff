"""Messages that could not be sent, for the authority's admin."""

from __future__ import annotations

import strawberry

from graph.context import Info
from graph.resolvers.act import retry_key
from graph.schema.message import DeadLetter, DeadLetterRetryInput, DeadLetterRetryPayload, DeadLetterRetryResult
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow import message as workflow


@strawberry.type
class MessageQuery:
    """Looking."""

    dead_letters = listed(
        "deadLetters",
        Connection[DeadLetter],
        "The messages that were given up, the latest first; for provincial admins (省级管理员).",
    )


@strawberry.type
class MessageMutation:
    """Acting."""

    @strawberry.mutation
    async def dead_letter_retry(self, info: Info, input: DeadLetterRetryInput) -> DeadLetterRetryResult:
        """Try a message afresh that was given up (重新发送); for provincial admins."""
        letter_id = key_of("DeadLetter", input.id)
        await workflow.retry(info.context.db, info.context.signed_in, letter_id, retry_key(input))
        return DeadLetterRetryPayload(id=input.id)
