"""Mail on its way: once and whole where all goes well, at least once with one Message-ID whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from db import message
from db.read.listing import Window
from db.read.page import page
from db.read.shapes import LISTINGS
from db.store.engine import Database
from notify.gateway import Console, Missing
from notify.mail import MailGateway, MailServer
from notify.worker import LEASE
from rules.errors import Invalid
from rules.message import MOST_TRIES, Template
from rules.people import Actor, Party, Role
from rules.verification import Channel
from tests.support.mail_server import Postbox, gateway, listening, sign_in
from tests.support.outbox import BEGAN, CODE, Register
from tests.support.until import until

TO = "wang@example.com"
BODY = """您的校验码是 739154，10 分钟内有效，仅可使用一次。请勿告诉任何人，工作人员不会向您索取。

护士电子化注册信息系统

----

Your code is 739154. It is good for 10 minutes and for one use. Tell nobody: our staff never ask for it.

National nurse register
"""


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest_asyncio.fixture
async def address(postbox: Postbox) -> AsyncIterator[str]:
    async with listening(postbox) as address:
        yield address


async def test_a_mail_is_delivered_once_with_its_headers_and_texts(
    register: Register, postbox: Postbox, address: str
) -> None:
    key, worker = await register.post(TO), register.worker(gateway(address))
    assert [await worker.send_one(), await worker.send_one()] == [True, False]
    (mail,), (envelope,) = postbox.mails(), postbox.envelopes
    assert {name: str(value) for name, value in mail.items()} == {
        "From": "护士电子化注册信息系统 <register@example.cn>",
        "To": TO,
        "Subject": "联系方式校验码 Your code to confirm this contact",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0800",
        "Message-ID": f"<{key}@example.cn>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    assert mail.get_content().replace("\r\n", "\n") == BODY
    assert (envelope.mail_from, envelope.rcpt_tos) == ("register@example.cn", [TO])


async def test_a_sent_row_holds_neither_whom_nor_what_any_more(register: Register, address: str) -> None:
    key = await register.post(TO)
    assert await register.worker(gateway(address)).send_one()
    row = await register.row(key)
    emptied = (row["recipient_key_id"], row["recipient_sealed"], row["content_key_id"], row["content_sealed"])
    assert emptied == ("", b"", "", b"")
    assert (row["sent_at"], row["tries"], row["claimed_until"], row["last_error"]) == (BEGAN, 1, None, None)


async def test_what_waits_is_sealed(register: Register) -> None:
    row = str(await register.row(await register.post(TO)))
    assert (TO in row, "739154" in row) == (False, False)


async def test_a_recipient_refused_for_good_is_a_dead_letter_at_once(
    register: Register, postbox: Postbox, address: str
) -> None:
    postbox.recipient_answer = f"550 5.1.1 <{TO}> unknown"
    key, worker = await register.post(TO), register.worker(gateway(address))
    assert await worker.send_one()
    row = await register.row(key)
    assert (row["dead_at"], row["tries"], row["last_error"]) == (BEGAN, 1, "SMTP_RECIPIENT_550")
    register.later(days=2)
    assert not await worker.send_one()


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"recipient_answer": f"451 4.7.1 {TO} later"}, "SMTP_RECIPIENT_451"),
        ({"data_answer": f"452 4.3.1 {TO} no room"}, "SMTP_452"),
        ({"data_answer": f"554 5.7.1 {TO} no"}, "SMTP_554"),
    ],
)
async def test_what_may_pass_is_tried_again_after_five_seconds(
    register: Register, postbox: Postbox, address: str, answers: dict[str, str], error: str
) -> None:
    vars(postbox).update(answers)
    key, worker = await register.post(TO), register.worker(gateway(address))
    assert await worker.send_one()
    row = await register.row(key)
    assert (row["dead_at"], row["last_error"], row["due_at"]) == (None, error, BEGAN + timedelta(seconds=5))
    postbox.recipient_answer = postbox.data_answer = "250 OK"
    register.later(seconds=4.9)
    assert not await worker.send_one()
    register.later(seconds=0.1)
    assert await worker.send_one()
    assert (await register.row(key))["sent_at"] == register.now
    assert set(postbox.ids()) == {f"<{key}@example.cn>"}


async def test_a_server_that_takes_too_long_is_left_and_asked_again(
    register: Register, postbox: Postbox, address: str
) -> None:
    postbox.go_on.clear()
    key = await register.post(TO)
    assert await register.worker(gateway(address), send_seconds=0.2).send_one()
    assert (await register.row(key))["last_error"] == "TimeoutError"
    postbox.go_on.set()
    register.later(seconds=5)
    assert await register.worker(gateway(address)).send_one()
    assert (await register.row(key))["sent_at"] == register.now
    assert postbox.ids() == [f"<{key}@example.cn>"] * 2


async def test_a_connection_cut_after_the_data_may_bring_the_mail_twice_but_as_one(
    register: Register, postbox: Postbox, address: str
) -> None:
    postbox.drops = True
    key, worker = await register.post(TO), register.worker(gateway(address))
    assert await worker.send_one()
    assert (await register.row(key))["last_error"] == "SMTPServerDisconnected"
    postbox.drops = False
    register.later(seconds=5)
    assert await worker.send_one()
    first, second = postbox.envelopes
    assert first.content == second.content
    assert postbox.ids() == [f"<{key}@example.cn>"] * 2


async def test_an_hour_without_a_mail_server_loses_nothing(register: Register, postbox: Postbox) -> None:
    async with listening(Postbox()) as address:
        pass
    keys = [await register.post(f"nurse{number}@example.com") for number in range(3)]
    worker = register.worker(gateway(address))
    while register.now < BEGAN + timedelta(hours=1):
        while await worker.send_one():
            pass
        register.now = await register.owner.fetchval("select min(due_at) from outbox")
    rows = [await register.row(key) for key in keys]
    assert [(row["tries"], row["last_error"], row["dead_at"]) for row in rows] == [(10, "SMTPConnectError", None)] * 3
    async with listening(postbox, int(address.rpartition(":")[2])):
        while await worker.send_one():
            pass
    assert sorted(postbox.ids()) == sorted(f"<{key}@example.cn>" for key in keys)


async def test_after_about_a_day_it_is_a_dead_letter_that_keeps_what_it_says(register: Register) -> None:
    key, worker = await register.post(TO), register.worker(Missing())
    while await worker.send_one():
        register.now = (await register.row(key))["due_at"]
    row = await register.row(key)
    assert (row["tries"], row["last_error"]) == (MOST_TRIES, "NO_GATEWAY")
    assert timedelta(hours=23) < row["dead_at"] - BEGAN < timedelta(hours=25)
    admin = Actor(uuid4(), Party.AUTHORITY, uuid4(), frozenset({Role.PROVINCIAL_ADMIN}), path="/")
    dead_letters = LISTINGS["deadLetters"]
    async with register.db.read() as reader:
        (dead,) = (await page(reader, admin, dead_letters, Window(10, dead_letters.order))).rows
    assert (dead["id"], dead["recipient"], dead["template"]) == (key, "w****@example.com", Template.CONTACT_CODE)


async def test_a_worker_broken_off_between_claim_and_sent_loses_nothing(
    register: Register, postbox: Postbox, address: str
) -> None:
    postbox.go_on.clear()
    key, worker = await register.post(TO), register.worker(gateway(address))
    broken = asyncio.create_task(worker.send_one())
    await postbox.reading.wait()
    broken.cancel()
    await asyncio.wait({broken})
    postbox.go_on.set()
    assert not await worker.send_one()
    register.later(seconds=LEASE.total_seconds())
    assert await worker.send_one()
    assert (await register.row(key))["tries"] == 2
    assert postbox.ids() == [f"<{key}@example.cn>"] * 2


async def test_whoever_let_the_claim_run_out_does_not_disturb_the_next(register: Register) -> None:
    key = await register.post(TO)
    first = await message.reserve(register.db, LEASE)
    register.later(seconds=LEASE.total_seconds())
    second = await message.reserve(register.db, LEASE)
    assert first is not None
    assert second is not None
    before = await register.row(key)
    await message.failed(register.db, first, "TOO_LATE", None)
    assert await register.row(key) == before
    await message.sent(register.db, second, keep=False)
    await message.failed(register.db, second, "TOO_LATE", None)
    assert (await register.row(key))["dead_at"] is None


async def test_two_workers_at_once_send_nothing_twice(register: Register, postbox: Postbox, address: str) -> None:
    keys = [await register.post(f"nurse{number}@example.com") for number in range(40)]
    other = Database(register.url, register.db.keyring, clock=lambda: register.now)
    workers = [register.worker(gateway(address)), register.worker(gateway(address), other)]
    for worker in workers:
        worker.open()
    await until(lambda: len(postbox.envelopes) >= len(keys))
    for worker in workers:
        await worker.close()
    await other.close()
    assert sorted(postbox.ids()) == sorted(f"<{key}@example.cn>" for key in keys)
    assert await register.owner.fetchval("select count(*) from outbox where sent_at is not null") == len(keys)


async def test_a_commit_wakes_the_worker_and_a_rollback_sends_nothing(
    register: Register, postbox: Postbox, address: str
) -> None:
    worker = register.worker(gateway(address), poll_seconds=3600)
    register.db.deliver = worker.wake
    worker.open()
    with pytest.raises(RuntimeError):
        async with register.db.begin() as tx:
            await tx.ask_time()
            await message.send(tx, channel=Channel.MAIL, to=TO, template=Template.CONTACT_CODE, values=CODE)
            raise RuntimeError
    key = await register.post(TO)
    await until(lambda: bool(postbox.envelopes))
    await worker.close()
    assert postbox.ids() == [f"<{key}@example.cn>"]
    assert (await register.row(key))["sent_at"] == BEGAN


async def test_a_stop_lets_what_is_being_sent_arrive(register: Register, postbox: Postbox, address: str) -> None:
    postbox.go_on.clear()
    key, worker = await register.post(TO), register.worker(gateway(address))
    worker.open()
    await postbox.reading.wait()
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0)
    postbox.go_on.set()
    await closing
    assert (await register.row(key))["sent_at"] == BEGAN


async def test_a_password_for_the_mail_server_is_used_and_a_wrong_one_is_no_reason_to_give_up(
    register: Register,
) -> None:
    postbox = Postbox()
    key = await register.post(TO)
    async with listening(postbox, authenticator=sign_in, auth_require_tls=False) as address:
        for password in ("wrong", "p%40ss%20word"):
            server = MailServer.parse(f"smtp://hushi%40example.cn:{password}@{address}")
            assert await register.worker(MailGateway(server)).send_one()
            if password == "wrong":
                assert (await register.row(key))["last_error"] == "SMTP_535"
            register.later(seconds=5)
    assert [str(mail["From"]) for mail in postbox.mails()] == ["护士电子化注册信息系统 <hushi@example.cn>"]


@pytest.mark.parametrize(
    ("to", "on_the_wire"),
    [
        ("wang.xiao+hushi@sub.example.com", "wang.xiao+hushi@sub.example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ('"wang xiao"@example.com', '"wang xiao"@example.com'),
        ("wang@例子.cn", "wang@xn--fsqu00a.cn"),
        ("王护士@例子.广告", "王护士@例子.广告"),
    ],
)
async def test_odd_addresses_arrive(
    register: Register, postbox: Postbox, address: str, to: str, on_the_wire: str
) -> None:
    await register.post(to)
    assert await register.worker(gateway(address)).send_one()
    (envelope,), (mail,) = postbox.envelopes, postbox.mails()
    assert envelope.rcpt_tos == [on_the_wire]
    assert [one.addr_spec for one in mail["To"].addresses] == [on_the_wire]
    assert mail.get_content().replace("\r\n", "\n") == BODY


@pytest.mark.parametrize(
    "to",
    [
        "wang@example.com\r\nBcc: all@example.com",
        "wang@example.com\nX: y",
        "wang@example.com, all@example.com",
        "Wang <wang@example.com>",
        '"a\r\nb"@example.com',
        "wang@example.com>",
        "wang..xiao@example.com",
        "wang@",
        "@example.com",
        "wang",
        "",
        "wang\u202e@example.com",
        f"{'w' * 250}@example.com",
    ],
)
async def test_what_is_not_one_address_is_refused_and_nothing_stays_in_the_outbox(register: Register, to: str) -> None:
    with pytest.raises(Invalid) as refused:
        await register.post(to)
    assert [problem.code for problem in refused.value.problems] == ["NO_RECIPIENT"]
    assert await register.owner.fetchval("select count(*) from outbox") == 0


@pytest.mark.parametrize("values", [{}, {"code": "1"}, {**CODE, "name": "王"}])
async def test_values_that_are_not_the_templates_are_refused(register: Register, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="CONTACT_CODE takes"):
        await register.post(TO, values=values)
    assert await register.owner.fetchval("select count(*) from outbox") == 0


async def test_without_a_gateway_on_ones_own_machine_the_message_stays_to_be_looked_at(register: Register) -> None:
    key, worker = await register.post("13800138000", Channel.SMS), register.worker(Console())
    assert [await worker.send_one(), await worker.send_one()] == [True, False]
    assert (await register.row(key))["sent_at"] == BEGAN
    async with register.db.read() as reader:
        (letter,) = await message.newest(reader, 10)
    assert (letter.id, letter.to, letter.values) == (key, "13800138000", CODE)


async def test_whoever_waits_for_a_code_goes_before_what_was_written_to_many(
    register: Register, postbox: Postbox, address: str
) -> None:
    many = [await register.post(TO, template=Template.REGISTRATION_EXPIRED, values={"validUntil": "2026-09-30"})]
    many += [await register.post(TO, template=Template.REGISTRATION_EXPIRED, values={"validUntil": "2026-10-01"})]
    register.now += timedelta(hours=1)
    code, worker = await register.post(TO), register.worker(gateway(address))
    sent = []
    for _ in range(3):
        assert await worker.send_one()
        sent.append(await register.owner.fetchval("select id from outbox order by sent_at desc nulls last limit 1"))
        register.now += timedelta(seconds=1)
    assert sent == [code, *many]
