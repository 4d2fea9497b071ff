"""Questions without an account: a captcha, a contact that a code has proved, an answer by message with a token (N21)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from rules.message import Template
from rules.people import HELP_DESK_FEED, Party, Role
from rules.verification import Channel
from tests.support.contacts import another, captcha, last_code, letters, new_mail, new_phone
from tests.support.help import answer, do
from tests.support.live import Client, Live
from tests.support.world import Person, World

pytestmark = pytest.mark.feature("N21")
READ = """query($token: String!) { guestQuestion(token: $token) { title state contactMasked authority dueOn closedAt
  messages { said text } } }"""
GUEST = "question { state messages { said text } }"


@pytest.fixture
async def desk(world: World) -> Person:
    """Somebody of the help desk."""
    return await world.person(Party.HELP_DESK, None, Role.HELP_DESK)


async def send_code(client: Client, to: str, channel: Channel = Channel.SMS, **more: str) -> Any:
    """A wish for a code, with a solved captcha."""
    given = {"to": to, "channel": channel.value, **await captcha(client), **more}
    return await do(client, "questionGuestSendCode", "QuestionGuestSendCodeInput", "resendAfter", **given)


async def ask(client: Client, to: str, code: str, channel: Channel = Channel.SMS, **more: str) -> Any:
    """A question; gives its token, or the problem."""
    said = {"topic": "ACCOUNT", "title": "注册时提示证件号码已注册", "text": "我没有注册过，请问怎么办？", **more}
    given = {"channel": channel.value, "to": to, "code": code, **said}
    return await do(client, "questionGuestAsk", "QuestionGuestAskInput", "token", **given)


async def reply(client: Client, token: str, text: str = "还有问题") -> Any:
    """Something more that she says."""
    return await do(client, "questionGuestReply", "QuestionGuestReplyInput", GUEST, token=token, text=text)


async def row_of(world: World, to: str) -> dict[str, Any]:
    """The question of a contact."""
    masked = f"{to[:3]}****{to[-4:]}"
    found = await world.owner.fetchrow("select * from question where contact_masked = $1 order by id desc", masked)
    return dict(found)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.MAIL])
async def test_somebody_without_an_account_asks_and_reads_the_answer_by_its_token(
    live: Live, services: Services, world: World, desk: Person, channel: Channel
) -> None:
    client, to = live.as_(None), new_phone() if channel is Channel.SMS else new_mail()
    assert await send_code(client, to, channel) == 60
    token = await ask(client, to, await last_code(services.db, to), channel)
    shown = (await client.ask(READ, token=token))["guestQuestion"]
    assert (shown["state"], [one["said"] for one in shown["messages"]]) == ("OPEN", ["ASKED"])
    assert "****" in shown["contactMasked"]
    queue = (
        "{ questionQueue(first: 100, orderBy: [CREATED_AT_DESC]) { nodes { id version contactMasked askerParty } } }"
    )
    waiting = (await live.as_(desk).ask(queue))["questionQueue"]["nodes"]
    question = next(one for one in waiting if one["contactMasked"] == shown["contactMasked"])
    assert question["askerParty"] is None
    await answer(live.as_(desk), question, "请用“找回”登录。")
    (*_, letter) = await letters(services.db, to)
    assert (letter.template, letter.values) == (Template.QUESTION_GUEST_ANSWERED, {"link": token})
    shown = (await client.ask(READ, token=token))["guestQuestion"]
    assert [one["text"] for one in shown["messages"]][1:] == ["请用“找回”登录。"]
    assert (await reply(client, token))["state"] == "REOPENED"
    closed = await do(client, "questionGuestClose", "QuestionGuestStepInput", GUEST, token=token)
    assert closed["state"] == "CLOSED"
    assert (await reply(client, token))["code"] == "WRONG_STATE"


async def test_no_question_without_the_right_code_and_a_code_is_good_once(
    live: Live, services: Services, world: World
) -> None:
    client, phone = live.as_(None), new_phone()
    assert (await ask(client, phone, "123456"))["code"] == "WRONG_CODE"
    wrong = await send_code(client, phone, captchaAnswer="不对")
    assert [one["code"] for one in wrong["fields"]] == ["CAPTCHA_WRONG"]
    assert await send_code(client, phone) == 60
    assert (await send_code(client, phone))["code"] == "RATE_LIMITED"
    code = await last_code(services.db, phone)
    assert (await ask(client, phone, another(code)))["code"] == "WRONG_CODE"
    both = await asyncio.gather(*(ask(client, phone, code) for _ in range(2)))
    assert sorted(isinstance(one, str) for one in both) == [False, True]
    assert (await ask(client, phone, code))["code"] == "WRONG_CODE"
    masked = f"{phone[:3]}****{phone[-4:]}"
    kept = "select count(*) from question where contact_masked = $1"
    assert await world.owner.fetchval(kept, masked) == 1


async def test_five_tries_end_a_code(live: Live, services: Services) -> None:
    client, phone = live.as_(None), new_phone()
    await send_code(client, phone)
    code = await last_code(services.db, phone)
    for _ in range(5):
        assert (await ask(client, phone, another(code)))["code"] == "WRONG_CODE"
    assert (await ask(client, phone, code))["code"] == "WRONG_CODE"


async def test_a_token_is_kept_nowhere_in_the_clear_and_opens_one_question_alone(
    live: Live, services: Services, world: World
) -> None:
    client, phone = live.as_(None), new_phone()
    await send_code(client, phone)
    token = await ask(client, phone, await last_code(services.db, phone))
    row = await row_of(world, phone)
    assert token.encode() not in row["contact_sealed"] + row["token_hash"]
    assert phone.encode() not in row["contact_sealed"]
    assert (await client.ask(READ, token=token[:-1]))["guestQuestion"] is None
    assert (await reply(client, token[:-1]))["code"] == "NOT_FOUND"
    heard = "select count(*) from event where scope = $1 and body->>'question' = $2"
    assert await world.owner.fetchval(heard, HELP_DESK_FEED, str(row["id"])) == 1
    assert isinstance(row["id"], UUID)
