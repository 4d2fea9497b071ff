"""Ending sessions and using one at the same moment: neither waits for the other in a deadlock."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

import pytest

from db.session import Session, digest
from graph.context import Services
from rules.errors import Conflict, NotAllowed, RateLimited, RegistryError, Unauthenticated
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.staff import StaffStep
from rules.verification import Channel
from tests.support.authority_stage import PASSWORD
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import change_colleague
from tests.support.rounds import ROUNDS, TASKS
from tests.support.signing_in import name_of
from tests.support.world import Cast, Person, World
from workflow import contact
from workflow import session as workflow
from workflow.contact_reset import AccountResetContacts
from workflow.password_change import PasswordChange, change_password
from workflow.step import take


async def another(world: World, person: Person) -> Session:
    """One more session of somebody."""
    token, expires = secrets.token_urlsafe(32), datetime.now(SHANGHAI) + timedelta(hours=1)
    await world.insert("session", token_hash=digest(token), account_id=person.account_id, expires_at=expires)
    return Session(digest(token), person.actor, expires)


async def at_once(*steps: Awaitable[Any]) -> list[Any]:
    """How each ends; whatever is no refusal of ours fails the test."""
    answers = await asyncio.gather(*steps, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, RegistryError):
            raise answer
    return answers


async def test_who_signs_out_many_times_at_once_is_signed_out_once(
    services: Services, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        session = await another(world, cast.operator)
        answers = await at_once(*(workflow.sign_out(services.db, session) for _ in range(TASKS)))
        assert answers.count(None) == 1
        assert {type(one) for one in answers if one is not None} == {Unauthenticated}


async def test_of_two_sessions_that_change_the_password_at_once_one_goes_on(
    services: Services, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        nurse = await world.person(Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE)
        await name_of(world, nurse)
        sessions = [nurse.session, await another(world, nurse)]
        orders = [(one, PasswordChange(PASSWORD, f"Another-horse-{n}")) for n, one in enumerate(sessions)]
        changes = (change_password(services.db, services.passwords, *order) for order in orders)
        answers = await at_once(*changes)
        assert answers.count(None) == 1
        assert {type(one) for one in answers if one is not None} <= {Unauthenticated, Conflict, NotAllowed}
        count = "select count(*) from session where account_id = $1 and revoked_at is null"
        assert await world.owner.fetchval(count, nurse.account_id) == 1


async def test_a_colleague_is_disabled_while_she_asks_for_codes(services: Services, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        one = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
        await reach(world, one.account_id, Channel.SMS, new_phone(), verified=False)
        sessions = [one.session, *[await another(world, one) for _ in range(3)]]
        answers = await at_once(
            *(contact.send_code(services.db, session, Channel.SMS) for session in sessions),
            change_colleague(services, cast.manager, StaffStep.DISABLE, one.account_id),
        )
        assert answers[-1] == one.account_id
        refusals = {type(answer) for answer in answers[:-1] if isinstance(answer, RegistryError)}
        assert refusals <= {Unauthenticated, RateLimited}
        assert (await world.row("account", one.account_id))["state"] == "DISABLED"


async def test_contacts_are_reset_while_she_changes_them(services: Services, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        nurse = await world.person(Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE)
        await reach(world, nurse.account_id, Channel.SMS, new_phone(), verified=True)
        sessions = [nurse.session, *[await another(world, nurse) for _ in range(3)]]
        answers = await at_once(
            *(contact.change(services.db, session, Channel.SMS, new_phone()) for session in sessions),
            take(services.db, cast.manager.session, AccountResetContacts(nurse.account_id, True)),
        )
        assert answers[-1] == nurse.account_id
        assert (await world.row("account", nurse.account_id))["contact_verified"] is False


@pytest.mark.parametrize("step", [StaffStep.DISABLE, StaffStep.SET_ROLES])
async def test_two_managers_change_each_other(services: Services, world: World, cast: Cast, step: StaffStep) -> None:
    for _ in range(ROUNDS):
        one, other = [await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER) for _ in range(2)]
        orders = ((one, other), (other, one))
        changes = (change_colleague(services, who, step, whom.account_id, Role.OPERATOR) for who, whom in orders)
        answers = await at_once(*changes)
        assert {one.account_id, other.account_id} & set(answers)
