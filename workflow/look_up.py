"""The quota of everybody who names an ID number to find somebody: by claim, by search, by a list."""

from __future__ import annotations

from uuid import UUID

from db import audit
from db import look_up as people
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import NotFound, RateLimited
from rules.identity import DocumentType, Identity, identify
from rules.look_up import BY_ALL, BY_ONE, WINDOW, LookUpPurpose, require_may_look_up
from rules.people import Actor, Role, require


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
        wait = await _noted(tx, actor, {"list": listing})
    if wait:
        raise RateLimited(wait)


async def by_document(
    db: Database, session: Session, type: DocumentType, number: str, purpose: LookUpPurpose
) -> UUID | None:
    """The nurse of a document among those whom somebody may read; counted, audited and committed before it is read."""
    actor, document = await _documented(db, session, type, number, {"purpose": purpose})
    async with db.read() as reader:
        return await people.readable(reader, actor, document)


async def at_counter(db: Database, session: Session, type: DocumentType, number: str) -> UUID:
    """The nurse who has come to a counter with this document, wherever she is registered; counted and audited first."""
    require(session.actor, Role.REVIEWER)
    _, document = await _documented(db, session, type, number, {"purpose": LookUpPurpose.FILING})
    async with db.read() as reader:
        found = await people.anywhere(reader, document)
    if found is None:
        raise NotFound
    return found


async def _documented(
    db: Database, session: Session, type: DocumentType, number: str, detail: dict[str, str]
) -> tuple[Actor, Identity]:
    """The actor and the document looked up, once that is kept; a number that cannot be one is refused at no cost."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        document = identify(type, number, tx.today)
        wait = await _noted(tx, actor, detail)
    if wait:
        raise RateLimited(wait)
    return actor, document


async def _noted(tx: Tx, actor: Actor, detail: dict[str, str]) -> int:
    """Count and audit a look-up; the seconds to wait where there were too many, else 0."""
    require_may_look_up(actor)
    wait = await count(tx, actor)
    if not wait:
        await audit.record(tx, "identity.looked_up", actor.account_id, detail)
    return wait
