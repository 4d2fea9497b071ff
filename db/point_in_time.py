"""A nurse on a day in the past (时点查询), from the history of her registration and the kept changes of her record.

Rights are today's and those of that day: an institution reads the days on which she was its own. What an annulled
decision wrote, and who she was before her key facts were put right, is read by her and by the authority that decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Uuid, func, literal, select

from db.read import scope
from db.read.shapes.nurse import stands_for
from db.read.viewer import ScopeViewer, single
from db.store.engine import Reader
from db.store.tables import nurse, registration_history
from db.store.tables_application import application, nurse_change
from rules.moment import SHANGHAI
from rules.moves import State
from rules.people import Actor
from rules.point_in_time import IDENTITY, Change, Held, fact_at, held_at, require_day
from rules.registration import RegistrationStatus

FACTS: Final = (
    *("name", "document_type", "id_number_masked", "sex", "birth_date", "ethnicity", "nationality", "health_status"),
    *("school", "major", "study_length", "education", "other_education", "degree", "graduated_on", "work_category"),
    *("department", "other_department", "post", "other_post", "title", "started_work_on"),
)
_h: Final = registration_history.c
_ANNULLED: Final = func.coalesce(application.c.state == State.VOIDED, False)
_ROWS: Final = registration_history.outerjoin(application, application.c.id == _h.application_id)
_HELD: Final = ("at", "status", "certificate_number", "valid_until", "institution_id", "authority_id")
_c: Final = nurse_change.c
_CHANGES: Final = select(_c.field, _c.before, _c.after, _c.valid_from, _c.recorded_at).order_by(_c.id)


@dataclass(frozen=True, slots=True, repr=False)
class PointInTime:
    """Her registration and her record on a day: None where the register does not know, and since when it does."""

    nurse_id: UUID
    registration: Held | None
    registration_since: date | None
    facts: Mapping[str, Any] | None
    facts_since: date


async def read(
    reader: Reader, viewer: Actor, nurse_id: UUID, day: date, known_at: datetime | None
) -> PointInTime | None:
    """A nurse whom the viewer reads today, on a day that is hers to read; None otherwise. Invalid for such a day."""
    who, today = single(viewer), func.current_date().label("today")
    former = scope.former_identity(who).label("former")
    unheld = scope.unheld_days(who).label("unheld")
    columns = (nurse.c.id, *(nurse.c[name] for name in FACTS), nurse.c.created_at, today, former, unheld)
    query = select(*columns).where(nurse.c.id == stands_for(literal(nurse_id, Uuid())), scope.nurses(who))
    row = (await reader.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    require_day(day, row["today"], row["birth_date"])
    history = await _history(reader, who, row["id"])
    held = held_at(history, day, known_at)
    if not (held.read if held else row["unheld"]):
        return None
    facts = await _facts(reader, row, day, known_at, identity=row["former"])
    first = _day(history[0].at) if history else None
    return PointInTime(row["id"], held, first, facts, _day(row["created_at"]))


async def _history(reader: Reader, who: ScopeViewer, nurse_id: UUID) -> Sequence[Held]:
    """The rows of her history for this viewer, the oldest first."""
    read, annulled = scope.past_days(who).label("read"), _ANNULLED.label("annulled")
    query = select(*(_h[name] for name in _HELD), annulled, read).select_from(_ROWS)
    query = query.where(_h.nurse_id == nurse_id, scope.kept_past(who)).order_by(_h.at, _h.id)
    rows = (await reader.execute(query)).mappings()
    return [Held(**{**row, "status": RegistrationStatus(row["status"])}) for row in rows]


async def _facts(
    reader: Reader, row: Mapping[Any, Any], day: date, known_at: datetime | None, *, identity: bool
) -> Mapping[str, Any] | None:
    """Her record on that day; None before the register had one."""
    if day < _day(row["created_at"]):
        return None
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    for one in (await reader.execute(_CHANGES.where(_c.nurse_id == row["id"]))).mappings():
        changes[one["field"]].append(Change(**one))
    found = {}
    for name in FACTS:
        kept = None if name in IDENTITY and not identity else known_at
        now = row[name] if row[name] is None else str(row[name])
        found[name] = _typed(name, fact_at(now, changes[name], day, kept))
    return found


def _typed(name: str, text: str | None) -> Any:
    return date.fromisoformat(text) if text is not None and isinstance(nurse.c[name].type, Date) else text


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
