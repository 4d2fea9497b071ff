"""More days for a decision (延长期限)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db import calendar, message, reminder
from rules.application import Step
from rules.hold import LONGEST_EXTENSION, require_extension
from rules.kinds import KINDS
from rules.message import Template
from rules.verification import Channel
from rules.working_days import due_on
from workflow.application_step import ApplicationStep, case
from workflow.case import Case
from workflow.pause import due
from workflow.step import Underway, read


@read()
async def reached(step: Underway[ApplicationStep]) -> tuple[Channel, str] | None:
    """The channel and address that reach the nurse, if any."""
    return await reminder.reached(step.tx, step[case].application.nurse_id)


@read()
async def after_due(step: Underway[ApplicationStep]) -> Mapping[str, tuple[date, Sequence[date]]]:
    """Each day by which it is due, and as many working days after it as a period may be extended by."""
    tx, found = step.tx, {name: day for name, day in step[due].items() if day is not None}
    return {name: (day, await calendar.working_days(tx, day, LONGEST_EXTENSION)) for name, day in found.items()}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationExtend(ApplicationStep):
    """A supervisor's wish to give the authority more days, once, and to tell the nurse why (许可法 42)."""

    working_days: int
    reason: str
    step = Step.EXTEND
    reads = (case, due, after_due, reached)
    writes = frozenset({"application", "outbox"})

    async def effect(self, step: Underway[ApplicationExtend], moving: Case) -> None:
        """Move the due dates, and write to her."""
        application, until, reason = moving.application, step[due]["due_on"], self.reason.strip()
        assert until is not None, "an accepted application has its due date"
        require_extension(self.working_days, self.reason, until, step.tx.today, on_hold=application.on_hold)
        moved = {name: due_on(day, self.working_days, days) for name, (day, days) in step[after_due].items()}
        letter = {"extended_at": step.tx.now, "extended_from": until, "extended_until": moved["due_on"]}
        moving.values = {"extended": True, "extension_reason": reason, **letter, **moved}
        to = step[reached]
        if to is not None:
            business = KINDS[application.kind].title.zh
            values = {"business": business, "reason": reason, "until": str(moved["due_on"])}
            await message.send(step.tx, channel=to[0], to=to[1], template=Template.PERIOD_EXTENDED, values=values)
