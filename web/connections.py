"""The open sockets and event streams: counted, spread when they come back, and told of the server's stop."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import randint
from typing import Final, Protocol

from graph.limits import Limits
from rules.errors import RateLimited, RegistryError, Words
from rules.people import Actor
from web.operations import Caller

SOONEST_MILLISECONDS: Final = 500
LONGEST_SPREAD: Final = 10_000


class Restarting(RegistryError):
    """The server stops and begins nothing new."""

    code = "RESTARTING"
    words = Words("服务正在重启，请稍后重试", "The server is restarting; try again in a moment.")


class TooManyConnections(RateLimited):
    """The account, or the address without one, has as many sockets and event streams as it may."""

    def __init__(self, allowed: int) -> None:
        super().__init__(1)
        self.words = Words(
            f"同时打开的连接不得超过{allowed}个，请先关闭一个",
            f"At most {allowed} sockets and event streams may be open at once; close one first.",
        )


class Hosted(Protocol):
    """A socket or an event stream."""

    async def stop(self) -> None:
        """Finish what is being done, and go."""

    async def answers(self) -> bool:
        """True if the client at the other end is still there, as far as one can ask."""

    async def give_way(self) -> None:
        """Leave the place to another of the same account."""


@dataclass(slots=True)
class Connection:
    """The known facts of one socket; the token comes with connection_init, never in a URL."""

    accept_language: str
    address: str
    token: str | None = None

    @property
    def caller(self) -> Caller:
        """The caller on this socket."""
        return Caller(self.token, self.accept_language, self.address)


class ConnectionRegistry:
    """The sockets and event streams of one process, counted by account, and by address without one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[Hashable, list[Hosted]] = {}
        self._owners: dict[Hosted, Hashable] = {}
        self._hosted: set[Hosted] = set()
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
    def hosting(self, hosted: Hosted) -> Iterator[None]:
        """Count a stream until the block ends; it is stopped with the server, also if it came a moment too late."""
        self._hosted.add(hosted)
        if self.stopping:
            self._say_goodbye(hosted)
        try:
            yield
        finally:
            self._hosted.discard(hosted)
            self._leave(hosted)

    async def stop(self) -> None:
        """Begin nothing new, and see everyone off."""
        self.stopping = True
        for hosted in list(self._hosted):
            self._say_goodbye(hosted)
        if self._goodbyes:
            await asyncio.wait(self._goodbyes)

    def _say_goodbye(self, hosted: Hosted) -> None:
        self._goodbyes.add(asyncio.create_task(hosted.stop()))

    async def enter(self, hosted: Hosted, viewer: Actor | None, address: str) -> None:
        """Count one in until it is hosted no more; refuses the one too many, unless an older one has fallen silent."""
        owner, allowed = (
            (viewer.account_id, self._limits.sockets) if viewer else (address, self._limits.address_sockets)
        )
        if len(self._open.get(owner, ())) >= allowed and viewer:
            await self._make_room(owner)
        if len(self._open.get(owner, ())) >= allowed:
            raise TooManyConnections(allowed)
        self._open.setdefault(owner, []).append(hosted)
        self._owners[hosted] = owner

    async def _make_room(self, owner: Hashable) -> None:
        """Let the oldest give way whose client no longer answers: where a network changes, it never says goodbye."""
        asked = list(self._open[owner])
        answers = await asyncio.gather(*(one.answers() for one in asked))
        silent = [one for one, answered in zip(asked, answers, strict=True) if not answered and one in self._owners]
        if silent:
            self._leave(silent[0])
            await silent[0].give_way()

    def _leave(self, hosted: Hosted) -> None:
        owner = self._owners.pop(hosted, None)
        if owner is not None:
            self._open[owner].remove(hosted)
            if not self._open[owner]:
                del self._open[owner]
