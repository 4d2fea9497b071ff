"""Nurses without an institution: the report of the institution that they left (离职报告), and its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from db.seed.career import left_because
from db.seed.event_rows import event_row, nurse_events
from db.seed.people import Nurse
from db.seed.random_source import Part, Row, identifier, part_key
from db.seed.register import Fate
from rules.people import Party, Role

DEPARTED: Final = "registration.departed"
KEPT_DAYS: Final = 45
"""The age in days after which an event is not kept."""


@dataclass(frozen=True, slots=True)
class DepartureRows:
    """The row of one report and its events."""

    row: Row
    events: tuple[Row, ...]


def departures(nurse: Nurse) -> Iterator[DepartureRows]:
    """The report about this nurse, if there is one."""
    stage, register = nurse.career.last, nurse.register
    if stage is None or register.fate(nurse.index) is not Fate.DEPARTED:
        return
    key, at, by = part_key(nurse.key, Part.DEPARTURE), stage.moment, register.staff_id(Role.OPERATOR, nurse.home.number)
    row: Row = {
        "id": identifier(key, at),
        "nurse_id": nurse.id,
        "institution_id": nurse.home.id,
        "reason": left_because(nurse.index, nurse.story),
        "left_on": stage.on,
        "reported_by": by,
        "reported_at": at,
    }
    places = (nurse.id, nurse.home.id, stage.decided_by.id) if _recent(stage.on, register.today) else ()
    scope_events = nurse_events(nurse, DEPARTED, Party.INSTITUTION, places)
    yield DepartureRows(row, tuple(event_row(one, identifier(key, at, later=1), at, by) for one in scope_events))


def _recent(day: date, today: date) -> bool:
    return today - day <= timedelta(days=KEPT_DAYS)
