"""Three server processes on one database: whoever a step went to, every dashboard of every process gets everything."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from signal import SIGTERM
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from db.feed.reader import POLL_SECONDS
from db.feed.wakeup import POSTGRES, wakeups_of
from db.store import known_law
from db.store.announced_days import fill
from db.store.engine import Database
from db.store.keys import Keyring, new_keys
from db.store.migrate import migrate, require_keyring
from db.store.outage import run_forever
from db.store.url import asyncpg_dsn
from graph.schema.node import global_id
from rules.people import Party, Role
from tests.support.live import Client, Watch
from tests.support.nats_server import nats_server, needs_nats
from tests.support.postgres import new_database
from tests.support.until import until
from tests.support.world import TODAY, Person, World

pytestmark = pytest.mark.feature("I16")

PROCESSES = 3
NURSES = 24
LATENESS = 3 * POLL_SECONDS
FEED = """subscription { pendingReviewFeed { __typename
  ... on FeedMessage { cursor } ... on PendingReviewChange { change applicationId event { type } } } }"""
STEP = """mutation($input: %sInput!) { step: %s(input: $input) {
  ... on ApplicationPayload { application { id version } } ... on Problem { code message } } }"""
DRAFT = STEP % ("ApplicationCreateDraft", "applicationCreateDraft")
SUBMIT = STEP % ("ApplicationSubmit", "applicationSubmit")
FORM = {
    "renewal": {
        "healthStatus": "GOOD",
        "healthExaminedOn": TODAY.isoformat(),
        "department": "EMERGENCY",
        "title": "SENIOR_NURSE",
    }
}


@dataclass(repr=False)
class Register:
    """A database of its own, and what a server needs to be let in."""

    url: str
    keys: str
    world: World


@pytest_asyncio.fixture(scope="module")
async def register(server: str) -> AsyncIterator[Register]:
    """A register that only the processes of these tests use."""
    url, keys = await new_database(server), new_keys()
    await migrate(url)
    await require_keyring(url, Keyring.parse(keys))
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    yield Register(url, keys, World(owner, Keyring.parse(keys)))
    await owner.close()


@pytest_asyncio.fixture(params=["postgres", pytest.param("nats", marks=needs_nats), "nobody"])
async def wakeups(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """HUSHI_WAKEUPS: either carrier, or the address of one that is not there."""
    match request.param:
        case "postgres":
            yield POSTGRES
        case "nats":
            async with nats_server() as server:
                yield server.address
        case _:
            yield "nats://127.0.0.1:1"


@asynccontextmanager
async def serving(register: Register, wakeups: str) -> AsyncIterator[str]:
    """A process of its own, as an operator starts it; the address where it serves."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": register.url,
        "HUSHI_KEYS": register.keys,
        "HUSHI_PORT": "0",
        "HUSHI_WAKEUPS": wakeups,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", "serve"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (found := re.search(rb"GraphQL +(http://\S+)/graphql", await process.stdout.readline())):
                assert process.returncode is None
        yield found[1].decode()
    finally:
        process.send_signal(SIGTERM)
        await process.communicate()


@asynccontextmanager
async def witness(register: Register, wakeups: str) -> AsyncIterator[set[UUID]]:
    """What yet another process is woken for."""
    scopes: set[UUID] = set()
    db = Database(register.url, register.world.keyring)
    await db.open()
    listening = asyncio.create_task(run_forever(wakeups_of(wakeups, db, scopes.update).run))
    try:
        yield scopes
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await db.close()


async def changes(dashboard: Watch, count: int) -> list[dict[str, Any]]:
    """The next changes of the pending reviews; heartbeats pass by."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = await dashboard.next()
        if message["__typename"] != "FeedHeartbeat":
            found.append(message)
    return found


async def file(http: httpx.AsyncClient, drafting: str, filing: str, nurse: Person) -> str:
    """She writes it at one process and files it at another; its id."""

    async def step(origin: str, mutation: str, **given: Any) -> dict[str, Any]:
        done = (await Client(origin, http, nurse.token).ask(mutation, input=given))["step"]
        assert "application" in done, done
        return done["application"]

    draft = await step(drafting, DRAFT, form=FORM)
    await step(filing, SUBMIT, id=draft["id"], expectedVersion=draft["version"])
    return str(draft["id"])


async def test_every_dashboard_of_three_processes_gets_every_event_once_in_the_same_order(
    register: Register, wakeups: str
) -> None:
    world, now = register.world, asyncio.get_running_loop().time
    cast = await world.cast()
    records = [await world.nurse(cast.hospital, cast.district) for _ in range(NURSES)]
    *nurses, last = [await world.person(Party.NURSE, record, Role.NURSE) for record in records]
    async with AsyncExitStack() as stack:
        scopes = await stack.enter_async_context(witness(register, wakeups))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        starting = [serving(register, wakeups) for _ in range(PROCESSES)]
        origins = await asyncio.gather(*map(stack.enter_async_context, starting))
        watching = [Client(at, http, who.token).watch(FEED) for at in origins for who in (cast.operator, cast.viewer)]
        dashboards = [await stack.enter_async_context(one) for one in watching]
        for dashboard in dashboards:
            assert (await dashboard.next())["__typename"] == "FeedHeartbeat"

        following = [asyncio.create_task(changes(dashboard, len(nurses))) for dashboard in dashboards]
        pairs = [(origins[n % PROCESSES], origins[(n // PROCESSES) % PROCESSES]) for n in range(len(nurses))]
        filed = await asyncio.gather(*(file(http, *pair, nurse) for pair, nurse in zip(pairs, nurses, strict=True)))
        done = now()
        found = await asyncio.gather(*following)
        assert now() - done < LATENESS
        assert sorted(change["applicationId"] for change in found[0]) == sorted(filed)
        assert {change["change"] for change in found[0]} == {"ADDED"}

        # Whatever came twice would come before this.
        filed.append(await file(http, origins[0], origins[0], last))
        done = now()
        for n, dashboard in enumerate(dashboards):
            found[n] += await changes(dashboard, 1)
        assert now() - done < LATENESS
        recorded = "select application_id from event where scope = $1 and queue is not null order by seq"
        rows = [global_id("Application", row[0]) for row in await world.owner.fetch(recorded, cast.hospital)]
        assert [change["applicationId"] for change in found[0]] == rows
        assert rows[-1] == filed[-1]
        assert all(shown == found[0] for shown in found)
        if wakeups.endswith(":1"):
            assert scopes == set()
        else:
            await until(lambda: cast.hospital in scopes)
