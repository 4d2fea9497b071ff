"""A roster beside an institution's own list (名册核对, I9): the shapes, and the list of findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.read.viewer import ScopeViewer
from db.store.name_order import beginnings
from db.store.tables import nurse, nurse_key
from db.store.tables_roster import roster_check, roster_check_row
from rules.roster import RosterFinding

_c, _r = roster_check.c, roster_check_row.c


def _counted(finding: RosterFinding) -> ColumnElement[int]:
    query = select(func.count()).where(_r.roster_check_id == _c.id, _r.finding == finding)
    return query.correlate(roster_check).scalar_subquery()


def _rows(viewer: ScopeViewer, _: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The findings of one comparison."""
    return and_(_r.roster_check_id == key, scope.roster_rows(viewer))


SHAPES: Final[Mapping[str, Shape]] = {
    "RosterCheck": Shape(
        roster_check,
        _c.id,
        scope.roster_checks,
        {
            "id": _c.id,
            **plain(roster_check, "createdAt", "rowVersion"),
            "equal": _counted(RosterFinding.EQUAL),
            "different": _counted(RosterFinding.DIFFERENT),
            "notOnRoster": _counted(RosterFinding.NOT_ON_ROSTER),
            "notListed": _counted(RosterFinding.NOT_LISTED),
            "unreadable": _counted(RosterFinding.UNREADABLE),
        },
        {"kept_notes": _c.notes},
    ),
    "RosterCheckRow": Shape(
        roster_check_row,
        _r.roster_check_id,
        scope.roster_rows,
        plain(roster_check_row, "place", "line", "finding", "doneAt"),
        {
            "nurse_id": _r.nurse_id,
            "kept_recorded": _r.recorded,
            "kept_wanted": _r.wanted,
            "kept_problems": _r.problems,
        },
        links={"nurse": One("Nurse", "nurse_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "rosterChecks": Listing(
        "RosterCheck",
        roster_check,
        lambda viewer, *_: scope.roster_checks(viewer),
        _c.id,
        newest_first=True,
    ),
    "RosterCheck.rows": Listing(
        "RosterCheckRow",
        roster_check_row.outerjoin(nurse, nurse.c.id == _r.nurse_id),
        _rows,
        _r.place,
        {"place": _r.place, "nameOrder": nurse.c.name_order},
        (("place", False),),
        {"name": nurse.c.name, "namePart": nurse_key, "nameOrder": nurse.c.name_order},
        arguments={"finding": (_r.finding, "eq")},
        spelled={"name": beginnings},
    ),
}
