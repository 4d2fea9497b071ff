"""A hospital renews everybody at once (集体延续): by two server processes, of which one is killed on the way."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from signal import SIGKILL
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from db.store.engine import Database
from graph.schema.node import global_id
from tests.support.collective_group import Group
from tests.support.killable_server import Register, registered, serving
from tests.support.live import Client, Watch
from tests.support.statements import counted
from tests.support.world import TODAY
from workflow.collective_job import run

pytestmark = pytest.mark.feature("I16")
NURSES: Final = 2_000 if os.environ.get("HUSHI_TEST_LONG") else 300
FORM = {"healthStatus": "GOOD", "healthExaminedOn": str(TODAY), "department": "WARD", "title": "NURSE"}
WANTED = {"kind": "RENEWAL", "form": {"renewal": FORM}, "where": {"standing": {"eq": "EXPIRING"}}}
START = """mutation($input: CollectiveFilingStartInput!) { collectiveFilingStart(input: $input) {
  ... on CollectiveFilingStartPayload { collectiveFiling { id total feedCursor } } ... on Problem { code message } } }"""
PROGRESS = """subscription($id: ID!, $after: String) { collectiveFilingFeed(id: $id, after: $after) {
  __typename ... on FeedMessage { at } ... on CollectiveFilingEvent { filingState total filed refused } } }"""
QUEUE = """subscription { pendingReviewFeed { __typename ... on PendingReviewChange { change applicationId } } }"""


@pytest_asyncio.fixture
async def register(server: str) -> AsyncIterator[Register]:
    """A register with one big hospital."""
    async with registered(server, NURSES) as one:
        yield one


async def added(watch: Watch, count: int) -> list[str]:
    """The applications that are new on a desk, in their order."""
    found: list[str] = []
    while len(found) < count:
        message = await watch.next(60)
        if message["__typename"] == "PendingReviewChange":
            assert message["change"] == "ADDED"
            found.append(message["applicationId"])
    return found


async def progress(watch: Watch) -> list[dict[str, Any]]:
    """What is told of a filing, up to its end."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["filingState"] == "RUNNING":
        message = await watch.next(60)
        if message["__typename"] == "CollectiveProgressed":
            found.append(message)
    return found


async def test_everybody_is_filed_once_though_a_server_is_killed_and_the_queue_gets_each_live(
    register: Register,
) -> None:
    cast, owner = register.cast, register.world.owner
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        doomed, lasting = [await stack.enter_async_context(serving(register)) for _ in range(2)]
        client = Client(lasting.origin, http, cast.operator.token)
        desk = await stack.enter_async_context(Client(lasting.origin, http, cast.reviewer.token).watch(QUEUE))
        assert (await desk.next())["__typename"] == "FeedHeartbeat"
        filing = (await client.ask(START, input=WANTED))["collectiveFilingStart"]["collectiveFiling"]
        assert filing["total"] == NURSES
        following = client.watch(PROGRESS, id=filing["id"], after=filing["feedCursor"])
        messages = asyncio.create_task(progress(await stack.enter_async_context(following)))
        queue = asyncio.create_task(added(desk, NURSES))
        while await owner.fetchval("select count(*) from application") < NURSES // 10:
            continue
        doomed.process.send_signal(SIGKILL)
        seen, ids = await messages, await queue
    made = await owner.fetch("select id, nurse_id from application")
    assert len({row["nurse_id"] for row in made}) == len(made) == NURSES
    assert sorted(ids) == sorted(global_id("Application", row["id"]) for row in made)
    last = {"filingState": "FINISHED", "total": NURSES, "filed": NURSES, "refused": 0}
    assert {name: seen[-1][name] for name in last} == last
    filed = [one["filed"] for one in seen]
    assert filed == sorted(filed)
    state = "select state, finished_at - created_at as took from collective_filing"
    found = await owner.fetchrow(state)
    assert found["state"] == "FINISHED"
    # At most one a second, and the two at its ends.
    assert len(seen) <= found["took"].total_seconds() + 2


async def test_what_one_nurse_costs(register: Register, request: pytest.FixtureRequest) -> None:
    """Statements and seconds a nurse, by one process alone."""
    db = Database(register.url, register.world.keyring)
    await db.open()
    group, now = Group(db, register.world, register.cast), asyncio.get_running_loop().time
    began = now()
    key: UUID = await group.start()
    started = now() - began
    with counted(db) as statements:
        began = now()
        done = await run(db)
        took = now() - began
    assert done == {"filed": NURSES}
    each = len(statements) / NURSES
    figures = {"start": round(started, 2), "filing": round(took, 2), "statements": round(each, 1)}
    request.node.user_properties.append(("figures", figures))
    assert each < 1
    assert len(await group.applications(key)) == NURSES
    await db.close()
