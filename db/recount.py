"""Due dates across days that were a guess (期限重算): which they are, and what they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Date, Integer, Uuid, and_, bindparam, case, cast, exists, func, select, update

from db.read.deadline import may_move, moves
from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables_application import application, calendar_day
from rules.application import Application
from rules.working_days import CountedDay, recounted

_a, _d = application.c, calendar_day.c
_COUNTED_AT: Final = func.coalesce(_a.due_counted_at, _a.accepted_at)
_MOVES: Final = exists(_d.day).where(moves(calendar_day)).correlate(application)
_WAITING: Final = select(_a.id).where(may_move, _MOVES)
_BATCH: Final = Statement(
    _WAITING.where(_a.id > bindparam("after", type_=Uuid())).order_by(_a.id).limit(bindparam("size", type_=Integer())),
    ["after", "size"],
)
_ONE: Final = Statement(
    _WAITING.where(_a.id == bindparam("key", type_=Uuid())).with_for_update(of=application, skip_locked=True), ["key"]
)
LOOKS_BACK: Final = timedelta(days=60)
"""So long after days were settled applications are still looked for, each minute: also after servers were away."""
ROOM: Final = 60
"""The days beyond a due date that are looked at: no holiday moves it so far."""


@dataclass(frozen=True, slots=True)
class DueDates:
    """The days by which an application is due, by law and by promise, and whether days across them were settled."""

    due_on: date | None
    promised_due_on: date | None
    counted_at: datetime | None
    moves: bool

    @property
    def columns(self) -> dict[str, date | None]:
        """The two days, by their columns."""
        return {"due_on": self.due_on, "promised_due_on": self.promised_due_on}


async def batch(tx: Tx, after: UUID, size: int) -> list[UUID]:
    """The applications whose due dates are to be counted afresh, by id, after one of them."""
    settled = exists(_d.day).where(_d.guess != _d.working, _d.settled_at > tx.now - LOOKS_BACK)
    if not (await tx.execute(select(settled))).scalar_one():
        return []
    return [row["id"] for row in await tx.run(_BATCH, {"after": after, "size": size})]


async def lock_waiting(tx: Tx, key: UUID) -> bool:
    """Lock an application whose due dates are still to be counted afresh; False also if another has it locked."""
    return bool(await tx.run(_ONE, {"key": key}))


async def due_dates(tx: Tx, key: UUID) -> DueDates:
    """The due dates of a locked application, by the calendar as it is now."""
    dates = _a.due_on, _a.promised_due_on, _COUNTED_AT.label("counted_at")
    row = (await tx.execute(select(*dates, and_(may_move, _MOVES).label("moves")).where(_a.id == key))).one()
    found = DueDates(row.due_on, row.promised_due_on, row.counted_at, bool(row.moves))
    if not found.moves or found.due_on is None or found.counted_at is None:
        return found
    days = await _days(tx, found.counted_at, found.due_on)
    by_law, promised = (day and recounted(day, days, tx.today) for day in (found.due_on, found.promised_due_on))
    return DueDates(by_law, promised, found.counted_at, moves=True)


async def _days(tx: Tx, counted_at: datetime, due: date) -> list[CountedDay]:
    """The days after the one on which a due date was counted, as they were then and as they are now."""
    since = tx.date_of(counted_at)
    settled_since = and_(_d.settled_at > counted_at, _d.day > cast(_d.settled_at, Date))
    counted = case((settled_since, _d.guess), else_=_d.working)
    query = select(_d.day, counted.label("counted"), _d.working)
    rows = await tx.execute(query.where(_d.day > since, _d.day <= due + timedelta(days=ROOM)).order_by(_d.day))
    return [CountedDay(row.day, row.counted, row.working) for row in rows]


async def write(tx: Tx, locked: Application, dates: Mapping[str, date | None]) -> None:
    """Write the due dates of a locked application; it has not moved, but whoever has read it has an old copy."""
    values = {**dates, "due_counted_at": tx.now, "version": locked.version + 1}
    await tx.execute(update(application).where(_a.id == locked.id).values(**values))
