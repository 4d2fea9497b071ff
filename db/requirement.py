"""Queries on what each province asks for (申请材料目录)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, Select, and_, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from db.store.engine import Reader, Tx
from db.store.tables import authority, institution, registration
from db.store.tables_application import material_requirement
from rules.errors import NotFound
from rules.people import Actor

TOP: Final = authority.alias("top")
DECIDING: Final = authority.alias("deciding")


def valid_on(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Which requirements hold on a day."""
    until = material_requirement.c.valid_until
    return and_(material_requirement.c.valid_from <= day, or_(until.is_(None), until >= day))


def nearest(query: Select[Any], owner: ColumnElement[Any], path: ColumnElement[Any]) -> Select[Any]:
    """Of each code the requirement of the nearest authority, else the nation's; of its own the newest."""
    code, begins = material_requirement.c.code, material_requirement.c.valid_from
    ours = or_(material_requirement.c.authority_id.is_(None), func.starts_with(path, TOP.c.path))
    order = (owner, code, func.length(TOP.c.path).desc().nulls_last(), begins.desc())
    return query.where(ours).ext(distinct_on(owner, code)).order_by(*order)


async def viewed_from(reader: Reader, viewer: Actor) -> UUID | None:
    """The authority whose requirements concern a viewer: that of where she is registered, or her own."""
    of_nurse = select(registration.c.authority_id).where(registration.c.nurse_id == viewer.party_id)
    of_institution = select(institution.c.authority_id).where(institution.c.id == viewer.party_id)
    query = select(func.coalesce(of_nurse.scalar_subquery(), of_institution.scalar_subquery()))
    found: UUID | None = (await reader.execute(query)).scalar_one()
    return found or viewer.party_id


async def in_force(reader: Reader, kind: str, authority_id: UUID | None) -> list[Row[Any]]:
    """What holds today of a kind for an authority; the nation's alone where there is none."""
    deciding = select(DECIDING.c.path).where(DECIDING.c.id == authority_id).scalar_subquery()
    source = material_requirement.outerjoin(TOP, TOP.c.id == material_requirement.c.authority_id)
    query = select(material_requirement).select_from(source).where(material_requirement.c.kind == kind)
    today = valid_on(func.current_date())
    chosen = nearest(query.where(today), material_requirement.c.kind, func.coalesce(deciding, "-"))
    return list((await reader.execute(chosen)).all())


async def by_id(reader: Reader, key: UUID) -> Row[Any] | None:
    """A requirement by its key."""
    return (await reader.execute(select(material_requirement).where(material_requirement.c.id == key))).one_or_none()


async def set_requirement(tx: Tx, key: UUID, authority_id: UUID, values: Mapping[str, Any]) -> None:
    """A province's own requirement; what it had of this code ends the day before, and what was to come is dropped."""
    mine = _mine(authority_id, values["kind"], values["code"])
    begins = values["valid_from"]
    until = material_requirement.c.valid_until
    await tx.execute(material_requirement.delete().where(mine, material_requirement.c.valid_from >= begins))
    running = and_(mine, or_(until.is_(None), until >= begins))
    await tx.execute(update(material_requirement).where(running).values(valid_until=cast(begins, Date()) - 1))
    await tx.execute(material_requirement.insert().values({"id": key, "authority_id": authority_id, **values}))


async def lock_codes(tx: Tx, authority_id: UUID) -> None:
    """Whoever sets an authority's requirements does it one after the other."""
    await tx.execute(select(authority.c.id).where(authority.c.id == authority_id).with_for_update(key_share=True))


async def lock_own(tx: Tx, key: UUID, authority_id: UUID) -> Row[Any]:
    """An authority's own requirement, held; NotFound where it is somebody else's, or the nation's."""
    own = and_(material_requirement.c.id == key, material_requirement.c.authority_id == authority_id)
    row = (await tx.execute(select(material_requirement).where(own).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return row


async def end_requirement(tx: Tx, key: UUID, last_day: Any) -> None:
    """Write the last day of a locked requirement."""
    ended = update(material_requirement).where(material_requirement.c.id == key)
    await tx.execute(ended.values(valid_until=last_day))


def _mine(authority_id: UUID, kind: str, code: str) -> ColumnElement[bool]:
    return and_(
        material_requirement.c.authority_id == authority_id,
        material_requirement.c.kind == kind,
        material_requirement.c.code == code,
    )
