"""Counts of nurses: groups of the viewer's own roster, counted where the rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Uuid, func, null, select, true

from db.read import scope
from db.read.filter import Value
from db.read.listing import NounKey
from db.read.rows import given
from db.read.shape import last
from db.read.viewer import STAFF, ScopeViewer, single
from db.store.engine import Reader
from db.store.tables import nurse, registration
from db.store.tables_application import application
from rules.people import Actor

GROUPS: Final[Mapping[str, ColumnElement[Any]]] = {
    "education": nurse.c.education,
    "title": nurse.c.title,
    "department": nurse.c.department,
    "sex": nurse.c.sex,
    "status": registration.c.status,
}
"""The columns that nurses can be grouped by."""


def groups(viewer: ScopeViewer, by: Sequence[str], within: NounKey | None, value: Value) -> Select[Any]:
    """One row a group, in the order of the groups' values; a column that does not group is null."""
    noun, key = within or (None, None)
    columns = [GROUPS[name] for name in by]
    shown = [(GROUPS[name] if name in by else null()).label(name) for name in GROUPS]
    owned = scope.roster(viewer, noun, value("within", Uuid(), key) if noun else None)
    source = registration.join(nurse, nurse.c.id == registration.c.nurse_id)
    query = select(*shown, func.count().label("count")).select_from(source).where(owned)
    return query.group_by(*columns).order_by(*columns)


async def count(reader: Reader, actor: Actor, by: Sequence[str], within: NounKey | None) -> list[Mapping[str, Any]]:
    """The groups, for the executor."""
    return [dict(row) for row in (await reader.execute(groups(single(actor), by, within, given))).mappings()]


async def pending(reader: Reader, actor: Actor) -> tuple[int, list[Mapping[str, Any]]]:
    """The number of the last event of the viewer's feed, and the counts of her desk by kind and state, in one snapshot.

    Raises NotAllowed for an actor who is no staff.
    """
    STAFF.require(actor)
    viewer = single(actor)
    groups = select(application.c.kind, application.c.state, func.count(application.c.id).label("count"))
    groups = groups.where(scope.desk(viewer)).group_by(application.c.kind, application.c.state)
    rows = groups.order_by(application.c.kind, application.c.state).subquery("groups")
    stand = select(last(scope.feed(viewer)).label("seq")).subquery("stand")
    query = select(stand.c.seq, rows).select_from(stand.outerjoin(rows, true())).order_by(rows.c.kind, rows.c.state)
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    seq = found[0]["seq"]
    return seq, [{name: row[name] for name in ("kind", "state", "count")} for row in found if row["kind"] is not None]
