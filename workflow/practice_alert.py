"""The register says when a nurse's right to practise ends, will end, or comes back (执业资格预警), by the clock.

In chunks, each a transaction that holds the counters of its feeds for some hundredths of a second and then rests: a day
on which a province's nurses run out together delays nobody's step. A chunk is whole or not at all, so that a killed
process leaves neither a gap nor a double.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, TypeAlias

from db import news, practice_alert
from db.feed.event import Addressed
from db.practice_alert import Watched
from db.store.engine import Database, Tx
from rules import practice_alert as rules
from rules.nurse_event import nurse_body
from rules.practice_alert import EXPIRED, EXPIRING, GONE, RESTORED

Say: TypeAlias = Callable[[Tx, int], Awaitable[Counter[str] | None]]
"""One chunk of one sort, at most so many entries: what was told, or None where nothing is due."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of a run: at most so many entries at once, in about so many seconds; then a rest by that measure."""

    most: int = 250
    least: int = 50
    seconds: float = 0.1
    rest: float = 1.0

    def next_size(self, size: int, took: float) -> int:
        """The size of the next chunk, by how long one of this size has held what others wait for."""
        fits = int(size * self.seconds / took) if took > 0 else self.most
        return max(self.least, min(self.most, 2 * size, fits))


async def run(db: Database, pace: Pace | None = None) -> Counter[str]:
    """Say all that is due; gives how often each kind of event was told. Another process that is at it does the rest."""
    done, pace = Counter[str](), pace or Pace()
    for say in (_expiries, _ended_suspensions):
        size = pace.least
        while True:
            began = monotonic()
            announced = await _chunk(db, say, size)
            if announced is None:
                break
            done.update(announced)
            took = monotonic() - began
            size = pace.next_size(size, took)
            await asyncio.sleep(took * pace.rest)
    return done


async def _chunk(db: Database, say: Say, size: int) -> Counter[str] | None:
    """One transaction; None where nothing is due, or another process is at it."""
    async with db.begin() as tx:
        await tx.ask_time()
        if not await practice_alert.alone(tx):
            return None
        return await say(tx, size)


async def _expiries(tx: Tx, size: int) -> Counter[str] | None:
    found = await practice_alert.due(tx, size)
    if not found:
        return None
    events, written = list[Addressed](), []
    for one in found:
        crossing = rules.reached(one.valid_until, tx.today)
        days = (one.announced, None if crossing is None else crossing.days)
        announced = min((day for day in days if day is not None), default=None)
        written.append((one, announced, rules.next_day(one.valid_until, announced)))
        events += _events(tx, one, crossing)
    await practice_alert.write(tx, written)
    await news.tell(tx, events, {one.nurse_id for one in found if one.quiet})
    return Counter({"PASSED_OVER": len(found)}) if not events else _counted(events)


def _events(tx: Tx, one: Watched, crossing: rules.Crossing | None) -> list[Addressed]:
    """The events of one entry: that it is back in force, or the nearest day that was reached and not told."""
    if one.restores and one.may:
        return _heard(one, RESTORED, rules.practice_body(True, tx.today))
    if crossing is None or (one.announced is not None and crossing.days >= one.announced):
        return []
    body = rules.expiry_body(one.valid_until, crossing, one.window_days)
    if crossing.days == GONE:
        return _heard(one, EXPIRED, body | rules.practice_body(False, crossing.on))
    return [] if one.waiting or one.quiet else _heard(one, EXPIRING, body)


async def _ended_suspensions(tx: Tx, size: int) -> Counter[str] | None:
    found = await practice_alert.suspensions_over(tx, size)
    if not found:
        return None
    await practice_alert.mark_over(tx, [one.span_id for one in found if one.span_id])
    back = [(one, one.ended_on + timedelta(days=1)) for one in found if one.may and one.ended_on]
    events = [heard for one, since in back for heard in _heard(one, RESTORED, rules.practice_body(True, since))]
    await news.tell(tx, events)
    return _counted(events) if events else Counter({"PASSED_OVER": len(found)})


def _heard(one: Watched, type: str, about: dict[str, Any]) -> list[Addressed]:
    """She, her institution and her 注册机关 hear of it."""
    body = nurse_body(one.nurse_id, one.name, one.certificate_number, one.id_number_masked, None) | about
    places = (one.nurse_id, one.institution_id, one.authority_id)
    return [Addressed(place, type, None, None, None, body) for place in places if place is not None]


def _counted(events: Sequence[Addressed]) -> Counter[str]:
    """The number of nurses that each kind of event tells of."""
    return Counter(one.type for one in events if str(one.scope) == one.body["nurse"])
