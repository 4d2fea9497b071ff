"""Contacts and passwords when several want the same at once, and when the clock runs on."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import Final

import pytest
from argon2 import PasswordHasher

from db.store.engine import Database
from rules.errors import Conflict, Invalid, NotAllowed, RateLimited
from rules.message import Template
from rules.people import Party, Role
from rules.session import TRIES, WINDOW
from rules.verification import Channel
from tests.support.authority_stage import PASSWORD, QUICK_HASH
from tests.support.contacts import account, last_code, letters, new_phone, reach
from tests.support.story import Clock
from tests.support.world import Cast, Person, World
from workflow.code import BUDGETS, RESEND
from workflow.contact import change, confirm, finish_change, send_code
from workflow.password import Passwords
from workflow.password_change import PasswordChange, change_password

ROUNDS: Final = int(os.environ.get("HUSHI_TEST_ROUNDS", "200" if os.environ.get("HUSHI_TEST_LONG") else "10"))
TASKS: Final = 8
NEXT_ROUND: Final = BUDGETS["account"][0] / 10
QUICK: Final = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def people(world: World, cast: Cast, count: int = TASKS) -> list[Person]:
    """Colleagues of one hospital."""
    return [await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR) for _ in range(count)]


@pytest.mark.feature("N7")
async def test_of_eight_who_prove_one_phone_at_once_one_has_it(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    some = await people(world, cast)
    for _ in range(ROUNDS):
        clock.now += NEXT_ROUND
        phone, codes = new_phone(), []
        for one in some:
            await reach(world, one.account_id, Channel.SMS, phone, verified=False)
            await send_code(timed, one.session, Channel.SMS)
            codes.append(await last_code(timed, phone))
        given = zip(some, codes, strict=True)
        answers = await asyncio.gather(
            *(confirm(timed, one.session, Channel.SMS, code) for one, code in given), return_exceptions=True
        )
        rows = [await account(world, one.account_id) for one in some]
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * (TASKS - 1) + ["NoneType"]
        assert [row["phone_verified_at"] is not None for row in rows] == [answer is None for answer in answers]


@pytest.mark.feature("N12")
async def test_of_eight_who_finish_one_change_at_once_one_does_and_the_old_phone_is_told_once(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    session, account_id = cast.nurse.session, cast.nurse.account_id
    for _ in range(ROUNDS):
        clock.now += 2 * NEXT_ROUND
        old, new = new_phone(), new_phone()
        await reach(world, account_id, Channel.SMS, old, verified=True)
        await change(timed, session, Channel.SMS, new)
        codes = {"new_code": await last_code(timed, new), "old_code": await last_code(timed, old)}
        answers = await asyncio.gather(
            *(finish_change(timed, session, Channel.SMS, new, **codes) for _ in range(TASKS)), return_exceptions=True
        )
        assert answers.count(None) == 1
        # Whoever comes after five tries is wrong; everybody else is told that it is done.
        assert {type(answer) for answer in answers if answer is not None} <= {NotAllowed, Invalid}
        kinds = [letter.template for letter in await letters(timed, old)]
        assert kinds == [Template.CONTACT_CODE, Template.CONTACT_CHANGED]


@pytest.mark.feature("N12")
async def test_a_change_needs_the_code_of_a_phone_that_was_proved_meanwhile(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    session, account_id, old, new = cast.nurse.session, cast.nurse.account_id, new_phone(), new_phone()
    await change(timed, session, Channel.SMS, new)
    code = await last_code(timed, new)
    await reach(world, account_id, Channel.SMS, old, verified=True)
    with pytest.raises(Invalid) as refusal:
        await finish_change(timed, session, Channel.SMS, new, new_code=code, old_code="000000")
    assert [(one.path, one.code) for one in refusal.value.problems] == [("oldCode", "WRONG_CODE")]
    assert (await account(world, account_id))["phone_index"] == world.keyring.blind_index(old, "phone")


@pytest.mark.feature("N12")
async def test_a_phone_that_is_taken_meanwhile_is_not_changed_to(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    session, new = cast.nurse.session, new_phone()
    await change(timed, session, Channel.SMS, new)
    await reach(world, cast.operator.account_id, Channel.SMS, new, verified=True)
    with pytest.raises(Conflict):
        await finish_change(timed, session, Channel.SMS, new, new_code=await last_code(timed, new), old_code=None)
    assert (await account(world, cast.nurse.account_id))["phone_index"] is None


@pytest.mark.feature("N12")
async def test_where_the_new_number_has_had_enough_codes_the_old_one_gets_none(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    old, new = new_phone(), new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, old, verified=True)
    for _ in range(BUDGETS["target"][1]):
        clock.now += RESEND
        await change(timed, cast.operator.session, Channel.SMS, new)
    with pytest.raises(RateLimited):
        await change(timed, cast.nurse.session, Channel.SMS, new)
    assert await letters(timed, old) == []


@pytest.mark.feature("N12")
async def test_of_eight_new_passwords_at_once_one_is_set(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    one = cast.operator
    set_hash = "update account set password_hash = $2 where id = $1"
    for _ in range(ROUNDS):
        clock.now += WINDOW
        await world.owner.execute(set_hash, one.account_id, QUICK_HASH)
        wanted = [f"Another-horse-{n}" for n in range(TASKS)]
        answers = await asyncio.gather(
            *(change_password(timed, QUICK, one.session, PasswordChange(PASSWORD, new)) for new in wanted),
            return_exceptions=True,
        )
        (winner,) = [new for new, answer in zip(wanted, answers, strict=True) if answer is None]
        stored = (await account(world, one.account_id))["password_hash"]
        fits = [await QUICK.verify(stored, new) for new in wanted]
        assert fits == [new == winner for new in wanted]
        assert {type(answer) for answer in answers if answer is not None} <= {Conflict, NotAllowed}


async def test_the_current_password_is_guessed_ten_times_and_then_waited_for(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    one = cast.operator
    await world.owner.execute("update account set password_hash = $2 where id = $1", one.account_id, QUICK_HASH)
    for _ in range(TRIES):
        with pytest.raises(NotAllowed) as refusal:
            await change_password(timed, QUICK, one.session, PasswordChange("Wrong-horse-9", "Another-horse-8"))
        assert refusal.value.reason == "WRONG_CREDENTIALS"
    with pytest.raises(RateLimited) as limit:
        await change_password(timed, QUICK, one.session, PasswordChange(PASSWORD, "Another-horse-8"))
    assert timedelta(seconds=limit.value.retry_after) == WINDOW
    assert (await account(world, one.account_id))["password_hash"] == QUICK_HASH
