"""Who works at a place, read from above: an authority sees the people of the institutions that it has licensed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.errors import Invalid, NotAllowed, NotFound
from rules.identity import DocumentType
from rules.people import Party, Role
from rules.staff import StaffStep
from rules.verification import Channel
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import change_colleague, sent_to, why
from tests.support.live import Live
from tests.support.people import resident
from tests.support.staff import code_sent, credentials, invitation, invite, sign_in
from tests.support.world import Cast, Person, World
from workflow import first_sign_in
from workflow.contact_reset import AccountResetContacts
from workflow.step import take

STAFF = """query($within: ID, $first: Int, $after: String) { staff(within: $within, first: $first, after: $after) {
  totalCount pageInfo { endCursor hasNextPage } nodes { id displayName roles state phoneMasked } } }"""


async def found(live: Live, person: Person, noun: str | None = None, key: UUID | None = None) -> list[str]:
    """The accounts that somebody finds."""
    within = noun and key and global_id(noun, key)
    page = (await live.as_(person).ask(STAFF, within=within))["staff"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["id"] for node in page["nodes"]]


def ids(*people: Person) -> set[str]:
    """Accounts as clients name them."""
    return {global_id("Account", one.account_id) for one in people}


async def officer(world: World, at: UUID, *roles: Role) -> Person:
    """An officer of an authority."""
    return await world.person(Party.AUTHORITY, at, *roles)


@pytest.mark.feature("I1")
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN])
async def test_an_authority_finds_the_people_of_an_institution_that_it_has_licensed(
    live: Live, world: World, cast: Cast, role: Role
) -> None:
    phone = new_phone()
    await reach(world, cast.manager.account_id, Channel.SMS, phone, verified=True)
    for at in (cast.district, cast.nation):
        here = live.as_(await officer(world, at, role))
        page = (await here.ask(STAFF, within=global_id("Institution", cast.hospital)))["staff"]
        assert {node["id"] for node in page["nodes"]} == ids(cast.operator, cast.manager, cast.viewer)
        (manager,) = (node for node in page["nodes"] if node["roles"] == ["MANAGER"])
        assert (manager["state"], manager["phoneMasked"]) == ("ACTIVE", f"{phone[:3]}****{phone[-4:]}")


@pytest.mark.feature("I1")
async def test_nobody_else_finds_them(live: Live, world: World, cast: Cast) -> None:
    beside = await world.authority(cast.nation)
    others = [
        await officer(world, cast.district, Role.DECIDER),
        await officer(world, beside, Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN),
        (await world.cast()).manager,
    ]
    for person in others:
        assert await found(live, person, "Institution", cast.hospital) == []
        asked = {"id": global_id("Account", cast.manager.account_id)}
        assert await live.as_(person).ask("query($id: ID!) { node(id: $id) { id } }", **asked) == {"node": None}
    for person in (cast.nurse, await world.person(Party.HELP_DESK, None, Role.HELP_DESK)):
        within = global_id("Institution", cast.hospital)
        assert await live.as_(person).refused(STAFF, within=within) == ["NOT_ALLOWED"]


@pytest.mark.feature("I1")
async def test_ones_own_list_holds_no_people_of_institutions(live: Live, world: World, cast: Cast) -> None:
    supervisor = await officer(world, cast.district, Role.SUPERVISOR)
    own = ids(cast.reviewer, cast.decider, supervisor)
    assert set(await found(live, supervisor)) == own
    above = await officer(world, cast.nation, Role.PROVINCIAL_ADMIN)
    assert set(await found(live, above, "Authority", cast.district)) == own
    assert set(await found(live, above)) >= own | ids(above)
    assert set(await found(live, cast.manager, "Institution", cast.hospital)) == ids(
        cast.operator, cast.manager, cast.viewer
    )


async def test_the_people_of_a_place_are_paged(live: Live, world: World, cast: Cast) -> None:
    client, seen, after = live.as_(cast.reviewer), [], None
    for _ in range(3):
        given: dict[str, Any] = {"within": global_id("Institution", cast.hospital), "first": 1, "after": after}
        page = (await client.ask(STAFF, **given))["staff"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (set(seen), page["pageInfo"]["hasNextPage"]) == (ids(cast.operator, cast.manager, cast.viewer), False)


@pytest.mark.feature("I1")
async def test_the_level_above_resets_the_contacts_of_an_officer_whom_nobody_beside_her_can_vouch_for(
    services: Services, world: World, cast: Cast
) -> None:
    alone = await officer(world, await world.authority(cast.district), Role.SUPERVISOR)
    phone = new_phone()
    await reach(world, alone.account_id, Channel.SMS, phone, verified=True)
    before = await world.row("account", alone.account_id)
    for who, refusal in (
        (await officer(world, cast.district, Role.REVIEWER), NotAllowed),
        (await officer(world, await world.authority(cast.nation), Role.SUPERVISOR), NotFound),
        (cast.manager, NotFound),
        (alone, NotAllowed),
    ):
        with pytest.raises(refusal):
            await take(services.db, who.session, AccountResetContacts(alone.account_id, True))
    helper = await officer(world, cast.district, Role.SUPERVISOR)
    with pytest.raises(Invalid):
        await take(services.db, helper.session, AccountResetContacts(alone.account_id, False))
    assert await world.row("account", alone.account_id) == before
    await take(services.db, helper.session, AccountResetContacts(alone.account_id, True))
    assert (await world.row("account", alone.account_id))["phone_verified_at"] is None
    assert [template for template, _ in await sent_to(services.db, phone)] == ["CONTACT_CHANGED"]


@pytest.mark.feature("I1")
async def test_the_contacts_of_a_manager_are_reset_by_her_authority_and_by_the_level_above(
    services: Services, world: World, cast: Cast
) -> None:
    reset = AccountResetContacts(cast.manager.account_id, True)
    with pytest.raises(NotAllowed):
        await take(services.db, cast.decider.session, reset)
    for who in (
        cast.reviewer,
        await officer(world, cast.district, Role.SUPERVISOR),
        await officer(world, cast.nation, Role.PROVINCIAL_ADMIN),
    ):
        assert await take(services.db, who.session, reset) == cast.manager.account_id


@pytest.mark.feature("I1")
async def test_who_has_lost_phone_and_password_comes_back_by_a_new_invitation(
    services: Services, world: World, cast: Cast
) -> None:
    order = invitation(Role.OPERATOR, document_type=DocumentType.RESIDENT_ID, id_number=resident())
    key = await invite(services, cast.manager, order)
    given = await credentials(services, order.phone)
    await first_sign_in.send_code(services.db, services.passwords, given)
    await sign_in(services, given, await code_sent(services, order.phone))
    phone, again = new_phone(), (services, cast.manager, StaffStep.INVITE_AGAIN, key)
    with pytest.raises(NotAllowed) as refusal:
        await change_colleague(*again, phone=phone)
    assert why(refusal.value) == "ACCOUNT_ACTIVE"
    await change_colleague(services, cast.manager, StaffStep.DISABLE, key)
    await change_colleague(*again, phone=phone)
    row = await world.row("account", key)
    assert (row["state"], row["must_set_password"], row["contact_verified"]) == ("INVITED", True, False)
    assert row["phone_verified_at"] is None
    await world.owner.execute(
        "update code set created_at = created_at - interval '1 minute' where account_id = $1", key
    )
    fresh = await credentials(services, phone)
    await first_sign_in.send_code(services.db, services.passwords, fresh)
    await sign_in(services, fresh, await code_sent(services, phone), "another-horse-8")
    assert (await world.row("account", key))["state"] == "ACTIVE"
