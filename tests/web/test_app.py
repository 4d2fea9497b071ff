"""What the application offers depends on who can reach it."""

from __future__ import annotations

import httpx
import pytest

from db.seed import DEMO_ACCOUNTS
from db.store.keys import Keyring
from graph.context import Services
from web.app import build
from web.settings import Settings


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        (Settings(), True),
        (Settings(host="::1"), True),
        (Settings(host="localhost"), True),
        (Settings(host="0.0.0.0"), False),
        (Settings(public_url="https://register.example"), False),
        (Settings(DATABASE_URL="postgresql://x@127.0.0.1/x"), False),
    ],
)
async def test_demo_accounts_are_offered_to_this_machine_alone(
    services: Services, owner_url: str, keyring: Keyring, settings: Settings, offered: bool
) -> None:
    app = build(settings, owner_url, keyring, services, DEMO_ACCOUNTS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        accounts = (await http.get("/graphiql/accounts.json")).json()
    assert bool(accounts) is offered


async def test_a_server_without_a_demonstration_offers_no_accounts(
    services: Services, owner_url: str, keyring: Keyring
) -> None:
    app = build(Settings(), owner_url, keyring, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        assert (await http.get("/graphiql/accounts.json")).json() == []
