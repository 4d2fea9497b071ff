"""One run of chaos: load, kills at random instants, each recovered from before the next, quiet, proof."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import httpx

from bench.chaos.asker import Place
from bench.chaos.news import News
from bench.chaos.proof import feeds, prove
from bench.chaos.register import Register, seeded
from bench.chaos.report import Outcome, Recovery, Settings, Victim
from bench.chaos.server import Supervised, supervised
from bench.chaos.teller import Act, Teller
from bench.chaos.watcher import NEWS, REVIEWS, Watcher, by_events, by_socket
from bench.chaos.writer import Done, Writer
from bench.measure import Failed

WRITERS: Final = 8
LOAD_SECONDS: Final = (0.1, 1.0)
READY_SECONDS: Final = 60.0
RECOVERY_SECONDS: Final = 120.0
"""The time after which a run is given up; how quick a recovery must be is a goal of the report."""

QUIET_SECONDS: Final = 2.0

Say = Callable[[str], None]
"""Tells how far the run is."""


async def run(settings: Settings, say: Say) -> Outcome:
    """Carry out a run; Failed where something does not come back, Differs where an answer is wrong."""
    began = time.monotonic()
    async with (
        seeded(settings.nurses) as register,
        supervised(register) as server,
        httpx.AsyncClient(timeout=None, trust_env=False, limits=httpx.Limits(max_connections=2 * WRITERS)) as client,
    ):
        chaos = Chaos(settings, register, server, client, say)
        await chaos.happen()
        proof = await prove(register, chaos.done, chaos.acts, chaos.watchers)
        register.keep = not proof.clean
        return Outcome(
            recoveries=chaos.recoveries,
            acknowledged=len(chaos.done) + len(chaos.acts),
            requests=sum(one.requests for one in (*chaos.writers, *chaos.tellers)),
            received=sum(len(one.received) for one in chaos.watchers),
            cuts=sum(one.cuts for one in chaos.watchers),
            deaths=len(server.deaths),
            seconds=time.monotonic() - began,
            proof=proof,
            postgresql=register.version,
            folder=register.folder,
        )


@dataclass
class Chaos:
    """A run under way."""

    settings: Settings
    register: Register
    server: Supervised
    client: httpx.AsyncClient
    say: Say
    news: News = field(default_factory=News)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[Done] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = self._dice("kills")
        # Each works for one desk, so that after a kill every feed soon has something to tell.
        desks = [deque(one for one in self.register.cases if one.desk is desk) for desk in self.register.desks]
        place, dice = Place(self.client, self.server.origin, self.news, self.stopping), self._dice
        self.writers = [Writer(place, dice(f"writer {n}"), desks[n % len(desks)], self.done) for n in range(WRITERS)]
        self.tellers = [Teller(place, dice(f"teller {n}"), one, self.acts) for n, one in enumerate(desks)]
        self.watchers = self._watchers()

    def _dice(self, whose: str) -> Random:
        return Random(f"{self.settings.seed} {whose}")

    def _watchers(self) -> list[Watcher]:
        """An operator of each desk and two officers over WebSocket, one more officer over server-sent events.

        Of two desks somebody also watches what tellers tell, each in another way.
        """
        desks = self.register.desks
        first, last = desks[0], desks[-1]
        seats = [
            *(
                (f"operator {n}", one.institution_id, one.operator, by_socket, REVIEWS)
                for n, one in enumerate(desks, 1)
            ),
            ("reviewer", first.authority_id, first.reviewer, by_socket, REVIEWS),
            ("decider", last.authority_id, last.decider, by_socket, REVIEWS),
            ("decider (SSE)", first.authority_id, first.decider, by_events, REVIEWS),
            ("operator 1, news", first.institution_id, first.operator, by_socket, NEWS),
            ("operator, news (SSE)", last.institution_id, last.operator, by_events, NEWS),
        ]
        origin, news = self.server.origin, self.news
        return [
            Watcher(name, scope, origin, person.token, stream, self._dice(name), news, document)
            for name, scope, person, stream, document in seats
        ]

    async def happen(self) -> None:
        """Everything from the first cursor to the silence after the last event."""
        async with asyncio.TaskGroup() as group:
            watching = [group.create_task(one.watch()) for one in self.watchers]
            await self._wait(
                "it was started", lambda: [w.name for w in self.watchers if w.cursor is None], READY_SECONDS
            )
            working = [group.create_task(work) for work in self._works()]
            victims = [list(Victim)[n % 2] for n in range(self.settings.kills)]
            self.random.shuffle(victims)
            for victim in victims:
                await asyncio.sleep(self.random.uniform(*LOAD_SECONDS))
                await self._kill(victim)
            await self._finish(working)
            await self._quiet()
            for task in watching:
                task.cancel()

    def _works(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield from (one.work() for one in self.writers)
        yield from (one.work() for one in self.tellers)

    async def _finish(self, working: Sequence[asyncio.Task[None]]) -> None:
        """Every writer ends the renewal that it has begun."""
        self.stopping.set()
        try:
            async with asyncio.timeout(RECOVERY_SECONDS):
                await asyncio.gather(*working)
        except TimeoutError:
            raise Failed(
                f"{RECOVERY_SECONDS:.0f} seconds after the last kill, renewals were still under way."
            ) from None

    async def _kill(self, victim: Victim) -> None:
        """Kill, and wait until every watcher and a writer has something that happened afterwards."""
        match victim:
            case Victim.SERVER:
                self.server.kill()
            case Victim.POSTGRESQL:
                self.register.kill_postgres()
        moment = datetime.now(UTC)
        for one in self.watchers:
            one.mark(moment)
        await self._wait(f"kill -9 of {victim}", lambda: self._waits(moment), RECOVERY_SECONDS)
        self.recoveries.append(found := self._recovery(victim, moment))
        count = f"{len(self.recoveries):>4} of {self.settings.kills}  {victim:<10}"
        after = f"writers after {found.writing:5.2f} s, all watchers after {found.seconds:5.2f} s"
        self.say(f"{count}  {after}  {len(self.done):>7} acknowledged")

    def _recovery(self, victim: Victim, moment: datetime) -> Recovery:
        writing = min(one.sent for one in reversed(self.done) if one.sent > moment)
        arrived, last = max((one.recovered or moment, one.name) for one in self.watchers)
        seconds = [round((each - moment).total_seconds(), 3) for each in (arrived, writing)]
        return Recovery(victim, seconds[0], last, seconds[1])

    def _waits(self, moment: datetime) -> list[str]:
        """The names of the watchers, and of the writers, that have nothing yet from after this moment."""
        acknowledged = any(one.sent > moment for one in self.done[-WRITERS:])
        return [one.name for one in self.watchers if one.recovered is None] + ["writers"] * (not acknowledged)

    async def _wait(self, what: str, waits: Callable[[], list[str]], within: float) -> None:
        try:
            await self.news.until(lambda: not waits(), within)
        except TimeoutError:
            raise Failed(
                f"{within:.0f} seconds after {what}, nothing new had come to: {', '.join(waits())}. "
                f"The server's log is {self.server.log}, PostgreSQL's {self.register.embedded.data / 'log'}."
            ) from None

    async def _quiet(self) -> None:
        """Wait until every watcher has all that the tables hold, or never will; and longer, for what comes twice."""
        tables = await feeds(self.register, {one.watched for one in self.watchers})
        with suppress(TimeoutError):
            await self.news.until(lambda: all(one.has(tables[one.watched]) for one in self.watchers), RECOVERY_SECONDS)
        await asyncio.sleep(QUIET_SECONDS)
