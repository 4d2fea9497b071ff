"""Nurses who work nowhere any more: the report of the institution that they left (离职报告), and who heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from db.seed.career import left_because
from db.seed.chance import Part, Row, identifier, part_key
from db.seed.news import about, heard
from db.seed.people import Nurse
from db.seed.register import Fate
from rules.people import Party, Role

DEPARTED: Final = "registration.departed"
TOLD_DAYS: Final = 45
"""Older events are not kept."""


@dataclass(frozen=True, slots=True)
class Departure:
    """The row of one report and its events; nothing where the nurse has not left."""

    row: Row
    events: tuple[Row, ...]


def departures(nurse: Nurse) -> Iterator[Departure]:
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
    news = about(nurse, DEPARTED, Party.INSTITUTION, places)
    yield Departure(row, tuple(heard(one, identifier(key, at, later=1), at, by) for one in news))


def _recent(day: date, today: date) -> bool:
    return today - day <= timedelta(days=TOLD_DAYS)
