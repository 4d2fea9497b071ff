"""A job that a server does again and again beside its requests (定时任务); any number of servers may do the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from db.store.outage import OUTAGE

TEN_MINUTES: Final = 10 * 60

log = structlog.get_logger(__name__)


@dataclass
class Periodic:
    """A job whose `run` says whether everything was done: then it runs `every` so many seconds, otherwise `again`.

    A run is broken off after `within` seconds. A refusal is told, and ends the job: this server may never do it.
    """

    name: str
    run: Callable[[], Awaitable[bool]]
    every: float
    again: float | None = None
    jitter: float = 0
    """The share of a pause by which it may be shorter or longer, so that not all servers look at the same moment."""
    within: float = TEN_MINUTES
    refusals: tuple[type[Exception], ...] = ()
    chance: Callable[[], float] = random.random
    _away: bool = field(default=False, init=False)

    async def keep(self, serves: asyncio.Event) -> None:
        """Run the job once the server serves, then again and again, until cancelled."""
        await serves.wait()
        while True:
            try:
                done = await self._once()
            except self.refusals as refusal:
                log.info(str(refusal))
                return
            await asyncio.sleep(self.pause(done))

    def pause(self, done: bool) -> float:
        """The seconds until the next run."""
        seconds = self.every if done or self.again is None else self.again
        return seconds * (1 + self.jitter * (2 * self.chance() - 1))

    async def _once(self) -> bool:
        """One run; an outage is told once, not with every run that it breaks off."""
        try:
            async with asyncio.timeout(self.within):
                done = await self.run()
        except self.refusals:
            raise
        except OUTAGE as error:
            if not self._away:
                log.info("a periodic job was broken off and is begun again", job=self.name, error=type(error).__name__)
            self._away = True
            return False
        except Exception:
            log.exception("a periodic job failed and is begun again", job=self.name)
            return False
        self._away = False
        return done


@asynccontextmanager
async def kept(jobs: Collection[Periodic], serves: asyncio.Event) -> AsyncIterator[None]:
    """The jobs are done while this lasts; what is being done at its end is broken off, and has ended."""
    tasks = [asyncio.create_task(job.keep(serves), name=job.name) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
