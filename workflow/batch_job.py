"""Batches go on chunk by chunk until nothing is left, by any number of processes at once; progress is told."""

from __future__ import annotations

from time import monotonic
from typing import Final
from uuid import UUID

from db import batch as batches
from db import news
from db.batch import Progress
from db.feed.event import Addressed
from db.store.engine import Database
from rules.people import Actor
from workflow.batch_chunk import alone, chunk

APART: Final = batches.APART.total_seconds()


async def run(db: Database) -> int:
    """Go on with every batch that is not finished; gives how many there were."""
    async with db.read() as reader:
        waiting = await batches.running(reader)
    for key in waiting:
        await carry_on(db, key)
    return len(waiting)


async def carry_on(db: Database, key: UUID) -> None:
    """Go on with a batch to its end, or until others are at all that is left of it."""
    said_at = monotonic()
    while (left := await chunk(db, key)) is not None:
        for place in left:
            await alone(db, key, place)
        if monotonic() - said_at >= APART:
            said_at = monotonic()
            await _tell(db, key)
    await _tell(db, key, only_end=True)


async def _tell(db: Database, key: UUID, *, only_end: bool = False) -> None:
    """Tell how far it is, where that is due; the last one to be done ends it."""
    async with db.begin() as tx:
        await tx.ask_time()
        if await batches.progressed(tx, key, only_end=only_end):
            await news.tell(tx, [progressed(key, await batches.progress(tx, key))])


def progressed(key: UUID, shown: Progress, actor: Actor | None = None) -> Addressed:
    """The event about the progress of a batch, for the place whose it is."""
    counts = {"total": shown.total, "done": shown.done, "refused": shown.refused}
    party, by = (actor.party, actor.account_id) if actor else (None, None)
    body = {"by": party, "batch": str(key), "step": shown.step, "state": shown.state, **counts}
    return Addressed(shown.place_id, "batch.progressed", None, by, None, body, shown.units)
