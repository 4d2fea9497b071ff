"""The periodic jobs of a server: what is due by law, collective filings, and what is no longer kept."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

import structlog

from db import blob
from db.retention import RetentionError, retain
from db.store.engine import Database
from web.installation import require_own
from web.periodic import Periodic
from web.settings import Settings
from workflow.batch_job import run as carry_on_batches
from workflow.collective_job import run as file_collectively
from workflow.lease import run_out
from workflow.practice_alert import run as tell_practice
from workflow.question_clock import put_back
from workflow.scheduler import run as run_due
from workflow.work_summary import run as write_summaries

MINUTE: Final = 60.0
ALERTS: Final = 20.0
"""A day is told of within the minute in which it begins."""
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

log = structlog.get_logger(__name__)


def jobs_of(settings: Settings, owner_url: str, db: Database) -> list[Periodic]:
    """The jobs of this installation's servers."""
    kept = settings.retention_months, settings.audit_months
    jobs = [
        Periodic("collective filings", partial(_file_collectively, db), every=1),
        Periodic("batches", partial(_carry_on, db), every=1),
        Periodic("leases", partial(_put_back, db), every=0.5),
        Periodic("sealing of files", partial(_seal_files, db), DAY, again=1),
        Periodic(
            "retention", partial(_retain, owner_url, *kept), DAY, again=HOUR, within=HOUR, refusals=(RetentionError,)
        ),
    ]
    if settings.scheduler == "server":
        jobs.append(Periodic("scheduler", partial(_run_due, db), every=MINUTE, jitter=0.25))
        jobs.append(Periodic("practice alerts", partial(_tell_practice, db), every=ALERTS, jitter=0.25))
        jobs.append(Periodic("summaries", partial(_write_summaries, db), every=MINUTE, jitter=0.25))
    return jobs


async def schedule_once(settings: Settings, owner_url: str) -> Counter[str]:
    """Do the scheduler's due duties now; returns how often each duty was done."""
    keyring = await require_own(settings, owner_url)
    db = Database(settings.database_url or owner_url, keyring, pool_size=1)
    try:
        return await run_due(db) + await tell_practice(db) + await write_summaries(db)
    finally:
        await db.close()


async def _retain(owner_url: str, months: int, audit_months: int) -> bool:
    """Clear away what is no longer kept; what somebody reads at this moment is left to the next run."""
    return not (await retain(owner_url, months, audit_months)).postponed


async def _seal_files(db: Database) -> bool:
    """Seal files that an earlier release has kept in clear."""
    if done := await blob.seal_plain(db):
        log.info("files of an earlier release were sealed", files=done)
    return done < blob.SEALED_AT_ONCE


async def _file_collectively(db: Database) -> bool:
    """File what waits in collective filings (集体申请)."""
    if done := await file_collectively(db):
        log.info("filed collectively", filed=done["filed"], refused=done["refused"])
    return True


async def _carry_on(db: Database) -> bool:
    """Go on with what waits in batches (批量办理)."""
    if done := await carry_on_batches(db):
        log.info("went on with batches", batches=done)
    return True


async def _put_back(db: Database) -> bool:
    """Tell of leases that have run out (领取到期)."""
    done, asked = await run_out(db), await put_back(db)
    if done or asked:
        log.info("put back what was held too long", applications=done, questions=asked)
    return True


async def _run_due(db: Database) -> bool:
    """Take the steps that are due by law (系统时钟)."""
    if done := await run_due(db):
        log.info("the scheduler did what was due", **{name.lower(): count for name, count in done.items()})
    return True


async def _tell_practice(db: Database) -> bool:
    """Say whose right to practise ends, will end, or comes back (执业资格预警)."""
    if done := await tell_practice(db):
        log.info("practice alerts were told", **{name.replace(".", "_").lower(): count for name, count in done.items()})
    return True


async def _write_summaries(db: Database) -> bool:
    """Write to those who lead an office about what waits there (每周工作提示)."""
    if done := await write_summaries(db):
        log.info("people were written to about their office", **{name.lower(): count for name, count in done.items()})
    return True
