"""The input of a part of the feed's bench, and its findings."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Final

import psutil

from bench.feed.hall import Hall
from bench.feed.live_lists import LiveLists
from bench.measure import Target, cpu
from bench.report import Goal

SECOND_MICROSECONDS: Final = 1e6


@dataclass(frozen=True)
class Size:
    """The size of a measurement: clients, rooms, events, and seconds."""

    subscribers: int = 10_000
    institutions: int = 200
    watchers: int = 1_000
    events: int = 100
    rounds: int = 5
    rate: int = 40
    seconds: int = 10
    stalled: int = 500
    stalled_rooms: int = 25
    stalled_seconds: int = 60
    streamed: int = 1_000_000
    renewals: int = 20
    idle_seconds: float = 10

    @classmethod
    def of(cls, subscribers: int, streamed: int) -> Size:
        """For so many who connect; on a smaller machine fewer watch and stall, too."""
        return cls(
            subscribers=subscribers,
            institutions=min(cls.institutions, subscribers),
            watchers=min(cls.watchers, subscribers),
            stalled=min(cls.stalled, max(subscribers // 20, cls.stalled_rooms)),
            streamed=streamed,
        )


@dataclass
class Found:
    """The figures of one part, and what should hold of them."""

    figures: dict[str, float] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)


@dataclass(frozen=True)
class Probe:
    """One running server, the register it serves, and the size of the measurement."""

    hall: Hall
    target: Target
    size: Size

    @property
    def rss(self) -> int:
        """The bytes of memory that the server holds."""
        return int(psutil.Process(self.target.pid).memory_info().rss)

    @property
    def pss(self) -> int:
        """The same with its part of what it shares; where the system does not tell, the plain figure."""
        memory = psutil.Process(self.target.pid).memory_full_info()
        return int(getattr(memory, "pss", memory.rss))

    @property
    def cpu(self) -> float:
        """The CPU seconds that the server has taken."""
        return cpu(self.target.pid)

    def sockets(self, *, roughly: bool = False) -> int:
        """The number of clients that the server holds; `roughly` is cheap, and counts a few files as well."""
        process = psutil.Process(self.target.pid)
        if roughly:
            return int(process.num_fds())
        held = process.net_connections("tcp")
        return sum(one.laddr.port == self.target.port and one.status == psutil.CONN_ESTABLISHED for one in held)

    async def idle(self, times: int = 1) -> float:
        """The part of a core that the server takes while nothing happens."""
        cpu, began = self.cpu, perf_counter()
        await asyncio.sleep(times * self.size.idle_seconds)
        return (self.cpu - cpu) / (perf_counter() - began)

    @asynccontextmanager
    async def delivering(self, found: Found, live_lists: LiveLists, idle: float | None = None) -> AsyncIterator[None]:
        """Measure the deliveries within the block: the cost beyond that of idle live lists, and the time."""
        live_lists.forget()
        idle = await self.idle() if idle is None else idle
        before, began = self._clocks(), perf_counter()
        yield
        took = perf_counter() - began
        server, postgres, client = (late - early for early, late in zip(before, self._clocks(), strict=True))
        live_lists.check()
        count = live_lists.tally.count
        waits = statistics.quantiles(live_lists.waits(), n=100, method="inclusive")
        found.figures |= {
            "deliveries": count,
            "server_us": SECOND_MICROSECONDS * max(server - idle * took, 0) / count,
            "server_us_with_idle": SECOND_MICROSECONDS * server / count,
            "postgres_us": SECOND_MICROSECONDS * postgres / count,
            "p50_ms": waits[49],
            "p99_ms": waits[98],
            "per_second": count / took,
            "idle_core": idle,
            "client_core": client / took,
        }

    def _clocks(self) -> tuple[float, float, float]:
        return self.cpu, cpu(self.target.postmaster), process_time()
