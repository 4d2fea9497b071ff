"""Merging two records of one nurse (合并档案): proposed by one provincial admin, confirmed by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from db import application as applications
from db import calendar
from db import ending as endings
from db import proposal as proposals
from db import record_facts as facts
from db import record_merge as merges
from db import registration as registrations
from db import session as sessions
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Together, Words
from rules.people import AccountState, Actor, Party, require_active, require_party
from rules.proposal import Proposal
from rules.record_merge import (
    MERGED,
    OBJECTION_DAYS,
    MergedInto,
    Person,
    blank,
    kept_after,
    require_may_merge,
    require_mergeable,
    require_objections_heard,
    required_proof,
)
from rules.verification import RequestKind, RequestState
from rules.wording import decision_number, wording
from rules.working_days import due_on
from workflow.ending import event_body
from workflow.nurse_case import NurseCommand
from workflow.step import Command, Lock, Underway, read

SAME_RECORD: Final = Words("两份是同一份档案", "Both are the same record.")
NOTHING_PROPOSED: Final = Words("目前没有涉及您档案的合并提议", "Nobody proposes to merge your record at present.")
Pair = tuple[Entry, Entry]


async def _pair(tx: Tx, kept_id: UUID, merged_id: UUID) -> Pair:
    """Both entries, locked in one order; NotFound where either has been merged itself."""
    if kept_id == merged_id:
        raise Invalid(FieldProblem("mergedId", "SAME_RECORD", SAME_RECORD))
    found = {key: await registrations.lock(tx, key) for key in sorted((kept_id, merged_id))}
    return found[kept_id], found[merged_id]


async def person_of(tx: Tx, her: Entry, besides: UUID) -> Person:
    """The person of a locked record, with what is under way for her besides one proposal."""
    of = her.registration
    return Person(
        of,
        her.name,
        her.sex,
        her.life,
        await facts.path_of(tx, of.authority_id),
        bool(await applications.other_open_kinds(tx, of.nurse_id, besides)),
        await merges.request_waits(tx, of.nurse_id, besides),
        await merges.filing_waits(tx, of.nurse_id),
    )


async def _judged(tx: Tx, actor: Actor, pair: Pair, besides: UUID, *, confirmed: bool) -> None:
    kept, merged = [await person_of(tx, one, besides) for one in pair]
    assert actor.party is not Party.AUTHORITY or actor.party_id is not None
    await require_officer(tx, actor, (kept, merged))
    require_mergeable(kept, merged, confirmed=confirmed)


async def require_officer(tx: Tx, actor: Actor, people: tuple[Person, ...]) -> None:
    """Refuse whoever may not merge these records."""
    if actor.party is not Party.AUTHORITY or actor.party_id is None:
        raise NotFound
    require_may_merge(actor, await facts.officer(tx, actor.party_id), people)


@read(Lock.NURSE)
async def both(step: Underway[RecordMergePropose]) -> Pair:
    """Both records, locked: the one that is kept, and the one to be merged into it."""
    try:
        return await _pair(step.tx, step.command.nurse_id, step.command.merged_id)
    except MergedInto as found:
        if found.kept_id == step.command.nurse_id:
            raise Invalid(FieldProblem("mergedId", "SAME_RECORD", SAME_RECORD)) from found
        raise


@dataclass(frozen=True, slots=True, repr=False)
class MergeProposal(NurseCommand):
    """A provincial admin's proposal about a record with which another one is or was merged; gives the proposal."""

    decision_number: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, repr=False)
class RecordMergePropose(MergeProposal):
    """A provincial admin's proposal that another record of this nurse be merged into hers; gives the proposal."""

    merged_id: UUID
    confirmed: bool = False
    """True where another name, sex or birth date in the other record is meant."""
    reads = (both,)
    writes = frozenset({"desk_request", "outbox"})

    async def take(self, step: Underway[RecordMergePropose]) -> None:
        """Both nurses are told before it is done, and have five working days to object."""
        tx = step.tx
        await _judged(tx, step.actor, step[both], step.key, confirmed=self.confirmed)
        days = await calendar.working_days(tx, tx.today, OBJECTION_DAYS)
        said = {"merged_id": self.merged_id, "objections_until": due_on(tx.today, OBJECTION_DAYS, days)}
        await propose(step, RequestKind.MERGE, said)
        step.news = _to_herself(step[both], "registration.merge_proposed", step.actor)


async def propose(step: Underway[MergeProposal], kind: RequestKind, said: dict[str, Any]) -> None:
    """Put a proposal on the desk of the authority of whoever makes it."""
    wish, actor = step.command, step.actor
    assert actor.party_id is not None
    of = (step.key, kind, RequestState.PENDING, wish.nurse_id, actor.party_id, actor.account_id, step.tx.now)
    with Together() as each:
        number = each(lambda: decision_number(wish.decision_number, step.tx.today))
        reason = each(lambda: wording("reason", wish.reason))
        evidence = each(lambda: required_proof(wish.evidence))
    await proposals.insert(step.tx, Proposal(*of, number, remarks=reason, evidence=evidence, **said))
    step.nurse_id = wish.nurse_id
    step.detail = {"proposal": step.key, "merged": said["merged_id"]}


@read(Lock.REQUEST)
async def objected(step: Underway[RecordMergeObject]) -> Proposal:
    """The proposal about the nurse who objects, locked."""
    require_party(step.actor, Party.NURSE)
    # Before her account is active nothing shows that it is hers: it has a name and a number that somebody typed.
    require_active(step.actor)
    if step.actor.nurse_id is None:
        raise NotFound
    found = await proposals.waiting_merge(step.tx, step.actor.nurse_id)
    if found is None:
        raise NotAllowed("NOTHING_PROPOSED", NOTHING_PROPOSED)
    return await proposals.lock(step.tx, found)


@dataclass(frozen=True, slots=True, repr=False)
class RecordMergeObject(Command):
    """A nurse's objection (异议) to the merge of her record that is proposed; gives the proposal."""

    text: str
    reads = (objected,)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[RecordMergeObject]) -> None:
        """Keep it with the proposal, and tell the authority."""
        found, actor = step[objected], step.actor
        step.key = found.id
        await proposals.object_to(step.tx, found.id, wording("text", self.text))
        assert actor.nurse_id is not None
        her = await registrations.get(step.tx, actor.nurse_id)
        body = event_body(her, her.registration, actor)
        step.news = [Addressed(found.authority_id, "registration.merge_objected", None, actor.account_id, None, body)]
        step.nurse_id, step.detail = actor.nurse_id, {"proposal": found.id}


async def lock_both(tx: Tx, found: Proposal) -> Pair:
    """Everything that a merge changes, locked in the order of all steps: sessions, applications, nurses."""
    assert found.merged_id is not None
    accounts = await merges.accounts_of(tx, found.nurse_id, found.merged_id)
    await sessions.lock(tx, *accounts)
    for key in sorted((found.nurse_id, found.merged_id)):
        await endings.lock_open(tx, key)
    return await _pair(tx, found.nurse_id, found.merged_id)


async def confirmed(tx: Tx, actor: Actor, found: Proposal, note: str | None) -> list[Addressed]:
    """Merge them: one record stands for both from now on; the events of it."""
    require_objections_heard(found.objections_until, found.objection is not None, note, tx.today)
    pair = kept, merged = await lock_both(tx, found)
    await _judged(tx, actor, pair, found.id, confirmed=True)
    her, other = kept.registration, merged.registration
    living = await merges.living_accounts(tx, her.nurse_id, other.nurse_id)
    disabled = living.get(other.nurse_id) if her.nurse_id in living else None
    before = {
        "kept": await facts.entry(tx, her.nurse_id),
        "merged": await facts.entry(tx, other.nurse_id),
        "disabled": disabled and str(disabled),
        **await facts.join(tx, her.nurse_id, other.nurse_id),
    }
    if disabled is not None:
        await sessions.end(tx, disabled)
        before["state"] = await facts.switch(tx, disabled, AccountState.DISABLED)
    # First its entry, so that at no time two rows have what only one may have.
    await facts.empty(tx, blank(other))
    await merges.merge(tx, found.id, her.nurse_id, other.nurse_id, before)
    why = f"合并档案（并入证件号码{merged.id_number_masked}的档案），文号：{found.number}"
    after = kept_after(her, other)
    await registrations.change(tx, after, account_id=actor.account_id, reason=why, business=False, ends=False)
    return everybody(kept, merged, MERGED, actor)


def news_for(her: Entry, scope: UUID, type: str, by: Actor, merged_id: UUID | None = None) -> list[Addressed]:
    """News of a record for one scope; places are told which other record it is about."""
    body = event_body(her, her.registration, by) | ({} if merged_id is None else {"merged": str(merged_id)})
    return [Addressed(scope, type, None, by.account_id, None, body)]


def _to_herself(pair: Pair, type: str, by: Actor) -> list[Addressed]:
    """News to whoever has either record, each about her own alone: they may be two persons."""
    return [one for her in pair for one in news_for(her, her.registration.nurse_id, type, by)]


def everybody(kept: Entry, merged: Entry, type: str, by: Actor) -> list[Addressed]:
    """News to both of her, and to all places of either record, each once: which record stands, and which does not."""
    places = [
        place for her in (kept, merged) for place in (her.registration.institution_id, her.registration.authority_id)
    ]
    scopes = dict.fromkeys(place for place in places if place is not None)
    other = merged.registration.nurse_id
    return [
        *_to_herself((kept, merged), type, by),
        *(one for scope in scopes for one in news_for(kept, scope, type, by, other)),
    ]
