"""Setting and checking passwords: slow on purpose, so at most two at once and never on the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from time import monotonic
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.errors import RateLimited
from rules.passwords import PasswordPolicy

AT_ONCE: Final = 2
LONGEST_WAIT: Final = 2
"""Seconds, of the five that an operation has."""
P = ParamSpec("P")
T = TypeVar("T")
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters that can be read off a telephone: none is mistaken for another."""
_FIRST_LENGTH: Final = 14


@dataclass(frozen=True, slots=True, repr=False)
class FirstPassword:
    """A first password (初始密码): as it is told, in a message and nowhere else, and as it is stored."""

    told: str
    stored: str


class Passwords:
    """A bounded pool of argon2 work, and the rule for new passwords; one a process."""

    def __init__(self, policy: PasswordPolicy | None = None, hasher: PasswordHasher | None = None) -> None:
        self.policy = policy or PasswordPolicy()
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting, self._seconds = 0, 0.1

    def require_room(self) -> None:
        """Refuse what would have to wait so long that its operation ended first, and tell how long."""
        wait = self._seconds * self._waiting / AT_ONCE
        if wait > LONGEST_WAIT:
            raise RateLimited(ceil(wait))

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password fits, so that an unknown user name takes as long as a known one."""
        return self._hasher.hash("there is nobody of this name")

    async def hash(self, password: str) -> str:
        """What is stored of a password that `policy` has let through."""
        return await self._done(self._hasher.hash, password)

    async def first(self) -> FirstPassword:
        """A new first password."""
        told = "".join(secrets.choice(_LETTERS) for _ in range(_FIRST_LENGTH))
        return FirstPassword(told, await self.hash(told))

    async def verify(self, stored: str | None, given: str) -> bool:
        """Whether the password is the stored one; without a stored one, the same work and no."""
        fits = await self._done(lambda: self._fits(stored or self._nobody, given))
        return fits and stored is not None

    async def _done(self, work: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
        """Work in a thread, when there is a place; how long it took is how long others will wait."""
        self._waiting += 1
        try:
            async with self._places:
                began = monotonic()
                found = await asyncio.to_thread(work, *given, **more)
                self._seconds += (monotonic() - began - self._seconds) / 4
                return found
        finally:
            self._waiting -= 1

    def _fits(self, stored: str, given: str) -> bool:
        try:
            return self._hasher.verify(stored, given)
        except (VerificationError, InvalidHashError):
            return False
