"""What the worker says of its work: never whom it wrote to, nor what."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from notify.gateway import HttpGateway
from rules.message import Template
from rules.verification import Channel
from tests.support.mail_server import Postbox, gateway, listening
from tests.support.outbox import Register
from tests.support.sms_carrier import Carrier

PLANTED = {
    "userName": "planted7user",
    "password": "Planted-Password-7",
    "institution": "植入医院",
}
TO, PHONE = "planted.address@example.com", "13912345678"
THEIRS = ("mail.log", "uvicorn", "asyncio")
"""What the servers of the test say themselves."""


async def test_no_value_and_no_recipient_ever_comes_into_a_log(
    register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    postbox, carrier = Postbox(), Carrier(503)
    postbox.recipient_answer = f"550 {TO} unknown"
    keys = [
        await register.post(to, channel, Template.INITIAL_CREDENTIALS, PLANTED)
        for to, channel in ((TO, Channel.MAIL), (PHONE, Channel.SMS))
    ]
    with capture_logs() as said:
        async with listening(postbox) as address, carrier.listening() as url:
            assert await register.worker(gateway(address)).send_one()
            assert await register.worker(HttpGateway(url)).send_one()
            register.later(seconds=5)
            postbox.recipient_answer, carrier.status = "250 OK", 200
            assert await register.worker(HttpGateway(url)).send_one()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(THEIRS)]
    everything = f"{said} {ours}"
    assert [one for one in (*PLANTED.values(), TO, PHONE) if one in everything] == []
    assert said == [
        {
            "event": "a message was given up",
            "message": str(keys[0]),
            "channel": "MAIL",
            "tries": 1,
            "error": "SMTP_RECIPIENT_550",
            "log_level": "info",
        },
        {
            "event": "a message is tried again later",
            "message": str(keys[1]),
            "channel": "SMS",
            "tries": 1,
            "error": "HTTP_503",
            "log_level": "info",
        },
        {"event": "a message was sent", "message": str(keys[1]), "channel": "SMS", "log_level": "info"},
    ]
