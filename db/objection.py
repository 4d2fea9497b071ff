"""Queries on a nurse's objection, and its answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from db.store.engine import Tx
from db.store.tables_application import application


async def texts(tx: Tx, application_id: UUID) -> tuple[str | None, str | None]:
    """The objection to a locked application so far, and its answer."""
    query = select(application.c.objection, application.c.objection_answer).where(application.c.id == application_id)
    row = (await tx.execute(query)).one()
    return row.objection, row.objection_answer
