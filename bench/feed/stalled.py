"""Subscribers that stop reading: the others must not notice, and the server must let go of them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import chain
from time import perf_counter
from typing import Final

from bench.feed.live_lists import LiveLists, live_lists
from bench.feed.pace import paced
from bench.feed.probe import Found, Probe
from bench.feed.rooms import Room
from bench.report import Goal

SMALL_BUFFER: Final = 4096
CALM_SECONDS: Final = 20
LOOK_SECONDS: Final = 1
FILES: Final = 50
HEALTHY: Final = 3
"""To each that stalls."""


async def stalled(probe: Probe) -> Found:
    """A quarter of the subscribers stop reading, while events go on for a minute; before, the same without them."""
    size, calm, found = probe.size, Found(), Found()
    each = size.stalled // size.stalled_rooms
    async with probe.hall.rooms(size.stalled_rooms, watchers=(HEALTHY + 1) * each) as rooms, AsyncExitStack() as stack:
        seats = list(chain.from_iterable(room.seats(0, HEALTHY * each) for room in rooms))
        watching = await stack.enter_async_context(live_lists(probe.target.port, seats))
        await _go_on(probe, calm, watching, rooms, min(CALM_SECONDS, size.stalled_seconds))
        seats = list(chain.from_iterable(room.seats(HEALTHY * each, each) for room in rooms))
        silent = await stack.enter_async_context(live_lists(probe.target.port, seats, buffer=SMALL_BUFFER))
        for one in silent.watchers:
            one.stall()
        census = asyncio.create_task(_gone(probe, len(watching.watchers)))
        stack.callback(census.cancel)
        await _go_on(probe, found, watching, rooms, size.stalled_seconds, calm.figures["idle_core"])
        left = probe.sockets() - len(watching.watchers)
        found.figures |= {"stalled": len(seats), "stalled_left": left}
        found.figures |= {"gone_seconds": census.result()} if census.done() else {}
    found.figures |= {f"calm_{name}": calm.figures[name] for name in ("p50_ms", "p99_ms", "server_us")}
    found.goals = _goals(found.figures, size.stalled_seconds)
    return found


async def _go_on(
    probe: Probe, found: Found, watching: LiveLists, rooms: list[Room], seconds: int, idle: float | None = None
) -> None:
    """One event a second in each room."""
    async with probe.delivering(found, watching, idle):
        await paced(probe.hall.db, rooms, len(rooms), seconds)
        await watching.reach(seconds)


async def _gone(probe: Probe, healthy: int) -> float:
    """The seconds until only the healthy are left; counted exactly, which takes a while, only when it is near."""
    began = perf_counter()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if probe.sockets(roughly=True) <= healthy + FILES and probe.sockets() <= healthy:
            return perf_counter() - began


def _goals(figures: dict[str, float], seconds: int) -> list[Goal]:
    worse = figures["p99_ms"] / figures["calm_p99_ms"] - 1
    what = f"p99 of the healthy beside {figures['stalled']:,.0f} stalled sockets, against without them"
    left = f"stalled sockets that are left after {seconds} seconds"
    return [Goal(what, worse, most=0.2), Goal(left, figures["stalled_left"], most=0)]
