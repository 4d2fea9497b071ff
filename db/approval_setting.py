"""Queries on which authority decides for an institution on each kind (审批机关设置)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from db.store.engine import Reader, Tx
from db.store.tables import approval_setting, authority, institution
from db.store.tables_application import application
from rules.kinds import Kind
from rules.moves import State


async def chain(reader: Reader, institution_id: UUID) -> list[UUID]:
    """The authorities that an institution may choose: the one that licensed it, then those above, the nation last."""
    own = select(authority.c.path).join(institution, institution.c.authority_id == authority.c.id)
    path = own.where(institution.c.id == institution_id).scalar_subquery()
    above = authority.alias("above")
    query = select(above.c.id).where(func.starts_with(path, above.c.path)).order_by(func.length(above.c.path).desc())
    return list((await reader.execute(query)).scalars())


async def waiting(tx: Tx, institution_id: UUID, kind: Kind) -> int:
    """The number of applications of a kind that a locked institution reviews."""
    here = (application.c.institution_id == institution_id, application.c.state == State.INSTITUTION_REVIEW)
    query = select(func.count()).select_from(application).where(*here, application.c.kind == kind)
    return int((await tx.execute(query)).scalar_one())


async def replace(tx: Tx, institution_id: UUID, kind: Kind, authority_id: UUID | None) -> UUID | None:
    """Set the deciding authority of a kind for a locked institution; gives the one before."""
    of = (approval_setting.c.institution_id == institution_id, approval_setting.c.kind == kind)
    before: UUID | None = (await tx.execute(select(approval_setting.c.authority_id).where(*of))).scalar_one_or_none()
    fresh: dict[str, Any] = {"authority_id": authority_id, "set_at": tx.now}
    row = upsert(approval_setting).values(institution_id=institution_id, kind=kind, **fresh)
    await tx.execute(row.on_conflict_do_update(index_elements=["institution_id", "kind"], set_=fresh))
    return before
