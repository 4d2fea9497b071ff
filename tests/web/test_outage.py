"""The database is away, full or no primary: a state that ends, and is told as one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from db.store import outage
from db.store.connecting import DatabaseRefusal
from db.store.engine import Database
from db.store.keys import Keyring, new_keys
from db.store.migrate import migrate
from tests.support.between import Between, between
from tests.support.command_line import Result, hushi
from tests.support.small_server import serve
from tests.support.world import Cast, Person, World
from web.app import build
from web.settings import Settings

RETRY = {"code": "UNAVAILABLE", "retryAfter": 2}


@pytest.fixture(autouse=True)
def no_outage_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage.OUTAGES, "_last", None)


@pytest.fixture
async def way(owner_url: str) -> AsyncIterator[Between]:
    async with between(owner_url) as found:
        yield found


@pytest.fixture
async def door(way: Between, keyring: Keyring, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The register, whose way to its database can be cut."""
    async with (
        serve(build(Settings(), way.url, keyring)) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=20) as http,
    ):
        yield http


async def viewer(door: httpx.AsyncClient, person: Person) -> httpx.Response:
    signed = {"Authorization": f"Bearer {person.token}"}
    return await door.post("/graphql", json={"query": "{ viewer { displayName } }"}, headers=signed)


async def planned(door: httpx.AsyncClient, person: Person) -> httpx.Response:
    signed = {"Authorization": f"Bearer {person.token}"}
    return await door.post("/graphql", json={"query": "{ nurses(first: 1) { nodes { id } } }"}, headers=signed)


async def knock(door: httpx.AsyncClient) -> httpx.Response:
    """A step that needs no sign-in."""
    wish = {"userName": "nobody", "password": "Nothing2026"}
    query = "mutation($i: SignInInput!) { signIn(input: $i) { __typename ... on Problem { code } } }"
    return await door.post("/graphql", json={"query": query, "variables": {"i": wish}})


def answer_of(response: httpx.Response) -> tuple[int, str | None, list[dict[str, object]]]:
    errors = [error["extensions"] for error in response.json().get("errors", ())]
    return response.status_code, response.headers.get("retry-after"), errors


async def test_while_the_database_is_away_every_request_is_told_to_come_again_and_the_log_says_so_once(
    door: httpx.AsyncClient, way: Between, cast: Cast
) -> None:
    assert (await viewer(door, cast.nurse)).status_code == 200
    await way.go()
    with capture_logs() as logs:
        for _ in range(3):
            assert answer_of(await viewer(door, cast.operator)) == (503, "2", [RETRY])
            assert answer_of(await knock(door)) == (503, "2", [RETRY])
    await way.come()
    assert (await planned(door, cast.operator)).status_code == 200
    await way.go()
    with capture_logs() as more:  # her session is known for a second: the plan itself finds the database away
        assert answer_of(await planned(door, cast.operator)) == (503, "2", [RETRY])
    logs += more
    ours = [log["event"] for log in logs if log["log_level"] in {"warning", "error"} or log["event"] == "refused"]
    assert ours == ["the database is away"]
    await way.come()
    assert (await viewer(door, cast.operator)).status_code == 200


async def test_a_socket_that_comes_while_the_database_is_away_is_told_to_come_again(
    door: httpx.AsyncClient, way: Between, cast: Cast
) -> None:
    """1013 is no final code for graphql-ws, 1011 is."""
    await way.go()
    address = f"ws://{door.base_url.netloc.decode()}/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:
        payload = {"authorization": f"Bearer {cast.nurse.token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        with pytest.raises(ConnectionClosed) as closing:
            await asyncio.wait_for(socket.recv(), 10)
    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 1013


async def test_a_process_without_its_database_lives_and_is_not_ready(door: httpx.AsyncClient, way: Between) -> None:
    assert [(await door.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]
    await way.go()
    await asyncio.sleep(1.1)  # an answer is kept for a second
    assert [(await door.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 503]


@asynccontextmanager
async def nothing_written(owner: asyncpg.Connection[asyncpg.Record], state: str) -> AsyncIterator[None]:
    """A database that answers every write with this code."""
    await owner.execute(
        f"create function refuse() returns trigger language plpgsql as $$ begin raise exception using errcode = '{state}'; end $$"
    )
    await owner.execute("create trigger refuse before insert on attempt execute function refuse()")
    try:
        yield
    finally:
        await owner.execute("drop trigger refuse on attempt")
        await owner.execute("drop function refuse")


@pytest.mark.parametrize("state", ["53100", "25006"], ids=["disk full", "read-only"])
async def test_a_database_that_cannot_be_written_to_is_told_and_reading_goes_on(
    door: httpx.AsyncClient, world: World, cast: Cast, state: str
) -> None:
    async with nothing_written(world.owner, state):
        assert answer_of(await knock(door)) == (503, "2", [RETRY])
        assert (await door.get("/readyz")).status_code == 503
        assert (await viewer(door, cast.nurse)).status_code == 200
    assert (await knock(door)).status_code == 200


async def test_a_server_without_room_lets_a_step_wait_for_a_connection_of_our_own(
    way: Between, keyring: Keyring
) -> None:
    db = Database(way.url, keyring, pool_size=2)
    try:
        async with db.begin() as held:
            way.refuses = ("53300", "sorry, too many clients already")
            step = asyncio.create_task(asked_time(db))
            await asyncio.sleep(0.2)
            assert not step.done()
            await held.ask_time()
        await asyncio.wait_for(step, 5)
    finally:
        await db.close()


async def asked_time(db: Database) -> None:
    async with db.begin() as tx:
        await tx.ask_time()


DROPPED = (
    "The database gives us role 'hushi' where we ask for 'hushi_app': something between drops start-up parameters "
    "(PgBouncer: ignore_startup_parameters); let it pass them on, or connect directly."
)


async def test_a_pooler_that_drops_what_a_connection_asks_for_is_never_used(way: Between, keyring: Keyring) -> None:
    """Otherwise the server would run as the owner, who may delete events."""
    way.drops = frozenset({"role", "statement_timeout", "jit", "timezone", "idle_in_transaction_session_timeout"})
    db = Database(way.url, keyring)
    try:
        for connecting in (db.require_ours, partial(asked_time, db), db.open):
            with pytest.raises(DatabaseRefusal) as refusal:
                await connecting()
            assert str(refusal.value) == DROPPED
    finally:
        await db.close()


@pytest.mark.parametrize("name", ["role", "statement_timeout", "idle_in_transaction_session_timeout"])
async def test_every_setting_is_asked_for_and_checked(way: Between, keyring: Keyring, name: str) -> None:
    way.drops = frozenset({name})
    db = Database(way.url, keyring)
    try:
        with pytest.raises(DatabaseRefusal, match=name):
            await db.require_ours()
    finally:
        await db.close()


WRONG = {
    "a wrong password": ("28P01", 'password authentication failed for user "hushi"'),
    "a login outside hushi_app": ("42501", 'permission denied to set role "hushi_app"'),
    "a pooler that refuses": ("08P01", "unsupported startup parameter: jit"),
}


async def started(way: Between, owner_url: str) -> Result:
    """A server behind it, which ends at once."""
    await migrate(owner_url)
    return await hushi(
        "serve", DATABASE_URL=way.url, DATABASE_OWNER_URL=owner_url, HUSHI_PORT="0", HUSHI_KEYS=new_keys()
    )


@pytest.mark.parametrize("name", WRONG)
async def test_a_server_that_is_not_let_in_says_why_in_one_sentence(empty_url: str, name: str) -> None:
    async with between(empty_url) as way:
        way.refuses = WRONG[name]
        found = await started(way, empty_url)
    sentence = f"The database does not let us in ({WRONG[name][1]}): check DATABASE_URL.\n"
    assert (found.code, found.out, found.error) == (1, "", sentence)


async def test_a_server_behind_a_pooler_that_drops_its_role_does_not_start(empty_url: str) -> None:
    async with between(empty_url) as way:
        way.drops = frozenset({"role"})
        found = await started(way, empty_url)
    assert (found.code, found.out, found.error) == (1, "", f"{DROPPED}\n")
