"""The requirements of materials (申请材料目录) in force, as SQL: a province's own before the nation's."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from db.store.tables import authority
from db.store.tables_application import material_requirement

TOP: Final = authority.alias("top")
DECIDING: Final = authority.alias("deciding")


def valid_on(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a requirement holds on a day."""
    until = material_requirement.c.valid_until
    return and_(material_requirement.c.valid_from <= day, or_(until.is_(None), until >= day))


def nearest(query: Select[Any], owner: ColumnElement[Any], path: ColumnElement[Any]) -> Select[Any]:
    """Of each code the requirement of the nearest authority, else the nation's; of its own the newest."""
    code, begins = material_requirement.c.code, material_requirement.c.valid_from
    ours = or_(material_requirement.c.authority_id.is_(None), func.starts_with(path, TOP.c.path))
    order = (owner, code, func.length(TOP.c.path).desc().nulls_last(), begins.desc())
    return query.where(ours).ext(distinct_on(owner, code)).order_by(*order)


def in_force_for(authority_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a requirement holds today for an authority; the nation's alone where the id is of none."""
    path = select(DECIDING.c.path).where(DECIDING.c.id == authority_id).scalar_subquery()
    source = material_requirement.outerjoin(TOP, TOP.c.id == material_requirement.c.authority_id)
    query = select(material_requirement.c.id).select_from(source).where(valid_on(func.current_date()))
    chosen = nearest(query, material_requirement.c.kind, func.coalesce(path, "-")).subquery("in_force")
    return material_requirement.c.id.in_(select(chosen.c.id))
