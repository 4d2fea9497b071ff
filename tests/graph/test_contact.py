"""Safety of one's own account: phone, mail box, password, and signing in with what was proved."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.message import Template, mask_recipient
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.account_safety import NEW_PASSWORD, PASSWORD_CHANGE, PROBLEM, WRONG_CODE, tell
from tests.support.authority_stage import PASSWORD
from tests.support.contacts import account, another, captcha, last_code, letters, new_mail, new_phone, reach
from tests.support.live import Live
from tests.support.signing_in import SIGN_IN, WHO, WRONG, name_of, sign_in
from tests.support.world import Cast, Person, World

SEND = f"""mutation($input: ContactSendCodeInput!) {{ contactSendCode(input: $input) {{ __typename
  ... on ContactSendCodePayload {{ sentTo resendAfter }} {PROBLEM} }} }}"""
CONFIRM = f"""mutation($input: ContactConfirmInput!) {{ contactConfirm(input: $input) {{ __typename
  ... on ContactConfirmPayload {{ viewer {{ displayName }} }} {PROBLEM} }} }}"""
CHANGE = f"""mutation($input: ContactChangeInput!) {{ contactChange(input: $input) {{ __typename
  ... on ContactChangePayload {{ sentTo oldCodeNeeded resendAfter }} {PROBLEM} }} }}"""
CHANGE_CONFIRM = f"""mutation($input: ContactChangeConfirmInput!) {{ contactChangeConfirm(input: $input) {{ __typename
  ... on ContactChangeConfirmPayload {{ viewer {{ displayName }} }} {PROBLEM} }} }}"""


async def inactive(world: World, cast: Cast) -> Person:
    """A nurse who has just registered."""
    nurse_id = await world.nurse(cast.hospital, cast.district)
    return await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")


def verified(row: dict[str, Any]) -> tuple[bool, bool, bool]:
    """What an account has proved: phone, mail box, either."""
    return row["phone_verified_at"] is not None, row["email_verified_at"] is not None, row["contact_verified"]


@pytest.mark.feature("N7")
@pytest.mark.feature("N4")
async def test_a_proved_phone_signs_in_and_an_unproved_one_does_not(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    nurse, phone = await inactive(world, cast), new_phone()
    await name_of(world, nurse)
    await reach(world, nurse.account_id, Channel.SMS, phone, verified=False)
    assert await sign_in(live.as_(None), phone) == WRONG
    client = live.as_(nurse)
    answer = await tell(client, SEND, channel="SMS")
    masked = f"{phone[:3]}****{phone[-4:]}"
    assert answer == {"__typename": "ContactSendCodePayload", "sentTo": masked, "resendAfter": 60}
    code = await last_code(services.db, phone)
    wrong = await tell(client, CONFIRM, channel="SMS", code=another(code))
    assert wrong == {**WRONG_CODE, "message": "校验码不正确，还可输入4次"}
    unwritten = await tell(client, CONFIRM, channel="SMS", code="")
    assert unwritten["fields"] == [{"path": "code", "code": "CODE_FORMAT"}]
    wrong = await tell(client, CONFIRM, channel="SMS", code=another(code))
    assert wrong["message"] == "校验码不正确，还可输入3次"
    assert verified(await account(world, nurse.account_id)) == (False, False, False)
    answer = await tell(client, CONFIRM, channel="SMS", code=code)
    assert answer == {"__typename": "ContactConfirmPayload", "viewer": {"displayName": nurse.actor.name}}
    assert verified(await account(world, nurse.account_id)) == (True, False, True)
    for spelling in (phone, f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"):
        assert (await sign_in(live.as_(None), spelling))["viewer"] == {"displayName": nurse.actor.name, "active": False}
    assert (await tell(client, CONFIRM, channel="SMS", code=code))["code"] == "ALREADY_VERIFIED"
    actions = await world.owner.fetch("select action from audit where account_id = $1", nurse.account_id)
    assert [row["action"] for row in actions] == ["contactConfirm"]


@pytest.mark.feature("N8")
async def test_a_mail_box_is_proved_where_no_text_message_comes(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    nurse, box = await inactive(world, cast), new_mail()
    await reach(world, nurse.account_id, Channel.MAIL, box, verified=False)
    client = live.as_(nurse)
    assert (await tell(client, SEND, channel="MAIL"))["sentTo"] == f"{box[0]}****@example.com"
    assert (await tell(client, SEND, channel="SMS"))["code"] == "NO_CONTACT"
    answer = await tell(client, CONFIRM, channel="MAIL", code=await last_code(services.db, box))
    assert answer["__typename"] == "ContactConfirmPayload"
    assert verified(await account(world, nurse.account_id)) == (False, True, True)
    assert (await tell(client, SEND, channel="MAIL"))["code"] == "ALREADY_VERIFIED"


@pytest.mark.feature("N7")
async def test_another_code_waits_a_minute(live: Live, services: Services, world: World, cast: Cast) -> None:
    phone = new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=False)
    client = live.as_(cast.nurse)
    await tell(client, SEND, channel="SMS")
    refused = await tell(client, SEND, channel="SMS")
    assert (refused["__typename"], 50 < refused["retryAfter"] <= 60) == ("RateLimitedProblem", True)
    assert len(await letters(services.db, phone)) == 1


@pytest.mark.feature("N7")
async def test_a_phone_that_somebody_else_has_proved_is_refused_without_her_name(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone = new_phone()
    await reach(world, cast.operator.account_id, Channel.SMS, phone, verified=True)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=False)
    client = live.as_(cast.nurse)
    await tell(client, SEND, channel="SMS")
    answer = await tell(client, CONFIRM, channel="SMS", code=await last_code(services.db, phone))
    assert (answer["__typename"], answer["code"]) == ("ConflictProblem", "PHONE_TAKEN")
    assert cast.operator.actor.name not in str(answer)
    assert verified(await account(world, cast.nurse.account_id)) == (False, False, False)


async def test_a_code_for_the_old_phone_is_worth_nothing_once_the_phone_is_another(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    old, account_id, client = new_phone(), cast.nurse.account_id, live.as_(cast.nurse)
    await reach(world, account_id, Channel.SMS, old, verified=False)
    await tell(client, SEND, channel="SMS")
    await reach(world, account_id, Channel.SMS, new_phone(), verified=False)
    assert await tell(client, CONFIRM, channel="SMS", code=await last_code(services.db, old)) == WRONG_CODE
    assert verified(await account(world, account_id)) == (False, False, False)


async def test_one_code_a_document_and_nothing_without_a_session(live: Live, cast: Cast) -> None:
    one = 'contactConfirm(input: {channel: SMS, code: "000000"}) { __typename }'
    assert await live.as_(cast.nurse).refused(f"mutation {{ a: {one} b: {one} }}") == ["QUERY_TOO_COMPLEX"]
    assert await live.as_(None).refused(f"mutation {{ {one} }}") == ["UNAUTHENTICATED"]


@pytest.mark.feature("N12")
async def test_a_phone_changes_with_the_codes_of_both_ends_and_the_old_one_is_told(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    old, new, account_id, client = new_phone(), new_phone(), cast.nurse.account_id, live.as_(cast.nurse)
    await name_of(world, cast.nurse)
    await reach(world, account_id, Channel.SMS, old, verified=True)
    begun = await tell(client, CHANGE, channel="SMS", to=f"+86 {new}")
    masked = f"{new[:3]}****{new[-4:]}"
    expected = {"sentTo": masked, "oldCodeNeeded": True, "resendAfter": 60}
    assert begun == {"__typename": "ContactChangePayload", **expected}
    codes = {"oldCode": await last_code(services.db, old), "newCode": await last_code(services.db, new)}
    alone = await tell(client, CHANGE_CONFIRM, channel="SMS", to=new, newCode=codes["newCode"])
    assert alone["fields"] == [{"path": "oldCode", "code": "FIELD_REQUIRED"}]
    assert (await account(world, account_id))["phone_masked"] == f"{old[:3]}****{old[-4:]}"
    done = await tell(client, CHANGE_CONFIRM, channel="SMS", to=new, **codes)
    assert done["__typename"] == "ContactChangeConfirmPayload"
    assert (await account(world, account_id))["phone_masked"] == masked
    letter = (await letters(services.db, old))[-1]
    assert (letter.template, letter.values) == (Template.CONTACT_CHANGED, {"masked": masked})
    assert (await sign_in(live.as_(None), new))["__typename"] == "SignInPayload"
    assert await sign_in(live.as_(None), old) == WRONG


@pytest.mark.feature("N12")
async def test_a_slip_in_one_code_leaves_the_other_good_and_the_change_is_told_as_done_when_sent_twice(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    old, new, account_id, client = new_phone(), new_phone(), cast.nurse.account_id, live.as_(cast.nurse)
    await reach(world, account_id, Channel.SMS, old, verified=True)
    await tell(client, CHANGE, channel="SMS", to=new)
    codes = {"oldCode": await last_code(services.db, old), "newCode": await last_code(services.db, new)}
    for slips in (["oldCode"], ["newCode"], ["newCode", "oldCode"]):
        given = codes | {name: another(codes[name]) for name in slips}
        answer = await tell(client, CHANGE_CONFIRM, channel="SMS", to=new, **given)
        assert answer["fields"] == [{"path": name, "code": "WRONG_CODE"} for name in slips]
    assert (await account(world, account_id))["phone_masked"] == mask_recipient(Channel.SMS, old)
    done = await tell(client, CHANGE_CONFIRM, channel="SMS", to=new, **codes)
    assert done["__typename"] == "ContactChangeConfirmPayload"
    again = await tell(client, CHANGE_CONFIRM, channel="SMS", to=new, **codes)
    assert again["code"] == "ALREADY_VERIFIED"


@pytest.mark.feature("N12")
async def test_a_code_for_one_new_phone_does_not_bring_another(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    new, account_id, client = new_phone(), cast.nurse.account_id, live.as_(cast.nurse)
    assert (await tell(client, CHANGE, channel="SMS", to=new))["oldCodeNeeded"] is False
    code = await last_code(services.db, new)
    assert await tell(client, CHANGE_CONFIRM, channel="SMS", to=new_phone(), newCode=code) == WRONG_CODE
    assert (await account(world, account_id))["phone_sealed"] is None


@pytest.mark.feature("N12")
@pytest.mark.parametrize(
    ("channel", "to", "code"), [("SMS", "12345", "PHONE_FORMAT"), ("MAIL", "nobody", "EMAIL_FORMAT")]
)
async def test_what_is_no_contact_is_told(live: Live, cast: Cast, channel: str, to: str, code: str) -> None:
    answer = await tell(live.as_(cast.nurse), CHANGE, channel=channel, to=to)
    assert answer["fields"] == [{"path": "to", "code": code}]


async def test_contacts_are_held_for_three_days_after_a_desk_let_somebody_in(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone, client = new_phone(), live.as_(cast.nurse)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=False)
    hold = "update account set contact_held_until = now() + $2::interval where id = $1"
    await world.owner.execute(hold, cast.nurse.account_id, timedelta(minutes=1))
    told = await tell(client, CHANGE, channel="SMS", to=new_phone())
    assert told["code"] == "CONTACTS_HELD"
    assert re.fullmatch(r"账户刚由窗口核实恢复，\d{4}年\d+月\d+日\d\d:\d\d前不能变更联系方式", told["message"])
    assert await letters(services.db, phone) == []
    await world.owner.execute(hold, cast.nurse.account_id, timedelta(minutes=-1))
    assert (await tell(client, CHANGE, channel="SMS", to=new_phone()))["__typename"] == "ContactChangePayload"


@pytest.mark.feature("X1")
async def test_who_was_let_in_by_a_desk_may_prove_the_phone_that_is_on_her_account(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """It is the one step towards an active account; what she has not proved nobody can take from her."""
    nurse, phone = await inactive(world, cast), new_phone()
    await reach(world, nurse.account_id, Channel.SMS, phone, verified=False)
    hold = "update account set contact_held_until = now() + interval '1 day' where id = $1"
    await world.owner.execute(hold, nurse.account_id)
    client = live.as_(nurse)
    assert (await tell(client, SEND, channel="SMS"))["__typename"] == "ContactSendCodePayload"
    code = await last_code(services.db, phone)
    assert (await tell(client, CONFIRM, channel="SMS", code=code))["__typename"] == "ContactConfirmPayload"
    assert (await tell(client, CHANGE, channel="SMS", to=new_phone()))["code"] == "CONTACTS_HELD"


@pytest.mark.feature("N12")
async def test_a_new_password_ends_every_other_session_and_is_told(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    phone, name, client = new_phone(), await name_of(world, cast.nurse), live.as_(cast.nurse)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    other = live.as_(None)
    other.token = (await sign_in(other, name))["token"]
    wrong = await tell(client, PASSWORD_CHANGE, currentPassword="Wrong-horse-9", newPassword=NEW_PASSWORD)
    assert (wrong["__typename"], wrong["code"]) == ("NotAllowedProblem", "WRONG_CREDENTIALS")
    weak = await tell(client, PASSWORD_CHANGE, currentPassword=PASSWORD, newPassword="12345678")
    assert weak["fields"] == [{"path": "newPassword", "code": "PASSWORD_COMMON"}]
    same = await tell(client, PASSWORD_CHANGE, currentPassword=PASSWORD, newPassword=PASSWORD)
    assert same["fields"] == [{"path": "newPassword", "code": "SAME_PASSWORD"}]
    assert await letters(services.db, phone) == []
    done = await tell(client, PASSWORD_CHANGE, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)
    assert done["__typename"] == "PasswordChangePayload"
    live_ones = "select count(*) from session where account_id = $1 and revoked_at is null"
    assert await world.owner.fetchval(live_ones, cast.nurse.account_id) == 1
    assert await client.ask(WHO) == {"viewer": {"displayName": cast.nurse.actor.name}}
    assert [letter.template for letter in await letters(services.db, phone)] == [Template.PASSWORD_CHANGED]
    assert await sign_in(live.as_(None), name) == WRONG
    assert (await sign_in(live.as_(None), name, NEW_PASSWORD))["__typename"] == "SignInPayload"


@pytest.mark.feature("N4")
async def test_after_three_failures_a_captcha_is_asked_for_known_and_unknown_alike(
    live: Live, world: World, cast: Cast
) -> None:
    client, known = live.as_(None), await name_of(world, cast.operator)
    for name in (known, f"x{known[:9]}"):
        for _ in range(3):
            assert await sign_in(client, name, "Wrong-horse-9") == WRONG
        refused = await sign_in(client, name)
        assert (refused["__typename"], refused["code"]) == ("NotAllowedProblem", "CAPTCHA_REQUIRED")
        answer = await captcha(client)
        wrong = await tell(client, SIGN_IN, userName=name, password=PASSWORD, **{**answer, "captchaAnswer": "0"})
        assert (wrong["__typename"], wrong["code"]) == ("ValidationProblem", "VALIDATION")
        again = await tell(client, SIGN_IN, userName=name, password=PASSWORD, **answer)
        assert again["code"] == "VALIDATION"
    signed_in = await tell(client, SIGN_IN, userName=known, password=PASSWORD, **await captcha(client))
    assert signed_in["__typename"] == "SignInPayload"
    assert await sign_in(client, known, "Wrong-horse-9") == WRONG


@pytest.mark.parametrize("who", ["nurse", "operator"])
async def test_a_nurse_is_reached_by_the_contacts_of_her_account(
    live: Live, world: World, cast: Cast, who: str
) -> None:
    """F37: the record kept another number than the one that she had proved."""
    query = "query($id: ID!) { nurse(id: $id) { phoneMasked emailMasked } }"
    asking, key = live.as_(getattr(cast, who)), global_id("Nurse", cast.nurse_id)
    kept = (await world.row("nurse", cast.nurse_id))["phone_masked"]
    assert (await asking.ask(query, id=key))["nurse"] == {"phoneMasked": kept, "emailMasked": None}
    await reach(world, cast.nurse.account_id, Channel.SMS, "15512346059", verified=True)
    await reach(world, cast.nurse.account_id, Channel.MAIL, "lin@example.com", verified=True)
    shown = {"phoneMasked": "155****6059", "emailMasked": mask_recipient(Channel.MAIL, "lin@example.com")}
    assert (await asking.ask(query, id=key))["nurse"] == shown
    await world.owner.execute("update account set state = 'REVOKED' where id = $1", cast.nurse.account_id)
    if who == "operator":
        assert (await asking.ask(query, id=key))["nurse"] == {"phoneMasked": kept, "emailMasked": None}
