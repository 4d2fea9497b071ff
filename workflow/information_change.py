"""A nurse has what the register says of her changed (信息修改): asked for, reviewed where she works, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from db import calendar, recusal, registration
from db import information_change as changes
from db import law as laws
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Database, Tx
from rules.errors import FieldProblem, NotAllowed
from rules.information_change import (
    ESCALATED,
    WORK,
    ChangeState,
    InformationChange,
    InformationForm,
    asked_for,
    before_first,
    in_information,
    lapses,
    newer_values,
    recorded_values,
    require_accepted,
    require_answer,
    require_hers,
    require_marks,
    require_may_review,
    require_open,
    require_silence,
    require_work,
    values_of,
)
from rules.law import Law
from rules.own_nurse import require_own_nurse
from rules.people import SYSTEM, Actor, Party, Role
from rules.registration import Registration
from rules.wording import remark, wording
from rules.working_days import SILENCE_DAYS, due_on
from workflow.ending import news
from workflow.nurse_case import NurseCommand
from workflow.nurse_case import entry as edited_entry
from workflow.step import Command, Lock, Underway, carry_out, read

PENDING, RETURNED = ChangeState.PENDING, ChangeState.RETURNED


def _place(registration: Registration, *, escalated: bool) -> UUID | None:
    """The place that reviews a change."""
    at = registration.institution_id
    return registration.authority_id if escalated or at is None else at


def heard(type: str, entry: Entry, by: Actor, *, escalated: bool = False) -> list[Addressed]:
    """The event of a change: she and whoever reviews it hear."""
    return news(type, entry, by, _place(entry.registration, escalated=escalated))


def _at_once(step: Underway[Any], asked: Collection[str]) -> dict[str, Any]:
    """The columns of a change that nobody reviews."""
    decided = {"decided_at": step.tx.now, "decided_by": step.actor.account_id}
    return {"state": ChangeState.APPROVED, "accepted_fields": [*asked], **decided}


async def _law(tx: Tx, entry: Entry) -> Law:
    her = entry.registration
    return await laws.on(tx, tx.today, institution_id=her.institution_id, authority_id=her.authority_id)


@read(Lock.NURSE)
async def own_entry(step: Underway[InformationChangeRequest]) -> Entry:
    """The entry of whoever asks, locked."""
    if step.actor.party is not Party.NURSE or step.actor.party_id is None or not step.actor.active:
        raise NotAllowed
    return await registration.lock(step.tx, step.actor.party_id)


@read()
async def on_record(step: Underway[InformationChangeRequest]) -> Mapping[str, object]:
    """The values that the register has of her."""
    return await changes.record_of(step.tx, step[own_entry].registration.nurse_id)


@read()
async def nobody_there(step: Underway[InformationChangeRequest]) -> bool:
    """True where nobody but she may review it at her institution."""
    return await changes.unattended(step.tx, step[own_entry].registration.nurse_id)


@read()
async def under_way(step: Underway[InformationChangeRequest]) -> bool:
    """True if an application of hers is under way."""
    return await changes.has_open_application(step.tx, step[own_entry].registration.nurse_id)


@read()
async def law_here(step: Underway[InformationChangeRequest]) -> Law:
    """The law of today where she is registered."""
    return await _law(step.tx, step[own_entry])


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeRequest(Command):
    """A nurse's wish to have her information changed (个人信息修改, N14); gives the change."""

    form: InformationForm
    reads = (own_entry, on_record, nobody_there, under_way, law_here)
    writes = frozenset({"information_change", "nurse", "nurse_change"})

    def located(self, step: Underway[InformationChangeRequest], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    async def take(self, step: Underway[InformationChangeRequest]) -> None:
        """Keep it for the review where she works; before her first registration it takes effect at once."""
        tx, her, record = step.tx, step[own_entry], step[on_record]
        nurse_id, by = her.registration.nurse_id, step.actor.account_id
        asked = asked_for(self.form, record, her.life, tx.today, step[law_here])
        at_once = before_first(her.registration, step[under_way])
        escalated = step[nobody_there]
        recorded = {name: value for name, value in recorded_values(record).items() if name in asked}
        row = {"nurse_id": nurse_id, "filed_by": Party.NURSE, "account_id": by, "asked": asked, "recorded": recorded}
        if at_once:
            await changes.insert(tx, step.key, **row, **_at_once(step, asked))
            await changes.write_record(tx, nurse_id, values_of(asked, asked))
        else:
            when = {"escalated_at": tx.now} if escalated else {}
            await changes.insert(tx, step.key, **row, **when, state=PENDING)
        step.nurse_id, step.detail = nurse_id, {"change": step.key, "fields": sorted(asked)}
        step.news = heard("information.requested", her, step.actor, escalated=escalated)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeStep(Command):
    """Somebody's wish to take a step on a change, as last seen; gives it."""

    change_id: UUID
    expected_version: int

    @property
    def subject(self) -> UUID:
        """The change."""
        return self.change_id


@read(Lock.NURSE)
async def her_entry(step: Underway[InformationChangeStep]) -> Entry:
    """The entry of the nurse whom it is about, locked."""
    return await registration.lock(step.tx, await changes.nurse_of(step.tx, step.command.change_id))


@read(Lock.NURSE)
async def change(step: Underway[InformationChangeStep]) -> InformationChange:
    """The change: locked with the nurse."""
    return await changes.get(step.tx, step.command.change_id)


@read()
async def law_there(step: Underway[InformationChangeAnswer]) -> Law:
    """The law of today where she is registered."""
    return await _law(step.tx, step[her_entry])


@read()
async def her_record(step: Underway[InformationChangeAnswer]) -> Mapping[str, object]:
    """The values that the register has of her."""
    return await changes.record_of(step.tx, step[change].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeAnswer(InformationChangeStep):
    """The nurse's answer to a return: the whole change again, other values only where fields were marked."""

    form: InformationForm
    reads = (her_entry, change, her_record, law_there)
    writes = frozenset({"information_change"})

    def located(self, step: Underway[InformationChangeAnswer], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    async def take(self, step: Underway[InformationChangeAnswer]) -> None:
        """The change waits for the review again."""
        found, her = step[change], step[her_entry]
        require_hers(step.actor, found.nurse_id)
        require_open(found, self.expected_version, RETURNED)
        asked = asked_for(self.form, step[her_record], her.life, step.tx.today, step[law_there])
        require_answer(found, asked)
        recorded = {name: value for name, value in recorded_values(step[her_record]).items() if name in asked}
        values = {"asked": asked, "recorded": recorded, "marked_fields": [], "queued_at": step.tx.now}
        await _go(step, PENDING, "information.requested", **values)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeWithdraw(InformationChangeStep):
    """The nurse's wish to take her change back (撤回)."""

    reads = (her_entry, change)
    writes = frozenset({"information_change"})

    async def take(self, step: Underway[InformationChangeWithdraw]) -> None:
        """The end of the change; nothing of the record changes."""
        require_hers(step.actor, step[change].nurse_id)
        require_open(step[change], self.expected_version, PENDING, RETURNED)
        await _go(step, ChangeState.WITHDRAWN, "information.withdrawn")


@read()
async def nobody_reviews(step: Underway[InformationChangeEscalate]) -> bool:
    """True where nobody but she may review it at her institution, or that is not active."""
    return await changes.unattended(step.tx, step[change].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeEscalate(InformationChangeStep):
    """The nurse's wish that her 注册机关 reviews it, because her institution does not (转注册机关审核)."""

    reads = (her_entry, change, nobody_reviews)
    writes = frozenset({"information_change"})

    async def take(self, step: Underway[InformationChangeEscalate]) -> None:
        """After ten working days, or at once where nobody there may review it."""
        tx, found, her = step.tx, step[change], step[her_entry]
        require_hers(step.actor, found.nurse_id)
        require_open(found, self.expected_version, PENDING)
        if found.escalated_at is not None or her.registration.institution_id is None:
            raise NotAllowed(*ESCALATED)
        since = tx.date_of(found.queued_at)
        last = due_on(since, SILENCE_DAYS, await calendar.working_days(tx, since, SILENCE_DAYS))
        require_silence(last, tx.today, unattended=step[nobody_reviews])
        await _go(step, PENDING, "information.requested", escalated_at=tx.now, queued_at=tx.now)


@read()
async def reviewer(step: Underway[InformationChangeReview]) -> Actor:
    """The actor as an officer of her authority: also one of the nearest above, where that has no other (回避)."""
    by, her = step.actor, step[her_entry].registration
    if by.party is not Party.AUTHORITY or her.authority_id is None or her.authority_id == by.party_id:
        return by
    office = await recusal.officer_on(step.tx, her.authority_id, her.nurse_id, Role.REVIEWER)
    return replace(by, party_id=her.authority_id) if office == by.party_id else by


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReview(InformationChangeStep):
    """A word of whoever reviews a change (护士信息修改审核, I15)."""

    reads = (her_entry, change, reviewer)
    writes = frozenset({"information_change"})

    def reviewed(self, step: Underway[Any]) -> InformationChange:
        """The change, where this person reviews it and it waits for that."""
        require_may_review(step[reviewer], step[change], step[her_entry].registration)
        require_open(step[change], self.expected_version, PENDING)
        found: InformationChange = step[change]
        return found


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeApprove(InformationChangeReview):
    """Agreement (同意): to all fields, or to those that are named; of the others `opinion` says why not."""

    accepted_fields: tuple[str, ...] | None = None
    originals_seen: bool = False
    opinion: str | None = None
    writes = frozenset({"information_change", "nurse", "nurse_change"})

    async def take(self, step: Underway[InformationChangeApprove]) -> None:
        """The record says what was accepted from now on."""
        found = self.reviewed(step)
        opinion = remark("opinion", self.opinion)
        accepted = require_accepted(found, self.accepted_fields, opinion, originals_seen=self.originals_seen)
        await changes.write_record(step.tx, found.nurse_id, values_of(found.asked, accepted))
        values = {"accepted_fields": [*accepted], "originals_seen": self.originals_seen, "opinion": opinion}
        await _go(step, ChangeState.APPROVED, "information.decided", **values)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReject(InformationChangeReview):
    """Disagreement (不同意), with a reason that she reads."""

    opinion: str

    async def take(self, step: Underway[InformationChangeReject]) -> None:
        """The end of the change; nothing of the record changes."""
        self.reviewed(step)
        await _go(step, ChangeState.REJECTED, "information.decided", opinion=wording("opinion", self.opinion))


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReturn(InformationChangeReview):
    """A request to correct marked fields (退回), with the reason."""

    marked_fields: tuple[str, ...]
    opinion: str

    async def take(self, step: Underway[InformationChangeReturn]) -> None:
        """The change waits for her answer, for thirty days."""
        found = self.reviewed(step)
        marked, opinion = require_marks(found, self.marked_fields), wording("opinion", self.opinion)
        values = {"marked_fields": [*marked], "opinion": opinion, "queued_at": step.tx.now}
        await _go(step, RETURNED, "information.returned", **values)


async def _go(step: Underway[Any], state: ChangeState, type: str, **values: Any) -> None:
    """Write where the change stands now, and tell her and whoever reviews it."""
    found, her = step[change], step[her_entry]
    escalated = found.escalated_at is not None or "escalated_at" in values
    await changes.move(step.tx, found, state, step.actor.account_id, **values)
    step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": state}
    step.news = heard(type, her, step.actor, escalated=escalated)


@dataclass(frozen=True, slots=True, repr=False)
class InformationEdit(NurseCommand):
    """An institution's wish to write itself what a nurse of its own does there (I27): at once; she is told."""

    form: InformationForm
    reads = (edited_entry,)
    writes = frozenset({"information_change", "nurse", "nurse_change"})

    def located(self, step: Underway[InformationEdit], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    async def take(self, step: Underway[InformationEdit]) -> None:
        """The record says so from now on; what she has asked for otherwise is superseded."""
        tx, her = step.tx, step[edited_entry]
        require_own_nurse(step.actor, her.registration, Role.OPERATOR)
        record = await changes.record_of(tx, self.nurse_id)
        asked = asked_for(self.form, record, her.life, tx.today, await _law(tx, her))
        require_work(asked)
        recorded = {name: value for name, value in recorded_values(record).items() if name in asked}
        by = step.actor.account_id
        row = {"nurse_id": self.nurse_id, "filed_by": Party.INSTITUTION, "account_id": by, "asked": asked}
        await changes.insert(tx, step.key, **row, **_at_once(step, asked), recorded=recorded)
        ended = await carry(tx, her, values_of(asked, asked), step.actor)
        step.nurse_id = self.nurse_id
        step.detail = {"change": step.key, "fields": sorted(asked)}
        step.news = [*heard("information.edited", her, step.actor), *ended]


async def carry(tx: Tx, her: Entry, values: Mapping[str, object], by: Actor, *, moves: bool = False) -> list[Addressed]:
    """Write values into a locked nurse's record; of what she has asked for, what they say otherwise is superseded.

    Where she goes elsewhere, so is what was of her work at the old place.
    """
    waiting = await changes.write_record(tx, her.registration.nurse_id, values)
    if waiting is None:
        return []
    newer = {name for name, value in newer_values(values).items() if value != waiting.recorded.get(name)}
    gone = {name for name in waiting.asked if name in newer or (moves and name in WORK)}
    return await _supersede(tx, her, waiting, gone, by) if gone else []


async def _supersede(
    tx: Tx, her: Entry, waiting: InformationChange, gone: Collection[str], by: Actor
) -> list[Addressed]:
    left = {name: value for name, value in waiting.asked.items() if name not in gone}
    marked = [name for name in waiting.marked_fields if name in left]
    state = waiting.state if left else ChangeState.SUPERSEDED
    if waiting.state is RETURNED and left and not marked:
        state = PENDING
    values = {"asked": left or dict(waiting.asked), "marked_fields": marked, "superseded_fields": sorted(gone)}
    account_id = None if by.party is None else by.account_id
    await changes.move(tx, waiting, state, account_id, **values)
    return heard("information.superseded", her, by, escalated=waiting.escalated_at is not None)


@read(Lock.NURSE)
async def lapsing_entry(step: Underway[InformationChangeLapse]) -> Entry:
    """The entry of the nurse who has not answered, locked."""
    return await registration.lock(step.tx, await changes.nurse_of(step.tx, step.command.change_id))


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeLapse(Command):
    """The system's wish to end what was returned and is not answered for thirty days (逾期失效)."""

    change_id: UUID
    reads = (lapsing_entry,)
    writes = frozenset({"information_change"})

    @property
    def subject(self) -> UUID:
        """The change."""
        return self.change_id

    async def take(self, step: Underway[InformationChangeLapse]) -> None:
        """The end of the change, unless she has answered meanwhile."""
        found = await changes.get(step.tx, self.change_id)
        if not lapses(found, step.tx.now):
            return
        await changes.move(step.tx, found, ChangeState.LAPSED, None)
        step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": ChangeState.LAPSED}
        escalated = found.escalated_at is not None
        step.news = heard("information.lapsed", step[lapsing_entry], step.actor, escalated=escalated)


async def lapse(db: Database, size: int) -> Counter[str]:
    """End what was returned and is not answered, each by itself; gives how many."""
    async with db.begin() as tx:
        await tx.ask_time()
        keys = await changes.stale(tx, size)
    for key in keys:
        async with db.begin() as tx:
            await tx.ask_time()
            await carry_out(Underway(tx, SYSTEM, InformationChangeLapse(key), key))
    return Counter({"INFORMATION_LAPSE": len(keys)}) if keys else Counter()
