"""Keeping the working calendar (工作日历)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import audit, calendar, idempotency
from db import session as sessions
from db.calendar import Day
from db.session import Session
from db.store.engine import Database
from rules.calendar import require_day, require_keeper

_MUTATION: Final = "calendarSetDay"
_NO_ROW: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class DayOrder:
    """An officer's wish to say whether a day is a working day."""

    session: Session
    day: Day
    idempotency_key: str | None = None


async def set_day(db: Database, order: DayOrder) -> None:
    """Write one day; due dates that are stored stay as they are, whatever is counted from now on counts by it."""
    day = order.day
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, _MUTATION, order.idempotency_key)
        if not await idempotency.first_time(tx, retry, [str(day.day), day.working, day.note], _NO_ROW):
            return
        require_keeper(actor, await calendar.level_of(tx, actor))
        require_day(day.day, day.note, tx.today, await calendar.last_day(tx))
        await calendar.set_day(tx, day)
        told = {"day": day.day, "working": day.working, "note": day.note}
        await audit.record(tx, "calendar.set_day", actor.account_id, told)
