"""The spans in which an application's period stands still (中止计时)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, bindparam, cast, func, select, update

from db.opening import THIS
from db.store.ahead import KEY, TODAY_SQL, Ahead, Sought
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables_application import application_pause, calendar_day
from rules.hold import Pause

_RUNS: Final = and_(
    application_pause.c.application_id == bindparam("application", type_=Uuid()), application_pause.c.ended_at.is_(None)
)
_START: Final = Statement.insert(application_pause, "application_id", "kind", "reason", "started_at")
_RUNNING: Final = Statement(select(application_pause.c.started_at).where(_RUNS), ["application"])
_END: Final = Statement(
    update(application_pause).where(_RUNS).values(given(application_pause, ("ended_at", "working_days"))),
    ["application", "ended_at", "working_days"],
)
RUNNING_AHEAD: Final = Ahead(_RUNNING, name="pause", application=THIS)
SINCE: Final = Sought(
    select(cast(application_pause.c.started_at, Date))
    .where(application_pause.c.application_id == KEY, application_pause.c.ended_at.is_(None))
    .correlate(None)
    .scalar_subquery(),
    lambda tx: tx.date_of(tx.answered["pause"][0]["started_at"]),
)
"""The day on which the pause began that runs."""
LASTED: Final = Sought(
    select(func.count())
    .where(calendar_day.c.day > SINCE.sql, calendar_day.c.day <= TODAY_SQL, calendar_day.c.working)
    .correlate(None)
    .scalar_subquery(),
    lambda tx: tx.answered["paused"][0]["working"],
)
"""The working days of the pause that runs."""


async def start(tx: Tx, application_id: UUID, kind: Pause, reason: str | None = None) -> None:
    """The period stands still from now on; the database allows one such span at a time."""
    await tx.write(_START, {"application_id": application_id, "kind": kind, "reason": reason, "started_at": tx.now})


async def running(tx: Tx, application_id: UUID) -> datetime | None:
    """Since when the period of a locked application stands still, if it does."""
    found = await tx.run(_RUNNING, {"application": application_id})
    return found[0]["started_at"] if found else None


async def end(tx: Tx, application_id: UUID, working_days: int | None) -> None:
    """The span that runs ends now; `working_days` are those that did not count, None where the period ended, too."""
    await tx.write(_END, {"application": application_id, "ended_at": tx.now, "working_days": working_days})
