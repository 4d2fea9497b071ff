"""Messages that could not be sent, for the authority's admin."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import strawberry

from db import message
from graph.context import Info
from graph.resolvers.act import retry_key
from graph.schema.message import DeadLetter, DeadLetterRetryInput, DeadLetterRetryPayload, DeadLetterRetryResult
from graph.schema.node import global_id, key_of
from rules.people import Role, require
from workflow import message as workflow

Size = Annotated[int, strawberry.argument(description="So many, at most 100.")]


@strawberry.type
class MessageQuery:
    """Looking."""

    @strawberry.field
    async def dead_letters(self, info: Info, first: Size = 50) -> list[DeadLetter] | None:
        """The messages that were given up, the latest first; for provincial admins (省级管理员)."""
        context = info.context
        require(context.actor, Role.PROVINCIAL_ADMIN)
        async with context.db.read() as reader:
            found = await message.dead_letters(reader, context.page(first))
        return [DeadLetter(**{**asdict(one), "id": global_id("DeadLetter", one.id)}) for one in found]


@strawberry.type
class MessageMutation:
    """Acting."""

    @strawberry.mutation
    async def dead_letter_retry(self, info: Info, input: DeadLetterRetryInput) -> DeadLetterRetryResult:
        """Try a message afresh that was given up (重新发送); for provincial admins."""
        letter_id = key_of("DeadLetter", input.id)
        await workflow.retry(info.context.db, info.context.signed_in, letter_id, retry_key(input))
        return DeadLetterRetryPayload(id=input.id)
