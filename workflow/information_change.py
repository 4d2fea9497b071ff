"""A nurse asks for a change of what the register says of her (信息修改): asked for, answered, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db import information_change as changes
from db import law as laws
from db import registration
from db.registration import Entry
from db.store.engine import Tx
from rules.errors import FieldProblem
from rules.information_change import ChangeState, ChangeStep, before_first
from rules.information_form import InformationForm, asked_for, in_information, recorded_values, values_of
from rules.information_review import require_answer
from rules.law import Law
from rules.people import Party, Role, require
from workflow.information_step import (
    PENDING,
    InformationChangeStep,
    go,
    heard,
    her_entry,
    judged,
    seen,
    unreviewed,
)
from workflow.step import Command, Lock, Underway, read


async def law_of(tx: Tx, entry: Entry) -> Law:
    """The law of today where she is registered."""
    her = entry.registration
    return await laws.on(tx, tx.today, institution_id=her.institution_id, authority_id=her.authority_id)


@read(Lock.NURSE)
async def own_entry(step: Underway[Command]) -> Entry:
    """The entry of whoever asks, locked."""
    require(step.actor, Role.NURSE)
    assert step.actor.party_id is not None, "an active nurse has a record"
    return await registration.lock(step.tx, step.actor.party_id)


@read()
async def on_record(step: Underway[InformationChangeRequest]) -> Mapping[str, object]:
    """The values that the register has of her."""
    return await changes.record_of(step.tx, step[own_entry].registration.nurse_id)


@read()
async def nobody_there(step: Underway[Command]) -> bool:
    """True where nobody but she may review it at her institution."""
    return await changes.nobody_reviews(step.tx, step[own_entry].registration.nurse_id)


@read()
async def under_way(step: Underway[InformationChangeRequest]) -> bool:
    """True if an application of hers is under way."""
    return await changes.has_open_application(step.tx, step[own_entry].registration.nurse_id)


@read()
async def law_here(step: Underway[InformationChangeRequest]) -> Law:
    """The law of today where she is registered."""
    return await law_of(step.tx, step[own_entry])


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeRequest(Command):
    """A nurse's wish to have her information changed (个人信息修改, N14); gives the change."""

    form: InformationForm
    reads = (own_entry, on_record, nobody_there, under_way, law_here)
    writes = frozenset({"information_change", "nurse"})

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
            await changes.insert(tx, step.key, **row, **unreviewed(step, asked))
            await changes.write_record(tx, nurse_id, values_of(asked, asked))
        else:
            when = {"escalated_at": tx.now} if escalated else {}
            await changes.insert(tx, step.key, **row, **when, state=PENDING)
        step.nurse_id, step.detail = nurse_id, {"change": step.key, "fields": sorted(asked)}
        step.news = heard("information.requested", her, step.actor, escalated=escalated)


@read()
async def law_there(step: Underway[InformationChangeAnswer]) -> Law:
    """The law of today where she is registered."""
    return await law_of(step.tx, step[her_entry])


@read()
async def her_record(step: Underway[InformationChangeAnswer]) -> Mapping[str, object]:
    """The values that the register has of her."""
    return await changes.record_of(step.tx, step[seen].change.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeAnswer(InformationChangeStep):
    """The nurse's answer to a return: the whole change again, other values only where fields were marked."""

    form: InformationForm
    reads = (her_entry, seen, her_record, law_there)
    writes = frozenset({"information_change"})

    def located(self, step: Underway[InformationChangeAnswer], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    async def take(self, step: Underway[InformationChangeAnswer]) -> None:
        """The change waits for the review again."""
        found, her = judged(step, ChangeStep.ANSWER), step[her_entry]
        asked = asked_for(self.form, step[her_record], her.life, step.tx.today, step[law_there])
        require_answer(found, asked)
        recorded = {name: value for name, value in recorded_values(step[her_record]).items() if name in asked}
        values = {"asked": asked, "recorded": recorded, "marked_fields": [], "queued_at": step.tx.now}
        await go(step, PENDING, "information.requested", **values)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeWithdraw(InformationChangeStep):
    """The nurse's wish to take her change back (撤回), or an institution's to take back its edit."""

    reads = (her_entry, seen)
    writes = frozenset({"information_change"})

    async def take(self, step: Underway[InformationChangeWithdraw]) -> None:
        """The end of the change; nothing of the record changes."""
        judged(step, ChangeStep.WITHDRAW)
        await go(step, ChangeState.WITHDRAWN, "information.withdrawn")


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeEscalate(InformationChangeStep):
    """The nurse's wish that her 注册机关 reviews it, because her institution does not (转注册机关审核)."""

    reads = (her_entry, seen)
    writes = frozenset({"information_change"})

    async def take(self, step: Underway[InformationChangeEscalate]) -> None:
        """After ten working days, or at once where nobody there may review it."""
        judged(step, ChangeStep.ESCALATE)
        await go(step, PENDING, "information.requested", escalated_at=step.tx.now, queued_at=step.tx.now)
