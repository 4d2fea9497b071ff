"""Collective filings are filed in chunks, each in a transaction of its own, by any number of processes at once.

Each nurse is judged by herself on rows that are read for all; where a chunk cannot be written together, it is gone
through one by one. Items are held while they are filed and passed over by whoever comes meanwhile; a process that is
killed lets go of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from db import application as applications
from db import collective as collectives
from db import collective_progress as progress
from db import registration
from db.collective import Waiting
from db.news import tell
from db.registration import Entry
from db.store.engine import Database, Tx
from db.store.later import LaterTx
from db.store.outage import OUTAGE
from rules.collective import problems_of
from rules.errors import RegistryError, Words
from workflow.case import Case, heard
from workflow.collective import tell_progress
from workflow.collective_item import file_for
from workflow.recusal import go_on
from workflow.together import Alone

WORKERS: Final = 2
"""So many chunks are filed at once by one process: more would only wait for the counters of the same feeds."""
TOGETHER: Final = 50
"""So many nurses are filed for in one transaction."""
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
    """One chunk after the other, until there is no item that nobody is at."""
    while True:
        found = await _chunk(db, done)
        if found is None:
            return
        filing_id, left = found
        for item in left:
            await _alone(db, item, done)
        await news.moved(filing_id)


async def _chunk(db: Database, done: Counter[str]) -> tuple[UUID, Sequence[Waiting]] | None:
    """File for the next of one filing together; gives it, and those who must be filed for one by one."""
    items: Sequence[Waiting] = ()
    try:
        async with db.begin() as tx:
            items = await collectives.lock_next(tx, TOGETHER)
            if not items:
                return None
            filed = await _together(tx, items)
    except Exception as failure:
        if isinstance(failure, OUTAGE) and not isinstance(failure, collectives.WRONG):
            raise  # it is tried again
        if not isinstance(failure, (Alone, *collectives.WRONG)):
            log.exception("a collective filing failed at a chunk")
        if not items:
            raise
        return items[0].filing_id, items
    done["filed"] += filed
    done["refused"] += len(items) - filed
    return items[0].filing_id, ()


async def _together(tx: Tx, items: Sequence[Waiting]) -> int:
    """Read for all, judge each, write for all that pass, and write down why not of the others; how many were filed."""
    later, first = LaterTx.within(tx), items[0]
    keys = {item.place: uuid7() for item in items}
    entries = await registration.lock_all(tx, [item.nurse_id for item in items])
    assert first.actor.party_id is not None
    nurses = {keys[item.place]: item.nurse_id for item in items}
    await applications.read_ahead(later, nurses, first.actor.party_id, first.kind)
    cases: dict[int, Case] = {}
    for item in items:
        found = await _judge(later, item, entries[item.nurse_id], keys[item.place])
        if isinstance(found, Case):
            cases[item.place] = found
        else:
            await collectives.refused(tx, item, problems_of(found))
    await later.write()
    made = {place: case.application.id for place, case in cases.items()}
    await collectives.filed(tx, first.filing_id, made)
    events = [one for case in cases.values() for one in heard(case)]
    await tell(tx, events + await go_on(tx, [*made.values()]))
    return len(cases)


async def _judge(later: LaterTx, item: Waiting, entry: Entry | RegistryError, key: UUID) -> Case | RegistryError:
    """File for one nurse, to be written with the others; or why not."""
    if isinstance(entry, RegistryError):
        return entry
    mark, later.touched = len(later.later), False
    try:
        return await file_for(later, item, entry, key)
    except RegistryError as refusal:
        if later.touched:
            raise Alone from refusal
        later.forget(mark)
        return refusal


async def _alone(db: Database, item: Waiting, done: Counter[str]) -> None:
    """File for one nurse in a transaction of her own, where nobody has done it meanwhile."""
    async with db.begin() as tx:
        for one in await collectives.lock_next(tx, 1, item.filing_id, item.place):
            done["filed" if await _file(tx, one) else "refused"] += 1


async def _file(tx: Tx, item: Waiting) -> bool:
    """File for one nurse, or write down why not; whether it was filed."""
    try:
        async with tx.connection.begin_nested():
            case = await _case(tx, item)
    except RegistryError as refusal:
        await collectives.refused(tx, item, problems_of(refusal))
        return False
    await collectives.filed(tx, item.filing_id, {item.place: case.application.id})
    await tell(tx, heard(case) + await go_on(tx, [case.application.id]))
    return True


async def _case(tx: Tx, item: Waiting) -> Case:
    try:
        return await file_for(tx, item, await registration.lock(tx, item.nurse_id))
    except RegistryError:
        raise
    except Exception as bug:
        if isinstance(bug, OUTAGE) and not isinstance(bug, collectives.WRONG):
            raise  # it is tried again
        log.exception("a collective filing failed at a nurse", filing=str(item.filing_id), place=item.place)
        raise _Failed from bug
