"""What one officer proposes and another confirms (双人决定): deregistration by office (A8), and undoing a decision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import audit, idempotency, proposal, registration
from db import certificate as certificates
from db import ending as endings
from db import session as sessions
from db.feed import event
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from rules.proposal import Proposal, require_may_decide
from rules.suspension import strike
from rules.verification import RequestKind, RequestState
from rules.wording import decision_number, remark
from workflow import void
from workflow.ending import DEREGISTERED, end_registration, news
from workflow.nurse_case import NurseCase, NurseOrder, act


async def propose_deregistration(db: Database, order: NurseOrder) -> UUID:
    """A decider proposes the end of a registration: `reason`, `decision_number`, `fraud`, `remarks`."""
    return await act(db, order, "deregistration.propose", _propose)


async def _propose(case: NurseCase) -> list[Addressed]:
    entry, given, actor = case.registration, case.given, case.actor
    require_own_nurse(actor, entry, Role.DECIDER)
    number, remarks = decision_number(given["decision_number"]), remark("remarks", given["remarks"])
    # Judged now as well, so that nobody confirms in vain.
    strike(entry, given["reason"], case.tx.today, fraud=given["fraud"])
    assert actor.party_id is not None
    of = (case.key, RequestKind.DEREGISTRATION, RequestState.PENDING, entry.nurse_id, actor.party_id)
    told = {"remarks": remarks, "reason": given["reason"], "fraud": given["fraud"]}
    await proposal.insert(case.tx, Proposal(*of, actor.account_id, case.tx.now, number, **told))
    case.noted = {"proposal": case.key, "reason": given["reason"]}
    return []


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What the second person says to a proposal."""

    session: Session
    proposal_id: UUID
    confirms: bool
    note: str | None = None
    idempotency_key: str | None = None


async def decide(db: Database, verdict: Verdict) -> UUID:
    """Confirm, and it is done in the same transaction; or reject. The proposal's id."""
    state = RequestState.APPROVED if verdict.confirms else RequestState.REJECTED
    async with db.begin() as tx:
        actor = await sessions.require(tx, verdict.session)
        retry = idempotency.Key(actor.account_id, f"proposal.{state}", verdict.idempotency_key)
        if not await idempotency.first_time(tx, retry, [verdict.proposal_id, verdict.note], verdict.proposal_id):
            return verdict.proposal_id
        found = await proposal.lock(tx, verdict.proposal_id)
        require_may_decide(actor, found, confirms=verdict.confirms)
        told = await _carry_out(tx, actor, found) if verdict.confirms else []
        await proposal.decide(tx, found.id, state, actor.account_id, remark("note", verdict.note))
        detail = {"proposal": found.id, "kind": found.kind, "outcome": state}
        await audit.record(tx, "proposal.decide", actor.account_id, detail, nurse_id=found.nurse_id)
        await event.record(tx, told)
    return verdict.proposal_id


async def _carry_out(tx: Tx, actor: Actor, found: Proposal) -> list[Addressed]:
    if found.kind is RequestKind.VOID:
        return await void.confirmed(tx, actor, found)
    await endings.hold(tx, found.nurse_id)
    entry = await registration.lock(tx, found.nurse_id)
    before, reason = entry.registration, found.reason
    require_own_nurse(actor, before, Role.DECIDER)
    assert reason is not None
    after = strike(before, reason, tx.today, fraud=found.fraud)
    why = f"依职权注销（{reason.label}），决定书文号：{found.number}"
    await registration.change(tx, after, account_id=actor.account_id, reason=why)
    await certificates.void(tx, before.nurse_id)
    told = await end_registration(tx, before.nurse_id, None, actor)
    places = (before.institution_id, before.authority_id)
    return told + news(DEREGISTERED, before.nurse_id, entry.name, actor, *places)
