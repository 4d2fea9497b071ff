"""The bench asks what the schema can answer, and everybody who is measured gives the same answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio

from bench.asking import asked
from bench.measure import Failed, Target
from bench.questions import (
    APPROVE,
    ONE_NURSE,
    PAGE,
    PENDING,
    PROVINCE,
    QUESTIONS,
    READS,
    SUBMIT,
    Question,
    Request,
    facts,
)
from bench.server import MERCURIUS, PEERS, POSTGRAPHILE, TUNED, Address, running
from graph.context import Services
from graph.documents import Documents
from graph.limits import Limits
from graph.root import schema
from graph.schema.node import global_id
from rules.application import Step
from tests.support.live import Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, World, renewal

Variables = Mapping[str, Mapping[str, Any]]
needs_node = pytest.mark.skipif(
    not (PEERS / "node_modules" / "mercurius").exists(), reason="the peers are not installed: npm ci in bench/peers"
)


@pytest_asyncio.fixture
async def variables(services: Services, world: World, cast: Cast) -> Variables:
    """What is asked about this cast's hospital, where two nurses work and one has filed."""
    await world.nurse(cast.hospital, cast.district)
    application = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, application, 1))
    page = {"first": 50, "after": None}
    return {PAGE.name: page, PENDING.name: page, ONE_NURSE.name: {"id": global_id("Nurse", cast.nurse_id)}}


@pytest.mark.parametrize("question", [one for one in QUESTIONS if one is not PROVINCE], ids=lambda one: one.name)
def test_a_question_fits_the_schema_and_its_limits(question: Question) -> None:
    assert asked(question)
    assert Documents(schema, Limits()).read(question.document) == question.document


@pytest.mark.parametrize("question", READS, ids=lambda one: one.name)
async def test_a_question_gets_the_same_bytes_by_plan_and_by_executor(
    question: Question, services: Services, cast: Cast, variables: Variables
) -> None:
    found = await Both(services).data(question.document, cast.operator, **variables[question.name])
    assert ("name", "王护士") in facts(found)


@needs_node
@pytest.mark.parametrize("peer", [MERCURIUS, TUNED])
async def test_mercurius_answers_as_hushi_does(
    peer: str, services: Services, owner_url: str, cast: Cast, variables: Variables
) -> None:
    async with running(peer, Address(owner_url, "", os.getpid())) as target:
        for question in READS:
            given = dict(variables[question.name])
            (answer,) = await target.ask([Request(question.document, cast.operator.token, given)])
            ours = await Both(services).data(question.document, cast.operator, **given)
            assert facts(answer) == facts(ours) != [], question.name


@needs_node
async def test_postgraphile_shows_the_same_people(
    services: Services, owner_url: str, cast: Cast, variables: Variables
) -> None:
    ours = await Both(services).data(PAGE.document, cast.operator, **variables[PAGE.name])
    document = (PEERS / "postgraphile" / "roster.graphql").read_text(encoding="utf-8")
    given = {"own": str(cast.hospital), "first": 50}
    async with running(POSTGRAPHILE, Address(owner_url, "", os.getpid())) as target:
        (answer,) = await target.ask([Request(document, cast.operator.token, given)])
    keys = frozenset({"name", "idNumberMasked"})
    assert facts(answer, keys) == facts(ours, keys)


@needs_node
async def test_mercurius_carries_a_step_on_where_hushi_began_and_the_other_way_round(
    services: Services, owner_url: str, world: World, cast: Cast
) -> None:
    application = await take_order(services.db, draft_of(cast.nurse.session, renewal()))

    def request(document: str, token: str, version: int) -> Request:
        given = {"id": global_id("Application", application), "expectedVersion": version}
        return Request(document, token, {"input": given})

    async with running(MERCURIUS, Address(owner_url, "", os.getpid())) as target:
        (answer,) = await target.ask([request(SUBMIT, cast.nurse.token, 1)])
        assert answer["done"]["application"]["state"] == "INSTITUTION_REVIEW"
        for person, step, version in (
            (cast.operator, Step.FORWARD, 2),
            (cast.reviewer, Step.ACCEPT, 3),
            (cast.reviewer, Step.RECOMMEND, 4),
        ):
            await take_order(services.db, order_of(person.session, step, application, version))
        before = await world.traces(cast)
        with pytest.raises(Failed, match="NotAllowedProblem"):
            await target.ask([request(APPROVE, cast.reviewer.token, 5)])
        assert await world.traces(cast) == before
        (answer,) = await target.ask([request(APPROVE, cast.decider.token, 5)])
    assert answer["done"]["application"]["state"] == "APPROVED"
    events = (await world.traces(cast))["events"]
    assert [row["seq"] for row in events if row["scope"] == cast.nurse_id] == [1, 2, 3, 4]
    assert (await world.row("registration", cast.nurse_id, "nurse_id"))["version"] == 2


async def test_a_system_that_refuses_is_not_measured(live: Live, cast: Cast) -> None:
    target = Target("Hushi", int(live.origin.rpartition(":")[2]), os.getpid(), os.getpid())
    stranger = Request(ONE_NURSE.document, cast.operator.token, {"id": global_id("Nurse", cast.hospital)})
    with pytest.raises(Failed, match="Hushi answered"):
        await target.ask([stranger])
