"""Recovery when several want the same at once, and when the clock runs on."""

from __future__ import annotations

import asyncio
import os
from typing import Final
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from uuid_utils.compat import uuid7

from bench.captcha import answer_to
from db import recovery as recoveries
from db.store.engine import Database
from rules.captcha import CaptchaForm
from rules.errors import NotAllowed
from rules.message import Template
from rules.verification import Channel
from tests.support.contacts import account, another, last_code, letters, new_phone, reach
from tests.support.story import Clock
from tests.support.world import Cast, World
from workflow.captcha import Captchas
from workflow.code import BUDGETS, LIFETIME, TRIES
from workflow.password import Passwords
from workflow.recovery import Whom, finish, start
from workflow.recovery_desk import RecoveryApprove, RecoveryReject
from workflow.session import CaptchaAnswer
from workflow.step import take

ROUNDS: Final = int(os.environ.get("HUSHI_TEST_ROUNDS", "200" if os.environ.get("HUSHI_TEST_LONG") else "10"))
TASKS: Final = 8
NEXT_ROUND: Final = BUDGETS["account"][0] / 8
QUICK: Final = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def captcha(db: Database) -> CaptchaAnswer:
    """A captcha with its right answer."""
    made = await Captchas().create(db, CaptchaForm.WORDS)
    assert made.question is not None
    return CaptchaAnswer(made.id, answer_to(made.question))


async def asked(db: Database, cast: Cast, phone: str) -> UUID:
    """A request of the cast's nurse, who can be reached at this phone."""
    content = {"name": "王护士", "documentType": "RESIDENT_ID", "idNumber": "", "phone": phone, "evidence": "工号"}
    whose = recoveries.Whose(cast.nurse.account_id, cast.nurse_id, cast.district)
    async with db.begin() as tx:
        await tx.ask_time()
        await recoveries.insert(tx, key := uuid7(), content, whose)
    return key


async def guess(db: Database, phone: str, code: str, password: str = "Another-horse-8") -> str:
    """What comes of finishing a recovery."""
    try:
        await finish(db, QUICK, Whom(phone), code, password)
    except NotAllowed as refusal:
        return refusal.reason
    return "DONE"


@pytest.mark.feature("N22")
async def test_of_eight_who_finish_one_recovery_at_once_one_sets_the_password(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        clock.now += NEXT_ROUND
        phone = new_phone()
        await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
        await start(timed, Whom(phone), await captcha(timed))
        code, wanted = await last_code(timed, phone), [f"Another-horse-{n}" for n in range(TASKS)]
        answers = await asyncio.gather(*(guess(timed, phone, code, password) for password in wanted))
        assert sorted(answers) == ["DONE"] + ["WRONG_CODE"] * (TASKS - 1)
        stored = (await account(world, cast.nurse.account_id))["password_hash"]
        assert await QUICK.verify(stored, wanted[answers.index("DONE")])
        kinds = [letter.template for letter in await letters(timed, phone)]
        assert kinds == [Template.RECOVERY_CODE, Template.PASSWORD_CHANGED]


@pytest.mark.feature("N22")
async def test_of_an_approval_and_a_rejection_at_once_one_stands(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        clock.now += NEXT_ROUND
        phone = new_phone()
        request_id = await asked(timed, cast, phone)
        session = cast.reviewer.session
        kinds = (RecoveryApprove, RecoveryReject) * (TASKS // 2)
        decisions = [kind(request_id, f"意见{n}") for n, kind in enumerate(kinds)]
        answers = await asyncio.gather(*(take(timed, session, one) for one in decisions), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * (TASKS - 1) + ["UUID"]
        winner, row = decisions[answers.index(request_id)], await world.row("desk_request", request_id)
        assert (row["reason"], row["state"]) == (winner.reason, winner.state)
        (letter,) = await letters(timed, phone)
        expected = Template.RECOVERY_CODE if winner.state == "APPROVED" else Template.RECOVERY_REFUSED
        assert letter.template is expected


@pytest.mark.feature("N22")
async def test_an_approval_is_good_for_five_guesses_and_ten_minutes(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    name = (await account(world, cast.nurse.account_id))["user_name"]
    for wait in (False, True):
        clock.now += NEXT_ROUND
        phone = new_phone()
        request_id = await asked(timed, cast, phone)
        await take(timed, cast.reviewer.session, RecoveryApprove(request_id, "电话核对"))
        (letter,) = await letters(timed, phone)
        code = letter.values["code"]
        if wait:
            clock.now += LIFETIME
        else:
            wrong = [await guess(timed, name, another(code)) for _ in range(TRIES)]
            assert wrong == ["WRONG_CODE"] * TRIES
        assert await guess(timed, name, code) == "WRONG_CODE"
    assert (await account(world, cast.nurse.account_id))["password_hash"] == "-"


@pytest.mark.feature("N22")
async def test_a_code_for_a_proved_phone_is_worth_nothing_after_its_account_was_shut(
    timed: Database, clock: Clock, world: World, cast: Cast
) -> None:
    phone = new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    await start(timed, Whom(phone), await captcha(timed))
    await world.owner.execute("update account set state = 'REVOKED' where id = $1", cast.nurse.account_id)
    assert await guess(timed, phone, await last_code(timed, phone)) == "WRONG_CODE"
    assert (await account(world, cast.nurse.account_id))["password_hash"] == "-"
