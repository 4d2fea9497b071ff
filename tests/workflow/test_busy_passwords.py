"""Many who sign in within one second: each is let in, or told to come again; nobody waits until the end of time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from db import session as sessions
from db.store.engine import Database
from graph.context import Services
from rules.errors import RateLimited
from rules.session import WINDOW
from rules.verification import Channel
from tests.support.contacts import last_code, new_phone, reach
from tests.support.people import PASSWORD, form, request
from tests.support.world import Cast, World
from workflow.account import register
from workflow.password import AT_ONCE, LONGEST_WAIT, Passwords, _fits_nobody
from workflow.password_change import PasswordChange, change_password
from workflow.recovery import Whom, finish, start
from workflow.session import sign_in, subject_of


async def test_forty_in_one_second_are_let_in_or_told_to_come_again() -> None:
    passwords = Passwords(hasher=PasswordHasher())
    stored = await passwords.hash("Blue-Lantern-7")

    async def enter() -> tuple[bool, float]:
        began = monotonic()
        try:
            async with passwords.place() as work:
                waited = monotonic() - began
                return await work.verify(stored, "Blue-Lantern-7"), waited
        except RateLimited:
            return False, monotonic() - began

    results = await asyncio.gather(*(enter() for _ in range(40)))
    assert sum(let_in for let_in, _ in results) >= AT_ONCE
    # Of forty in turn the last would wait for much longer; the rest is for a busy machine.
    assert max(waited for _, waited in results) < LONGEST_WAIT + 5
    assert await enter() == (True, pytest.approx(0, abs=LONGEST_WAIT))


async def test_a_place_is_given_back_whatever_becomes_of_the_work() -> None:
    passwords = Passwords(hasher=PasswordHasher(1, 8, 1))
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ZeroDivisionError):
            async with passwords.place():
                raise ZeroDivisionError
    async with asyncio.timeout(LONGEST_WAIT / 2):
        await passwords.hash("Blue-Lantern-7")


@asynccontextmanager
async def taken(passwords: Passwords) -> AsyncIterator[None]:
    """While this lasts there is no place."""
    async with AsyncExitStack() as places:
        for _ in range(AT_ONCE):
            await places.enter_async_context(passwords.place())
        yield


async def kept(world: World) -> tuple[int, ...]:
    """How many captchas, codes, tries, sessions and accounts there are."""
    tables = ("captcha", "code", "attempt", "session", "account")
    return tuple([await world.owner.fetchval(f"select count(*) from {table}") for table in tables])


async def test_who_is_told_to_come_again_has_lost_neither_captcha_nor_code_nor_try(
    services: Services, world: World, cast: Cast
) -> None:
    """The captcha and the code were used up first, and the place for the new password was refused after that."""
    db, passwords, phone = services.db, Passwords(hasher=PasswordHasher(1, 8, 1)), new_phone()
    stored = await passwords.hash(PASSWORD)
    await world.owner.execute("update account set password_hash = $2 where id = $1", cast.operator.account_id, stored)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    wish, solved = await request(db, form())
    _, started = await request(db, form())
    await start(db, Whom(phone), started)
    code = await last_code(db, phone)
    change = PasswordChange(PASSWORD, "Another-horse-8")
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: register(db, passwords, wish, solved),
        lambda: finish(db, passwords, Whom(phone), code, "Another-horse-8"),
        lambda: change_password(db, passwords, cast.operator.session, change),
    ]
    before = await kept(world)
    async with taken(passwords):
        answers = await asyncio.gather(*(step() for step in steps), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RateLimited] * len(steps)
    assert await kept(world) == before
    for step in steps:
        await step()


async def test_a_try_that_was_broken_off_before_it_was_judged_counts_no_more(services: Services) -> None:
    db, name = services.db, f"nobody{secrets.token_hex(3)}"
    trying = asyncio.create_task(sign_in(db, Passwords(hasher=PasswordHasher(time_cost=30)), name, PASSWORD))
    async with asyncio.timeout(30):
        while not await tries(db, name):
            assert not trying.done()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert await tries(db, name) == 0


async def tries(db: Database, name: str) -> int:
    """How many tries at this name are counted."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await sessions.attempts(tx, subject_of(db, name), WINDOW)


def test_no_password_fits_nobody_and_takes_as_long_as_any() -> None:
    hasher = PasswordHasher(2, 16, 2)
    nobody, somebody = _fits_nobody(hasher), hasher.hash(PASSWORD)
    assert extract_parameters(nobody) == extract_parameters(somebody)
    assert nobody != _fits_nobody(hasher)
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nobody, PASSWORD)
