"""Many who sign in within one second: each is let in, or told how long to wait; nobody waits until the end of time."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from argon2 import PasswordHasher

from rules.errors import RateLimited
from workflow.password import AT_ONCE, LONGEST_WAIT, Passwords


async def test_forty_in_one_second_are_let_in_or_told_how_long_to_wait() -> None:
    passwords = Passwords(hasher=PasswordHasher(time_cost=8))
    stored = await passwords.hash("Blue-Lantern-7")

    async def enter() -> bool | int:
        try:
            passwords.require_room()
        except RateLimited as busy:
            return busy.retry_after
        return await passwords.verify(stored, "Blue-Lantern-7")

    began = monotonic()
    told = await asyncio.gather(*(enter() for _ in range(40)))
    let_in, waits = [one for one in told if one is True], [one for one in told if one is not True]
    assert len(let_in) >= AT_ONCE
    assert all(isinstance(wait, int) and LONGEST_WAIT < wait < 20 for wait in waits)
    assert len(let_in) + len(waits) == 40
    assert monotonic() - began < 40
    assert await enter() is True


async def test_who_is_told_to_wait_is_not_counted_as_a_try() -> None:
    passwords = Passwords(hasher=PasswordHasher(1, 8, 1))
    waiting = [asyncio.create_task(passwords.hash("Blue-Lantern-7")) for _ in range(200)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited) as refusal:
        passwords.require_room()
    assert refusal.value.retry_after > LONGEST_WAIT
    await asyncio.gather(*waiting)
    passwords.require_room()
