"""An institution whose only manager is gone gets another at the desk of its authority (变更机构管理员)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.application import State
from rules.errors import Conflict, Invalid, NotAllowed, RegistryError
from rules.institution import InstitutionDocument
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import ALL_SEEN, create, new_institution, sent_to, why
from tests.support.manager_orders import as_it_is, order, replaced
from tests.support.people import form, known, resident
from tests.support.rounds import ROUNDS
from tests.support.staff import code_sent, credentials, invitation, invite, sign_in
from tests.support.story import Story
from tests.support.world import Cast, World
from workflow import first_sign_in

pytestmark = pytest.mark.feature("I1")


async def manager_of(world: World, institution_id: UUID, name: str = "孙主任") -> Mapping[str, Any]:
    """The account of a new manager."""
    sql = "select * from account where institution_id = $1 and display_name = $2"
    return dict(await world.owner.fetchrow(sql, institution_id, name))


async def bodies(world: World, scope: UUID, type: str = "staff.manager_replaced") -> list[dict[str, Any]]:
    """What a feed has of this type."""
    rows = await world.owner.fetch("select body from event where scope = $1 and type = $2 order by seq", scope, type)
    return [orjson.loads(row["body"]) for row in rows]


async def test_a_new_manager_is_let_in_and_the_old_one_is_out_and_told(
    services: Services, world: World, cast: Cast
) -> None:
    old = new_phone()
    await reach(world, cast.manager.account_id, Channel.SMS, old, verified=True)
    wish = order(cast.hospital, leaving=frozenset({cast.manager.account_id}))
    assert await replaced(services, cast.reviewer, wish) == cast.hospital
    before = await world.row("account", cast.manager.account_id)
    live = "select count(*) from session where account_id = $1 and revoked_at is null"
    assert (before["state"], await world.owner.fetchval(live, cast.manager.account_id)) == ("DISABLED", 0)
    new = await manager_of(world, cast.hospital)
    assert (new["state"], new["roles"], new["must_set_password"]) == ("INVITED", ["MANAGER"], True)
    given = await credentials(services, wish.responsible_phone)
    await first_sign_in.send_code(services.db, services.passwords, given)
    await sign_in(services, given, await code_sent(services, wish.responsible_phone))
    assert (await manager_of(world, cast.hospital))["state"] == "ACTIVE"
    place = await world.row("institution", cast.hospital)
    district = await world.row("authority", cast.district)
    assert place["responsible_name"] == "孙主任"
    words = {"institution": place["name"], "authority": district["name"]}
    assert await sent_to(services.db, old) == [("MANAGER_REPLACED", words)]
    body = {"institution": str(cast.hospital), "placeName": place["name"], "account": str(new["id"]), "missing": []}
    assert await bodies(world, cast.hospital) == [{**body, "by": "AUTHORITY"}] == await bodies(world, cast.district)
    trail = await world.owner.fetchrow(
        "select * from audit where account_id = $1 order by id desc limit 1", cast.reviewer.account_id
    )
    assert trail["action"] == "institutionReplaceManager"
    assert orjson.loads(trail["detail"]) == {
        "institution": str(cast.hospital),
        "account": str(new["id"]),
        "reason": "负责人变更",
        "documents": " ".join(sorted(ALL_SEEN)),
        "leaving": str(cast.manager.account_id),
    }
    seen = "select document, seen_by from institution_document where institution_id = $1"
    papers = {row["document"]: row["seen_by"] for row in await world.owner.fetch(seen, cast.hospital)}
    assert papers == dict.fromkeys(ALL_SEEN, cast.reviewer.account_id)


async def test_a_manager_who_does_not_leave_keeps_her_account_and_is_told(
    services: Services, world: World, cast: Cast
) -> None:
    phone = new_phone()
    await reach(world, cast.manager.account_id, Channel.SMS, phone, verified=True)
    before = await world.row("account", cast.manager.account_id)
    await replaced(services, cast.reviewer, order(cast.hospital))
    assert await world.row("account", cast.manager.account_id) == before
    assert [template for template, _ in await sent_to(services.db, phone)] == ["MANAGER_REPLACED"]


async def test_an_operator_who_becomes_manager_comes_in_by_her_new_password_alone(
    services: Services, world: World, cast: Cast
) -> None:
    number = resident()
    hers = await invite(services, cast.manager, invitation(Role.OPERATOR, id_number=number))
    await world.owner.execute("update account set state = 'ACTIVE', must_set_password = false where id = $1", hers)
    wish = order(cast.hospital, responsible_id_number=number, leaving=frozenset({cast.manager.account_id}))
    await replaced(services, cast.reviewer, wish)
    row = await world.row("account", hers)
    assert (row["state"], row["roles"], row["display_name"]) == ("INVITED", ["MANAGER", "OPERATOR"], "孙主任")
    assert (await credentials(services, wish.responsible_phone)).user_name == row["user_name"]


async def test_an_institution_whose_first_password_went_to_a_wrong_phone_gets_another(
    services: Services, world: World, cast: Cast
) -> None:
    made = new_institution()
    key = await create(services, cast.reviewer, made)
    wish = order(key, responsible_id_number=made.responsible_id_number, responsible_name=made.responsible_name)
    await replaced(services, cast.reviewer, wish)
    old = await credentials(services, made.responsible_phone)
    with pytest.raises(NotAllowed) as refusal:
        await first_sign_in.send_code(services.db, services.passwords, old)
    assert why(refusal.value) == "WRONG_CREDENTIALS"
    given = await credentials(services, wish.responsible_phone)
    await first_sign_in.send_code(services.db, services.passwords, given)
    await sign_in(services, given, await code_sent(services, wish.responsible_phone))
    assert (await world.row("institution", key))["state"] == "ACTIVE"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN])
async def test_an_officer_of_the_licensing_authority_does_it(
    services: Services, world: World, cast: Cast, role: Role
) -> None:
    officer = await world.person(Party.AUTHORITY, cast.district, role)
    assert await replaced(services, officer, order(cast.hospital)) == cast.hospital


async def test_a_provincial_admin_above_does_it_and_nobody_else(services: Services, world: World, cast: Cast) -> None:
    before = await as_it_is(world, cast.hospital)
    above, beside = cast.nation, await world.authority(cast.nation)
    for officer in (
        cast.decider,
        cast.manager,
        cast.nurse,
        await world.person(Party.AUTHORITY, above, Role.SUPERVISOR),
        await world.person(Party.AUTHORITY, beside, Role.REVIEWER, Role.PROVINCIAL_ADMIN),
    ):
        with pytest.raises(NotAllowed):
            await replaced(services, officer, order(cast.hospital))
    assert await as_it_is(world, cast.hospital) == before
    admin = await world.person(Party.AUTHORITY, above, Role.PROVINCIAL_ADMIN)
    assert await replaced(services, admin, order(cast.hospital)) == cast.hospital


async def test_nobody_makes_herself_the_manager(services: Services, world: World, cast: Cast) -> None:
    number = resident()
    admin = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)
    hers = await invite(services, admin, invitation(Role.REVIEWER, authority_id=cast.nation, id_number=number))
    await world.owner.execute(
        "update account a set document_type = b.document_type, id_number_key_id = b.id_number_key_id,"
        " id_number_sealed = b.id_number_sealed, id_number_index = b.id_number_index from account b"
        " where a.id = $1 and b.id = $2",
        *(cast.reviewer.account_id, hers),
    )
    before = await as_it_is(world, cast.hospital)
    with pytest.raises(NotAllowed) as refusal:
        await replaced(services, cast.reviewer, order(cast.hospital, responsible_id_number=number))
    assert why(refusal.value) == "ABOUT_YOURSELF"
    assert await as_it_is(world, cast.hospital) == before


async def test_only_managers_leave_and_not_the_new_one(services: Services, world: World, cast: Cast) -> None:
    stranger = (await world.cast()).manager
    number = resident()
    made = order(cast.hospital, responsible_id_number=number)
    await replaced(services, cast.reviewer, made)
    new = (await manager_of(world, cast.hospital))["id"]
    before = await as_it_is(world, cast.hospital)
    for key in (cast.operator.account_id, stranger.account_id, cast.reviewer.account_id, new):
        wish = order(cast.hospital, responsible_id_number=number, leaving=frozenset({key}))
        with pytest.raises(Invalid) as refusal:
            await replaced(services, cast.reviewer, wish)
        assert [(one.path, one.code) for one in refusal.value.problems] == [("leaving", "NO_MANAGER")]
    assert await as_it_is(world, cast.hospital) == before


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"documents_seen": ALL_SEEN - {InstitutionDocument.AUTHORIZATION}}, "documentsSeen"),
        ({"responsible_name": " "}, "responsibleName"),
        ({"responsible_phone": "010-1234"}, "responsiblePhone"),
        ({"responsible_id_number": "110101199003070021"}, "responsibleIdNumber"),
    ],
)
async def test_bad_papers_change_nothing(
    services: Services, world: World, cast: Cast, changes: dict[str, Any], path: str
) -> None:
    before = await as_it_is(world, cast.hospital)
    with pytest.raises(Invalid) as refusal:
        await replaced(services, cast.reviewer, order(cast.hospital, **changes))
    assert [one.path for one in refusal.value.problems] == [path]
    assert await as_it_is(world, cast.hospital) == before


async def test_two_faults_are_told_at_once_and_a_name_that_is_not_the_documents(
    services: Services, world: World, cast: Cast
) -> None:
    given = form(name="周敏")
    await known(world, cast, given)
    before = await as_it_is(world, cast.hospital)
    wish = order(cast.hospital, responsible_id_number=given.id_number, responsible_phone="010-1234")
    with pytest.raises(Invalid) as refusal:
        await replaced(services, cast.reviewer, wish)
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("responsiblePhone", "PHONE_FORMAT"),
        ("responsibleName", "NAME_NOT_OF_DOCUMENT"),
    ]
    assert await as_it_is(world, cast.hospital) == before
    made = new_institution(responsible_id_number=given.id_number, responsible_phone="010-1234")
    with pytest.raises(Invalid) as refusal:
        await create(services, cast.reviewer, made)
    assert [one.code for one in refusal.value.problems] == ["PHONE_FORMAT", "NAME_NOT_OF_DOCUMENT"]
    await replaced(
        services, cast.reviewer, order(cast.hospital, responsible_id_number=given.id_number, responsible_name="周 敏")
    )


async def test_a_closed_institution_gets_no_manager(services: Services, world: World, cast: Cast) -> None:
    closed = await world.institution(cast.district, state="CLOSED")
    with pytest.raises(NotAllowed) as refusal:
        await replaced(services, cast.reviewer, order(closed))
    assert why(refusal.value) == "INSTITUTION_CLOSED"


async def test_what_the_old_manager_works_on_goes_back_to_the_others(services: Services, story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    cast = story.cast
    await story.world.owner.execute(
        "update application set holder_id = $2, held_until = now() + interval '20 minutes' where id = $1",
        *(story.id, cast.manager.account_id),
    )
    await replaced(services, cast.reviewer, order(cast.hospital, leaving=frozenset({cast.manager.account_id})))
    row = await story.row()
    assert (row["holder_id"], row["held_until"]) == (None, None)
    assert [one["by"] for one in await bodies(story.world, cast.hospital, "application.put_back")] == ["AUTHORITY"]
    assert await bodies(story.world, cast.district, "application.put_back") == []


async def test_the_same_request_sent_again_is_answered_and_not_done_twice(
    services: Services, world: World, cast: Cast
) -> None:
    wish = order(cast.hospital, idempotency_key="manager-0001")
    assert await replaced(services, cast.reviewer, wish) == await replaced(services, cast.reviewer, wish)
    assert [template for template, _ in await sent_to(services.db, wish.responsible_phone)] == ["INITIAL_CREDENTIALS"]
    with pytest.raises(Conflict):
        await replaced(services, cast.reviewer, replace(wish, reason="另一事由"))


async def test_two_officers_at_once_leave_one_account_for_one_person(
    services: Services, world: World, cast: Cast
) -> None:
    second = await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR)
    for _ in range(ROUNDS):
        hospital, number = await world.institution(cast.district), resident()
        wishes = [order(hospital, responsible_id_number=number) for _ in range(2)]
        both = zip((cast.reviewer, second), wishes, strict=True)
        answers = await asyncio.gather(*(replaced(services, *one) for one in both), return_exceptions=True)
        assert [one for one in answers if isinstance(one, BaseException) and not isinstance(one, RegistryError)] == []
        count = "select count(*) from account where institution_id = $1"
        assert await world.owner.fetchval(count, hospital) == 1
