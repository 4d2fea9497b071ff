"""Due dates counted afresh (期限重算) once days that were a guess are announced or set, by the scheduler."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from uuid import UUID

import structlog

from db import application as applications
from db import audit, news, recount
from db.feed import event
from db.store.engine import Database, Tx
from db.store.outage import OUTAGE
from rules.application import Application
from rules.errors import RegistryError
from rules.events import EVENTS

RECOUNTED: Final = "deadline.recounted"
log = structlog.get_logger(__name__)


async def run(db: Database, batch: int) -> Counter[str]:
    """Count all that wait, each in a transaction of its own; gives how many, and under FAILED how many could not be."""
    done: Counter[str] = Counter()
    after = UUID(int=0)
    while True:
        async with db.begin() as tx:
            await tx.ask_time()
            keys = await recount.batch(tx, after, batch)
        for key in keys:
            done[await _safely(db, key)] += 1
        if len(keys) < batch:
            return done
        after = keys[-1]


async def _safely(db: Database, key: UUID) -> str:
    try:
        return "RECOUNTED" if await _once(db, key) else "PASSED_OVER"
    except (RegistryError, *OUTAGE) as error:
        log.warning("a due date was not counted afresh", application=str(key), error=type(error).__name__)
    except Exception:
        log.exception("counting a due date afresh failed", application=str(key))
    return "FAILED"


async def _once(db: Database, key: UUID) -> bool:
    async with db.begin() as tx:
        await tx.ask_time()
        if not await recount.lock_waiting(tx, key):
            return False
        application = await applications.lock(tx, key)
        before, found = application.due_on, await recount.due_dates(tx, key)
        await recount.write(tx, application, found.columns)
        detail = {"application": key, "from": before, **found.columns}
        await audit.record(tx, RECOUNTED, None, detail, nurse_id=application.nurse_id)
        await _tell(tx, application)
    return True


async def _tell(tx: Tx, a: Application) -> None:
    """All parties hear of it, also where the day stays the same: it is certain now."""
    body: dict[str, Any] = {"kind": a.kind, "step": None, "from": a.state, "to": a.state, "version": a.version + 1}
    body |= {"by": None, "warning": None}
    scopes = {a.party(party) for party in EVENTS[RECOUNTED].audience} - {None}
    heard = [event.Addressed(scope, RECOUNTED, a.id, None, None, body) for scope in scopes if scope is not None]
    await news.tell(tx, sorted(heard, key=lambda one: str(one.scope)))
