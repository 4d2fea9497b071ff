"""Setting and checking passwords: slow on purpose, so at most two at once and never on the event loop."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import ceil
from secrets import token_bytes
from time import monotonic
from typing import Any, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from rules.errors import RateLimited
from rules.passwords import PasswordPolicy

AT_ONCE: Final = 2
LONGEST_WAIT: Final = 2
"""Seconds that anybody waits for a place."""
LONGEST: Final = 4
"""Seconds for waiting and work together, of the five that an operation has."""
T = TypeVar("T")
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters that can be read off a telephone: none is mistaken for another."""
_FIRST_LENGTH: Final = 14


@dataclass(frozen=True, slots=True, repr=False)
class FirstPassword:
    """A first password (初始密码): as it is sent, in a message and nowhere else, and as it is stored."""

    plain: str
    stored: str


class PasswordWork:
    """The work on one password, in the place that is held for it: checking the old one, hashing the new one."""

    def __init__(self, hasher: PasswordHasher, threads: ThreadPoolExecutor) -> None:
        self._hasher, self._threads, self._nobody = hasher, threads, _fits_nobody(hasher)

    async def hash(self, password: str) -> str:
        """The hash that is stored of a password which its policy has let through."""
        return await self._in_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, given: str) -> bool:
        """True if the password is the stored one; without a stored one, the same work and no."""
        return await self._in_thread(self._fits, stored, given) and stored is not None

    async def _in_thread(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _fits(self, stored: str | None, given: str) -> bool:
        try:
            return self._hasher.verify(stored or self._nobody, given)
        except (VerificationError, InvalidHashError):
            return False


def _fits_nobody(like: PasswordHasher) -> str:
    """A hash that no password fits, so that an unknown user name takes as long as a known one: nobody has hashed it."""
    cost = f"m={like.memory_cost},t={like.time_cost},p={like.parallelism}"
    salt, made = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (like.salt_len, like.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${made}"


class Passwords:
    """A bounded pool of argon2 work, and the rule for new passwords; one a process.

    Its threads are its own, so that nobody waits behind pictures and papers, and whoever hung up keeps hers till its
    work is done.
    """

    def __init__(self, policy: PasswordPolicy | None = None, hasher: PasswordHasher | None = None) -> None:
        self.policy = policy or PasswordPolicy()
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._work = PasswordWork(self._hasher, ThreadPoolExecutor(AT_ONCE, "passwords"))
        self._waiting, self._took = 0, 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[PasswordWork]:
        """A place for work on one password, waited for once by a step, before anything is counted or used up.

        Whoever would wait so long for it that the operation ended first is told when to come again (RateLimited): how
        long the work takes just now, on this machine, says how long that is. So is whoever's work takes too long.
        """
        try:
            async with asyncio.timeout(LONGEST) as bound:
                await self._enter()
                began = monotonic()
                try:
                    yield self._work
                finally:
                    self._places.release()
                    self._took = max(monotonic() - began, 0.9 * self._took)
        except TimeoutError:
            if bound.expired():
                raise RateLimited(self._later()) from None
            raise

    async def _enter(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(min(LONGEST_WAIT, max(0, LONGEST - 1.5 * self._took))):
                await self._places.acquire()
        except TimeoutError:
            raise RateLimited(self._later()) from None
        finally:
            self._waiting -= 1

    def _later(self) -> int:
        """The seconds after which those who wait now have had their turn, so that not all come again at once."""
        return max(1, ceil(self._waiting * self._took / AT_ONCE))

    async def hash(self, password: str) -> str:
        """The hash of a password, for a step that does nothing else in a place."""
        async with self.place() as work:
            return await work.hash(password)

    async def verify(self, stored: str | None, given: str) -> bool:
        """True if a password is the stored one, for a step that does nothing else in a place."""
        async with self.place() as work:
            return await work.verify(stored, given)

    async def first(self) -> FirstPassword:
        """A new first password."""
        plain = "".join(secrets.choice(_LETTERS) for _ in range(_FIRST_LENGTH))
        return FirstPassword(plain, await self.hash(plain))
