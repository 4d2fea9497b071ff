"""The parts of the feed's bench: each seats its own watchers, lets things happen, and tells what that cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain
from time import perf_counter
from typing import Final

from bench.feed.live_lists import LiveLists, live_lists
from bench.feed.pace import everywhere, paced
from bench.feed.probe import Found, Probe
from bench.feed.rooms import Room
from bench.feed.stalled import stalled
from bench.feed.stream import stream
from bench.report import Goal

KILO: Final = 1000
COMMITTERS: Final = 4
WARM: Final = 3
FIVE: Final = 5
HEARTBEATS: Final = 3
"""As many times as long as elsewhere, so that heartbeats and pings are among it."""


@asynccontextmanager
async def seated(probe: Probe, rooms: int, watchers: int, renewals: int) -> AsyncIterator[tuple[list[Room], LiveLists]]:
    """Rooms in which so many watch, each of whom has already seen a few events."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(probe.hall.rooms(rooms, watchers=watchers, renewals=renewals))
        seats = list(chain.from_iterable(room.seats(0, watchers) for room in made))
        found = await stack.enter_async_context(live_lists(probe.target.port, seats))
        for n in range(WARM):
            await everywhere(probe.hall.db, made)
            await found.reach(n + 1)
        yield made, found


async def connect(probe: Probe) -> Found:
    """N subscribers over M institutions: how fast they come in, and what each holds."""
    size, found = probe.size, Found()
    each = size.subscribers // size.institutions
    async with probe.hall.rooms(size.institutions, watchers=each + 1) as rooms:
        async with live_lists(probe.target.port, list(chain.from_iterable(room.seats(each, 1) for room in rooms))):
            pass  # what a server makes once is made before it is weighed
        seats = list(chain.from_iterable(room.seats(0, each) for room in rooms))
        rss, pss, began = probe.rss, probe.pss, perf_counter()
        async with live_lists(probe.target.port, seats):
            took = perf_counter() - began
            grown, share = probe.rss - rss, probe.pss - pss
            idle = await probe.idle(HEARTBEATS)
            settled = probe.rss - rss
    found.figures = {
        "subscribers": len(seats),
        "per_second": len(seats) / took,
        "kb_each": max(grown, settled) / len(seats) / KILO,
        "pss_kb_each": share / len(seats) / KILO,
        "idle_core": idle,
    }
    found.goals = [Goal(f"memory of each of {len(seats):,} subscribers, kB", found.figures["kb_each"], most=40)]
    return found


async def broadcast(probe: Probe) -> Found:
    """Many watch one institution; each event goes to all of them."""
    size, found = probe.size, Found()
    entered = seated(probe, 1, size.watchers, size.renewals)
    async with entered as (rooms, watching), probe.delivering(found, watching):
        for n in range(size.events):
            await rooms[0].happen(probe.hall.db)
            await watching.reach(n + 1)
    what = f"server CPU of a delivery to {size.watchers:,} watchers of one institution, µs"
    found.goals = [Goal(what, found.figures["server_us"], most=50)]
    return found


async def alone(probe: Probe) -> Found:
    """Everybody watches an institution of her own."""
    return await _apart(probe, 1)


async def fives(probe: Probe) -> Found:
    """Five watch each institution."""
    return await _apart(probe, FIVE)


async def _apart(probe: Probe, watchers: int) -> Found:
    size, found = probe.size, Found()
    entered = seated(probe, size.watchers // watchers, watchers, 1)
    async with entered as (rooms, watching), probe.delivering(found, watching):
        for n in range(size.rounds):
            await everywhere(probe.hall.db, rooms)
            await watching.reach(n + 1)
    what = f"server CPU of a delivery where {watchers} watch each of {len(rooms):,} institutions, µs"
    found.goals = [Goal(what, found.figures["server_us"], most=250)]
    return found


async def throughput(probe: Probe) -> Found:
    """Events at a steady pace, delivered or not: 50 watchers each, 40 events a second."""
    size, found = probe.size, Found()
    watchers = max(2 * size.watchers // size.rate, 1)
    entered = seated(probe, size.rate, watchers, 1)
    async with entered as (rooms, watching), probe.delivering(found, watching):
        await paced(probe.hall.db, rooms, size.rate, size.seconds)
        await watching.reach(size.seconds)
    what = f"p99 from commit to client at {size.rate * watchers:,} deliveries a second, ms"
    found.goals = [Goal(what, found.figures["p99_ms"], most=250)]
    return found


Part = Callable[[Probe], Awaitable[Found]]
PARTS: Final[Mapping[str, Part]] = {
    part.__name__: part for part in (connect, broadcast, alone, fives, throughput, stalled, stream)
}
"""By name, in the order in which they are measured."""
