"""A bug of ours: whoever asks is told a number and nothing else, and the log has it under that number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio
from structlog.testing import capture_logs

from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from graph.schema.node import global_id
from tests.support.live import Client
from tests.support.postgres import new_database
from tests.support.world import World
from web.app import build, services_of
from web.settings import Settings

INTERNAL = {"zh": "系统错误，请稍后再试", "en": "Something went wrong on our side; try again later."}
FORWARD = """mutation($input: ApplicationOpinionInput!) { applicationForward(input: $input) { __typename } }"""


@pytest_asyncio.fixture
async def broken(server: str, keyring: Keyring) -> AsyncIterator[Client]:
    """An operator's client of a server whose database has lost a table."""
    url = await new_database(server)
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    cast = await World(owner, keyring).cast()
    await owner.execute("alter table application rename to gone")
    services = services_of(Settings(), url, keyring)
    await services.db.open()
    await services.feed.open()
    app = build(Settings(), url, keyring, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Client("http://register.test", http, cast.operator.token)
    await services.feed.close()
    await services.db.close()
    await owner.close()


async def test_a_query_says_a_number_and_answers_the_rest(broken: Client) -> None:
    with capture_logs() as logs:
        response = await broken.post("{ viewer { party } pendingReviews { totalCount nodes { nurseName } } }")
    body = response.json()
    (error,) = body["errors"]
    assert response.status_code == 200
    assert body["data"] == {"viewer": {"party": "INSTITUTION"}, "pendingReviews": None}
    assert error["path"][0] == "pendingReviews"
    assert error["message"] == INTERNAL["zh"]
    logged(error, logs, "ProgrammingError")
    silent(response.text)


async def test_a_mutation_says_a_number_in_the_language_asked_for(broken: Client) -> None:
    given: dict[str, Any] = {"input": {"id": global_id("Application", uuid4()), "expectedVersion": 1}}
    with capture_logs() as logs:
        response = await broken.post(FORWARD, given, **{"Accept-Language": "en"})
    body = response.json()
    (error,) = body["errors"]
    assert (response.status_code, body["data"]) == (500, None)
    assert (error["path"], error["message"]) == (["applicationForward"], INTERNAL["en"])
    logged(error, logs, "UndefinedTableError")
    silent(response.text)


def logged(error: dict[str, Any], logs: Any, kind: str) -> None:
    """The log has the number, and under it what kind of error it was."""
    assert {*error["extensions"]} == {"code", "incident"}
    assert error["extensions"]["code"] == "INTERNAL"
    (line,) = [one for one in logs if one.get("incident") == error["extensions"]["incident"]]
    assert (line["log_level"], line["error"]) == ("error", kind)


def silent(text: str) -> None:
    """No word of how it is made inside."""
    inside = ("application", "relation", "select", "sql", "asyncpg", "Traceback", ".py")
    assert [word for word in inside if word in text.replace("applicationForward", "")] == []
