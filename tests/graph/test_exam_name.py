"""A name of the exam library that no machine can read: the nurse is told, the province settles it, and she goes on."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.account import AccountForm
from rules.look_up import BY_ONE
from rules.matching import MESSAGES
from rules.message import Template
from rules.people import Party, Role
from rules.verification import IdentityOutcome
from tests.support.contacts import last_code
from tests.support.institution_people import audited, sent_to
from tests.support.key_facts import Place, place
from tests.support.live import Client, Live
from tests.support.mutation_by_name import do
from tests.support.people import form, known, passed, register, resident
from tests.support.world import Person, World

__all__ = ["place"]
pytestmark = pytest.mark.feature("N5", "N9b")
EVIDENCE = "居民身份证原件、考试成绩合格证明"
WHERE = "{ viewer { activation { outcome nextSteps message } } }"
CERTIFICATE = """mutation ($input: ActivationSubmitExamCertificateInput!) {
  done: activationSubmitExamCertificate(input: $input) { ... on ActivationPayload { viewer { active nurse { name } } } } }"""
SETTLED = {"outcome": "考试库姓名已核定，请登录后继续"}


async def waiting(live: Live, services: Services, world: World, recorded: str) -> tuple[Client, AccountForm, str]:
    """王娑, whose name the exam library has in another spelling; registered, and compared."""
    given = form(name="王娑")
    certificate = await passed(world, given, name=recorded)
    client = live.as_(None)
    await register(services.db, world, given)
    signed = await do(client, "signIn", "token", userName=given.user_name, password=given.password)
    client.token = signed["token"]
    await do(client, "accountVerifyIdentity", "viewer { active }")
    return client, given, certificate


async def settle(client: Client, given: AccountForm, **changes: Any) -> Any:
    """What nurseSettleExamName answers."""
    fields = {"name": "王娑", "idNumber": given.id_number, "evidence": EVIDENCE, **changes}
    return await do(client, "nurseSettleExamName", "name idNumberMasked", **fields)


async def records(world: World, services: Services, given: AccountForm) -> list[dict[str, Any]]:
    """What the exam library has of her."""
    index = services.db.keyring.blind_index(given.id_number, "id_number")
    return [dict(one) for one in await world.owner.fetch("select * from exam_record where id_number_index = $1", index)]


async def account(world: World, given: AccountForm) -> dict[str, Any]:
    """Her account."""
    return await world.row("account", given.user_name, "user_name")


@pytest.mark.parametrize("recorded", ["王(suo)", "王\ue863", "王（三点水加少女）"])
async def test_a_nurse_whose_name_the_library_cannot_spell_is_settled_by_the_province_and_active(
    live: Live, services: Services, world: World, place: Place, recorded: str
) -> None:
    client, given, certificate = await waiting(live, services, world, recorded)
    stands = (await client.ask(WHERE))["viewer"]["activation"]
    words = MESSAGES[IdentityOutcome.NAME_UNDECIDED].zh
    steps = ["CORRECT_IDENTITY", "VERIFY_IDENTITY"]
    assert stands == {"outcome": "NAME_UNDECIDED", "nextSteps": steps, "message": words}

    done = await settle(live.as_(place.admin), given, idempotencyKey="settle-the-name")
    assert (done["__typename"], done["name"]) == ("NurseSettleExamNamePayload", "王娑")
    again = await settle(live.as_(place.admin), given, idempotencyKey="settle-the-name")
    assert again == done
    (row,) = await records(world, services, given)
    kept = (row["name"], row["recorded_name"], row["name_evidence"], row["name_settled_by"])
    assert kept == ("王娑", recorded, EVIDENCE, place.admin.account_id)
    assert row["name_settled_at"] is not None
    kept = ["identity.looked_up", "nurseSettleExamName", "identity.looked_up"]
    assert await audited(world, place.admin) == kept

    stands = (await client.ask(WHERE))["viewer"]["activation"]
    assert (stands["outcome"], stands["nextSteps"]) == ("EXAM_PASSED", ["CONFIRM_CONTACT"])
    assert await sent_to(services.db, given.phone) == [(Template.IDENTITY_REQUEST_DECIDED, SETTLED)]
    await do(client, "contactSendCode", "sentTo", channel="SMS")
    code = await last_code(services.db, given.phone)
    await do(client, "contactConfirm", "viewer { active }", channel="SMS", code=code)
    active = (await client.ask(CERTIFICATE, input={"examCertificateNumber": certificate}))["done"]
    assert active == {"viewer": {"active": True, "nurse": {"name": "王娑"}}}


async def test_a_name_settled_before_she_registers_is_known_at_once(
    live: Live, services: Services, world: World, place: Place
) -> None:
    given = form(name="王娑")
    await passed(world, given, name="王(suo)")
    assert (await settle(live.as_(place.admin), given))["__typename"] == "NurseSettleExamNamePayload"
    assert await sent_to(services.db, given.phone) == []
    client = live.as_(None)
    await register(services.db, world, given)
    signed = await do(client, "signIn", "token", userName=given.user_name, password=given.password)
    client.token = signed["token"]
    await do(client, "accountVerifyIdentity", "viewer { active }")
    assert (await client.ask(WHERE))["viewer"]["activation"]["outcome"] == "EXAM_PASSED"


async def test_a_number_that_somebody_else_holds_is_not_made_known_by_settling(
    live: Live, services: Services, world: World, place: Place
) -> None:
    """Whoever registers with a number that has an account does not claim it: settling moves the claiming account alone."""
    _, given, _ = await waiting(live, services, world, "王(suo)")
    other = form(name="王娑", id_number=given.id_number)
    await register(services.db, world, other)
    before = await account(world, other)
    assert (await settle(live.as_(place.admin), given))["__typename"] == "NurseSettleExamNamePayload"
    assert (await account(world, given))["identity_verified"] is True
    assert await account(world, other) == before


REFUSED: list[tuple[str, dict[str, Any], Any]] = [
    ("王(suo)", {"name": "李梅"}, [{"path": "name", "code": "OTHER_THAN_RECORDED"}]),
    ("王(suo)", {"name": "王(suo)"}, [{"path": "name", "code": "NAME_CHARACTERS"}]),
    ("王(suo)", {"evidence": " "}, [{"path": "evidence", "code": "FIELD_REQUIRED"}]),
    ("王(suo)", {"idNumber": "1.10199E+17"}, [{"path": "idNumber", "code": "ID_NUMBER_ROUNDED"}]),
]


@pytest.mark.parametrize(("recorded", "changes", "fields"), REFUSED)
async def test_what_is_wrong_is_said_and_nothing_moves(
    live: Live, services: Services, world: World, place: Place, recorded: str, changes: dict[str, Any], fields: Any
) -> None:
    _, given, _ = await waiting(live, services, world, recorded)
    before = (await records(world, services, given), await account(world, given))
    assert await settle(live.as_(place.admin), given, **changes) == {"__typename": "ValidationProblem", "fields": fields,
                                                                     "code": "VALIDATION", "message": ANY}  # fmt: skip
    assert (await records(world, services, given), await account(world, given)) == before
    assert await audited(world, place.admin) == ["identity.looked_up"]


UNDECIDED = """query ($where: UndecidedNameWhere) { undecidedNames(where: $where, first: 100) { totalCount
  nodes { accountId name documentType idNumberMasked province recordedName examYear registeredAt } } }"""


async def test_the_province_lists_the_names_that_wait_for_it_and_one_that_is_settled_waits_no_longer(
    live: Live, services: Services, world: World, place: Place
) -> None:
    _, given, _ = await waiting(live, services, world, "王(suo)")
    await passed(world, given, name="王（三点水加少女）", year=2021)
    hers = await account(world, given)
    client = live.as_(place.admin)

    async def listed(**where: Any) -> list[dict[str, Any]]:
        found = (await client.ask(UNDECIDED, where=where))["undecidedNames"]
        assert found["totalCount"] == len(found["nodes"])
        return [one for one in found["nodes"] if one["accountId"] == global_id("Account", hers["id"])]

    (row,) = await listed()
    assert (row["name"], row["documentType"], row["recordedName"], row["examYear"]) == (
        *("王娑", "RESIDENT_ID", "王（三点水加少女）", 2021),
    )
    assert row["idNumberMasked"] == hers["id_number_masked"]
    assert row["province"] == given.id_number[:2]
    since = hers["created_at"].isoformat()
    for where, count in (
        ({"name": {"eq": "王娑"}}, 1),
        ({"name": {"startsWith": "李"}}, 0),
        ({"province": {"in": [given.id_number[:2]]}}, 1),
        ({"not": {"province": {"eq": given.id_number[:2]}}}, 0),
        ({"registeredAt": {"gte": since}}, 1),
        ({"registeredAt": {"lt": since}}, 0),
    ):
        assert len(await listed(**where)) == count, where
    assert (await settle(client, given))["__typename"] == "NurseSettleExamNamePayload"
    assert await listed() == []


async def test_a_name_that_can_be_read_is_left_as_it_is(
    live: Live, services: Services, world: World, place: Place
) -> None:
    """Another name is no spelling: that is a correction, and a number without an exam is nobody."""
    client, given, _ = await waiting(live, services, world, "李梅")
    before = await records(world, services, given)
    for one in (given, form(name="王娑")):
        assert (await settle(live.as_(place.admin), one))["__typename"] == "NotFoundProblem"
    assert await records(world, services, given) == before
    assert (await client.ask(WHERE))["viewer"]["activation"]["outcome"] == "NAME_MISMATCH"


async def test_nobody_but_a_provincial_admin_settles_names(
    live: Live, services: Services, world: World, place: Place
) -> None:
    client, given, _ = await waiting(live, services, world, "王(suo)")
    before = await records(world, services, given)
    cast = place.cast
    staff: list[Person] = [cast.reviewer, cast.decider, cast.operator, cast.manager, cast.viewer, cast.nurse]
    for who in (*(live.as_(one) for one in staff), client):
        assert (await settle(who, given))["__typename"] == "NotAllowedProblem"
    assert await records(world, services, given) == before


async def test_nobody_settles_her_own_name(live: Live, services: Services, world: World, place: Place) -> None:
    given = form(name="王娑")
    nurse_id: UUID = await known(world, place.cast, given)
    await passed(world, given, name="王(suo)")
    herself = await world.person(Party.AUTHORITY, place.province, Role.PROVINCIAL_ADMIN, self_nurse=nurse_id)
    before = await records(world, services, given)
    answer = await settle(live.as_(herself), given)
    assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", "ABOUT_YOURSELF")
    assert await records(world, services, given) == before


async def test_who_guesses_numbers_by_settling_is_stopped(live: Live, place: Place) -> None:
    client = live.as_(place.admin)
    for _ in range(BY_ONE):
        assert (await settle(client, form(id_number=resident())))["__typename"] == "NotFoundProblem"
    assert (await settle(client, form()))["__typename"] == "RateLimitedProblem"
