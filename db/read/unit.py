"""Units (科室病区) in SQL: which one a nurse belongs to, and which ones an account is limited to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    any_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from db.store.tables import registration
from db.store.tables_unit import unit
from rules.people import Party, Role


def unit_of(which: FromClause) -> ColumnElement[UUID]:
    """The unit of the nurse of an application, at the institution that has the application."""
    hers = and_(registration.c.nurse_id == which.c.nurse_id, registration.c.institution_id == which.c.institution_id)
    return select(registration.c.unit_id).where(hers).correlate(which).scalar_subquery()


def _holds(one: FromClause, role: Role) -> ColumnElement[bool]:
    return literal(role, Text()) == any_(one.c.roles)


def _limited(one: FromClause) -> ColumnElement[bool]:
    """True for an account that is limited: a manager never is, a ward head (护士长) always."""
    named = or_(func.cardinality(one.c.unit_ids) > 0, _holds(one, Role.WARD_HEAD))
    return and_(one.c.party == Party.INSTITUTION, ~_holds(one, Role.MANAGER), named)


def limit_of(one: FromClause) -> ColumnElement[Any]:
    """The units that an account is limited to, with those below them; null where it has no limit."""
    within = or_(unit.c.id == any_(one.c.unit_ids), unit.c.parent_id == any_(one.c.unit_ids))
    ids = select(unit.c.id).where(within).order_by(unit.c.id).correlate(one).scalar_subquery()
    return case((_limited(one), func.array(ids, type_=ARRAY(Uuid()))))


def area_of(path: ColumnElement[str], institution_id: ColumnElement[Any]) -> ColumnElement[str]:
    """The place in the tree of an institution and its people: that of its authority, with the institution behind it."""
    return path.concat(institution_id.cast(Text())).concat("/")


def within_limit(
    one: FromClause, institution_id: ColumnElement[Any], nurse_id: ColumnElement[Any]
) -> ColumnElement[bool]:
    """True if an account of an institution has no limit, or the nurse belongs to one of its units there."""
    hers, named = registration.alias("limited_to"), unit.alias("limit")
    within = or_(named.c.id == any_(one.c.unit_ids), named.c.parent_id == any_(one.c.unit_ids))
    there = and_(hers.c.nurse_id == nurse_id, hers.c.institution_id == institution_id, named.c.id == hers.c.unit_id)
    return or_(~_limited(one), exists().where(there, within).correlate_except(hers, named))
