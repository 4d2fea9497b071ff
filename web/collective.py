"""Collective filings in a server (集体申请): it looks for some about every second; any number of servers may."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from db.store.engine import Database
from db.store.outage import OUTAGE
from workflow.collective_job import run

SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


async def tick(serves: asyncio.Event, db: Database, seconds: float = SECONDS) -> None:
    """File what waits once it serves, then about every second, until cancelled."""
    await serves.wait()
    while True:
        try:
            done = await run(db)
        except OUTAGE as error:
            log.info("a collective filing was broken off and goes on in a moment", error=type(error).__name__)
        except Exception:
            log.exception("a collective filing failed and goes on in a moment")
        else:
            if done:
                log.info("filed collectively", filed=done["filed"], refused=done["refused"])
        await asyncio.sleep(seconds)
