"""What has become of a planned step is worded by the executor where the plan cannot: the step is never begun again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest_asyncio
from structlog.testing import capture_logs

from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from graph.context import Context, Services
from graph.planned_step import Steps
from graph.resolvers import mutation
from graph.resolvers.shown import Shows
from graph.root import schema
from graph.schema.node import global_id
from graph.schema.step import ApplicationPayload, ApplicationStepInput
from rules.application import State
from tests.support.authority_stage import put
from tests.support.live import Client
from tests.support.people import resident
from tests.support.postgres import new_database
from tests.support.step_both_ways import StepBothWays, errors_of
from tests.support.world import Cast, World
from web.app import build, services_of
from web.settings import Settings
from workflow.lease import ApplicationTake

TAKE: Final = """mutation($input: ApplicationStepInput!) { applicationTake(input: $input) { __typename
  ... on ApplicationTakePayload { application { id %s } } ... on Problem { code message } } }"""
CLAIM: Final = """mutation($input: ApplicationClaimByIdNumberInput!) { applicationClaimByIdNumber(input: $input) {
  __typename ... on Problem { code message } } }"""


async def test_what_the_viewer_does_not_see_after_the_step_is_not_found_and_the_step_is_not_begun_again(
    services: Services, cast: Cast
) -> None:
    begun = list[UUID]()

    async def act(_: Context, given: ApplicationStepInput) -> UUID:
        begun.append(uuid4())  # of an application that nobody sees
        return begun[-1]

    declared = mutation.acting(
        ApplicationTake, ApplicationStepInput, ApplicationPayload, "Take it.", act, Shows("Application")
    )
    both = StepBothWays(services)
    both.steps = Steps(schema._schema, services.feed, [declared])
    context, given = both.context(cast.operator), {"input": {"id": "x", "expectedVersion": 1}}
    assert await both.planned(TAKE % "", given, context) is None
    assert context.outcome is not None
    assert [context.outcome.key] == begun
    answer = await both.executed(TAKE % "", given, context)
    assert (answer.data, errors_of(answer)) == (
        {
            "applicationTake": {
                "__typename": "NotFoundProblem",
                "code": "NOT_FOUND",
                "message": "未找到该记录",
            }
        },
        [],
    )
    assert len(begun) == 1


async def traces(world: World) -> dict[str, int]:
    """What tries leave behind."""
    sql = "select (select count(*) from audit) as audit, (select count(*) from attempt) as attempt"
    return dict(await world.owner.fetchrow(sql))


async def test_a_refused_step_is_counted_and_kept_once(services: Services, world: World, cast: Cast) -> None:
    """A claim by a number that nobody has: as the executor alone counts and keeps it."""
    both, left = StepBothWays(services), list[dict[str, int]]()
    for planned in (True, False):
        given, before = {"input": {"idNumber": resident()}}, await traces(world)
        context = both.context(cast.operator)
        if planned:
            assert await both.planned(CLAIM, given, context) is None
            assert context.outcome is not None
        answer = await both.executed(CLAIM, given, context)
        assert answer.data is not None
        assert answer.data["applicationClaimByIdNumber"]["__typename"] == "NotFoundProblem"
        after = await traces(world)
        left.append({name: after[name] - before[name] for name in after})
    by_plan, by_executor = left
    assert by_plan == by_executor
    assert by_plan["attempt"] == 2  # hers, and her institution's


@pytest_asyncio.fixture
async def lame(server: str, keyring: Keyring) -> AsyncIterator[tuple[Client, World, Cast]]:
    """An operator's client of a server whose database has lost a table that the step does not need, but its payload."""
    url = await new_database(server)
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    world = World(owner, keyring)
    cast = await world.cast()
    await owner.execute("alter table material rename to gone")
    services = services_of(Settings(), url, keyring)
    await services.db.open()
    await services.feed.open()
    app = build(Settings(), url, keyring, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Client("http://register.test", http, cast.operator.token), world, cast
    await services.feed.close()
    await services.db.close()
    await owner.close()


async def test_a_payload_that_cannot_be_read_is_an_incident_of_a_step_that_stands(
    lame: tuple[Client, World, Cast],
) -> None:
    client, world, cast = lame
    key = await put(world, cast, State.INSTITUTION_REVIEW)
    given: dict[str, Any] = {"input": {"id": global_id("Application", key), "expectedVersion": 1}}
    with capture_logs() as logs:
        response = await client.post(TAKE % "materials { id }", given, **{"Accept-Language": "en"})
    body = response.json()
    (error,) = body["errors"]
    assert (response.status_code, body["data"], error["extensions"]["code"]) == (500, None, "INTERNAL")
    assert error["path"] == ["applicationTake", "application", "materials"]
    (line,) = [one for one in logs if one.get("incident") == error["extensions"]["incident"]]
    assert line["error"] == "UndefinedTableError"
    assert [one["error"] for one in logs if one["event"] == "a plan failed"] == ["UndefinedTableError"]
    assert (
        await world.owner.fetchval("select holder_id from application where id = $1", key) == cast.operator.account_id
    )
    events = await world.owner.fetch(
        "select type from event where application_id = $1 and scope = $2", key, cast.hospital
    )
    assert [one["type"] for one in events] == ["application.taken"]
