"""The quota of everybody who names an ID number to find somebody: by claim, by search, by a list."""

from __future__ import annotations

from db import audit
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import RateLimited
from rules.look_up import BY_ALL, BY_ONE, WINDOW, require_may_look_up
from rules.people import Actor


async def count(tx: Tx, actor: Actor, times: int = 1) -> int:
    """Count so many numbers; the seconds to wait where there were too many, else 0."""
    for who, allowed in ((actor.account_id, BY_ONE), (actor.party_id, BY_ALL)):
        subject = tx.keyring.blind_index(str(who), "claim")
        if wait := await sessions.count_attempt(tx, subject, WINDOW, allowed, times):
            return wait
    return 0


async def search(db: Database, session: Session, listing: str) -> None:
    """A search by number, counted, audited and committed before anything is read."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require_may_look_up(actor)
        wait = await count(tx, actor)
        if not wait:
            await audit.record(tx, "identity.looked_up", actor.account_id, {"list": listing})
    if wait:
        raise RateLimited(wait)
