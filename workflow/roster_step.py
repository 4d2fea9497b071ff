"""Steps for many rows of a compared roster at once (名册核对, I9): tried first if wished, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from db import calendar, registration, roster
from db import departure as departures
from db import information_change as changes
from rules.departure import DepartureReason
from rules.errors import FieldProblem, NotFound
from rules.form import read as read_form
from rules.information_form import WORK, InformationForm, newer_values
from rules.roster import (
    RosterFinding,
    require_places,
    require_rows,
    require_unchanged,
    require_undoable,
    require_work_differs,
)
from workflow.departure import DepartureReport, DepartureWithdraw
from workflow.information_edit import InformationEdit
from workflow.many import keep_all, take_all
from workflow.step import Command, Lock, Underway, read


@read(Lock.REQUEST)
async def chosen(step: Underway[RosterStep]) -> Mapping[int, Any]:
    """The chosen rows of one's own comparison, locked."""
    require_places(step.command.places)
    found = await roster.lock(step.tx, step.actor, step.command.check_id, step.command.places)
    if len(found) < len(set(step.command.places)):
        raise NotFound
    return found


@read(Lock.NURSE)
async def held(step: Underway[RosterStep]) -> None:
    """The nurses whom they are about, locked in one order."""
    for key in sorted(row.nurse_id for row in step[chosen].values() if row.nurse_id is not None):
        await registration.lock(step.tx, key)


@dataclass(frozen=True, slots=True, repr=False)
class RosterStep(Command):
    """An operator's wish to take one step for many rows; gives the comparison."""

    check_id: UUID
    places: tuple[int, ...]
    dry_run: bool
    finding: ClassVar[RosterFinding]
    does: ClassVar[bool] = True
    """False where the step undoes another."""
    reads = (chosen, held)

    @property
    def subject(self) -> UUID:
        """The comparison."""
        return self.check_id

    async def require(self, step: Underway[Any], rows: Mapping[int, tuple[str, datetime | None]]) -> None:
        """Refuse rows on which this step is not to be taken."""
        require_rows(self.places, rows, self.finding)

    async def for_one(self, step: Underway[Any], row: Any) -> Command:
        """The step for one row; refused as the step itself would be."""
        raise NotImplementedError

    async def take(self, step: Underway[RosterStep]) -> None:
        """Take it for each, and for none where one is refused, or where it is only tried."""
        rows = step[chosen]
        await self.require(step, {place: (row.finding, row.done_at) for place, row in rows.items()})
        wishes = [partial(self._wished, step, rows[place]) for place in self.places]
        taken = await take_all(step, wishes, _located, keeps=not self.dry_run)
        step.detail = {"comparison": self.check_id, "rows": len(taken), "dryRun": self.dry_run}
        if not self.dry_run:
            await keep_all(step, taken)
            await roster.finish(step.tx, self.check_id, self.places, done=self.does)

    async def _wished(self, step: Underway[RosterStep], row: Any) -> list[Command]:
        return [await self.for_one(step, row)]


def _located(nth: int, problem: FieldProblem) -> FieldProblem:
    return replace(problem, path=f"places.{nth}")


@dataclass(frozen=True, slots=True, repr=False)
class RosterEdit(RosterStep):
    """The wish to write 科室 and 职务 as the list has them (修改护士信息, I27); a title she asks for herself."""

    finding = RosterFinding.DIFFERENT
    writes = frozenset({"roster_check_row", "information_change", "nurse"})

    async def for_one(self, step: Underway[Any], row: Any) -> Command:
        """The edit of one nurse."""
        wanted = {name: value for name, value in row.wanted.items() if name in WORK}
        require_work_differs(wanted)
        return InformationEdit(row.nurse_id, read_form(InformationForm, wanted))


@dataclass(frozen=True, slots=True, repr=False)
class RosterReportDepartures(RosterStep):
    """The wish to report that nurses who are in no row have left (离职报告)."""

    reason: DepartureReason
    left_on: date
    remarks: str | None = None
    finding = RosterFinding.NOT_LISTED
    writes = frozenset({"roster_check_row", "departure", "registration", "registration_history", "registration_span"})

    async def for_one(self, step: Underway[Any], row: Any) -> Command:
        """The report about one nurse."""
        return DepartureReport(row.nurse_id, self.reason, self.left_on, self.remarks)


@dataclass(frozen=True, slots=True, repr=False)
class RosterUndo(RosterStep):
    """The wish to undo what was done for rows by mistake, within ten working days."""

    writes = RosterEdit.writes | RosterReportDepartures.writes
    does = False

    async def require(self, step: Underway[Any], rows: Mapping[int, tuple[str, datetime | None]]) -> None:
        """Refuse rows on which nothing was done, or too long ago."""
        first = min((done_at for _, done_at in rows.values() if done_at is not None), default=step.tx.now)
        since = step.tx.date_of(first)
        days = await calendar.working_days_between(step.tx, since, step.tx.today)
        require_undoable(self.places, rows, days)

    async def for_one(self, step: Underway[Any], row: Any) -> Command:
        """The edit that puts back what was on record, or the withdrawal of the report."""
        if row.finding == RosterFinding.NOT_LISTED:
            return DepartureWithdraw(await departures.standing(step.tx, row.nurse_id, step.actor.party_id))
        wanted = {name: value for name, value in row.wanted.items() if name in WORK}
        now = newer_values(await changes.record_of(step.tx, row.nurse_id))
        before = require_unchanged(row.recorded, wanted, now)
        return InformationEdit(row.nurse_id, read_form(InformationForm, before))
