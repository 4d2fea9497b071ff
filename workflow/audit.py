"""Reading the audit trail is an entry of it: written and committed before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from db import audit
from db import session as sessions
from db.session import Session
from db.store.engine import Database


async def keep(
    db: Database, session: Session, action: str, detail: Mapping[str, object], nurse_id: UUID | None
) -> None:
    """Write down that somebody reads a list, of which part, and about whom where she names one."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        await audit.record(tx, action, actor.account_id, detail, nurse_id=nurse_id)
