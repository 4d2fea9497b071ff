"""Good and bad records (良好记录、不良记录, 条例 11): proposed, written, stated on, corrected, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from db import conduct as conducts
from db import registration as registrations
from db.registration import Entry
from rules.conduct import (
    Conduct,
    ConductKind,
    ConductSource,
    ConductState,
    Decided,
    require_not_proposed,
    require_not_recorded,
    require_state,
)
from rules.errors import FieldProblem, Together, WrongState
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from rules.wording import wording
from workflow.ending import news
from workflow.nurse_case import NurseCommand, decider, entry, heard, in_office
from workflow.step import USUAL, Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class ConductPropose(NurseCommand):
    """An institution's proposal of a good record, or its report of a bad one, for her 注册机关; gives the record."""

    kind: ConductKind
    text: str
    reads = (entry,)
    writes = frozenset({"conduct_record"})

    async def take(self, step: Underway[ConductPropose]) -> None:
        """Let it wait for her 注册机关; she is told, and can say something to it."""
        her = step[entry].registration
        require_own_nurse(step.actor, her, Role.OPERATOR)
        of = {"nurse_id": self.nurse_id, "kind": self.kind, "text": wording("text", self.text)}
        waiting = {"state": ConductState.PROPOSED, "institution_id": her.institution_id}
        require_not_proposed(await conducts.same(step.tx, **of, **waiting))
        places = {"institution_id": her.institution_id, "authority_id": her.authority_id}
        by = {"account_id": step.actor.account_id, "source": ConductSource.INSTITUTION}
        await conducts.put(step.tx, step.key, **of, **places, **by, state=ConductState.PROPOSED)
        step.detail = {"record": step.key}
        heard(step, "conduct.proposed")


@dataclass(frozen=True, slots=True, repr=False)
class ConductEnter(NurseCommand):
    """A record that a decider of her 注册机关 writes: a bad one from a decision that was served; gives the record."""

    kind: ConductKind
    text: str
    decided: Decided
    reads = (entry, decider)
    writes = frozenset({"conduct_record"})

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.decided.located(problem)

    async def take(self, step: Underway[ConductEnter]) -> None:
        """Write it; she is told."""
        her = step[entry].registration
        require_own_nurse(step[decider], her, Role.DECIDER)
        with Together() as each:
            text = each(lambda: wording("text", self.text))
            columns = each(lambda: self.decided.checked(self.kind, step.tx.today))
        of = {"nurse_id": self.nurse_id, "kind": self.kind, "text": text, "authority_id": her.authority_id}
        by = {"account_id": step.actor.account_id, "source": ConductSource.AUTHORITY}
        stands = {"state": ConductState.RECORDED, "recorded_at": step.tx.now}
        number = columns["decision_number"]
        require_not_recorded(await conducts.same(step.tx, **of, state=ConductState.RECORDED, decision_number=number))
        await conducts.put(step.tx, step.key, **of, **by, **columns, **stands)
        step.detail = {"record": step.key}
        heard(step, "conduct.changed")


@dataclass(frozen=True, slots=True, repr=False)
class ConductStep(Command):
    """Somebody's wish to take one step on a record; gives the record."""

    record_id: UUID
    refuses = USUAL | {WrongState}
    writes = frozenset({"conduct_record"})

    @property
    def subject(self) -> UUID:
        """The record."""
        return self.record_id


@read(Lock.NURSE)
async def her_entry(step: Underway[ConductStep]) -> Entry:
    """The entry of the nurse whom the record is about, locked."""
    return await registrations.lock(step.tx, await conducts.nurse_of(step.tx, step.command.record_id))


@read(Lock.REGISTRATION)
async def found(step: Underway[ConductStep]) -> Conduct:
    """The record: locked with the nurse."""
    return await conducts.get(step.tx, step.command.record_id)


@read()
async def officer(step: Underway[ConductStep]) -> Actor:
    """The actor as a decider of her authority, also where one of the nearest above sits for it (回避)."""
    return await in_office(step.tx, step.actor, step[her_entry].registration, Role.DECIDER)


def announce(step: Underway[ConductStep], type: str) -> None:
    """She hears, where she is registered, whoever proposed it, and her 注册机关."""
    her, record = step[her_entry], step[found]
    step.nurse_id, step.detail = record.nurse_id, {"record": record.id}
    places = (her.registration.institution_id, her.registration.authority_id, record.institution_id)
    step.news += news(type, her, step.actor, *places)


@dataclass(frozen=True, slots=True, repr=False)
class ConductConfirm(ConductStep):
    """A decider's confirmation of what an institution proposed: a bad record needs the decision that was served."""

    decided: Decided
    reads = (her_entry, found, officer)

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.decided.located(problem)

    async def take(self, step: Underway[ConductConfirm]) -> None:
        """Let it stand from now on."""
        require_own_nurse(step[officer], step[her_entry].registration, Role.DECIDER)
        require_state(step[found], ConductState.PROPOSED)
        columns = self.decided.checked(step[found].kind, step.tx.today)
        stands = {"state": ConductState.RECORDED, "recorded_at": step.tx.now}
        await conducts.write(step.tx, self.record_id, **columns, **stands)
        announce(step, "conduct.changed")


@dataclass(frozen=True, slots=True, repr=False)
class ConductDecline(ConductStep):
    """A decider's refusal of what an institution proposed, with a reason that she reads."""

    reason: str
    reads = (her_entry, found, officer)

    async def take(self, step: Underway[ConductDecline]) -> None:
        """Keep why it is no record."""
        require_own_nurse(step[officer], step[her_entry].registration, Role.DECIDER)
        require_state(step[found], ConductState.PROPOSED)
        why = wording("reason", self.reason)
        await conducts.write(step.tx, self.record_id, state=ConductState.DECLINED, declined_why=why)
        announce(step, "conduct.changed")
