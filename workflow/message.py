"""What became of the messages (通知): those that could not be sent are looked at and put back."""

from __future__ import annotations

from uuid import UUID

from db import audit, idempotency, message
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules.people import Role, require


async def retry(db: Database, session: Session, letter_id: UUID, idempotency_key: str | None) -> None:
    """A provincial admin (省级管理员) has a dead letter tried afresh."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.PROVINCIAL_ADMIN)
        key = idempotency.Key(actor.account_id, "deadLetterRetry", idempotency_key)
        if await idempotency.first_time(tx, key, {"id": letter_id}, letter_id):
            await message.revive(tx, letter_id)
            await audit.record(tx, "deadLetter.retry", actor.account_id, {"message": letter_id})
