"""The quota of everybody who names an ID number to find somebody: by claim, by search, by a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from db import audit
from db import investigation as investigations
from db import look_up as people
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import NotFound, RateLimited
from rules.identity import DocumentType, Identity, identify
from rules.investigation import require_may_withhold
from rules.look_up import BY_ALL, BY_ONE, WINDOW, Look, LookUpPurpose, Why, require_may_look_up
from rules.people import Actor, Role, require

Named = TypeVar("Named")


async def count(tx: Tx, actor: Actor, times: int = 1) -> int:
    """Count so many numbers; the seconds to wait where there were too many, else 0."""
    for who, allowed in ((actor.account_id, BY_ONE), (actor.party_id, BY_ALL)):
        subject = tx.keyring.blind_index(str(who), "claim")
        if wait := await sessions.count_attempt(tx, subject, WINDOW, allowed, times):
            return wait
    return 0


async def search(db: Database, session: Session, listing: str, number: bytes) -> None:
    """A search by number, counted, audited and committed before anything is read; `number` is its index.

    Whom the list may show of it is written down before she is shown.
    """
    detail = {"list": listing}
    actor, _, _ = await begun(db, session, lambda *_: None, detail)
    async with db.begin() as tx:
        await tx.ask_time()
        await found(tx, actor, detail, await people.searched(tx, actor, listing, number))


async def by_document(db: Database, session: Session, type: DocumentType, number: str, why: Why) -> UUID | None:
    """The nurse of a document among those whom somebody may read; counted, audited and committed before it is read."""
    return await _documented(db, session, type, number, why, people.readable)


async def at_counter(db: Database, session: Session, type: DocumentType, number: str) -> UUID:
    """The nurse who has come to a counter with this document, wherever she is registered; counted and audited first."""
    require(session.actor, Role.REVIEWER)
    nurse_id = await _documented(db, session, type, number, Why(LookUpPurpose.FILING), people.anywhere)
    if nurse_id is None:
        raise NotFound
    return nurse_id


Find = Callable[[Tx, Actor, Identity], Awaitable[UUID | None]]


async def _documented(
    db: Database, session: Session, type: DocumentType, number: str, why: Why, find: Find
) -> UUID | None:
    """The nurse that `find` finds, once that is kept; a number that cannot be one is refused and costs nothing."""
    begins = begun(db, session, lambda _, today: identify(type, number, today), why.detail, why)
    actor, document, until = await begins
    async with db.begin() as tx:
        await tx.ask_time()
        nurse_id = await find(tx, actor, document)
        await found(tx, actor, why.detail, [] if nurse_id is None else [nurse_id], why.purpose, until)
    return nurse_id


async def begun(
    db: Database,
    session: Session,
    named: Callable[[Actor, date], Named],
    detail: Mapping[str, str],
    why: Why | None = None,
) -> tuple[Actor, Named, date | None]:
    """The actor, whom she names, and the day up to which the look is withheld (调查): counted, audited and committed
    before anybody is looked for.
    """
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        whom = named(actor, tx.today)
        require_may_look_up(actor)
        until = await _withheld(tx, actor, why)
        wait = await counted(tx, actor, detail, None if why is None else why.purpose)
    if wait:
        raise RateLimited(wait)
    return actor, whom, until


async def _withheld(tx: Tx, actor: Actor, why: Why | None) -> date | None:
    """The day of the investigation under which somebody is looked up; None for every other purpose."""
    if why is None or why.investigation_id is None:
        return None
    return require_may_withhold(actor, await investigations.find(tx, why.investigation_id), tx.today)


async def counted(tx: Tx, actor: Actor, detail: Mapping[str, str], purpose: LookUpPurpose | None = None) -> int:
    """Count a number that somebody names, and write it down without the number; the seconds to wait, else 0."""
    wait = await count(tx, actor)
    if not wait:
        await audit.record(tx, "identity.looked_up", actor.account_id, detail, purpose=purpose)
    return wait


async def found(
    tx: Tx,
    actor: Actor,
    detail: Mapping[str, str],
    nurses: Collection[UUID],
    purpose: LookUpPurpose | None = None,
    withheld_until: date | None = None,
) -> None:
    """An entry about who was found, by which each learns who looked at her.

    The entry of the look-up itself was committed before anybody was looked for, and none is ever changed.
    """
    if nurses:
        about = audit.of_people(nurses)
        kept = {"purpose": purpose, "withheld_until": withheld_until, **about}
        await audit.record(tx, Look.FOUND, actor.account_id, detail, **kept)
