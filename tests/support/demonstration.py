"""A register as `make run` shows it, with its demo accounts, on a server of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio

from db.seed import DEMO_ACCOUNTS, seed
from db.store.migrate import migrate
from tests.support.live import Client
from tests.support.postgres import new_database
from tests.support.seeded_databases import KEYRING, KEYS, NURSES, Connection, connected
from tests.support.server_process import begun

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token } } }"


@dataclass(frozen=True)
class Demo:
    """Everybody of the demonstration, signed in, by user name, where `nobody` is not signed in; and the owner."""

    people: dict[str, Client]
    owner: Connection


@pytest_asyncio.fixture(scope="module")
async def demo(server: str) -> AsyncIterator[Demo]:
    """The register of `make run`, smaller."""
    url = await new_database(server)
    await migrate(url)
    await seed(url, KEYRING, nurses=NURSES, seed=1)
    given = {"HUSHI_KEYS": KEYS, "HUSHI_SCHEDULER": "off", "HUSHI_NOTIFY": "off", "DATABASE_URL": url}
    async with begun("serve", **given) as process, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (found := re.search(rb"GraphQL +(http://\S+)/graphql", await process.stdout.readline())):
                assert process.returncode is None
        people = {"nobody": Client(found[1].decode(), http, None)}
        for account in DEMO_ACCOUNTS:
            asked = {"userName": account.user_name, "password": account.password}
            token = (await people["nobody"].ask(SIGN_IN, input=asked))["signIn"]["token"]
            people[account.user_name] = Client(found[1].decode(), http, token)
        async with connected(url) as owner:
            yield Demo(people, owner)
