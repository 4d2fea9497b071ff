"""Keeping the working calendar (工作日历)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db import calendar
from db.calendar import Day
from rules.calendar import require_day, require_keeper
from rules.errors import NotFound
from workflow.step import USUAL, Command, Underway, read


@read()
async def level(step: Underway[Command]) -> str | None:
    """The level of the authority of whoever asks."""
    return await calendar.level_of(step.tx, step.actor)


@read()
async def last_day(step: Underway[Command]) -> date | None:
    """The last day of the calendar."""
    return await calendar.last_day(step.tx)


@dataclass(frozen=True, slots=True, repr=False)
class CalendarSetDay(Command):
    """An officer's wish to say whether a day is a working day."""

    day: date
    working: bool
    note: str | None = None
    refuses = USUAL - {NotFound}
    reads = (level, last_day)
    writes = frozenset({"calendar_day"})

    async def take(self, step: Underway[CalendarSetDay]) -> None:
        """Due dates stay, but for those across a day that was provisional so far, which the scheduler counts afresh."""
        require_keeper(step.actor, step[level])
        require_day(self.day, self.note, step.tx.today, step[last_day])
        await calendar.set_day(step.tx, Day(self.day, self.working, self.note))
        step.detail = {"day": self.day, "working": self.working, "note": self.note}
