"""Queries on what a nurse objects to, and what she was answered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from db.store.engine import Tx
from db.store.tables_application import application


async def said(tx: Tx, application_id: UUID) -> tuple[str | None, str | None]:
    """What was objected to a locked application so far, and what was answered."""
    query = select(application.c.objection, application.c.objection_answer).where(application.c.id == application_id)
    row = (await tx.execute(query)).one()
    return row.objection, row.objection_answer
