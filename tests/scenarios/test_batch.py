"""An office confirms many applications at once; the server is killed on the way, and the same key goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from signal import SIGKILL
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from graph.schema.node import global_id
from rules.application import State
from tests.support.filed_applications import put
from tests.support.killable_server import Register, registered, serving
from tests.support.live import Client

pytestmark = pytest.mark.feature("I17")
REVIEWS: Final = 120
CHECK: Final = "query($input: ApplicationsCheckInput!) { applicationsCheck(input: $input) { token eligible } }"
DO: Final = """mutation($input: ApplicationsCarryOutInput!) { applicationsCarryOut(input: $input) {
  ... on ApplicationsCarryOutPayload { applicationBatch { id total } } ... on Problem { code message } } }"""
ITEMS: Final = """query($id: ID!, $after: String) { applicationBatch(id: $id) { state done refused
  items(first: 100, after: $after) { pageInfo { endCursor } nodes { outcome application { id state } } } } }"""


@pytest_asyncio.fixture
async def register(server: str) -> AsyncIterator[Register]:
    """A register with one hospital that has much to review."""
    async with registered(server, REVIEWS) as one:
        nurses = await one.world.owner.fetch("select nurse_id from registration order by nurse_id")
        for row in nurses:
            more = {"nurse_id": row["nurse_id"], "authority_id": None}
            await put(one.world, one.cast, State.INSTITUTION_REVIEW, **more)
        yield one


async def test_the_same_key_after_a_kill_goes_on_and_tells_the_same_items(register: Register) -> None:
    owner, cast = register.world.owner, register.cast
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        doomed = await stack.enter_async_context(serving(register))
        client = Client(doomed.origin, http, cast.operator.token)
        given: dict[str, Any] = {"step": "FORWARD", "where": {}}
        checked = (await client.ask(CHECK, input=given))["applicationsCheck"]
        assert checked["eligible"] == REVIEWS
        wish = {**given, "token": checked["token"], "idempotencyKey": "many-and-killed"}
        begun = (await client.ask(DO, input=wish))["applicationsCarryOut"]["applicationBatch"]
        while not await owner.fetchval("select count(*) from application_batch_item where done_at is not null"):
            continue
        doomed.process.send_signal(SIGKILL)
        await doomed.process.wait()
        done = await owner.fetchval("select count(*) from application_batch_item where done_at is not null")
        assert await owner.fetchval("select count(*) from application where state = 'AUTHORITY_INTAKE'") == done
        lasting = await stack.enter_async_context(serving(register))
        client = Client(lasting.origin, http, cast.operator.token)
        again = (await client.ask(DO, input=wish))["applicationsCarryOut"]["applicationBatch"]
        assert again == begun == {"id": begun["id"], "total": REVIEWS}
        while await owner.fetchval("select count(*) from application_batch where state = 'RUNNING'"):
            continue
        first = (await client.ask(ITEMS, id=begun["id"]))["applicationBatch"]
        end = first["items"]["pageInfo"]["endCursor"]
        rest = (await client.ask(ITEMS, id=begun["id"], after=end))["applicationBatch"]
    assert (first["state"], first["done"], first["refused"]) == ("FINISHED", REVIEWS, 0)
    nodes = first["items"]["nodes"] + rest["items"]["nodes"]
    assert {(one["outcome"], one["application"]["state"]) for one in nodes} == {("DONE", "AUTHORITY_INTAKE")}
    keys = await owner.fetch("select id from application")
    assert sorted(one["application"]["id"] for one in nodes) == sorted(
        global_id("Application", row["id"]) for row in keys
    )
    forwarded = "select count(*) from event where scope = $1 and type = 'application.forwarded'"
    assert await owner.fetchval(forwarded, cast.district) == REVIEWS
