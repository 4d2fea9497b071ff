"""Messages (通知) that could not be sent: looked at and put back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import message
from rules.people import Role, require
from workflow.step import Command, Underway


@dataclass(frozen=True, slots=True, repr=False)
class DeadLetterRetry(Command):
    """A provincial admin's (省级管理员) wish to have a dead letter tried afresh."""

    letter_id: UUID
    writes = frozenset({"outbox"})

    @property
    def subject(self) -> UUID:
        """The letter."""
        return self.letter_id

    async def take(self, step: Underway[DeadLetterRetry]) -> None:
        """Put it back into the outbox."""
        require(step.actor, Role.PROVINCIAL_ADMIN)
        await message.revive(step.tx, self.letter_id)
        step.detail = {"message": self.letter_id}
