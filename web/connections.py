"""The open sockets and event streams: counted, spread when they come back, and informed of the server's stop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import randint
from typing import Final, Protocol

from graph.limits import Limits
from rules.errors import RegistryError, Words
from rules.people import Actor
from web.operations import Caller
from web.socket_messages import Close

SOONEST_MILLISECONDS: Final = 500
LONGEST_SPREAD: Final = 10_000


class Restarting(RegistryError):
    """The server stops and begins nothing new."""

    code = "RESTARTING"
    words = Words("服务正在重启，请稍后重试", "The server is restarting; try again in a moment.")


class Stoppable(Protocol):
    """A socket or an event stream."""

    async def stop(self) -> None:
        """Finish what is being done, and go."""


@dataclass(slots=True)
class Connection:
    """The known facts of one socket; the token comes with connection_init, never in a URL."""

    accept_language: str
    address: str
    token: str | None = None
    owner: Hashable = None

    @property
    def caller(self) -> Caller:
        """The caller on this socket."""
        return Caller(self.token, self.accept_language, self.address)


class ConnectionRegistry:
    """The sockets and event streams of one process; counts sockets by account, and by address without one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: Counter[Hashable] = Counter()
        self._hosted: set[Stoppable] = set()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.stopping = False

    def __len__(self) -> int:
        return len(self._hosted)

    @property
    def retry(self) -> int:
        """The milliseconds that a client should wait before it comes back, for each another number.

        All clients may have to come back at the same moment: about one in a millisecond.
        """
        return randint(SOONEST_MILLISECONDS, SOONEST_MILLISECONDS + min(len(self), LONGEST_SPREAD))

    @contextmanager
    def hosting(self, hosted: Stoppable) -> Iterator[None]:
        """Count a stream until the block ends; it is stopped with the server, also if it came a moment too late."""
        self._hosted.add(hosted)
        if self.stopping:
            self._say_goodbye(hosted)
        try:
            yield
        finally:
            self._hosted.discard(hosted)

    async def stop(self) -> None:
        """Begin nothing new, and see everyone off."""
        self.stopping = True
        for hosted in list(self._hosted):
            self._say_goodbye(hosted)
        if self._goodbyes:
            await asyncio.wait(self._goodbyes)

    def _say_goodbye(self, hosted: Stoppable) -> None:
        self._goodbyes.add(asyncio.create_task(hosted.stop()))

    def enter(self, connection: Connection, viewer: Actor | None) -> None:
        """Count a socket in, or refuse the one too many."""
        owner, allowed = (
            (viewer.account_id, self._limits.sockets) if viewer else (connection.address, self._limits.address_sockets)
        )
        if self._open[owner] >= allowed:
            raise Close(4429, f"At most {allowed} sockets may be open at once; close one first.")
        self._open[owner] += 1
        connection.owner = owner

    def leave(self, connection: Connection) -> None:
        """Count a socket out, if it was counted in."""
        if connection.owner is not None:
            self._open[connection.owner] -= 1
            if not self._open[connection.owner]:
                del self._open[connection.owner]
            connection.owner = None
