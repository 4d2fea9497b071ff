"""Live lists, thousands of them, in one process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.feed.client import PATIENCE, Seat, Tally, Watcher

AT_ONCE: Final = 64


@dataclass(frozen=True)
class LiveLists:
    """Live lists that have begun, and what they got in all."""

    watchers: list[Watcher]
    tally: Tally

    async def reach(self, each: int) -> None:
        """Wait until everybody has got so many changes."""
        await self.tally.reach(each * len(self.watchers))

    def forget(self) -> None:
        """Begin to count anew."""
        self.tally.count = 0
        for one in self.watchers:
            one.forget()

    def check(self) -> None:
        """Refuse to count deliveries that were not whole."""
        for one in self.watchers:
            one.check()

    def waits(self) -> list[float]:
        """Milliseconds from commit to client, of every delivery."""
        return [wait for one in self.watchers for wait in one.waits()]


@asynccontextmanager
async def live_lists(
    port: int, seats: Sequence[Seat], *, after: str | None = None, buffer: int | None = None
) -> AsyncIterator[LiveLists]:
    """A socket for each seat, all begun; they leave together. `buffer` is what a socket may receive unread."""
    tally = Tally()
    found = LiveLists([Watcher(seat, tally, after) for seat in seats], tally)
    waiting = iter(found.watchers)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(_enter(waiting, port, buffer))
        yield found
    finally:
        for one in found.watchers:
            one.leave()


async def _enter(waiting: Iterator[Watcher], port: int, buffer: int | None) -> None:
    """One after the other, until all have begun."""
    loop = asyncio.get_running_loop()
    for watcher in waiting:
        connection = socket.socket()
        connection.setblocking(False)
        if buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await loop.sock_connect(connection, ("127.0.0.1", port))
        await loop.create_connection(lambda one=watcher: one, sock=connection)  # type: ignore[misc]
        async with asyncio.timeout(PATIENCE):
            await watcher.begun
