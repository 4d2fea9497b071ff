"""Queries on the materials that each province requires (申请材料目录)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, or_, select, update

from db.store.engine import Tx
from db.store.tables import authority
from db.store.tables_application import material_requirement
from rules.errors import NotFound


async def set_requirement(tx: Tx, key: UUID, authority_id: UUID, values: Mapping[str, Any]) -> None:
    """Set a province's own requirement; the former one of this code ends the day before, a future one is dropped."""
    mine = _mine(authority_id, values["kind"], values["code"])
    begins = values["valid_from"]
    until = material_requirement.c.valid_until
    await tx.execute(material_requirement.delete().where(mine, material_requirement.c.valid_from >= begins))
    running = and_(mine, or_(until.is_(None), until >= begins))
    await tx.execute(update(material_requirement).where(running).values(valid_until=cast(begins, Date()) - 1))
    await tx.execute(material_requirement.insert().values({"id": key, "authority_id": authority_id, **values}))


async def lock_codes(tx: Tx, authority_id: UUID) -> None:
    """Lock an authority's requirements, so that they are set one after the other."""
    await tx.execute(select(authority.c.id).where(authority.c.id == authority_id).with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class Own:
    """The days of an authority's own requirement."""

    valid_from: date
    valid_until: date | None


async def lock_own(tx: Tx, key: UUID, authority_id: UUID) -> Own:
    """An authority's own requirement, locked; NotFound if it is another authority's, or the nation's."""
    own = and_(material_requirement.c.id == key, material_requirement.c.authority_id == authority_id)
    days = select(material_requirement.c.valid_from, material_requirement.c.valid_until)
    row = (await tx.execute(days.where(own).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return Own(row.valid_from, row.valid_until)


async def end_requirement(tx: Tx, key: UUID, last_day: date) -> None:
    """Write the last day of a locked requirement."""
    ended = update(material_requirement).where(material_requirement.c.id == key)
    await tx.execute(ended.values(valid_until=last_day))


def _mine(authority_id: UUID, kind: str, code: str) -> ColumnElement[bool]:
    return and_(
        material_requirement.c.authority_id == authority_id,
        material_requirement.c.kind == kind,
        material_requirement.c.code == code,
    )
