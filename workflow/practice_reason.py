"""Somebody reads why a nurse may not practise (查阅不得执业原因): written down before it is shown, and seen by her."""

from __future__ import annotations

from uuid import UUID

from db import audit, practice_reason
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules.look_up import Look, require_may_look_up
from rules.practice_reason import PracticeReason


async def read(db: Database, session: Session, nurse_id: UUID) -> PracticeReason | None:
    """The causes today; None where there is nobody, or nobody of whom the reader may know it: nothing is kept then."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require_may_look_up(actor)
        found = await practice_reason.read(tx, actor, nurse_id)
        if found is not None:
            await audit.record(tx, Look.REASON_READ, actor.account_id, nurse_id=nurse_id)
    return found
