"""The working calendar."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from db.engine import Tx
from db.tables import authority
from db.tables_application import calendar_day


async def working_days(tx: Tx, after: date, count: int) -> list[date]:
    """The next `count` working days after a date; fewer where the calendar ends."""
    query = select(calendar_day.c.day).where(calendar_day.c.day > after, calendar_day.c.working)
    return list((await tx.execute(query.order_by(calendar_day.c.day).limit(count))).scalars())


async def promised_days(tx: Tx, authority_id: UUID) -> int | None:
    """The working days within which an authority promises to decide (承诺时限), where it promises any."""
    query = select(authority.c.promised_days).where(authority.c.id == authority_id)
    promised: int | None = (await tx.execute(query)).scalar_one()
    return promised
