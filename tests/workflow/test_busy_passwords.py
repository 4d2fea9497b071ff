"""Many who sign in within one second: each is let in, or told to come again; nobody waits until the end of time."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from argon2 import PasswordHasher

from rules.errors import RateLimited
from workflow.password import AT_ONCE, LONGEST_WAIT, Passwords


async def test_forty_in_one_second_are_let_in_or_told_to_come_again() -> None:
    passwords = Passwords(hasher=PasswordHasher(time_cost=8))
    stored = await passwords.hash("Blue-Lantern-7")

    async def enter() -> tuple[bool, float]:
        began = monotonic()
        try:
            async with passwords.place() as verify:
                waited = monotonic() - began
                return await verify(stored, "Blue-Lantern-7"), waited
        except RateLimited:
            return False, monotonic() - began

    results = await asyncio.gather(*(enter() for _ in range(40)))
    assert sum(let_in for let_in, _ in results) >= AT_ONCE
    assert max(waited for _, waited in results) < LONGEST_WAIT + 1
    assert await enter() == (True, pytest.approx(0, abs=0.5))


async def test_a_place_is_given_back_whatever_becomes_of_the_work() -> None:
    passwords = Passwords(hasher=PasswordHasher(1, 8, 1))
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ZeroDivisionError):
            async with passwords.place():
                raise ZeroDivisionError
    async with asyncio.timeout(LONGEST_WAIT / 2):
        await passwords.hash("Blue-Lantern-7")
