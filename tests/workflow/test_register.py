"""Registering: what is kept of it, what nobody is told, and many at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

import pytest

from db import message
from db.session import Session
from db.store.engine import Database
from graph.context import Services
from rules.account import Applicant
from rules.errors import Conflict, Invalid, RegistryError
from rules.message import Template
from tests.support.people import PASSWORD, QUICK, form, known, register, request, resident
from tests.support.rounds import ROUNDS
from tests.support.world import Cast, World
from workflow import account as workflow
from workflow import verification
from workflow.verification import AccountVerifyIdentity

TASKS: Final = 8


@pytest.fixture
def db(services: Services) -> Database:
    """The database of this run."""
    return services.db


async def rows(world: World, sql: str, *values: Any) -> list[dict[str, Any]]:
    """What a query finds."""
    return [dict(row) for row in await world.owner.fetch(sql, *values)]


async def account_of(world: World, user_name: str) -> dict[str, Any]:
    """The account of a user name."""
    (found,) = await rows(world, "select * from account where user_name = $1", user_name)
    return found


async def codes(call: Any) -> list[tuple[str, str]]:
    """Which fields a registration is refused for."""
    with pytest.raises(Invalid) as refusal:
        await call
    return [(problem.path, problem.code) for problem in refusal.value.problems]


@pytest.mark.feature("N1")
@pytest.mark.feature("N2")
async def test_a_new_account_is_inactive_and_knows_no_nurse(db: Database, world: World) -> None:
    given = form(phone="+86 155-1234-6058")
    made = await workflow.register(db, QUICK, *await request(db, given))
    row = await account_of(world, given.user_name)
    columns = ("party", "state", "roles", "nurse_id", "display_name", "phone_masked", "identity_verified")
    assert [row[name] for name in columns] == ["NURSE", "INACTIVE", ["NURSE"], None, given.name, "155****6058", False]
    assert row["id_number_masked"] == f"{given.id_number[:3]}***********{given.id_number[-2:]}"
    assert row["id_number_index"] == world.keyring.blind_index(given.id_number, "id_number")
    assert (row["phone_verified_at"], row["email_verified_at"], row["contact_verified"]) == (None, None, False)
    assert made.phone == "15512346058"
    assert await QUICK.verify(row["password_hash"], PASSWORD)


async def test_nothing_private_stands_in_the_database_to_be_read(db: Database, world: World) -> None:
    given = form()
    await workflow.register(db, QUICK, *await request(db, given, "register-plain-1"))
    kept = "select to_jsonb(t)::text from {} t where created_at > now() - interval '1 minute'"
    tables = [await world.owner.fetch(kept.format(table)) for table in ("account", "idempotency", "outbox")]
    text = "".join(row[0] for found in tables for row in found)
    assert given.user_name in text
    for secret in (given.id_number, given.phone, given.email, given.password):
        assert secret not in text


async def test_a_form_that_is_not_in_order_costs_no_captcha(db: Database, world: World) -> None:
    wrong, captcha = await request(db, form(name="Zhang", user_name="9"))
    assert await codes(workflow.register(db, QUICK, wrong, captcha)) == [
        ("name", "NAME_CHARACTERS"),
        ("userName", "USER_NAME_FORMAT"),
    ]
    given = form()
    await workflow.register(db, QUICK, replace(wrong, form=given), captcha)
    assert (await account_of(world, given.user_name))["state"] == "INACTIVE"


async def test_a_wrong_captcha_makes_no_account(db: Database, world: World) -> None:
    given = form()
    wish, captcha = await request(db, given)
    assert await codes(workflow.register(db, QUICK, wish, replace(captcha, answer="99"))) == [
        ("captchaAnswer", "CAPTCHA_WRONG")
    ]
    assert await rows(world, "select id from account where user_name = $1", given.user_name) == []


@pytest.mark.feature("N2")
async def test_a_user_name_is_taken_whatever_its_case(db: Database, world: World) -> None:
    first, second = form(user_name="Lantern7"), form(user_name="lANTERN7")
    await workflow.register(db, QUICK, *await request(db, first))
    assert await codes(workflow.register(db, QUICK, *await request(db, second))) == [("userName", "TAKEN")]
    assert len(await rows(world, "select id from account where lower(user_name) = 'lantern7'")) == 1


async def test_a_retry_is_the_same_registration_and_asks_for_no_new_captcha(db: Database, world: World) -> None:
    given = form()
    asked, captcha = await request(db, given, f"retry-{given.user_name}")
    first = await workflow.register(db, QUICK, asked, captcha)
    assert await workflow.register(db, QUICK, asked, captcha) == first
    with pytest.raises(Conflict):
        await workflow.register(db, QUICK, replace(asked, form=replace(given, password="Other-Lantern-8")), captcha)
    assert len(await rows(world, "select id from account where user_name = $1", given.user_name)) == 1


async def templates(db: Database, to: str) -> list[Template]:
    """What was sent to somebody."""
    async with db.read() as reader:
        letters = await message.newest(reader, 1000)
    return [letter.template for letter in letters if letter.to == to]


async def test_a_number_that_has_an_account_gets_the_same_answer_and_its_holder_is_told(
    db: Database, world: World
) -> None:
    holder = form()
    await register(db, world, holder)
    await world.owner.execute("update account set phone_verified_at = now() where user_name = $1", holder.user_name)
    stranger = form(id_number=holder.id_number)
    made = await workflow.register(db, QUICK, *await request(db, stranger))
    assert made == replace(made, user_name=stranger.user_name, phone=stranger.phone)
    old, new = await account_of(world, holder.user_name), await account_of(world, stranger.user_name)
    assert old["id_number_index"] is not None
    assert (new["state"], new["id_number_masked"], new["id_number_index"]) == (
        "INACTIVE",
        old["id_number_masked"],
        None,
    )
    assert await templates(db, holder.phone) == [Template.REGISTERED_AGAIN]
    assert await templates(db, stranger.phone) == []


async def test_the_holder_is_told_by_mail_where_only_that_is_proved_and_not_without_end(
    db: Database, world: World
) -> None:
    holder = form()
    await register(db, world, holder)
    await world.owner.execute("update account set email_verified_at = now() where user_name = $1", holder.user_name)
    for _ in range(workflow.WARNED + 2):
        await workflow.register(db, QUICK, *await request(db, form(id_number=holder.id_number)))
    assert await templates(db, holder.email) == [Template.REGISTERED_AGAIN] * workflow.WARNED
    assert await templates(db, holder.phone) == []


async def test_the_number_of_a_nurse_with_an_account_is_held_by_her_record(
    db: Database, world: World, cast: Cast
) -> None:
    given = form()
    nurse_id = await known(world, cast, given)
    await world.owner.execute("update account set nurse_id = $2 where id = $1", cast.nurse.account_id, nurse_id)
    await workflow.register(db, QUICK, *await request(db, given))
    assert (await account_of(world, given.user_name))["id_number_index"] is None


async def test_a_revoked_account_frees_the_number(db: Database, world: World) -> None:
    first = form()
    await register(db, world, first)
    await world.owner.execute("update account set state = 'REVOKED' where user_name = $1", first.user_name)
    second = form(id_number=first.id_number)
    await register(db, world, second)
    assert (await account_of(world, second.user_name))["id_number_index"] is not None


async def test_of_eight_who_claim_one_number_at_once_one_gets_it_and_nobody_learns_who(
    db: Database, world: World
) -> None:
    for _ in range(ROUNDS):
        number = resident()
        asked = [await request(db, form(id_number=number)) for _ in range(TASKS)]
        answers = await asyncio.gather(*(workflow.register(db, QUICK, *one) for one in asked))
        assert [type(answer) for answer in answers] == [Applicant] * TASKS
        made = [await account_of(world, answer.user_name) for answer in answers]
        assert sum(row["id_number_index"] is not None for row in made) == 1


async def test_of_eight_who_take_one_user_name_at_once_one_gets_it(db: Database, world: World) -> None:
    for _ in range(ROUNDS):
        name = form().user_name
        asked = [await request(db, form(user_name=name)) for _ in range(TASKS)]
        answers = await asyncio.gather(*(workflow.register(db, QUICK, *one) for one in asked), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Applicant", *["Invalid"] * 7]
        await account_of(world, name)


async def test_of_eight_retries_at_once_one_registers(db: Database, world: World) -> None:
    for _ in range(ROUNDS):
        given = form()
        asked = [await request(db, given, f"at-once-{given.user_name}") for _ in range(TASKS)]
        answers = await asyncio.gather(*(workflow.register(db, QUICK, *one) for one in asked))
        assert answers == [answers[0]] * TASKS
        await account_of(world, given.user_name)


async def test_eight_accounts_of_one_number_verified_at_once_give_the_nurse_to_one(
    db: Database, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        given = form()
        nurse_id = await known(world, cast, given)
        forms = [form(id_number=given.id_number) for _ in range(TASKS)]
        sessions = [await register(db, world, one) for one in forms]
        answers = await asyncio.gather(*(verify(db, session) for session in sessions))
        assert answers == [None] * TASKS
        linked = [(await account_of(world, one.user_name))["nurse_id"] for one in forms]
        assert sorted(linked, key=str) == sorted([nurse_id, *[None] * 7], key=str)


async def test_eight_verifications_of_one_account_at_once_are_one(db: Database, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        given = form()
        nurse_id = await known(world, cast, given)
        session = await register(db, world, given)
        answers = await asyncio.gather(*(verify(db, session) for _ in range(TASKS)))
        assert sorted(map(str, answers)) == [*["NOT_ALLOWED"] * 7, "None"]
        assert (await account_of(world, given.user_name))["nurse_id"] == nurse_id


async def verify(db: Database, session: Session) -> str | None:
    """How a verification is refused, if it is."""
    try:
        await verification.verify_identity(db, session, AccountVerifyIdentity())
    except RegistryError as refusal:
        return refusal.code
    return None
