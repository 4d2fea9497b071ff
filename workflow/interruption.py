"""A nurse does not practise for a while (中断执业, I23), and practises again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db import interruption as interruptions
from rules.chronology import require_since_registered
from rules.errors import Together, WrongState
from rules.interruption import interruption_to_end, require_may_interrupt
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.suspension import Span
from rules.wording import remark
from workflow.nurse_case import NurseCommand, entry, heard
from workflow.step import USUAL, Underway, read


@read()
async def interrupted(step: Underway[NurseCommand]) -> Span | None:
    """The interruption that has not ended: locked with the nurse."""
    return await interruptions.running(step.tx, step.command.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionStart(NurseCommand):
    """An institution's word that a nurse of its own has not practised since a day; gives the span."""

    starts_on: date
    reason: str | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, interrupted)
    writes = frozenset({"registration_span"})

    async def take(self, step: Underway[InterruptionStart]) -> None:
        """Record it; her entry stays as it is."""
        before = step[entry].registration
        require_own_nurse(step.actor, before, Role.OPERATOR)
        with Together() as each:
            each(lambda: require_may_interrupt(before, step[interrupted], self.starts_on, step.tx.today))
            each(lambda: require_since_registered("startsOn", self.starts_on, before.first_registered_on, None))
            reason = each(lambda: remark("reason", self.reason))
        columns = {"nurse_id": self.nurse_id, "by": step.actor.account_id}
        await interruptions.insert(step.tx, step.key, **columns, starts_on=self.starts_on, reason=reason)
        step.detail = {"span": step.key}
        heard(step, "registration.interrupted")


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionEnd(NurseCommand):
    """An institution's word on the last day of an interruption; gives the span."""

    ends_on: date
    reads = (entry, interrupted)
    writes = frozenset({"registration_span"})

    async def take(self, step: Underway[InterruptionEnd]) -> None:
        """Record it."""
        require_own_nurse(step.actor, step[entry].registration, Role.OPERATOR)
        step.key = interruption_to_end(step[interrupted], self.ends_on, step.tx.today).id
        await interruptions.end(step.tx, step.key, self.ends_on)
        step.detail = {"span": step.key}
        heard(step, "registration.interruption_ended")
