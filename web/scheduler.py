"""The system's scheduler in a server (系统时钟): it looks about every minute; any number of servers may."""

from __future__ import annotations

import asyncio
import random
from typing import Final

import structlog

from db.store.engine import Database
from db.store.outage import OUTAGE
from workflow.scheduler import run

MINUTE_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


async def tick(serves: asyncio.Event, db: Database, seconds: float = MINUTE_SECONDS) -> None:
    """Do what is due once it serves, then about every minute, until cancelled."""
    await serves.wait()
    while True:
        try:
            done = await run(db)
        except OUTAGE as error:
            log.info("the scheduler was broken off and goes on in a minute", error=type(error).__name__)
        except Exception:
            log.exception("the scheduler failed and goes on in a minute")
        else:
            if done:
                log.info("the scheduler did what was due", **{name.lower(): count for name, count in done.items()})
        # Not all servers in step, since each looks at the same rows.
        await asyncio.sleep(seconds * (0.75 + random.random() / 2))
