"""The pace of events: one in every room, or so many a second."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from bench.feed.rooms import Room
from db.store.engine import Database

COMMITTERS: Final = 4


async def everywhere(db: Database, rooms: Sequence[Room]) -> None:
    """One event in each room, a few at a time."""
    waiting = iter(rooms)

    async def work() -> None:
        for room in waiting:
            await room.happen(db)

    async with asyncio.TaskGroup() as group:
        for _ in range(COMMITTERS):
            group.create_task(work())


async def paced(db: Database, rooms: Sequence[Room], rate: int, seconds: int) -> None:
    """So many events a second, in one room after the other, whether or not they have been delivered."""
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(rate * seconds):
            await asyncio.sleep(began + n / rate - perf_counter())
            group.create_task(rooms[n % len(rooms)].happen(db))
