"""A look at the application that an institution would claim by an ID number (认领前查看, I16), before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import application as applications
from db import claim as claims
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Application, Step
from rules.claim import require_may_claim
from rules.errors import NotAllowed, RateLimited
from rules.identity import DocumentType, identify
from rules.kinds import Kind
from rules.look_up import LookUpPurpose
from rules.people import Actor, Role, require
from rules.privacy import mask_name
from rules.unit import require_whole
from workflow import look_up
from workflow.case import Case

_DETAIL = {"query": "claimCandidate"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application that would be claimed, and the rule that forbids it, if one does: then its nurse is not told."""

    kind: Kind
    nurse_name_masked: str | None
    submitted_at: datetime | None
    refusal: NotAllowed | None


async def look(db: Database, session: Session, type: DocumentType, number: str, kind: Kind | None) -> Candidate | None:
    """The application that claiming by this number would claim, judged as the claim is; None where there is none.

    Counted and written down before anybody is looked for, as the claim itself is.
    """
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.OPERATOR)
        require_whole(actor)
        document = identify(type, number, tx.today)
        wait = await look_up.counted(tx, actor, _DETAIL, LookUpPurpose.FILING)
    if wait:
        raise RateLimited(wait)
    async with db.begin() as tx:
        await tx.ask_time()
        key = await claims.find(tx, document, kind)
        return None if key is None else await _judged(tx, actor, key)


async def _judged(tx: Tx, actor: Actor, key: UUID) -> Candidate:
    application = (await applications.judged(tx, [key]))[0][key]
    refusal = await _refusal(tx, actor, application)
    await look_up.found(tx, actor, _DETAIL, [application.nurse_id], LookUpPurpose.FILING)
    facts = await claims.filed(tx, key)
    name = None if refusal else mask_name(facts.nurse_name)
    return Candidate(application.kind, name, facts.submitted_at, refusal)


async def _refusal(tx: Tx, actor: Actor, application: Application) -> NotAllowed | None:
    """The rule that forbids the claim, where one does."""
    assert actor.party_id is not None
    by = await claims.claimant(tx, actor.party_id, application.id)
    try:
        Case.judged(tx, actor, Step.CLAIM_BY_ID_NUMBER, application)
        require_may_claim(application.kind, by)
    except NotAllowed as refusal:
        return refusal
    return None
