"""Collective filings are filed nurse by nurse, each in a transaction of its own, by any number of processes at once.

An item is held while it is filed and passed over by whoever comes meanwhile; a process that is killed lets go of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic
from typing import Final
from uuid import UUID

import structlog

from db import collective as collectives
from db import collective_progress as progress
from db.collective import Waiting
from db.news import tell
from db.store.engine import Database, Tx
from db.store.outage import OUTAGE
from rules.collective import problems_of
from rules.errors import RegistryError, Words
from workflow.case import Case, heard
from workflow.collective import tell_progress
from workflow.collective_item import file_for
from workflow.recusal import go_on

WORKERS: Final = 4
"""So many nurses are filed for at once by one process: more would only wait for the counters of the same feeds."""
FAILED: Final = Words(
    "系统错误，请稍后为其单独申请", "Something went wrong on our side: file for her later, by herself."
)
log = structlog.get_logger(__name__)


class _Failed(RegistryError):
    """A bug: this nurse is refused, so that the others are not kept waiting."""

    code = "INTERNAL"
    words = FAILED


async def run(db: Database, workers: int = WORKERS) -> Counter[str]:
    """File all that waits; gives how many were filed and refused."""
    done: Counter[str] = Counter()
    async with db.read() as reader:
        waiting = await progress.running(reader)
    if not waiting:
        return done
    news = _News(db)
    ended = await asyncio.gather(*(_work(db, news, done) for _ in range(workers)), return_exceptions=True)
    for key in dict.fromkeys([*waiting, *news.about]):
        await news.tell(key, only_end=key not in news.about)
    for failure in ended:
        if isinstance(failure, BaseException):
            raise failure
    return done


class _News:
    """Progress events of the filings that this process works on: of each at most one a second, and one at its end."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.about: dict[UUID, float] = {}

    async def moved(self, key: UUID) -> None:
        """One more item of a filing is done."""
        now, last = monotonic(), self.about.setdefault(key, monotonic())
        if now - last >= collectives.APART.total_seconds():
            self.about[key] = now
            await self.tell(key)

    async def tell(self, key: UUID, *, only_end: bool = False) -> None:
        """Tell how far it is, where that is due; the last one to be done ends it."""
        async with self._db.begin() as tx:
            await tx.ask_time()
            if await collectives.progressed(tx, key, only_end=only_end):
                await tell_progress(tx, key)


async def _work(db: Database, news: _News, done: Counter[str]) -> None:
    """One item after the other, until there is none that nobody is at."""
    while True:
        async with db.begin() as tx:
            item = await collectives.lock_next(tx)
            if item is None:
                return
            done["filed" if await _file(tx, item) else "refused"] += 1
        await news.moved(item.filing_id)


async def _file(tx: Tx, item: Waiting) -> bool:
    """File for one nurse, or write down why not; whether it was filed."""
    try:
        async with tx.connection.begin_nested():
            case = await _case(tx, item)
    except RegistryError as refusal:
        await collectives.refused(tx, item, problems_of(refusal))
        return False
    await collectives.filed(tx, item, case.application.id)
    await tell(tx, heard(case) + await go_on(tx, [case.application.id]))
    return True


async def _case(tx: Tx, item: Waiting) -> Case:
    try:
        return await file_for(tx, item)
    except RegistryError:
        raise
    except Exception as bug:
        if isinstance(bug, OUTAGE) and not isinstance(bug, collectives.WRONG):
            raise  # it is tried again
        log.exception("a collective filing failed at a nurse", filing=str(item.filing_id), place=item.place)
        raise _Failed from bug
