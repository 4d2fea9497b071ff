"""The system's scheduler as operators run it: by hand with `hushi scheduler`, and by the server itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest_asyncio

from db.store.keys import Keyring
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from rules.application import State
from rules.moment import SHANGHAI
from tests.support.authority_stage import put
from tests.support.postgres import new_database
from tests.support.server_process import KEYS, begun, hushi, said, stopped
from tests.support.world import World


@dataclass
class Register:
    """A migrated database and one application in it that the authority has said nothing of for 40 days."""

    url: str
    world: World
    key: UUID

    async def state(self) -> str:
        """Where the application stands."""
        return str((await self.world.row("application", self.key))["state"])


@pytest_asyncio.fixture
async def register(empty_url: str) -> AsyncIterator[Register]:
    """One of these."""
    keyring = Keyring.parse(KEYS)
    await migrate(empty_url)
    await require_keyring(empty_url, keyring)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    world, ago = World(owner, keyring), datetime.now(SHANGHAI) - timedelta(days=40)
    cast = await world.cast()
    key = await put(world, cast, State.AUTHORITY_INTAKE, forwarded_at=ago, submitted_at=ago, queued_at=ago)
    yield Register(empty_url, world, key)
    await owner.close()


async def test_by_hand_it_says_what_it_did_and_then_that_nothing_is_due(register: Register) -> None:
    # Its decision was due at once, since it counts from receipt; of her expiry nobody is reminded while it waits.
    output = "Done: accept 1, breached 1, passed_over 1.\n"
    assert await hushi("scheduler", DATABASE_URL=register.url, HUSHI_LOG="warning") == (0, output, "")
    assert await register.state() == "ACCEPTED"
    assert await hushi("scheduler", DATABASE_URL=register.url, HUSHI_LOG="warning") == (0, "Nothing is due.\n", "")


async def test_a_server_does_it_by_itself(register: Register) -> None:
    async with begun("serve", HUSHI_LOG="json", DATABASE_URL=register.url) as process:
        entry = await said(process, "the scheduler did what was due")
        assert (entry["level"], entry["accept"], entry["breached"]) == ("info", 1, 1)
        assert await register.state() == "ACCEPTED"
        assert await stopped(process) == (0, False)


async def test_a_server_that_is_told_not_to_leaves_it(register: Register) -> None:
    async with begun("serve", HUSHI_LOG="json", HUSHI_SCHEDULER="off", DATABASE_URL=register.url) as process:
        await said(process, "what is no longer kept was cleared away")
        assert await stopped(process) == (0, False)
    assert await register.state() == "AUTHORITY_INTAKE"


async def test_a_database_that_is_not_migrated_is_refused(server: str) -> None:
    code, out, error = await hushi("scheduler", DATABASE_URL=await new_database(server))
    assert (code, out, error.count("\n")) == (1, "", 1)
    assert error.startswith("The database is at migration None and this release needs ")


async def test_a_wrong_setting_is_refused() -> None:
    complaint = "HUSHI_SCHEDULER is 'on': it should be 'server' or 'off'.\n"
    assert await hushi("scheduler", HUSHI_SCHEDULER="on") == (2, "", complaint)
