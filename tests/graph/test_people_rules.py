"""Rules that hold at every door of accounts: retries, long passwords for staff, and whose door it is."""

from __future__ import annotations

from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.account_safety import NEW_PASSWORD, PASSWORD_CHANGE, tell
from tests.support.authority_stage import PASSWORD
from tests.support.contacts import account, letters, new_phone, reach
from tests.support.live import Live
from tests.support.recovery import FINISH, REQUEST, STARTED, appeal, given_number, start
from tests.support.signing_in import name_of
from tests.support.world import Cast, Person, World

KEY = "once-and-again"
SHORT = "Lantern-58"
ACTIVATING = (
    'activationSubmitCertificate(input: {certificateNumber: "201411000003"})',
    'activationSubmitExamCertificate(input: {examCertificateNumber: "201411000003"})',
    'activationActivate(input: {code: "ABCDEFGHJK"})',
    "accountVerifyIdentity(input: {})",
    "accountDeclareMilitarySource(input: {})",
    'accountCorrectIdentity(input: {name: "王丽", idNumber: "110199199105120249"})',
)
REQUESTS = "{ keyFactRequests { nodes { id } pageInfo { hasNextPage } } }"


async def test_a_password_is_changed_once_however_often_it_is_asked_for(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone, client = new_phone(), live.as_(cast.nurse)
    await name_of(world, cast.nurse)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    asked = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD, "idempotencyKey": KEY}
    for _ in range(2):
        done = await tell(client, PASSWORD_CHANGE, **asked)
        assert done["__typename"] == "PasswordChangePayload"
    assert [letter.template for letter in await letters(services.db, phone)] == [Template.PASSWORD_CHANGED]
    before = await account(world, cast.nurse.account_id)
    for other in ({"newPassword": "Another-horse-9"}, {"currentPassword": "Wrong-horse-9"}):
        answer = await tell(client, PASSWORD_CHANGE, **{**asked, **other})
        assert (answer["__typename"], answer["code"]) == ("ConflictProblem", "IDEMPOTENCY_KEY_REUSED")
    kept = await world.owner.fetchval("select input_hash from idempotency where key = $1", KEY)
    assert kept is not None
    assert await account(world, cast.nurse.account_id) == before


async def test_a_desk_is_asked_once_with_one_captcha(live: Live, world: World, cast: Cast) -> None:
    number, phone, key = await given_number(world, cast), new_phone(), f"desk-{cast.nurse_id}"
    first = await appeal(live.as_(None), number, phone, idempotencyKey=key)
    assert first == {"__typename": "RecoveryRequestPayload", "received": True}
    count = "select count(*) from desk_request where nurse_id = $1"
    assert await world.owner.fetchval(count, cast.nurse_id) == 1
    given = {"name": "王护士", "idNumber": number, "phone": phone, "evidence": "2016年起在示范医院急诊科工作"}
    used = {"captchaId": global_id("Captcha", cast.nurse_id), "captchaAnswer": "0"}
    assert await tell(live.as_(None), REQUEST, **given, **used, idempotencyKey=key) == first
    assert await world.owner.fetchval(count, cast.nurse_id) == 1
    other = await tell(live.as_(None), REQUEST, **{**given, "phone": new_phone()}, **used, idempotencyKey=key)
    assert (other["__typename"], other["code"]) == ("ConflictProblem", "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("who", ["nurse", "operator", "reviewer"])
async def test_staff_choose_twelve_characters_where_a_nurse_may_choose_eight(
    live: Live, world: World, cast: Cast, who: str
) -> None:
    person: Person = getattr(cast, who)
    await name_of(world, person)
    before = await account(world, person.account_id)
    answer = await tell(live.as_(person), PASSWORD_CHANGE, currentPassword=PASSWORD, newPassword=SHORT)
    if who == "nurse":
        assert answer["__typename"] == "PasswordChangePayload"
        return
    assert answer["fields"] == [{"path": "newPassword", "code": "PASSWORD_LENGTH"}]
    assert await account(world, person.account_id) == before


async def test_a_recovery_gives_staff_no_shorter_password(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone = new_phone()
    await reach(world, cast.operator.account_id, Channel.SMS, phone, verified=True)
    client = live.as_(None)
    assert await start(client, phone) == STARTED
    code = (await letters(services.db, phone))[-1].values["code"]
    before = await account(world, cast.operator.account_id)
    answer = await tell(client, FINISH, name=phone, code=code, newPassword=SHORT)
    assert answer["fields"] == [{"path": "newPassword", "code": "PASSWORD_LENGTH"}]
    assert await account(world, cast.operator.account_id) == before


async def test_the_policy_says_both(live: Live) -> None:
    answer = (await live.as_(None).ask("{ passwordPolicy { minLength staffMinLength } }"))["passwordPolicy"]
    assert answer == {"minLength": 8, "staffMinLength": 12}


@pytest.mark.parametrize("step", ACTIVATING)
@pytest.mark.parametrize("who", ["operator", "reviewer"])
async def test_the_steps_of_an_activation_are_no_door_for_staff(live: Live, cast: Cast, who: str, step: str) -> None:
    client = live.as_(getattr(cast, who))
    (answer,) = (await client.ask(f"mutation {{ {step} {{ __typename ... on Problem {{ code }} }} }}")).values()
    assert answer == {"__typename": "NotAllowedProblem", "code": "NOT_ALLOWED"}


async def test_requests_for_key_facts_are_a_door_for_those_who_make_or_decide_them(
    live: Live, world: World, cast: Cast
) -> None:
    empty: dict[str, Any] = {"keyFactRequests": {"nodes": [], "pageInfo": {"hasNextPage": False}}}
    admin = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)
    for person in (cast.nurse, cast.viewer, admin):
        assert await live.as_(person).ask(REQUESTS) == empty
    help_desk = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    inactive = await world.person(
        Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE, state="INACTIVE"
    )
    for person in (cast.reviewer, cast.decider, help_desk, analyst):
        assert await live.as_(person).refused(REQUESTS) == ["NOT_ALLOWED"]
    # She sees what she asked for herself.
    assert await live.as_(inactive).ask(REQUESTS) == empty
