"""The files that are arriving at one process: bounded in number, in all and of each account, and in slowness."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from rules.errors import RateLimited
from web.refusals import SlowBody

SECONDS: Final = 60
"""The time for a file to arrive, over a telephone too."""
SETTLED_SECONDS: Final = 1
"""So long nobody is asked to give way."""


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(eq=False, slots=True)
class Arrival:
    """One file on its way."""

    account_id: UUID
    began: float = field(default_factory=_now)
    read: int = 0
    gives_way: bool = False
    clock: asyncio.Timeout | None = None

    def give_way(self) -> None:
        """Leave the place to another."""
        self.gives_way = True
        if self.clock:
            self.clock.reschedule(_now())

    async def pieces(
        self, stream: AsyncGenerator[bytes, None], grace: float, least: int
    ) -> AsyncGenerator[bytes, None]:
        """The pieces that come, as long as so many bytes a second come after some grace."""
        while True:
            ends = self.began + min(SECONDS, grace + self.read / least)
            try:
                async with asyncio.timeout_at(ends) as self.clock:
                    piece = await anext(stream, None)
            except TimeoutError:
                raise RateLimited(1) if self.gives_way else SlowBody from None
            if piece is None:
                return
            self.read += len(piece)
            yield piece


class Uploads:
    """The places for files of one process; where all are taken, the slowest gives way to somebody new."""

    def __init__(self, allowed: int = 16, of_account: int = 2) -> None:
        self._allowed, self._of_account = allowed, of_account
        self._arriving: set[Arrival] = set()

    @contextmanager
    def one_more(self, account_id: UUID) -> Iterator[Arrival]:
        """A place while a file arrives; refuses the one too many."""
        if sum(one.account_id == account_id for one in self._arriving) >= self._of_account:
            raise RateLimited(1)
        if len(self._arriving) >= self._allowed:
            self._slowest(account_id).give_way()
        arrival = Arrival(account_id)
        self._arriving.add(arrival)
        try:
            yield arrival
        finally:
            self._arriving.discard(arrival)

    def _slowest(self, account_id: UUID) -> Arrival:
        now = _now()
        settled = [
            one
            for one in self._arriving
            if not one.gives_way and one.account_id != account_id and now - one.began > SETTLED_SECONDS
        ]
        if not settled:
            raise RateLimited(1)
        return min(settled, key=lambda one: one.read / (now - one.began))
