"""The id of a request stands in its answer and in each log line that it causes, on a server as operators run it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from db.store.keys import Keyring
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from rules.people import Party, Role
from tests.support.postgres import new_database
from tests.support.server_process import KEYS, begun, said
from tests.support.world import Person, World


@dataclass(repr=False)
class Served:
    """A server process, and the lines of its log."""

    process: asyncio.subprocess.Process
    address: str
    owner: asyncpg.Connection[asyncpg.Record]
    person: Person

    async def lines(self, count: int) -> list[dict[str, Any]]:
        """The next lines that requests have caused."""
        return [await said(self.process, "refused", "unexpected error") for _ in range(count)]


@pytest_asyncio.fixture(scope="module")
async def served(server: str) -> AsyncIterator[Served]:
    """A server on a database of its own."""
    url, keyring = await new_database(server), Keyring.parse(KEYS)
    await migrate(url)
    await require_keyring(url, keyring)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    world = World(owner, keyring)
    cast = await world.cast()
    person = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
    async with begun("serve", HUSHI_LOG="json", HUSHI_SCHEDULER="off", HUSHI_NOTIFY="off", DATABASE_URL=url) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (found := re.search(rb"GraphQL +http://(\S+)/graphql", await process.stdout.readline())):
                assert process.returncode is None
        yield Served(process, found[1].decode(), owner, person)
    await owner.close()


async def test_the_lines_of_requests_at_once_carry_each_its_own_id_and_so_do_the_answers(served: Served) -> None:
    given = [f"trace-{number}" for number in range(5)]
    paths = ["/graphql", "/files", "/graphql", "/files", "/graphql"]
    async with httpx.AsyncClient(base_url=f"http://{served.address}") as http:
        asked = [
            http.post(path, json={"query": 1}, headers={"X-Request-Id": one})
            for path, one in zip(paths, given, strict=True)
        ]
        answers = await asyncio.gather(*asked)
    assert [answer.headers["X-Request-Id"] for answer in answers] == given
    lines = await served.lines(5)
    assert sorted((line["request_id"], line["code"]) for line in lines) == [(one, "BAD_REQUEST") for one in given]


async def test_the_lines_of_a_fault_of_ours_carry_the_id(served: Served) -> None:
    headers = {"X-Request-Id": "fault.1", "Authorization": f"Bearer {served.person.token}"}
    await served.owner.execute("alter table session rename to away")
    async with httpx.AsyncClient(base_url=f"http://{served.address}") as http:
        answer = await http.post("/graphql", json={"query": "{ viewer { __typename } }"}, headers=headers)
    await served.owner.execute("alter table away rename to session")
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "fault.1")
    (line,) = await served.lines(1)
    incident = answer.json()["errors"][0]["extensions"]["incident"]
    assert (line["event"], line["request_id"], line["incident"]) == ("unexpected error", "fault.1", incident)


async def test_the_lines_of_a_refused_step_carry_the_id(served: Served) -> None:
    query = """mutation { contactConfirm(input: {messageId: "x", code: "1"}) { __typename } }"""
    async with httpx.AsyncClient(base_url=f"http://{served.address}") as http:
        answer = await http.post("/graphql", json={"query": query}, headers={"X-Request-Id": "step_1"})
    assert answer.headers["X-Request-Id"] == "step_1"
    assert {line["request_id"] for line in await served.lines(1)} == {"step_1"}


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", '"}', "张"])
@pytest.mark.parametrize("path", ["/graphql", "/files"])
async def test_an_id_that_would_spoil_a_log_is_replaced_in_line_and_answer_alike(
    served: Served, path: str, given: str
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{served.address}") as http:
        answer = await http.post(path, json={"query": 1}, headers={"X-Request-Id": given.encode()})
    (line,) = await served.lines(1)
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])
    assert answer.headers["X-Request-Id"] == line["request_id"]


async def test_the_operations_on_a_socket_carry_the_id_of_its_opening(served: Served) -> None:
    protocol, headers = [Subprotocol("graphql-transport-ws")], {"X-Request-Id": "socket-1"}
    async with connect(
        f"ws://{served.address}/graphql", subprotocols=protocol, additional_headers=headers, proxy=None
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        await socket.recv()
        for number in ("1", "2"):
            await socket.send(json.dumps({"type": "subscribe", "id": number, "payload": {"query": "{"}}))
            assert json.loads(await socket.recv())["type"] == "error"
    assert [line["request_id"] for line in await served.lines(2)] == ["socket-1"] * 2
