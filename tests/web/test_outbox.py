"""The page that shows what would have been sent, and to whom it shows nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from db import message
from db.store.keys import Keyring
from graph.context import Services
from notify.gateway import Console
from notify.worker import Worker
from rules.message import Template
from rules.verification import Channel
from web.app import build
from web.settings import Settings


async def post(services: Services, institution: str, channel: Channel = Channel.SMS) -> None:
    """An activation code."""
    to = "13800138000" if channel is Channel.SMS else "wang@example.com"
    values = {"code": secrets.token_hex(5), "institution": institution, "days": "7"}
    async with services.db.begin() as tx:
        await tx.ask_time()
        await message.send(tx, channel=channel, to=to, template=Template.ACTIVATION_CODE, values=values)


async def get(
    services: Services,
    owner_url: str,
    keyring: Keyring,
    *,
    origin: str = "http://localhost:8000",
    headers: Mapping[str, str] | None = None,
    **settings: Any,
) -> httpx.Response:
    """The page, on an installation with these settings."""
    app = build(Settings(**settings), owner_url, keyring, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=origin) as client:
        return await client.get("/outbox", headers=headers)


async def test_a_newcomer_reads_her_code_there_before_and_after_the_worker_saw_it(
    services: Services, owner_url: str, keyring: Keyring
) -> None:
    name = f"医院{secrets.token_hex(4)}"
    await post(services, name)
    for _ in range(2):
        page = await get(services, owner_url, keyring)
        assert page.status_code == 200
        assert page.text.count(f"【护士电子化注册信息系统】{name}已为您生成账户激活码：") == 1
        worker = Worker(services.db, dict.fromkeys(Channel, Console()))
        while await worker.send_one():
            pass


async def test_the_newest_stands_first_and_a_mail_shows_its_subject_and_both_languages(
    services: Services, owner_url: str, keyring: Keyring
) -> None:
    older, newer = (f"医院{secrets.token_hex(4)}" for _ in range(2))
    await post(services, older)
    await post(services, newer, Channel.MAIL)
    text = (await get(services, owner_url, keyring)).text
    assert text.index(newer) < text.index(older)
    assert "邮件 Mail: 护士账户激活码 Your activation code" in text
    assert f"{newer} has issued your activation code" in text


async def test_what_people_typed_is_shown_as_text_and_the_page_runs_no_script(
    services: Services, owner_url: str, keyring: Keyring
) -> None:
    await post(services, "<script>alert(1)</script>&amp;")
    page = await get(services, owner_url, keyring)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in page.text
    assert "<script" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert (page.headers["Cache-Control"], page.headers["Refresh"]) == ("no-store", "3")


@pytest.mark.parametrize(
    "settings",
    [
        {"smtp_url": "smtp://127.0.0.1"},
        {"sms_gateway": "file:/tmp/sms"},
        {"sms_gateway": "https://sms.example.cn"},
        {"host": "0.0.0.0"},
        {"public_url": "https://hushi.example.cn"},
    ],
)
async def test_it_does_not_exist_with_a_gateway_or_on_a_network(
    services: Services, owner_url: str, keyring: Keyring, settings: dict[str, str]
) -> None:
    assert (await get(services, owner_url, keyring, **settings)).status_code == 404


@pytest.mark.parametrize("origin", ["http://hushi.example.cn", "http://10.0.0.7:8000", "http://localhost.example.cn"])
async def test_it_does_not_exist_under_another_name(
    services: Services, owner_url: str, keyring: Keyring, origin: str
) -> None:
    assert (await get(services, owner_url, keyring, origin=origin)).status_code == 404


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
async def test_it_does_not_exist_behind_a_proxy(
    services: Services, owner_url: str, keyring: Keyring, header: str
) -> None:
    page = await get(services, owner_url, keyring, headers={header: "203.0.113.9"})
    assert page.status_code == 404


async def test_it_does_not_exist_for_anything_but_reading(services: Services, owner_url: str, keyring: Keyring) -> None:
    app = build(Settings(), owner_url, keyring, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.post("/outbox")).status_code == 405
