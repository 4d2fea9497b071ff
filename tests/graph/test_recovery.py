"""Getting back in: by a code to what was proved, or through a desk that knows the person."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from rules.message import Template
from rules.people import Party, Role
from rules.privacy import mask_id_number
from rules.recovery import FREE_TRIES
from rules.verification import Channel
from tests.support.account_safety import DESK_PROBLEM, NEW_PASSWORD, WRONG_CODE, tell
from tests.support.contacts import account, another, captcha, last_code, letters, new_mail, new_phone, reach
from tests.support.live import Client, Live
from tests.support.recovery import FINISH, NAME, START, STARTED, appeal, given_number, start
from tests.support.signing_in import WHO, WRONG, name_of, sign_in
from tests.support.world import Cast, Person, World

APPROVE = f"""mutation($input: RecoveryApproveInput!) {{ recoveryApprove(input: $input) {{ __typename
  ... on RecoveryDecisionPayload {{ recoveryRequest {{ id state reason }} }} {DESK_PROBLEM} }} }}"""
REJECT = f"""mutation($input: RecoveryRejectInput!) {{ recoveryReject(input: $input) {{ __typename
  ... on RecoveryDecisionPayload {{ recoveryRequest {{ id state reason }} }} {DESK_PROBLEM} }} }}"""
LIST = """query($first: Int, $after: String, $state: DeskRequestState! = PENDING) {
  recoveryRequests(first: $first, after: $after, state: $state) {
    nodes { id state name idNumberMasked phoneMasked evidence known reason nurse { name } }
    pageInfo { hasNextPage endCursor } } }"""
FINISHED = {"__typename": "RecoveryFinishPayload", "finished": True}


async def finish(client: Client, name: str, code: str, **more: Any) -> Any:
    """What recoveryFinish answers."""
    return await tell(client, FINISH, name=name, code=code, newPassword=NEW_PASSWORD, **more)


async def live_sessions(world: World, person: Person) -> int:
    """How many of somebody's sessions go on."""
    query = "select count(*) from session where account_id = $1 and revoked_at is null"
    found: int = await world.owner.fetchval(query, person.account_id)
    return found


async def requests(client: Client, **variables: Any) -> Any:
    """A page of the desk's requests."""
    return (await client.ask(LIST, **variables))["recoveryRequests"]


@pytest.mark.feature("N22", "X1")
@pytest.mark.parametrize("by_name", [True, False])
async def test_a_proved_phone_brings_her_back_and_everybody_else_out(
    live: Live, services: Services, world: World, cast: Cast, by_name: bool
) -> None:
    phone, name, client = new_phone(), await name_of(world, cast.nurse), live.as_(None)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    await reach(world, cast.nurse.account_id, Channel.MAIL, new_mail(), verified=True)
    whom = name if by_name else phone
    assert await start(client, whom) == STARTED
    code = await last_code(services.db, phone)
    assert await finish(client, whom, another(code)) == WRONG_CODE
    assert await live_sessions(world, cast.nurse) == 1
    assert await finish(client, whom, code) == FINISHED
    assert await live_sessions(world, cast.nurse) == 0
    assert await live.as_(cast.nurse).refused(WHO) == ["UNAUTHENTICATED"]
    assert await sign_in(client, name) == WRONG
    assert (await sign_in(client, name, NEW_PASSWORD))["__typename"] == "SignInPayload"
    kinds = [letter.template for letter in await letters(services.db, phone)]
    assert kinds == [Template.RECOVERY_CODE, Template.PASSWORD_CHANGED]
    assert await finish(client, whom, code) == WRONG_CODE


@pytest.mark.feature("N22")
@pytest.mark.parametrize("phone_too", [True, False])
async def test_a_proved_mail_box_brings_her_back(
    live: Live, services: Services, world: World, cast: Cast, phone_too: bool
) -> None:
    box, name, client = new_mail(), await name_of(world, cast.nurse), live.as_(None)
    await reach(world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=phone_too)
    await reach(world, cast.nurse.account_id, Channel.MAIL, box, verified=True)
    more = {"channel": "MAIL"} if phone_too else {}
    assert await start(client, name, **more) == STARTED
    assert await finish(client, name, await last_code(services.db, box), **more) == FINISHED
    assert (await sign_in(client, name, NEW_PASSWORD))["__typename"] == "SignInPayload"


@pytest.mark.feature("N22")
async def test_known_and_unknown_and_unproved_and_shut_get_the_same_answer(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    client, phone, shut = live.as_(None), new_phone(), new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=False)
    await reach(world, cast.viewer.account_id, Channel.SMS, shut, verified=True)
    names = [
        f"x{secrets.token_hex(5)}",
        new_phone(),
        new_mail(),
        "护" * 3000,
        phone,
        await name_of(world, cast.nurse),
        await name_of(world, cast.viewer, state="DISABLED"),
    ]
    for name in names:
        assert await start(client, name) == STARTED
        again = await start(client, name)
        assert (again["__typename"], 50 < again["retryAfter"] <= 60) == ("RateLimitedProblem", True)
        assert await finish(client, name, "000000") == WRONG_CODE
    assert [await letters(services.db, to) for to in (phone, shut)] == [[], []]


@pytest.mark.feature("N22")
async def test_whoever_guesses_codes_does_not_keep_the_owner_out(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """Twenty wrong codes an hour did, without a captcha."""
    phone, name, client = new_phone(), await name_of(world, cast.nurse), live.as_(None)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    for _ in range(FREE_TRIES):
        assert await finish(client, name, "000000") == WRONG_CODE
    for _ in range(15):
        assert (await finish(client, name, "000000"))["code"] == "CAPTCHA_REQUIRED"
    await start(client, name)
    code = await last_code(services.db, phone)
    assert (await finish(client, name, code))["code"] == "CAPTCHA_REQUIRED"
    assert await finish(client, name, another(code), **await captcha(client)) == WRONG_CODE
    assert await finish(client, name, code, **await captcha(client)) == FINISHED


async def test_nothing_is_sent_without_the_captcha(live: Live, services: Services, world: World, cast: Cast) -> None:
    phone, client = new_phone(), live.as_(None)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    answer = await tell(client, START, name=phone, **{**await captcha(client), "captchaAnswer": "0"})
    assert answer["fields"] == [{"path": "captchaAnswer", "code": "CAPTCHA_WRONG"}]
    assert await letters(services.db, phone) == []


async def test_a_code_is_worth_nothing_once_the_phone_is_another(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone, name, client = new_phone(), await name_of(world, cast.nurse), live.as_(None)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    await start(client, name)
    await reach(world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=True)
    assert await finish(client, name, await last_code(services.db, phone)) == WRONG_CODE
    assert (await sign_in(client, name))["__typename"] == "SignInPayload"


@pytest.mark.feature("N22")
async def test_personal_information_opens_nothing_until_a_desk_approves(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    number, phone, client = await given_number(world, cast), new_phone(), live.as_(None)
    name = await name_of(world, cast.nurse)
    answer = await appeal(client, number, phone)
    assert answer == {"__typename": "RecoveryRequestPayload", "received": True}
    assert await letters(services.db, phone) == []
    sealed = await world.row("desk_request", cast.nurse_id, "nurse_id")
    assert not [secret for secret in (number, phone, NAME) if secret.encode() in sealed["content_sealed"]]
    officer = live.as_(cast.reviewer)
    (request,) = (await requests(officer))["nodes"]
    assert request == {
        "id": request["id"],
        "state": "PENDING",
        "name": NAME,
        "idNumberMasked": mask_id_number(number),
        "phoneMasked": f"{phone[:3]}****{phone[-4:]}",
        "evidence": "2016年起在示范医院急诊科工作",
        "known": True,
        "reason": None,
        "nurse": {"name": NAME},
    }
    given = {"id": request["id"], "opinion": "电话核对无误", "idempotencyKey": secrets.token_hex(8)}
    decided = {"id": request["id"], "state": "APPROVED", "reason": "电话核对无误"}
    for _ in range(2):
        answer = await tell(officer, APPROVE, **given)
        assert answer == {"__typename": "RecoveryDecisionPayload", "recoveryRequest": decided}
    again = await tell(officer, REJECT, id=request["id"], reason="重复")
    assert (again["__typename"], again["code"]) == ("ConflictProblem", "REQUEST_DECIDED")
    (code,) = [letter.values["code"] for letter in await letters(services.db, phone)]
    held = (await account(world, cast.nurse.account_id))["contact_held_until"]
    left = held - await world.owner.fetchval("select now()")
    assert timedelta(hours=71, minutes=59) < left <= timedelta(hours=72)
    assert await finish(client, name, another(code)) == WRONG_CODE
    assert await finish(client, name, code) == FINISHED
    assert await finish(client, name, code) == WRONG_CODE
    assert (await sign_in(client, name, NEW_PASSWORD))["__typename"] == "SignInPayload"


@pytest.mark.feature("N22")
@pytest.mark.parametrize("by", ["number", "phone"])
async def test_who_forgot_the_user_name_too_is_told_it_and_gets_in_by_what_she_knows(
    live: Live, services: Services, world: World, cast: Cast, by: str
) -> None:
    """F11: the desk's code was good for nothing without the user name (忘记用户名、密码)."""
    number, phone, client = await given_number(world, cast), new_phone(), live.as_(None)
    name = await name_of(world, cast.nurse)
    await appeal(client, number, phone)
    officer = live.as_(cast.reviewer)
    (request,) = (await requests(officer))["nodes"]
    await tell(officer, APPROVE, id=request["id"], opinion="电话核对无误")
    (letter,) = await letters(services.db, phone)
    assert letter.values["userName"] == name
    code, whom = letter.values["code"], {"number": f" {number.lower()}", "phone": phone}[by]
    assert await finish(client, new_phone(), code) == WRONG_CODE
    assert await finish(client, whom, another(code)) == WRONG_CODE
    assert await finish(client, whom, code) == FINISHED
    assert (await sign_in(client, name, NEW_PASSWORD))["__typename"] == "SignInPayload"


@pytest.mark.feature("N22")
async def test_a_rejected_request_is_told_and_opens_nothing(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    number, phone = await given_number(world, cast), new_phone()
    await appeal(live.as_(None), number, phone)
    officer = live.as_(cast.reviewer)
    (request,) = (await requests(officer))["nodes"]
    assert (await tell(officer, REJECT, id=request["id"], reason=" "))["__typename"] == "ValidationProblem"
    answer = await tell(officer, REJECT, id=request["id"], reason="无法核实")
    assert answer["recoveryRequest"] == {"id": request["id"], "state": "REJECTED", "reason": "无法核实"}
    (letter,) = await letters(services.db, phone)
    assert (letter.template, letter.values) == (Template.RECOVERY_REFUSED, {"reason": "无法核实"})
    assert (await account(world, cast.nurse.account_id))["contact_held_until"] is None
    assert (await requests(officer))["nodes"] == []
    assert len((await requests(officer, state="REJECTED"))["nodes"]) == 1


@pytest.mark.feature("N22")
@pytest.mark.parametrize("name", ["王护士", "李护士"])
async def test_asked_twice_in_the_same_words_it_is_one_request_until_it_is_answered(
    live: Live, world: World, cast: Cast, name: str
) -> None:
    number, phone = await given_number(world, cast), new_phone()
    # Her authority has it if the register knows her, else the help desk.
    known = name == "王护士"
    desk = live.as_(cast.reviewer if known else await world.person(Party.HELP_DESK, None, Role.HELP_DESK))
    answers = [await appeal(live.as_(None), number, phone, name=name) for _ in range(2)]
    assert answers == [{"__typename": "RecoveryRequestPayload", "received": True}] * 2
    masked = f"{phone[:3]}****{phone[-4:]}"
    (one,) = [one for one in await every(desk) if one["phoneMasked"] == masked]
    await tell(desk, REJECT, id=one["id"], reason="无法核实")
    await appeal(live.as_(None), number, phone, name=name)
    (other,) = [one for one in await every(desk) if one["phoneMasked"] == masked]
    assert other["id"] != one["id"]


@pytest.mark.feature("N22")
async def test_a_stranger_gets_the_same_answer_and_only_the_help_desk_sees_it(
    live: Live, world: World, cast: Cast
) -> None:
    number, phone = await given_number(world, cast), new_phone()
    answer = await appeal(live.as_(None), number, phone, name="李护士")
    assert answer == {"__typename": "RecoveryRequestPayload", "received": True}
    help_desk = live.as_(await world.person(Party.HELP_DESK, None, Role.HELP_DESK))
    assert (await requests(live.as_(cast.reviewer)))["nodes"] == []
    found = [one for one in await every(help_desk) if one["phoneMasked"] == f"{phone[:3]}****{phone[-4:]}"]
    assert [(one["known"], one["nurse"]) for one in found] == [(False, None)]
    refused = await tell(help_desk, APPROVE, id=found[0]["id"], opinion="好")
    assert (refused["__typename"], refused["code"]) == ("NotAllowedProblem", "NO_ACCOUNT")
    refused = await tell(live.as_(cast.reviewer), REJECT, id=found[0]["id"], reason="不")
    assert refused["__typename"] == "NotFoundProblem"


async def every(client: Client) -> list[Any]:
    """All pages of the desk's requests, two at a time."""
    found, after = [], None
    while True:
        page = await requests(client, first=2, after=after)
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.mark.feature("N22")
async def test_nobody_decides_about_herself(live: Live, services: Services, world: World, cast: Cast) -> None:
    number, phone = await given_number(world, cast), new_phone()
    await appeal(live.as_(None), number, phone)
    herself = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, self_nurse=cast.nurse_id)
    (request,) = (await requests(live.as_(herself)))["nodes"]
    for mutation, word in ((APPROVE, "opinion"), (REJECT, "reason")):
        answer = await tell(live.as_(herself), mutation, id=request["id"], **{word: "是我"})
        assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", "ABOUT_YOURSELF")
    assert (await world.row("desk_request", cast.nurse_id, "nurse_id"))["state"] == "PENDING"
    assert await letters(services.db, phone) == []


async def test_a_proved_phone_is_not_passed_over_by_a_desk(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    number, phone = await given_number(world, cast), new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=True)
    await appeal(live.as_(None), number, phone)
    (request,) = (await requests(live.as_(cast.reviewer)))["nodes"]
    answer = await tell(live.as_(cast.reviewer), APPROVE, id=request["id"], opinion="好")
    assert answer["code"] == "VERIFIED_CONTACT"
    assert await letters(services.db, phone) == []
    assert (await account(world, cast.nurse.account_id))["contact_held_until"] is None


async def test_only_desks_see_and_decide_requests(live: Live, world: World, cast: Cast) -> None:
    await appeal(live.as_(None), await given_number(world, cast), new_phone())
    (request,) = (await requests(live.as_(cast.reviewer)))["nodes"]
    for person in (cast.nurse, cast.operator, cast.manager, cast.viewer, cast.decider):
        assert await live.as_(person).refused(LIST) == ["NOT_ALLOWED"]
        answer = await tell(live.as_(person), APPROVE, id=request["id"], opinion="好")
        assert answer["__typename"] == "NotAllowedProblem"
    assert await live.as_(None).refused(LIST) == ["UNAUTHENTICATED"]


async def test_three_requests_a_day(live: Live, world: World, cast: Cast) -> None:
    number, client = await given_number(world, cast), live.as_(None)
    for _ in range(3):
        assert (await appeal(client, number, new_phone()))["received"] is True
    assert (await appeal(client, number, new_phone()))["__typename"] == "RateLimitedProblem"
    assert len((await requests(live.as_(cast.reviewer)))["nodes"]) == 3
