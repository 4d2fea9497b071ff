"""What a nurse may file before her account is active: the change of one who gets no code, and the military's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id, key_of
from papers import paper
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.activation import id_number
from tests.support.application_desk import Desk
from tests.support.kinds import Move, move
from tests.support.live import Live
from tests.support.newcomer import Newcomer
from tests.support.pdf import Pdf
from tests.support.world import TODAY, Person, World

OWN = """query($id: ID!) { viewer { active } application(id: $id) {
  state availableSteps form { __typename } nurse { name } revisions { revision } } }"""


async def person_of(newcomer: Newcomer) -> Person:
    """Her account as the other pages of the tests know it."""
    sql = "select id from account where phone_index = $1"
    key = await newcomer.world.owner.fetchval(sql, newcomer.world.keyring.blind_index(newcomer.phone, "phone"))
    nobody: Any = None
    assert newcomer.client.token is not None
    return Person(key, newcomer.client.token, nobody)


@pytest.mark.feature("N6", "N17", "I7")
async def test_from_the_military_to_an_active_account(live: Live, world: World) -> None:
    number = id_number()
    nurse = await Newcomer.registered(live, world, "赵军护", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    where = await move(world, Kind.MILITARY_TRANSFER, TODAY)
    desk = Desk(live, Kind.MILITARY_TRANSFER, with_nurse(where, await person_of(nurse)))
    # Not before her phone is proved.
    assert (await desk.begins())["code"] == "ACCOUNT_INACTIVE"
    await nurse.confirms_her_phone()
    begun = await desk.begins()
    assert (begun["__typename"], begun["application"]["availableSteps"]) == (
        "ApplicationCreateDraftPayload",
        ["SUBMIT", "WITHDRAW"],
    )
    await desk.reaches_the_decision()
    answer = await nurse.client.ask(OWN, id=desk.application["id"])
    assert answer["viewer"] == {"active": False}
    assert answer["application"] == {
        "state": "ACCEPTED",
        "availableSteps": ["WITHDRAW"],
        "form": {"__typename": "MilitaryTransferForm"},
        "nurse": None,
        "revisions": [{"revision": 1}],
    }
    cast = where.target
    done = await desk.takes(cast.decider, "applicationApprove")
    assert done["application"]["state"] == "APPROVED", done
    assert await nurse.stands() == ("REGISTERED", ["ACTIVATE", "FILE_CHANGE"])
    kinds = [one["type"] for one in await desk.heard(cast.operator)]
    assert kinds[-2:] == ["ACCOUNT_AWAITING_CODE", "REGISTRATION_MOVED_IN"]
    entry = await world.owner.fetchrow(
        "select r.*, n.name from registration r join nurse n on n.id = nurse_id join account a on a.nurse_id = n.id"
        " where a.id = $1",
        desk.move.nurse.account_id,
    )
    assert (entry["status"], entry["name"], entry["institution_id"]) == ("VALID", "赵军护", cast.hospital)
    assert entry["valid_until"] == TODAY + timedelta(days=700)


async def printed(services: Services, who: Person, application: str) -> str:
    """Her official form, as she prints it."""
    session = await services.sessions.find(who.session.token_hash)
    assert session is not None
    return Pdf(await paper.application_form(services.db, session.actor, key_of("Application", application))).text


LIST = "{ viewer { active nurse { name } applications(first: 5) { id state kind availableSteps nurseName } } }"


@pytest.mark.feature("N19", "N17")
async def test_she_finds_what_she_filed_again_after_a_reload_and_answers_a_return(
    live: Live, services: Services, world: World
) -> None:
    """F9: 沈雪 came from the military; after a reload the id was gone, and a returned application with it."""
    number = id_number()
    nurse = await Newcomer.registered(live, world, "沈雪", number)
    assert (await nurse.client.ask(LIST))["viewer"] == {"active": False, "nurse": None, "applications": []}
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    where = with_nurse(await move(world, Kind.MILITARY_TRANSFER, TODAY), await person_of(nurse))
    desk = Desk(live, Kind.MILITARY_TRANSFER, where)
    await desk.begins()
    services.sessions.forget(where.cast.nurse.session.token_hash)
    (mine,) = (await nurse.client.ask(LIST))["viewer"]["applications"]
    own = {"id": desk.application["id"], "kind": "MILITARY_TRANSFER", "nurseName": "沈雪"}
    assert mine == {**own, "state": "DRAFT", "availableSteps": ["SUBMIT", "WITHDRAW"]}
    await desk.takes(where.cast.nurse, "applicationSubmit")
    marked = {"reasons": ["DEPARTMENT_WRONG"], "markedFields": ["department"]}
    assert "application" in await desk.takes(where.target.operator, "applicationReturn", **marked)
    (mine,) = (await nurse.client.ask(LIST))["viewer"]["applications"]
    assert (mine["state"], "RESUBMIT" in mine["availableSteps"]) == ("RETURNED", True)
    page = await printed(services, where.cast.nurse, desk.application["id"])
    for text in (number, "内地居民身份证", "女"):
        assert text in page


def with_nurse(where: Move, nurse: Person) -> Move:
    """The same places for somebody else."""
    where.cast.nurse = where.target.nurse = nurse
    return where


@pytest.fixture
async def stranded(world: World) -> tuple[Move, Person]:
    """A nurse who proved her certificate's number, and whose hospital gives her no code."""
    where = await move(world, Kind.CHANGE, TODAY)
    nurse_id = await world.nurse(where.cast.hospital, where.cast.district)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    sql = "update account set identity_outcome = 'REGISTERED', identity_verified = true, contact_verified = true"
    await world.owner.execute(f"{sql}, certificate_verified = true where id = $1", nurse.account_id)
    where.cast.nurse_id = where.target.nurse_id = nurse_id
    return with_nurse(where, nurse), nurse


@pytest.mark.feature("N10", "N16")
async def test_who_moved_changes_first_and_gets_her_code_from_the_new_hospital(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    desk = Desk(live, Kind.CHANGE, where)
    assert (await desk.begins())["__typename"] == "ApplicationCreateDraftPayload"
    await desk.reaches_the_decision()
    await desk.takes(where.target.decider, "applicationApprove")
    assert (await desk.heard(where.target.operator))[-2:] == [
        {"__typename": "AccountAwaitingCode", "type": "ACCOUNT_AWAITING_CODE"},
        {
            "__typename": "RegistrationMovedIn",
            "type": "REGISTRATION_MOVED_IN",
            "nurseName": "王护士",
            "nurse": {"name": "王护士"},
        },
    ]
    issued = """mutation($id: ID!) { activationIssueCode(input: {accountId: $id}) {
      __typename } }"""
    key = global_id("Account", nurse.account_id)
    answer = (await live.as_(where.target.operator).ask(issued, id=key))["activationIssueCode"]
    assert answer["__typename"] == "ActivationIssueCodePayload"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CHANGE])
async def test_she_files_nothing_else(live: Live, stranded: tuple[Move, Person], kind: Kind) -> None:
    where, _ = stranded
    refused = await Desk(live, kind, where).begins()
    assert (refused["code"], refused["message"]) == ("ACCOUNT_INACTIVE", "请先激活账户")


async def test_without_her_certificates_number_she_files_nothing_at_all(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    await world.owner.execute("update account set certificate_verified = false where id = $1", nurse.account_id)
    assert (await Desk(live, Kind.CHANGE, where).begins())["code"] == "ACCOUNT_INACTIVE"


async def test_she_sees_nothing_that_was_filed_before_this_account(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    desk = Desk(live, Kind.CHANGE, where)
    await desk.begins()
    await desk.takes(nurse, "applicationSubmit")
    other = await world.person(Party.NURSE, await world.nurse(None, where.cast.district), Role.NURSE)
    for table, column in (("application_revision", "account_id"), ("application", "moved_by")):
        await world.owner.execute(
            f"update {table} set {column} = $1 where {column} = $2", other.account_id, nurse.account_id
        )
    assert (await live.as_(nurse).ask(OWN, id=desk.application["id"]))["application"] is None


async def test_of_two_first_drafts_at_once_one_makes_her_record(live: Live, world: World) -> None:
    nurse = await Newcomer.registered(live, world, "钱军护", id_number())
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    where = with_nurse(await move(world, Kind.MILITARY_TRANSFER, TODAY), await person_of(nurse))
    desks = [Desk(live, Kind.MILITARY_TRANSFER, where) for _ in range(4)]
    answers = await asyncio.gather(*(desk.begins() for desk in desks))
    names = sorted(answer["__typename"] for answer in answers)
    assert names == ["ApplicationCreateDraftPayload", *["ConflictProblem"] * 3]
    assert await world.owner.fetchval("select count(*) from nurse where name = '钱军护'") == 1
