"""Codes: guessed at most five times, used once, and paid for before they are sent."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from db.store.engine import Database
from rules.errors import NotAllowed, RateLimited
from rules.message import Template
from rules.verification import Channel, CodePurpose
from tests.support.contacts import another, last_code, letters, new_phone
from tests.support.story import Clock
from tests.support.world import Cast, World
from workflow.code import ALL_TRIES, BUDGETS, LIFETIME, RESEND, TRIES, issue, prove

ROUNDS: Final = int(os.environ.get("HUSHI_TEST_ROUNDS", "200" if os.environ.get("HUSHI_TEST_LONG") else "10"))
TASKS: Final = 8
SECOND: Final = timedelta(seconds=1)
WHICH: Final[dict[str, Any]] = {"purpose": CodePurpose.CONFIRM_CONTACT, "channel": Channel.SMS}


async def send(db: Database, account_id: UUID, to: str) -> str:
    """Send a code; what it is."""
    async with db.begin() as tx:
        await tx.ask_time()
        await issue(tx, account_id=account_id, to=to, template=Template.CONTACT_CODE, **WHICH)
    return await last_code(db, to)


async def guess(db: Database, account_id: UUID, code: str) -> bytes | str:
    """What comes of a guess: where the code was sent, or why not."""
    try:
        return await prove(db, account_id=account_id, given=code, **WHICH)
    except NotAllowed as refusal:
        return refusal.reason


async def tries(world: World, account_id: UUID) -> int:
    """How many guesses of the account's code were counted."""
    found: int = await world.owner.fetchval("select tries from code where account_id = $1", account_id)
    return found


async def test_a_code_has_six_digits_and_proves_where_it_was_sent_once(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    account_id, phone = cast.nurse.account_id, new_phone()
    code = await send(timed, account_id, phone)
    assert (len(code), code.isdigit()) == (6, True)
    (letter,) = await letters(timed, phone)
    assert (letter.template, letter.values) == (Template.CONTACT_CODE, {"code": code, "minutes": "10"})
    assert await guess(timed, account_id, f" {code}\n") == world.keyring.blind_index(phone, "phone")
    assert await guess(timed, account_id, code) == "WRONG_CODE"


async def test_no_code_is_kept_in_clear(timed: Database, clock: Clock, world: World, cast: Cast) -> None:
    phone = new_phone()
    code = await send(timed, cast.nurse.account_id, phone)
    row = str(await world.row("code", cast.nurse.account_id, "account_id"))
    assert (code in row.replace("-", " ").split("'"), phone in row) == (False, False)


@pytest.mark.parametrize("wrong", range(TRIES))
async def test_the_right_code_works_up_to_the_fifth_guess(
    timed: Database, clock: Clock, world: World, cast: Cast, wrong: int
) -> None:
    account_id, phone = cast.nurse.account_id, new_phone()
    code = await send(timed, account_id, phone)
    assert [await guess(timed, account_id, another(code)) for _ in range(wrong)] == ["WRONG_CODE"] * wrong
    assert await guess(timed, account_id, code) == world.keyring.blind_index(phone, "phone")


async def test_after_five_wrong_guesses_the_right_one_is_wrong_too(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    account_id = cast.nurse.account_id
    code = await send(timed, account_id, new_phone())
    assert [await guess(timed, account_id, another(code)) for _ in range(TRIES)] == ["WRONG_CODE"] * TRIES
    assert await guess(timed, account_id, code) == "WRONG_CODE"
    assert await tries(world, account_id) == TRIES


@pytest.mark.parametrize(("after", "good"), [(LIFETIME - SECOND, True), (LIFETIME, False)])
async def test_a_code_lives_ten_minutes(
    timed: Database, clock: Clock, cast: Cast, after: timedelta, good: bool
) -> None:
    account_id = cast.nurse.account_id
    code = await send(timed, account_id, new_phone())
    clock.now += after
    assert (await guess(timed, account_id, code) != "WRONG_CODE") is good


@pytest.mark.parametrize("text", ["", "12345", "1234567", "护士", "１２３４５６", "x" * 5000])
async def test_what_is_no_code_is_a_wrong_one(timed: Database, clock: Clock, cast: Cast, text: str) -> None:
    await send(timed, cast.nurse.account_id, new_phone())
    assert await guess(timed, cast.nurse.account_id, text) == "WRONG_CODE"


async def test_a_new_code_ends_the_old_one(timed: Database, clock: Clock, cast: Cast) -> None:
    account_id, old, new = cast.nurse.account_id, new_phone(), new_phone()
    first = await send(timed, account_id, old)
    clock.now += RESEND
    second = await send(timed, account_id, new)
    assert first == second or await guess(timed, account_id, first) == "WRONG_CODE"
    assert await guess(timed, account_id, second) == timed.keyring.blind_index(new, "phone")


async def test_another_is_sent_after_sixty_seconds_and_not_before(timed: Database, clock: Clock, cast: Cast) -> None:
    account_id, phone = cast.nurse.account_id, new_phone()
    code = await send(timed, account_id, phone)
    clock.now += RESEND - SECOND
    with pytest.raises(RateLimited) as refusal:
        await send(timed, account_id, phone)
    assert refusal.value.retry_after == 1
    assert len(await letters(timed, phone)) == 1
    assert await guess(timed, account_id, code) != "WRONG_CODE"
    clock.now += SECOND
    await send(timed, account_id, phone)
    assert len(await letters(timed, phone)) == 2


async def test_a_number_gets_ten_codes_a_day_whoever_asks(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    phone, people = new_phone(), [cast.nurse, cast.operator, cast.manager]
    window, allowed = BUDGETS["target"]
    for n in range(allowed):
        clock.now += RESEND
        await send(timed, people[n % 3].account_id, phone)
    clock.now += RESEND
    before = await world.owner.fetchval("select count(*) from attempt")
    with pytest.raises(RateLimited):
        await send(timed, people[0].account_id, phone)
    assert len(await letters(timed, phone)) == allowed
    assert await world.owner.fetchval("select count(*) from attempt") == before
    clock.now += window
    await send(timed, people[0].account_id, phone)


async def test_an_account_gets_twenty_codes_a_day_wherever_they_go(timed: Database, clock: Clock, cast: Cast) -> None:
    for _ in range(BUDGETS["account"][1]):
        clock.now += RESEND
        await send(timed, cast.nurse.account_id, new_phone())
    clock.now += RESEND
    phone = new_phone()
    with pytest.raises(RateLimited):
        await send(timed, cast.nurse.account_id, phone)
    assert await letters(timed, phone) == []


async def test_all_codes_of_an_account_together_may_be_guessed_twenty_times_an_hour(
    timed: Database, clock: Clock, cast: Cast
) -> None:
    account_id = cast.nurse.account_id
    for _ in range(ALL_TRIES[1] // TRIES):
        code = await send(timed, account_id, new_phone())
        assert [await guess(timed, account_id, another(code)) for _ in range(TRIES)] == ["WRONG_CODE"] * TRIES
        clock.now += RESEND
    code = await send(timed, account_id, new_phone())
    with pytest.raises(RateLimited):
        await guess(timed, account_id, code)


async def test_an_account_that_does_not_exist_is_sent_nothing_and_proves_nothing(
    timed: Database, clock: Clock, world: World
) -> None:
    phone, nobody = new_phone(), uuid4()
    async with timed.begin() as tx:
        await tx.ask_time()
        await issue(tx, account_id=nobody, to=phone, template=Template.CONTACT_CODE, **WHICH)
    assert await letters(timed, phone) == []
    assert await world.owner.fetchval("select count(*) from code where account_id = $1", nobody) == 0
    assert await guess(timed, nobody, "000000") == "WRONG_CODE"


async def test_of_eight_who_give_the_right_code_at_once_one_proves_it(
    timed: Database, clock: Clock, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        clock.now += 2 * ALL_TRIES[0]
        account_id, phone = cast.nurse.account_id, new_phone()
        code = await send(timed, account_id, phone)
        answers = await asyncio.gather(*(guess(timed, account_id, code) for _ in range(TASKS)))
        index = timed.keyring.blind_index(phone, "phone")
        assert sorted(answers, key=str) == sorted([index, *["WRONG_CODE"] * (TASKS - 1)], key=str)


async def test_eight_wrong_guesses_at_once_are_five(timed: Database, clock: Clock, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        clock.now += 2 * ALL_TRIES[0]
        account_id = cast.nurse.account_id
        code = await send(timed, account_id, new_phone())
        answers = await asyncio.gather(*(guess(timed, account_id, another(code)) for _ in range(TASKS)))
        assert (answers, await tries(world, account_id)) == (["WRONG_CODE"] * TASKS, TRIES)
        assert await guess(timed, account_id, code) == "WRONG_CODE"


async def test_of_eight_who_ask_at_once_one_is_sent_a_code(timed: Database, clock: Clock, cast: Cast) -> None:
    for _ in range(ROUNDS):
        clock.now += 2 * ALL_TRIES[0]
        phone = new_phone()
        answers = await asyncio.gather(
            *(send(timed, cast.nurse.account_id, phone) for _ in range(TASKS)), return_exceptions=True
        )
        assert [type(answer) for answer in answers if not isinstance(answer, str)] == [RateLimited] * (TASKS - 1)
        assert len(await letters(timed, phone)) == 1
