"""Steps on what an institution has recorded of a nurse's days: the rows that they read, and who hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from db import registration as registrations
from db import span as spans
from db.registration import Entry
from rules.interruption import Recorded
from rules.suspension import SpanKind
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class SpanStep(Command):
    """Somebody's wish to take one step on a span of a nurse; gives the span."""

    span_id: UUID
    kind_of_span: ClassVar[SpanKind]

    @property
    def subject(self) -> UUID:
        """The span."""
        return self.span_id


@read(Lock.NURSE)
async def her_entry(step: Underway[SpanStep]) -> Entry:
    """The entry of the nurse whom the span is about, locked."""
    wish = step.command
    return await registrations.lock(step.tx, await spans.nurse_of(step.tx, wish.span_id, wish.kind_of_span))


@read(Lock.REGISTRATION)
async def recorded(step: Underway[SpanStep]) -> Recorded:
    """The span: locked with the nurse."""
    return await spans.get(step.tx, step.command.span_id)


def announce(step: Underway[SpanStep], type: str, *places: UUID | None) -> None:
    """The step is about her: she hears of it, the institution that recorded it, her 注册机关, and these places."""
    her, found = step[her_entry], step[recorded]
    step.nurse_id, step.detail = her.registration.nurse_id, {"span": found.id}
    step.news += news(type, her, step.actor, found.institution_id, her.registration.authority_id, *places)
