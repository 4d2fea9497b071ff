"""Setting and checking passwords: slow on purpose, so at most two at once and never on the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.errors import RateLimited
from rules.passwords import PasswordPolicy

AT_ONCE: Final = 2
LONGEST_WAIT: Final = 2
"""Seconds, of the five that an operation has."""
Verify: TypeAlias = Callable[[str | None, str], Awaitable[bool]]
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters that can be read off a telephone: none is mistaken for another."""
_FIRST_LENGTH: Final = 14


@dataclass(frozen=True, slots=True, repr=False)
class FirstPassword:
    """A first password (初始密码): as it is sent, in a message and nowhere else, and as it is stored."""

    plain: str
    stored: str


class Passwords:
    """A bounded pool of argon2 work, and the rule for new passwords; one a process."""

    def __init__(self, policy: PasswordPolicy | None = None, hasher: PasswordHasher | None = None) -> None:
        self.policy = policy or PasswordPolicy()
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Verify]:
        """A place for work on one password, which judges passwords while it is held.

        Whoever would wait so long for it that the operation ended first is told to come again, before anything is done.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._places.acquire()
        except TimeoutError:
            raise RateLimited(LONGEST_WAIT) from None
        try:
            yield self._verified
        finally:
            self._places.release()

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password fits, so that an unknown user name takes as long as a known one."""
        return self._hasher.hash("there is nobody of this name")

    async def hash(self, password: str) -> str:
        """The hash that is stored of a password that `policy` has let through."""
        async with self.place():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def first(self) -> FirstPassword:
        """A new first password."""
        plain = "".join(secrets.choice(_LETTERS) for _ in range(_FIRST_LENGTH))
        return FirstPassword(plain, await self.hash(plain))

    async def verify(self, stored: str | None, given: str) -> bool:
        """True where the password is the stored one; without a stored one, the same work and False."""
        async with self.place() as verify:
            return await verify(stored, given)

    async def _verified(self, stored: str | None, given: str) -> bool:
        fits = await asyncio.to_thread(self._fits, stored or self._nobody, given)
        return fits and stored is not None

    def _fits(self, stored: str, given: str) -> bool:
        try:
            return self._hasher.verify(stored, given)
        except (VerificationError, InvalidHashError):
            return False
