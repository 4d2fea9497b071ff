"""Undoing the merge of two records (撤销合并档案): proposed by one provincial admin, confirmed by another."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import ending as endings
from db import record_facts as facts
from db import record_merge as merges
from db import registration as registrations
from db import session as sessions
from db.feed.event import Addressed
from db.record_merge import Merge
from db.registration import Entry
from db.store.engine import Tx
from rules.people import AccountState, Actor
from rules.proposal import Proposal
from rules.record_merge import UNMERGED, kept_after
from rules.record_unmerge import Since, nothing_merged, require_undoable, unmerged
from rules.registration import RegistrationStatus
from rules.verification import RequestKind
from workflow.nurse_case import entry
from workflow.record_merge import MergeProposal, everybody, news_for, person_of, propose, require_officer
from workflow.step import Underway, read


@read()
async def last(step: Underway[RecordUnmergePropose]) -> Merge:
    """The merge to be undone: the last one into this record."""
    found = await merges.last(step.tx, step.command.nurse_id)
    if found is None:
        raise nothing_merged()
    return found


@dataclass(frozen=True, slots=True, repr=False)
class RecordUnmergePropose(MergeProposal):
    """A provincial admin's proposal to undo the last merge into a record; gives the proposal."""

    reads = (entry,)
    writes = frozenset({"desk_request", "outbox"})

    async def take(self, step: Underway[RecordUnmergePropose]) -> None:
        """Both are told before; nobody waits, because a wrong merge harms as long as it stands."""
        tx, her = step.tx, step[entry]
        await require_officer(tx, step.actor, (await person_of(tx, her, step.key),))
        await step.read(last)
        await _require_undoable(tx, step[last], her)
        await propose(step, RequestKind.UNMERGE, {"merged_id": step[last].merged_id})
        step.news = news_for(her, self.nurse_id, "registration.unmerge_proposed", step.actor)
        step.news += news_for(her, step[last].merged_id, "registration.unmerge_proposed", step.actor)


async def undone(tx: Tx, actor: Actor, found: Proposal) -> list[Addressed]:
    """Undo a merge: both records are as they were, and what has happened since stays with the kept one."""
    assert found.merged_id is not None
    accounts = await merges.accounts_of(tx, found.nurse_id, found.merged_id)
    await sessions.lock(tx, *accounts)
    await endings.lock_open(tx, found.nurse_id)
    her = await registrations.lock(tx, found.nurse_id)
    await require_officer(tx, actor, (await person_of(tx, her, found.id),))
    done = await merges.last(tx, found.nurse_id)
    if done is None or done.merged_id != found.merged_id:
        raise nothing_merged()
    await _require_undoable(tx, done, her)
    await merges.unmerge(tx, done)
    await facts.part(tx, done.kept_id, done.merged_id, done.before)
    await facts.restore(tx, done.merged_id, done.before["merged"])
    if done.before["disabled"] is not None:
        await facts.switch(tx, UUID(done.before["disabled"]), AccountState(done.before["state"]))
    merged = await registrations.lock(tx, done.merged_id)
    before = facts.registration_of(her.registration, done.before["kept"])
    after = unmerged(her.registration, before, kept_after(before, merged.registration))
    why = f"撤销合并档案（分出证件号码{merged.id_number_masked}的档案），文号：{found.number}"
    await registrations.change(tx, after, account_id=actor.account_id, reason=why, business=False, ends=False)
    return everybody(her, merged, UNMERGED, actor)


async def _require_undoable(tx: Tx, done: Merge, her: Entry) -> None:
    was = RegistrationStatus(done.before["kept"]["status"])
    by_exam = done.before["exam"] is not None and was is RegistrationStatus.NEVER
    registered = by_exam and her.registration.status is not RegistrationStatus.NEVER
    require_undoable(Since(await merges.filed_since(tx, done), registered, done.documents_swapped))
