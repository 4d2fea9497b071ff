"""Pauses of the period for a decision, and their ends (中止计时、恢复计时)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from db import calendar, recount
from db import pause as pauses
from rules.application import State, Step
from rules.hold import Pause, require_hold
from rules.kinds import KINDS
from rules.working_days import CountedFrom, due_on
from workflow.application_step import ApplicationStep, case
from workflow.case import Case
from workflow.step import Underway, read


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationHold(ApplicationStep):
    """A wish to stop the period for a hearing or an examination (中止计时, 许可法 45)."""

    kind: Pause
    reason: str
    expected_days: int | None = None
    step = Step.HOLD
    writes = frozenset({"application", "application_pause"})

    async def effect(self, step: Underway[ApplicationHold], moving: Case) -> None:
        """Stop it, for one of the reasons that the law names."""
        require_hold(self.kind, self.reason, self.expected_days)
        await pauses.start(step.tx, moving.application.id, self.kind, self.reason.strip(), self.expected_days)
        moving.values = {"on_hold": True}


@read()
async def running(step: Underway[ApplicationStep]) -> int | None:
    """The working days of the pause that runs, from the day after it began until today; None where none does."""
    since = await pauses.running(step.tx, step[case].application.id)
    if since is None:
        return None
    return await calendar.working_days_between(step.tx, step.tx.date_of(since), step.tx.today)


@read()
async def due(step: Underway[ApplicationStep]) -> Mapping[str, date | None]:
    """The days by which it is due, by law and by the authority's promise, by the calendar as it is now."""
    return (await recount.due_dates(step.tx, step[case].application.id)).columns


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationResume(ApplicationStep):
    """A wish to let the period run again (恢复计时)."""

    step = Step.RESUME
    reads = (case, running, due)
    writes = frozenset({"application", "application_pause"})

    async def effect(self, step: Underway[ApplicationResume], moving: Case) -> None:
        """Let it run: the working days that it stood still come on top."""
        days = await _end(moving, step[running])
        moving.values = {"on_hold": False, **await _later(moving, step[due], days)}


async def correcting(moving: Case) -> None:
    """The period stands still while she corrects what is missing."""
    await pauses.start(moving.tx, moving.application.id, Pause.CORRECTION)


async def corrected(moving: Case, days: int | None) -> None:
    """The pause for a correction ends as it is accepted: its days come on top of what is counted from receipt."""
    ended = await _end(moving, days)
    if KINDS[moving.application.kind].period.counted_from is CountedFrom.RECEIPT:
        due_dates = {name: moving.values.get(name) for name in ("due_on", "promised_due_on")}
        moving.values |= await _later(moving, due_dates, ended)


async def cease(moving: Case) -> None:
    """No pause outlives the period: one that runs ends with the application."""
    if moving.application.on_hold or moving.application.state is State.CORRECTION_REQUIRED:
        await pauses.end(moving.tx, moving.application.id, None)
        moving.values["on_hold"] = False


async def _end(moving: Case, days: int | None) -> int:
    """End the pause that runs, if one does; gives its working days."""
    if days is None:
        return 0
    await pauses.end(moving.tx, moving.application.id, days)
    return days


async def _later(moving: Case, due_dates: Mapping[str, date | None], days: int) -> dict[str, date | None]:
    """The due dates so many working days later; those that are not set stay so."""
    moved = dict(due_dates)
    for name, day in due_dates.items():
        if day is not None and days > 0:
            moved[name] = due_on(day, days, await calendar.working_days(moving.tx, day, days))
    return moved
