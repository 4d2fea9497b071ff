"""A day that an application shows, as its shape has it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from db.read.shapes import SHAPES
from db.store.engine import Database
from db.store.tables_application import application


async def day_shown(db: Database, key: UUID, field: str) -> date | None:
    """The day in this field of an application."""
    shape = SHAPES["Application"]
    async with db.read() as reader:
        query = select(shape.fields[field]).select_from(shape.source).where(application.c.id == key)
        found: date | None = (await reader.execute(query)).scalar_one()
    return found
