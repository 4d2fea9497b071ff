"""Proposals of one officer that another confirms (双人决定): deregistration by office (A8), undoing a decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from db import certificate as certificates
from db import ending as endings
from db import proposal as proposals
from db import registration as registrations
from db import self_nurse
from db.registration import Entry
from rules.errors import Together, WrongState
from rules.nurse_event import DEREGISTERED
from rules.other import remark_on, said
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.proposal import Proposal, require_may_decide
from rules.registration import DeregistrationReason
from rules.suspension import strike
from rules.verification import RequestKind, RequestState
from rules.wording import decision_number, remark
from workflow import record_merge, record_unmerge, void
from workflow.ending import end_registration, news
from workflow.information_carry import follow
from workflow.nurse_case import NurseCommand, decider, entry
from workflow.step import USUAL, Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class DeregistrationPropose(NurseCommand):
    """A decider's proposal to end a registration by office (依职权注销); gives the proposal."""

    reason: DeregistrationReason
    decision_number: str
    fraud: bool = False
    remarks: str | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, decider)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[DeregistrationPropose]) -> None:
        """The proposal waits for a second decider; judged now as well, so that nobody confirms in vain."""
        before, actor, now = step[entry].registration, step[decider], step.tx.now
        require_own_nurse(actor, before, Role.DECIDER)
        with Together() as each:
            each(lambda: strike(before, self.reason, step.tx.today, fraud=self.fraud))
            number = each(lambda: decision_number(self.decision_number, step.tx.today))
            remarks = each(lambda: remark_on(self.reason, "remarks", self.remarks))
        assert actor.party_id is not None
        of = (step.key, RequestKind.DEREGISTRATION, RequestState.PENDING, self.nurse_id, actor.party_id)
        proposal = Proposal(*of, actor.account_id, now, number, remarks=remarks, reason=self.reason, fraud=self.fraud)
        await proposals.insert(step.tx, proposal)
        step.nurse_id, step.detail = self.nurse_id, {"proposal": step.key, "reason": self.reason}


@dataclass(frozen=True, slots=True, repr=False)
class ProposalAnswer(Command):
    """An officer's word on a proposal; gives the proposal."""

    proposal_id: UUID
    note: str | None = None

    @property
    def subject(self) -> UUID:
        """The proposal."""
        return self.proposal_id


@read(Lock.REQUEST)
async def proposed(step: Underway[ProposalAnswer]) -> Proposal:
    """The proposal, locked before what it is about."""
    return await proposals.lock(step.tx, step.command.proposal_id)


@read()
async def own(step: Underway[ProposalAnswer]) -> bool:
    """True if it is the officer's own proposal, made in this account or another of hers."""
    by, proposer = step.actor.account_id, step[proposed].proposed_by
    return by == proposer or await self_nurse.is_same_person(step.tx, by, proposer)


@read(Lock.APPLICATION)
async def under_way(step: Underway[ProposalAnswer]) -> list[UUID]:
    """The drafts and open applications of the nurse whose registration is to end, held."""
    return await endings.lock_open(step.tx, step[proposed].nurse_id)


@read(Lock.NURSE)
async def her_entry(step: Underway[ProposalAnswer]) -> Entry:
    """Her entry, locked."""
    return await registrations.lock(step.tx, step[proposed].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class ProposalConfirm(ProposalAnswer):
    """The second person's yes: what was proposed is done in the same transaction."""

    refuses = USUAL | {WrongState}
    reads = (proposed, own)
    writes = frozenset(
        {"desk_request", "registration", "registration_history", "certificate", "application", "activation_code"}
        | {"delivery", "review_decision", "nurse", "account", "record_merge", "record_merge_row", "departure"}
        | {"registration_span", "collective_item", "information_change", "conduct_record"}
    )

    async def take(self, step: Underway[ProposalConfirm]) -> None:
        """Do it, as its kind asks for."""
        found = step[proposed]
        require_may_decide(step.actor, found, confirms=True, proposed=step[own])
        match found.kind:
            case RequestKind.VOID:
                step.news = await void.confirmed(step.tx, step.actor, found)
            case RequestKind.MERGE:
                step.news = await record_merge.confirmed(step.tx, step.actor, found, self.note)
            case RequestKind.UNMERGE:
                step.news = await record_unmerge.undone(step.tx, step.actor, found)
            case _:
                await step.read(under_way, her_entry)
                await _strike(step)
        await _decided(step, RequestState.APPROVED)


@dataclass(frozen=True, slots=True, repr=False)
class ProposalReject(ProposalAnswer):
    """The second person's no, or the first one's wish to take her own proposal back."""

    reads = (proposed, own)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[ProposalReject]) -> None:
        """Nothing else changes."""
        require_may_decide(step.actor, step[proposed], confirms=False, proposed=step[own])
        await _decided(step, RequestState.REJECTED)


async def _decided(step: Underway[ProposalAnswer], state: RequestState) -> None:
    found = step[proposed]
    await proposals.decide(step.tx, found.id, state, step.actor.account_id, remark("note", step.command.note))
    step.nurse_id, step.detail = found.nurse_id, {"proposal": found.id, "kind": found.kind, "outcome": state}


async def _strike(step: Underway[ProposalAnswer]) -> None:
    """End the registration, and all that is open for her."""
    tx, found, her, by = step.tx, step[proposed], step[her_entry], step.actor
    before, reason = her.registration, found.reason
    # Whoever confirms for the authority below is one of its own for this.
    require_own_nurse(replace(by, party_id=found.authority_id), before, Role.DECIDER)
    assert reason is not None
    after = strike(before, reason, tx.today, fraud=found.fraud)
    why = f"依职权注销（{said(reason, found.remarks)}），决定书文号：{found.number}"
    await registrations.change(tx, after, account_id=by.account_id, reason=why)
    await certificates.void(tx, before.nurse_id, reason)
    ended = await end_registration(tx, before.nurse_id, reason, by)
    places = (before.institution_id, before.authority_id)
    went = await follow(tx, her, after, by)
    step.news = ended + news(DEREGISTERED, her, by, *places) + went
