"""Counts of nurses: groups of the viewer's own roster, counted where the rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    column,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array

from db.read import filter as conditions
from db.read import scope
from db.read.filter import EVERYTHING, Condition, Value
from db.read.listing import NounKey
from db.read.rows import given
from db.read.shape import feed_position, snake
from db.read.shapes import LISTINGS
from db.read.standing import account_of, account_state, age_group, expiry, standing
from db.read.viewer import STAFF, ScopeViewer, single
from db.store.engine import Reader
from db.store.tables import account, nurse, registration
from db.store.tables_application import application
from rules.label import Labelled
from rules.nurse import AccountStatus, AgeGroup, Department, Education, Post, Sex, Title, WorkCategory
from rules.people import Actor
from rules.registration import Expiry, RegistrationStatus, Standing

# Of very many nurses at once: joined, not asked for one by one.
_STATUS: Final = func.coalesce(account_state, AccountStatus.NOT_REGISTERED.value)

GROUPS: Final[Mapping[str, tuple[ColumnElement[Any], type[Labelled]]]] = {
    "education": (nurse.c.education, Education),
    "title": (nurse.c.title, Title),
    "department": (nurse.c.department, Department),
    "sex": (nurse.c.sex, Sex),
    "status": (registration.c.status, RegistrationStatus),
    "ageGroup": (age_group, AgeGroup),
    "standing": (standing, Standing),
    "expiry": (expiry, Expiry),
    "accountStatus": (_STATUS, AccountStatus),
    "post": (nurse.c.post, Post),
    "workCategory": (nurse.c.work_category, WorkCategory),
}
"""The columns that nurses can be grouped by, each with all that it may hold."""


@dataclass(frozen=True)
class Counting:
    """The nurses that are counted, and how: by which columns, and whether groups of nobody are told (`zeros`)."""

    by: tuple[str, ...]
    zeros: bool = False
    where: Condition = EVERYTHING
    within: NounKey | None = None

    def structure(self) -> tuple[Any, ...]:
        """The parts that shape the statement, hashable; equal ones share one statement."""
        return (self.by, self.zeros, conditions.structure(self.where), self.within and self.within[0])

    def values(self) -> dict[str, Any]:
        """The values by the names that `groups` gives them."""
        compared = {f"where_{n}": value for n, value in enumerate(conditions.values(self.where))}
        return {"within": self.within and self.within[1], **compared}


def groups(viewer: ScopeViewer, counting: Counting, value: Value) -> Select[Any]:
    """One row a group, in the order of the groups' values; a column that does not group is null."""
    found = _nurses(viewer, counting, value)
    all_of = union_all(found, _nobody(counting.by)) if counting.zeros and counting.by else found
    counted = all_of.subquery("counted")
    by = [counted.c[name] for name in counting.by]
    total = func.coalesce(func.sum(counted.c.one), 0).cast(BigInteger)
    cells = {name: counted.c[name] if name in counting.by else null() for name in GROUPS}
    return _labelled({**cells, "count": total}).group_by(*by).order_by(*by)


def _labelled(cells: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    return select(*(one.label(name) for name, one in cells.items()))


def _nurses(viewer: ScopeViewer, counting: Counting, value: Value) -> Select[Any]:
    """A row for each nurse who is counted, with the columns that group her."""
    noun, key = counting.within or (None, None)
    owned = scope.roster(viewer, noun, value("within", Uuid(), key) if noun else None)
    like = conditions.sql(counting.where, {**LISTINGS["nurses"].columns, "accountStatus": _STATUS}, value)
    cells = {name: GROUPS[name][0].collate("C") for name in counting.by}
    source = registration.join(nurse, nurse.c.id == registration.c.nurse_id)
    if "accountStatus" in {*counting.by, *conditions.names(counting.where)}:
        source = source.outerjoin(account, account_of(registration.c.nurse_id))
    return _labelled({**cells, "one": literal(1)}).select_from(source).where(owned, like)


def _nobody(by: tuple[str, ...]) -> Select[Any]:
    """Each combination of what these columns may hold, for nobody."""
    each = [_values(name) for name in by]
    crossed: FromClause = each[0]
    for one in each[1:]:
        crossed = crossed.join(one, true())
    cells = {name: one.c.value.collate("C") for name, one in zip(by, each, strict=True)}
    return _labelled({**cells, "one": literal(0)}).select_from(crossed)


def _values(name: str) -> TableValuedAlias:
    values = array([literal(one.value, Text()) for one in GROUPS[name][1]])
    return func.unnest(values).table_valued(column("value", Text())).render_derived(name=f"each_{snake(name)}")


async def count(reader: Reader, actor: Actor, counting: Counting) -> list[Mapping[str, Any]]:
    """The groups, for the executor."""
    rows = (await reader.execute(groups(single(actor), counting, given))).mappings()
    return [{snake(name): value for name, value in row.items()} for row in rows]


async def pending(reader: Reader, actor: Actor) -> tuple[str, list[Mapping[str, Any]]]:
    """The place where the viewer's feed stands, and the counts of her desk by kind and state, in one snapshot.

    Raises NotAllowed for an actor who is no staff.
    """
    STAFF.require(actor)
    viewer = single(actor)
    groups = select(application.c.kind, application.c.state, func.count(application.c.id).label("count"))
    groups = groups.where(scope.desk(viewer)).group_by(application.c.kind, application.c.state)
    rows = groups.order_by(application.c.kind, application.c.state).subquery("groups")
    stand = select(feed_position(viewer).label("place")).subquery("stand")
    query = select(stand.c.place, rows).select_from(stand.outerjoin(rows, true())).order_by(rows.c.kind, rows.c.state)
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    counts: list[Mapping[str, Any]] = [
        {name: row[name] for name in ("kind", "state", "count")} for row in found if row["kind"] is not None
    ]
    return found[0]["place"], counts
