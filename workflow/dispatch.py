"""A nurse works elsewhere for a while, and stays registered where she is (支援、进修、义诊等派出, 办法)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from db import dispatch as dispatches
from db import eligibility
from db import law as laws
from db import span as spans
from db.store.engine import Tx
from rules.chronology import require_since_registered
from rules.dispatch import (
    DispatchKind,
    Where,
    require_days,
    require_free,
    require_kind,
    require_place,
    require_practises,
    require_receives,
    require_still_hers,
)
from rules.errors import FieldProblem, NotFound, Together, WrongState
from rules.interruption import require_recorder, require_standing
from rules.law import SINCE, Law
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.registration import Registration
from rules.suspension import SpanKind
from workflow.ending import news
from workflow.nurse_case import NurseCommand, entry
from workflow.span import SpanStep, announce, her_entry, recorded
from workflow.step import USUAL, Lock, Read, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """A dispatch as it is to be: its kind, its days, and where."""

    kind: DispatchKind
    starts_on: date
    ends_on: date | None
    to_institution_id: UUID | None
    place: str | None

    def located(self, problem: FieldProblem) -> FieldProblem:
        """A problem of it from the input, which has it as one object."""
        return replace(problem, path=f"dispatch.{problem.path}") if problem.path in _PATHS else problem

    async def law(self, tx: Tx) -> Law:
        """The law of the day on which it begins; of one to come that of today, of one long ago the first there was."""
        return await laws.on(tx, max(SINCE, min(self.starts_on, tx.today)))

    async def hold(self, tx: Tx, nurse_id: UUID) -> None:
        """Hold the receiving institution open; NotFound where there is none, and refused where it is not at work."""
        if self.to_institution_id is None:
            return
        if (await eligibility.target(tx, self.to_institution_id, nurse_id)).state is None:
            raise NotFound
        require_receives(await eligibility.lock_target(tx, self.to_institution_id))

    async def columns(self, tx: Tx, her: Registration, own: UUID | None, besides: UUID) -> dict[str, object]:
        """The columns of it, once every rule agrees."""
        law = await self.law(tx)
        with Together() as each:
            each(lambda: require_days(self.starts_on, self.ends_on, tx.today))
            each(lambda: require_since_registered("startsOn", self.starts_on, her.first_registered_on, None))
            each(lambda: require_kind(self.kind, law))
            place = each(lambda: require_place(Where(self.to_institution_id, self.place), own))
        require_free(await dispatches.overlaps(tx, her.nurse_id, self.starts_on, self.ends_on, besides))
        days = {"starts_on": self.starts_on, "ends_on": self.ends_on}
        return {**days, "dispatch_kind": self.kind, "to_institution_id": self.to_institution_id, "place": place}


_PATHS: Final = frozenset({"kind", "startsOn", "endsOn", "toInstitution", "place"})


@read(Lock.PLACE)
async def receives(step: Underway[DispatchStart]) -> None:
    """The institution where she goes, held open."""
    await step.command.sent.hold(step.tx, step.command.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class DispatchStart(NurseCommand):
    """An institution's word that a nurse of its own works elsewhere for a while; gives the span."""

    sent: Sent
    refuses = USUAL | {WrongState}
    reads = (entry, receives)
    writes = frozenset({"registration_span"})

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.sent.located(problem)

    async def take(self, step: Underway[DispatchStart]) -> None:
        """Record it; her entry stays as it is, and she is told."""
        before = step[entry].registration
        require_own_nurse(step.actor, before, Role.OPERATOR)
        require_practises(before, step.tx.today)
        columns = await self.sent.columns(step.tx, before, before.institution_id, step.key)
        by = {"account_id": step.actor.account_id, "institution_id": before.institution_id}
        await dispatches.insert(step.tx, step.key, nurse_id=self.nurse_id, **by, **columns)
        step.detail = {"span": step.key}
        step.nurse_id, places = self.nurse_id, (before.institution_id, before.authority_id, self.sent.to_institution_id)
        step.news += news("registration.dispatched", step[entry], step.actor, *places)


@dataclass(frozen=True, slots=True, repr=False)
class DispatchStep(SpanStep):
    """A wish of the institution that recorded it to take one step on a dispatch; gives the span."""

    kind_of_span: ClassVar[SpanKind] = SpanKind.DISPATCH
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (her_entry, recorded)
    writes = frozenset({"registration_span"})


@read(Lock.PLACE)
async def receives_now(step: Underway[DispatchChange]) -> None:
    """The institution where she goes by the change, held open."""
    await step.command.sent.hold(step.tx, step[her_entry].registration.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class DispatchChange(DispatchStep):
    """Another last day, place or kind: the end of a dispatch, and the correction of one."""

    sent: Sent
    refuses = USUAL | {WrongState}
    reads = (her_entry, recorded, receives_now)

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.sent.located(problem)

    async def take(self, step: Underway[DispatchChange]) -> None:
        """Write it; both places hear, and she."""
        her, found, to = step[her_entry].registration, step[recorded], self.sent.to_institution_id
        require_recorder(step.actor, found, her)
        require_standing(found)
        require_still_hers(found, her, self.sent.ends_on)
        before = await dispatches.to_institution(step.tx, self.span_id)
        columns = await self.sent.columns(step.tx, her, found.institution_id, self.span_id)
        await spans.write(step.tx, self.span_id, **columns)
        announce(step, "registration.dispatch_changed", before, to)


@dataclass(frozen=True, slots=True, repr=False)
class DispatchWithdraw(DispatchStep):
    """A wish to take a dispatch back (撤回): it was a mistake, or she did not go."""

    async def take(self, step: Underway[DispatchWithdraw]) -> None:
        """Take it back."""
        require_recorder(step.actor, step[recorded], step[her_entry].registration)
        require_standing(step[recorded])
        await spans.write(step.tx, self.span_id, withdrawn_at=step.tx.now)
        announce(step, "registration.dispatch_changed", await dispatches.to_institution(step.tx, self.span_id))
