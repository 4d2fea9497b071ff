"""The spans in which an application's period stands still (中止计时)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from db.store.engine import Tx
from db.store.tables_application import application_pause
from rules.hold import Pause


async def start(tx: Tx, application_id: UUID, kind: Pause, reason: str | None = None, days: int | None = None) -> None:
    """The period stands still from now on; the database allows one such span at a time."""
    values = {"application_id": application_id, "kind": kind, "reason": reason, "expected_days": days}
    await tx.execute(application_pause.insert().values(**values, started_at=tx.now))


async def running(tx: Tx, application_id: UUID) -> datetime | None:
    """Since when the period of a locked application stands still, if it does."""
    open_one = application_pause.c.ended_at.is_(None)
    query = select(application_pause.c.started_at).where(application_pause.c.application_id == application_id, open_one)
    found: datetime | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def end(tx: Tx, application_id: UUID, working_days: int | None) -> None:
    """The span that runs ends now; `working_days` are those that did not count, None where the period ended, too."""
    one = update(application_pause).where(
        application_pause.c.application_id == application_id, application_pause.c.ended_at.is_(None)
    )
    await tx.execute(one.values(ended_at=tx.now, working_days=working_days))
