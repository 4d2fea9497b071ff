"""Text messages on their way: by a file, by HTTP, and what a gateway may answer."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from notify.gateway import Console, FileGateway, HttpGateway, Missing
from notify.mail import MailGateway
from notify.setup import gateways_of
from rules.errors import Invalid
from rules.message import Template
from rules.verification import Channel
from tests.support.outbox import BEGAN, CODE, Register
from tests.support.sms_carrier import PHONE, Carrier

TEXT = (
    "【护士电子化注册信息系统】您的校验码是 739154，10 分钟内有效，仅可使用一次。请勿告诉任何人，工作人员不会向您索取。"
)


def posted(key: UUID) -> dict[str, Any]:
    """What a gateway gets."""
    return {"id": str(key), "phone": PHONE, "template": "CONTACT_CODE", "values": CODE, "text": TEXT}


async def test_the_http_gateway_is_told_all_it_may_need_and_which_message_it_is(register: Register) -> None:
    carrier, key = Carrier(), await register.post(PHONE, Channel.SMS)
    async with carrier.listening() as address:
        worker = register.worker(HttpGateway(address))
        assert [await worker.send_one(), await worker.send_one()] == [True, False]
    ((path, headers, body),) = carrier.asked
    assert (path, body) == ("/v1/sms", posted(key))
    assert (headers["idempotency-key"], headers["authorization"]) == (str(key), "Basic a2V5OnNlY3JldA==")
    assert (await register.row(key))["sent_at"] == BEGAN


@pytest.mark.parametrize("status", [400, 410, 422])
async def test_a_message_that_the_carrier_refuses_is_a_dead_letter_at_once(register: Register, status: int) -> None:
    key = await register.post(PHONE, Channel.SMS)
    async with Carrier(status).listening() as address:
        assert await register.worker(HttpGateway(address)).send_one()
    row = await register.row(key)
    assert (row["dead_at"], row["last_error"]) == (BEGAN, f"HTTP_{status}")


@pytest.mark.parametrize("status", [307, 401, 404, 429, 500, 503])
async def test_whatever_else_it_answers_it_is_asked_again_under_the_same_key(register: Register, status: int) -> None:
    carrier, key = Carrier(status), await register.post(PHONE, Channel.SMS)
    async with carrier.listening() as address:
        worker = register.worker(HttpGateway(address))
        assert await worker.send_one()
        row = await register.row(key)
        assert (row["last_error"], row["due_at"]) == (f"HTTP_{status}", BEGAN + timedelta(seconds=5))
        carrier.status = 202
        register.later(seconds=5)
        assert await worker.send_one()
    assert [headers["idempotency-key"] for _, headers, _ in carrier.asked] == [str(key)] * 2
    assert (await register.row(key))["sent_at"] == register.now


async def test_a_carrier_that_is_away_is_asked_again(register: Register) -> None:
    key = await register.post(PHONE, Channel.SMS)
    async with Carrier().listening() as address:
        pass
    assert await register.worker(HttpGateway(address)).send_one()
    row = await register.row(key)
    assert (row["last_error"], row["dead_at"]) == ("ConnectError", None)


async def test_the_file_gateway_writes_a_line_a_message_for_its_owner_only(register: Register, tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    keys = [await register.post(PHONE, Channel.SMS) for _ in range(2)]
    worker = register.worker(FileGateway(path))
    while await worker.send_one():
        pass
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines == [posted(key) for key in keys]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_is_tried_again(register: Register, tmp_path: Path) -> None:
    key = await register.post(PHONE, Channel.SMS)
    assert await register.worker(FileGateway(tmp_path / "none" / "sms.jsonl")).send_one()
    assert (await register.row(key))["last_error"] == "FileNotFoundError"


@pytest.mark.parametrize(
    "to", ["", "138", "1380013800a", "138\n00138000", "+86 13800138000", "１３８００１３８０００", "1" * 30]
)
async def test_what_is_no_phone_number_is_refused(register: Register, to: str) -> None:
    with pytest.raises(Invalid):
        await register.post(to, Channel.SMS)
    assert await register.owner.fetchval("select count(*) from outbox") == 0


async def test_the_activation_code_goes_by_text_message_with_its_institution_in_one_paragraph(
    register: Register, tmp_path: Path
) -> None:
    values = {"code": "K7QX2MPD9A", "institution": "示范\r\n医院\u202e𠮷", "days": "7"}
    await register.post(PHONE, Channel.SMS, Template.ACTIVATION_CODE, values)
    assert await register.worker(FileGateway(tmp_path / "sms")).send_one()
    assert json.loads((tmp_path / "sms").read_text("utf-8"))["text"] == (
        "【护士电子化注册信息系统】示范 医院𠮷已为您生成账户激活码：K7QX2MPD9A，7 天内有效，仅可使用一次。"
        "请登录后在“护士账户激活第三步”中填写。"
    )


@pytest.mark.parametrize(
    ("smtp_url", "sms", "loopback", "kinds"),
    [
        (None, "console", True, (Console, Console)),
        (None, "console", False, (Missing, Missing)),
        ("smtp://mail.example.cn", "console", True, (MailGateway, Missing)),
        (None, "file:/var/spool/sms", True, (Missing, FileGateway)),
        ("smtps://mail.example.cn", "https://sms.example.cn/send", False, (MailGateway, HttpGateway)),
    ],
)
def test_messages_are_only_shown_instead_of_sent_where_there_is_no_gateway_at_all(
    smtp_url: str | None, sms: str, loopback: bool, kinds: tuple[type, type]
) -> None:
    gateways = gateways_of(smtp_url, sms, loopback=loopback)
    assert (type(gateways[Channel.MAIL]), type(gateways[Channel.SMS])) == kinds
