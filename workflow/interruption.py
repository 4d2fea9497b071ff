"""A nurse does not practise for a while (中断执业, I23), and practises again; it is disputed, or taken back.

Whether she may practise stays as it is. Why is a code, or not said; it stands in no event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from db import interruption as interruptions
from db import span as spans
from rules.chronology import require_since_registered
from rules.errors import Together, WrongState
from rules.interruption import (
    InterruptionReason,
    interruption_to_end,
    require_after,
    require_may_answer,
    require_may_dispute,
    require_may_interrupt,
    require_recorder,
    require_standing,
)
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from rules.suspension import Span, SpanKind
from rules.wording import wording
from workflow.nurse_case import NurseCommand, entry, heard, in_office
from workflow.span import SpanStep, announce, her_entry, recorded
from workflow.step import USUAL, Read, Underway, read


@read()
async def interrupted(step: Underway[NurseCommand]) -> Span | None:
    """The interruption that has not ended: locked with the nurse."""
    return await interruptions.running(step.tx, step.command.nurse_id)


@read()
async def last_day(step: Underway[NurseCommand]) -> date | None:
    """The last day of her interruptions that are over."""
    return await interruptions.last_day(step.tx, step.command.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionStart(NurseCommand):
    """An institution's word that a nurse of its own has not practised since a day; gives the span."""

    starts_on: date
    reason: InterruptionReason | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, interrupted, last_day)
    writes = frozenset({"registration_span"})

    async def take(self, step: Underway[InterruptionStart]) -> None:
        """Record it; her entry stays as it is."""
        before = step[entry].registration
        require_own_nurse(step.actor, before, Role.OPERATOR)
        with Together() as each:
            each(lambda: require_may_interrupt(before, step[interrupted], self.starts_on, step.tx.today))
            each(lambda: require_since_registered("startsOn", self.starts_on, before.first_registered_on, None))
            each(lambda: require_after(self.starts_on, step[last_day]))
        assert before.institution_id is not None
        columns = {"nurse_id": self.nurse_id, "by": step.actor.account_id, "at": before.institution_id}
        await interruptions.insert(step.tx, step.key, **columns, starts_on=self.starts_on, cause=self.reason)
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


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionStep(SpanStep):
    """Somebody's wish to take one step on an interruption that is recorded; gives the span."""

    kind_of_span: ClassVar[SpanKind] = SpanKind.INTERRUPTION
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (her_entry, recorded)
    writes = frozenset({"registration_span"})


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionWithdraw(InterruptionStep):
    """A wish of the institution that recorded it to take it back (撤回): it was a mistake, and never counts."""

    async def take(self, step: Underway[InterruptionWithdraw]) -> None:
        """Take it back."""
        require_recorder(step.actor, step[recorded], step[her_entry].registration)
        require_standing(step[recorded])
        await spans.write(step.tx, self.span_id, withdrawn_at=step.tx.now)
        announce(step, "registration.interruption_withdrawn")


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionDispute(InterruptionStep):
    """The nurse's word that an interruption is not so (中断执业异议)."""

    text: str

    async def take(self, step: Underway[InterruptionDispute]) -> None:
        """Keep what she says; her 注册机关 looks into it."""
        require_may_dispute(step.actor, step[recorded])
        await spans.write(step.tx, self.span_id, dispute=wording("text", self.text), disputed_at=step.tx.now)
        announce(step, "registration.interruption_disputed")


@read()
async def reviewer(step: Underway[SpanStep]) -> Actor:
    """The actor as a reviewer of her authority: also one of the nearest above, where that has no other (回避)."""
    return await in_office(step.tx, step.actor, step[her_entry].registration, Role.REVIEWER)


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionAnswer(InterruptionStep):
    """An answer of a reviewer of her 注册机关 to what she disputes: upheld, it is taken back."""

    upheld: bool
    text: str
    reads = (her_entry, recorded, reviewer)

    async def take(self, step: Underway[InterruptionAnswer]) -> None:
        """Tell her and the institution; where she is right it never counts."""
        require_may_answer(step[reviewer], step[recorded], step[her_entry].registration)
        values = {"answer": wording("text", self.text), "answered_at": step.tx.now}
        await spans.write(step.tx, self.span_id, **values, **({"withdrawn_at": step.tx.now} if self.upheld else {}))
        announce(step, "registration.interruption_answered")
