"""An institution claims by ID number what a nurse has filed without naming one (认领, I16)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import application as applications
from db import claim as claims
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules.application import Application, Step
from rules.claim import Claimant, require_may_claim
from rules.errors import NotFound, RateLimited, WrongState
from rules.identity import DocumentType, identify
from rules.kinds import Kind
from rules.look_up import LookUpPurpose
from rules.people import Role, require
from rules.unit import require_whole
from workflow import look_up
from workflow.case import Case, heard, write
from workflow.step import USUAL, Command, Lock, Underway, read, take


@read(Lock.APPLICATION)
async def found(step: Underway[ApplicationClaimByIdNumber]) -> Application:
    """The application that the nurse of this document has filed for an institution to come, locked."""
    asked = step.command
    key = await claims.find(step.tx, identify(asked.document_type, asked.id_number, step.tx.today), asked.kind)
    if key is None:
        raise NotFound
    return await applications.lock(step.tx, key)


@read(Lock.PLACE)
async def claimant(step: Underway[ApplicationClaimByIdNumber]) -> Claimant:
    """The institution that claims, and what it has had to do with her."""
    require(step.actor, Role.OPERATOR)
    assert step.actor.party_id is not None
    return await claims.claimant(step.tx, step.actor.party_id, step[found].id)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationClaimByIdNumber(Command):
    """An operator's wish to review what the nurse of this ID number has filed; gives the application."""

    id_number: str
    document_type: DocumentType = DocumentType.RESIDENT_ID
    kind: Kind | None = None
    refuses = USUAL | {RateLimited, WrongState}
    reads = (found, claimant)
    writes = frozenset({"application"})
    audited = False

    async def take(self, step: Underway[ApplicationClaimByIdNumber]) -> None:
        """The first wins under the lock."""
        application = step[found]
        moving = Case.judged(step.tx, step.actor, Step.CLAIM_BY_ID_NUMBER, application)
        require_may_claim(application.kind, step[claimant])
        moving.values = {"queued_at": step.tx.now, "claimed": True}
        moving.readdress(institution=step.actor.party_id)
        await write(moving)
        step.key, step.news = application.id, heard(moving)
        await look_up.found(step.tx, step.actor, _detail(self), [application.nurse_id], LookUpPurpose.FILING)


async def claim(db: Database, session: Session, command: ApplicationClaimByIdNumber) -> UUID:
    """Claim it; who guesses numbers is counted, whatever comes of it."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.OPERATOR)
        require_whole(actor)
        wait = await look_up.counted(tx, actor, _detail(command), LookUpPurpose.FILING)
    if wait:
        raise RateLimited(wait)
    return await take(db, session, command)


def _detail(command: ApplicationClaimByIdNumber) -> dict[str, str]:
    return {"step": command.mutation()}
