"""A nurse asks for a change of what the register says of her (信息修改): asked for, answered, taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import calendar, registration
from db import information_change as changes
from db import law as laws
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.errors import FieldProblem, NotAllowed
from rules.information_change import (
    ESCALATED,
    ChangeState,
    InformationChange,
    InformationForm,
    asked_for,
    before_first,
    in_information,
    recorded_values,
    require_answer,
    require_hers,
    require_open,
    require_silence,
    values_of,
)
from rules.law import Law
from rules.people import Actor, Party, Role, require
from rules.registration import Registration
from rules.working_days import SILENCE_DAYS, due_on
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read

PENDING, RETURNED = ChangeState.PENDING, ChangeState.RETURNED


def _place(registration: Registration, *, escalated: bool) -> UUID | None:
    """The place that reviews a change."""
    at = registration.institution_id
    return registration.authority_id if escalated or at is None else at


def heard(type: str, entry: Entry, by: Actor, *also: UUID | None, escalated: bool = False) -> list[Addressed]:
    """The event of a change: she and whoever reviews it hear, and those named besides."""
    return news(type, entry, by, _place(entry.registration, escalated=escalated), *also)


def unreviewed(step: Underway[Any], asked: Collection[str]) -> dict[str, Any]:
    """The columns of a change that nobody reviews."""
    decided = {"decided_at": step.tx.now, "decided_by": step.actor.account_id}
    return {"state": ChangeState.APPROVED, "accepted_fields": [*asked], **decided}


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
    return await changes.unattended(step.tx, step[own_entry].registration.nurse_id)


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


async def go(step: Underway[Any], state: ChangeState, type: str, **values: Any) -> None:
    """Write where the change stands now, and tell her and whoever reviews it."""
    found, her = step[change], step[her_entry]
    escalated = found.escalated_at is not None or "escalated_at" in values
    await changes.move(step.tx, found, state, step.actor.account_id, **values)
    step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": state}
    step.news = heard(type, her, step.actor, escalated=escalated)


@read()
async def law_there(step: Underway[InformationChangeAnswer]) -> Law:
    """The law of today where she is registered."""
    return await law_of(step.tx, step[her_entry])


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
        await go(step, PENDING, "information.requested", **values)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeWithdraw(InformationChangeStep):
    """The nurse's wish to take her change back (撤回)."""

    reads = (her_entry, change)
    writes = frozenset({"information_change"})

    async def take(self, step: Underway[InformationChangeWithdraw]) -> None:
        """The end of the change; nothing of the record changes."""
        require_hers(step.actor, step[change].nurse_id)
        require_open(step[change], self.expected_version, PENDING, RETURNED)
        await go(step, ChangeState.WITHDRAWN, "information.withdrawn")


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
        await go(step, PENDING, "information.requested", escalated_at=tx.now, queued_at=tx.now)
