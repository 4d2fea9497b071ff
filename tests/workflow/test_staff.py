"""Colleagues: invited, disabled, given roles, freed from a lost phone; and the first sign-in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from graph.context import Services
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited, RegistryError, Unauthenticated
from rules.people import Party, Role
from rules.session import FREE_TRIES
from rules.staff import StaffStep
from tests.support.institution_people import (
    audited,
    change_colleague,
    create,
    new_institution,
    new_phone,
    sent_to,
    supervisor,
    why,
)
from tests.support.rounds import ROUNDS
from tests.support.staff import PASSWORD, code_sent, credentials, invitation, invite, sign_in
from tests.support.world import Cast, Person, World
from workflow import first_sign_in, session
from workflow.contact_reset import AccountResetContacts
from workflow.staff import TO_ONE_PHONE
from workflow.step import take


async def live_sessions(world: World, key: UUID) -> int:
    """How many sessions an account has that were not ended."""
    sql = "select count(*) from session where account_id = $1 and revoked_at is null"
    found: int = await world.owner.fetchval(sql, key)
    return found


@pytest.mark.feature("I3")
async def test_the_first_sign_in_opens_the_account_and_the_institution(
    services: Services, world: World, cast: Cast
) -> None:
    order = new_institution()
    key = await create(services, cast.reviewer, order)
    given = await credentials(services, order.responsible_phone)
    masked = await first_sign_in.send_code(services.db, services.passwords, given)
    assert masked == f"139****{order.responsible_phone[-4:]}"
    await sign_in(services, given, await code_sent(services, order.responsible_phone))
    account = await world.row("account", key, "institution_id")
    assert (account["state"], account["must_set_password"], account["contact_verified"]) == ("ACTIVE", False, True)
    assert account["phone_verified_at"] is not None
    assert await services.passwords.verify(account["password_hash"], PASSWORD)
    assert (await world.row("institution", key))["state"] == "ACTIVE"
    assert await live_sessions(world, account["id"]) == 1
    with pytest.raises(NotAllowed) as refusal:
        await first_sign_in.send_code(services.db, services.passwords, replace(given, password=PASSWORD))
    assert why(refusal.value) == "FIRST_SIGN_IN_DONE"
    with pytest.raises(NotAllowed) as refusal:
        await first_sign_in.send_code(services.db, services.passwords, replace(given, password="Wrong-horse-9"))
    assert why(refusal.value) == "WRONG_CREDENTIALS"


@pytest.mark.feature("I3")
async def test_the_right_first_password_at_the_ordinary_sign_in_is_no_failure(services: Services, cast: Cast) -> None:
    """A newcomer who tried there first was told that she had failed several times, and asked for a captcha."""
    order = invitation()
    await invite(services, cast.manager, order)
    given = await credentials(services, order.phone)
    for _ in range(FREE_TRIES + 2):
        with pytest.raises(NotAllowed) as refusal:
            await session.sign_in(services.db, services.passwords, given.user_name, given.password)
        assert why(refusal.value) == "FIRST_SIGN_IN"
    await first_sign_in.send_code(services.db, services.passwords, given)


async def test_a_wrong_code_or_password_opens_nothing(services: Services, world: World, cast: Cast) -> None:
    order = invitation()
    key = await invite(services, cast.manager, order)
    given = await credentials(services, order.phone)
    await first_sign_in.send_code(services.db, services.passwords, given)
    right = await code_sent(services, order.phone)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    with pytest.raises(NotAllowed) as refusal:
        await sign_in(services, given, wrong)
    assert why(refusal.value) == "WRONG_CODE"
    with pytest.raises(NotAllowed) as refusal:
        await sign_in(services, replace(given, password="not-this-one"), right)
    assert why(refusal.value) == "WRONG_CREDENTIALS"
    with pytest.raises(Invalid) as invalid:
        await sign_in(services, given, right, "12345678")
    assert [one.path for one in invalid.value.problems] == ["newPassword"]
    assert (await world.row("account", key))["state"] == "INVITED"
    assert await live_sessions(world, key) == 0
    await sign_in(services, given, right)
    assert (await world.row("account", key))["state"] == "ACTIVE"


async def test_an_invitation_is_good_for_seven_days_and_can_be_sent_again(
    services: Services, world: World, cast: Cast
) -> None:
    order = invitation()
    key = await invite(services, cast.manager, order)
    row = await world.row("account", key)
    assert row["invited_until"] - row["created_at"] == timedelta(days=7)
    await world.owner.execute("update account set invited_until = now() - interval '1 second' where id = $1", key)
    old = await credentials(services, order.phone)
    with pytest.raises(NotAllowed) as refusal:
        await first_sign_in.send_code(services.db, services.passwords, old)
    assert why(refusal.value) == "INVITATION_EXPIRED"
    await change_colleague(services, cast.manager, StaffStep.INVITE_AGAIN, key)
    new = await credentials(services, order.phone)
    assert (new.user_name, new.password != old.password) == (order.user_name, True)
    with pytest.raises(NotAllowed) as refusal:
        await first_sign_in.send_code(services.db, services.passwords, old)
    assert why(refusal.value) == "WRONG_CREDENTIALS"
    await first_sign_in.send_code(services.db, services.passwords, new)


async def test_an_officer_is_invited_where_she_works(services: Services, world: World, cast: Cast) -> None:
    province = await world.authority(cast.nation)
    await world.owner.execute("update authority set level = 'PROVINCE' where id = $1", province)
    city = await world.authority(province)
    admin = await world.person(Party.AUTHORITY, province, Role.PROVINCIAL_ADMIN)
    key = await invite(services, admin, invitation(Role.REVIEWER, Role.DECIDER, authority_id=city))
    row = await world.row("account", key)
    assert (row["party"], row["authority_id"], row["roles"]) == ("AUTHORITY", city, ["DECIDER", "REVIEWER"])
    own = await world.row("account", await invite(services, admin, invitation(Role.PROVINCIAL_ADMIN)))
    assert (own["authority_id"], own["roles"]) == (province, ["PROVINCIAL_ADMIN"])
    with pytest.raises(NotFound):
        await invite(services, admin, invitation(Role.REVIEWER, authority_id=cast.district))
    with pytest.raises(Invalid) as refusal:
        await invite(services, admin, invitation(Role.PROVINCIAL_ADMIN, authority_id=city))
    assert [(one.path, one.code) for one in refusal.value.problems] == [("roles", "ROLES_OF_ANOTHER_PLACE")]


async def test_a_user_name_is_taken_whatever_its_case(services: Services, world: World, cast: Cast) -> None:
    order = invitation()
    await invite(services, cast.manager, order)
    again = invitation(user_name=order.user_name.upper())
    with pytest.raises(Invalid) as refusal:
        await invite(services, cast.manager, again)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("userName", "TAKEN")]
    assert await sent_to(services.db, again.phone) == []


@pytest.mark.parametrize("who", ["nurse", "operator", "viewer", "reviewer", "decider"])
async def test_only_managers_invite(services: Services, cast: Cast, who: str) -> None:
    person: Person = getattr(cast, who)
    role = Role.REVIEWER if person.actor.party is Party.AUTHORITY else Role.OPERATOR
    order = invitation(role)
    with pytest.raises((NotAllowed, NotFound)):
        await invite(services, person, order)
    assert await sent_to(services.db, order.phone) == []


async def test_who_is_disabled_is_out_at_once_and_comes_back_without_her_sessions(
    services: Services, world: World, cast: Cast
) -> None:
    key = cast.operator.account_id
    await change_colleague(services, cast.manager, StaffStep.DISABLE, key)
    assert (await world.row("account", key))["state"] == "DISABLED"
    assert await live_sessions(world, key) == 0
    await change_colleague(services, cast.manager, StaffStep.ENABLE, key)
    assert (await world.row("account", key))["state"] == "ACTIVE"
    assert await live_sessions(world, key) == 0
    await change_colleague(services, cast.manager, StaffStep.SET_ROLES, key, Role.MANAGER, Role.OPERATOR)
    assert (await world.row("account", key))["roles"] == ["MANAGER", "OPERATOR"]
    assert await audited(world, cast.manager) == ["staffDisable", "staffEnable", "staffSetRoles"]


async def refused(services: Services, who: Person, step: StaffStep, key: UUID, *roles: Role) -> RegistryError:
    """How a step is refused."""
    with pytest.raises(RegistryError) as refusal:
        await change_colleague(services, who, step, key, *roles)
    return refusal.value


async def test_nobody_changes_herself_or_a_stranger_or_somebody_higher(
    services: Services, world: World, cast: Cast
) -> None:
    other = await world.cast()
    officer = await supervisor(world, cast)
    admin = await world.person(Party.AUTHORITY, cast.district, Role.PROVINCIAL_ADMIN)
    me = cast.manager.account_id
    for step, roles in ((StaffStep.DISABLE, ()), (StaffStep.SET_ROLES, (Role.VIEWER,))):
        assert why(await refused(services, cast.manager, step, me, *roles)) == "ABOUT_YOURSELF"
        assert isinstance(await refused(services, cast.manager, step, other.operator.account_id, *roles), NotFound)
        assert isinstance(await refused(services, cast.manager, step, cast.nurse.account_id, *roles), NotFound)
        assert isinstance(await refused(services, cast.operator, step, me, *roles), NotAllowed)
    assert why(await refused(services, officer, StaffStep.DISABLE, admin.account_id)) == "PROVINCIAL_ADMIN_ONLY"
    assert isinstance(
        await refused(services, cast.manager, StaffStep.SET_ROLES, cast.operator.account_id, Role.DECIDER), Invalid
    )
    assert why(await refused(services, cast.manager, StaffStep.ENABLE, cast.operator.account_id)) == "ACCOUNT_ACTIVE"
    assert (await world.row("account", me))["state"] == "ACTIVE"
    assert (await world.row("account", cast.operator.account_id))["roles"] == ["OPERATOR"]


async def test_of_managers_who_disable_each_other_at_once_one_stays(
    services: Services, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        hospital = await world.institution(cast.district)
        pair = [await world.person(Party.INSTITUTION, hospital, Role.MANAGER) for _ in range(2)]
        orders = zip(pair, reversed(pair), strict=True)
        tasks = [change_colleague(services, one, StaffStep.DISABLE, other.account_id) for one, other in orders]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(answer) for answer in answers if not isinstance(answer, UUID)] == [Unauthenticated]
        states = [(await world.row("account", one.account_id))["state"] for one in pair]
        assert sorted(states) == ["ACTIVE", "DISABLED"]


async def test_one_phone_gets_no_more_than_five_invitations_a_day(services: Services, world: World, cast: Cast) -> None:
    phone = new_phone()
    for _ in range(TO_ONE_PHONE):
        await invite(services, cast.manager, invitation(phone=phone))
    one_more = invitation(phone=phone)
    with pytest.raises(RateLimited):
        await invite(services, cast.manager, one_more)
    assert len(await sent_to(services.db, phone)) == TO_ONE_PHONE
    sql = "select count(*) from account where user_name = $1"
    assert await world.owner.fetchval(sql, one_more.user_name) == 0


@pytest.mark.parametrize("which", ["nurse", "operator"])
async def test_lost_contacts_are_reset_by_who_can_vouch(
    services: Services, world: World, cast: Cast, which: str
) -> None:
    person: Person = getattr(cast, which)
    phone, sealed = new_phone(), services.db.keyring
    kept = sealed.seal(phone, "phone")
    await world.owner.execute(
        "update account set phone_key_id = $2, phone_sealed = $3, phone_index = $4, phone_masked = '139****0000',"
        " phone_verified_at = now(), contact_verified = true where id = $1",
        *(person.account_id, kept.key_id, kept.ciphertext, sealed.blind_index(phone, "phone")),
    )
    stranger = (await world.cast()).manager
    with pytest.raises(NotFound):
        await take(services.db, stranger.session, AccountResetContacts(person.account_id, True))
    with pytest.raises(Invalid):
        await take(services.db, cast.manager.session, AccountResetContacts(person.account_id, False))
    assert (await world.row("account", person.account_id))["contact_verified"] is True
    await take(services.db, cast.manager.session, AccountResetContacts(person.account_id, True))
    row = await world.row("account", person.account_id)
    assert (row["contact_verified"], row["phone_verified_at"]) == (False, None)
    assert await world.owner.fetchval(
        "select contact_held_until between now() + interval '71 hours' and now() + interval '72 hours'"
        " from account where id = $1",
        person.account_id,
    )
    assert await sent_to(services.db, phone) == [("CONTACT_CHANGED", {"masked": "139****0000"})]
    assert await live_sessions(world, person.account_id) == 0


async def test_a_first_sign_in_twice_at_once_is_one(services: Services, world: World, cast: Cast) -> None:
    order = invitation()
    key = await invite(services, cast.manager, order)
    given = await credentials(services, order.phone)
    await first_sign_in.send_code(services.db, services.passwords, given)
    proof = await code_sent(services, order.phone)
    answers = await asyncio.gather(*(sign_in(services, given, proof) for _ in range(2)), return_exceptions=True)
    losers = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(loser) for loser in losers] in ([NotAllowed], [Conflict])
    assert await live_sessions(world, key) == 1
