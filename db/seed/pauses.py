"""The deadline of a seeded application: when its decision is due, and the spans that moved the day."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from db.seed.people import Nurse
from db.seed.random_source import Part, Row, identifier, part_key
from rules.application import Move, State, Step
from rules.hold import Pause
from rules.kinds import KINDS, Kind
from rules.working_days import CountedFrom, due_on

HOLD_REASON: Final = "依申请组织听证。"
EXTENSION_REASON: Final = "需向原发证机关核实学历材料。"
EXTENSION_DAYS: Final = 10
_DUE: Final = ("due_on", "promised_due_on")


@dataclass
class SeededPeriod:
    """The period of one seeded application; `pauses` are its rows."""

    application_id: str
    kind: Kind
    nurse: Nurse
    pauses: list[Row] = field(default_factory=list)

    def due(self, received_on: date, accepted_on: date, promised: int | None) -> Row:
        """The days that the decision is due; the receipt number comes when all are there to be counted."""
        period, days = KINDS[self.kind].period, self.nurse.register.working_days
        shorter = period.promised(promised)
        return {
            "due_on": period.due_on(received_on, accepted_on, days),
            "promised_due_on": shorter.due_on(received_on, accepted_on, days) if promised else None,
        }

    def follow(self, move: Move, at: datetime, row: Row) -> Row:
        """The effect of a step on the period: it begins a pause, ends one, or makes the period longer."""
        match move.step:
            case Step.HOLD:
                self._begin(Pause.HEARING, HOLD_REASON, at)
                return {"on_hold": True}
            case Step.RESUME:
                return {"on_hold": False, **self._later(row, self._end(at))}
            case Step.EXTEND:
                return {"extended": True, "extension_reason": EXTENSION_REASON, **self._later(row, EXTENSION_DAYS)}
            case Step.REQUIRE_CORRECTION:
                self._begin(Pause.CORRECTION, None, at)
            case Step.SUPPLEMENT:
                days = self._end(at)
                receipt = KINDS[self.kind].period.counted_from is CountedFrom.RECEIPT
                return self._later(row, days) if receipt else {}
            case _ if move.source is State.CORRECTION_REQUIRED:
                self._end(at)
        return {}

    def _begin(self, kind: Pause, reason: str | None, at: datetime) -> None:
        key = identifier(part_key(self.nurse.key, Part.PAUSE, len(self.pauses)), at)
        row = {"id": key, "application_id": self.application_id, "kind": kind, "reason": reason}
        self.pauses.append({**row, "started_at": at, "ended_at": None, "working_days": None})

    def _end(self, at: datetime) -> int:
        """The working days since the day after the pause began."""
        pause, days = self.pauses[-1], self.nurse.register.working_days
        started_at = pause["started_at"]
        assert isinstance(started_at, datetime)
        passed = bisect_right(days, at.date()) - bisect_right(days, started_at.date())
        pause |= {"ended_at": at, "working_days": passed}
        return passed

    def _later(self, row: Row, days: int) -> Row:
        later: Row = {}
        for name in _DUE:
            day = row[name]
            moves = isinstance(day, date) and days > 0
            later[name] = due_on(day, days, self.nurse.register.working_days) if moves else day  # type: ignore[arg-type]
        return later
