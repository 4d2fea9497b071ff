"""An institution claims by ID number what a nurse has filed without naming one (认领, I16); she may refuse it (N16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from db import application as applications
from db import claim as claims
from db import idempotency
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Step, next_state
from rules.errors import NotAllowed, NotFound, RateLimited, Words
from rules.identity import DocumentType, identify
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.people import Actor, Role, require
from workflow.case import Case, Order, tell, write

WINDOW: Final = timedelta(hours=1)
BY_ONE, BY_ALL = 60, 300
"""So often one account, and all of an institution, may name an ID number within the window."""
NOT_ACTIVE: Final = Words("本机构未处于启用状态", "The institution is not active.")
REFUSED: Final = Words("护士已拒绝本机构认领该业务", "The nurse has refused your institution for this application.")


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """An operator's wish to review what the nurse of this ID number has filed."""

    session: Session
    id_number: str
    document_type: DocumentType = DocumentType.RESIDENT_ID
    kind: Kind | None = None
    idempotency_key: str | None = None


async def claim(db: Database, wish: Claim) -> UUID:
    """Claim it: the first wins under the lock. Who guesses numbers is counted, whatever comes of it."""
    await _count(db, wish.session)
    content = [db.keyring.blind_index(f"{wish.document_type}\n{wish.id_number}", "claim").hex(), wish.kind]
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        key = idempotency.Key(actor.account_id, Step.CLAIM_BY_ID_NUMBER, wish.idempotency_key)
        if await idempotency.seen(tx, key, content):
            return await idempotency.result(tx, key)
        found = await claims.find(tx, identify(wish.document_type, wish.id_number, tx.today), wish.kind)
        if found is None:
            raise NotFound
        if await idempotency.first_time(tx, key, content, found):
            await _claim(tx, actor, wish, found)
    return found


async def _count(db: Database, session: Session) -> None:
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.OPERATOR)
        for who, allowed in ((actor.account_id, BY_ONE), (actor.party_id, BY_ALL)):
            wait = await sessions.count_attempt(tx, tx.keyring.blind_index(str(who), "claim"), WINDOW, allowed)
            if wait:
                break
    if wait:
        raise RateLimited(wait)


async def _claim(tx: Tx, actor: Actor, wish: Claim, application_id: UUID) -> None:
    application = await applications.lock(tx, application_id)
    target = next_state(actor, application, Step.CLAIM_BY_ID_NUMBER, tx.now)
    assert actor.party_id is not None
    state, rejected = await claims.claimant(tx, actor.party_id, application_id)
    if state is not InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", NOT_ACTIVE)
    if rejected:
        raise NotAllowed("CLAIM_REJECTED", REFUSED)
    order = Order(wish.session, Step.CLAIM_BY_ID_NUMBER, application_id, application.version)
    values: dict[str, Any] = {"institution_id": actor.party_id, "queued_at": tx.now}
    case = Case(tx, actor, order, application, target, values)
    await write(case)
    await tell(case)


async def reject_claim(case: Case) -> None:
    """The nurse refuses the institution that has it (拒绝认领): it waits for another one, and never for this again."""
    institution_id = case.application.institution_id
    assert institution_id is not None
    await claims.reject(case.tx, case.application.id, institution_id)
    case.values = {"institution_id": None}
