"""Generated queries over all root fields that have a plan: answered byte for byte as the executor answers them."""

from __future__ import annotations

import os
from typing import Any

import pytest
from graphql import print_ast
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from graph.context import Services
from graph.documents import Rejected
from graph.limits import TooComplex
from graph.planned import ROOTS
from graph.root import schema
from graph.schema.node import global_id
from rules.application import Step
from rules.people import Party, Role
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, World, renewal
from workflow import application as workflow
from workflow.application import Draft, Order

DOCUMENTS = int(os.environ.get("HUSHI_TEST_DOCUMENTS", "2000" if os.environ.get("HUSHI_TEST_LONG") else "100"))
VIEWERS = ("anonymous", "inactive", "nurse", "operator", "viewer", "reviewer", "decider", "analyst", "help desk")


def documents(number: int, ids: list[str]) -> list[str]:
    """So many generated queries, the same in every run."""
    found: list[str] = []
    scalars = {
        "ID": st.sampled_from(ids).map(nodes.String),
        "Int": st.integers(0, 100).map(nodes.Int),
        "Date": st.dates().map(str).map(nodes.String),
        "DateTime": st.just("2026-11-22T00:00:00+08:00").map(nodes.String),
    }
    generated = queries(
        schema.as_str(), fields=sorted(ROOTS), custom_scalars=scalars, print_ast=print_ast, allow_x00=False
    )

    @seed(number)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(generated)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


async def busy(world: World, services: Services, cast: Cast) -> list[str]:
    """An application that has been through everything, and the ids of all that it touches."""
    key = await workflow.create_draft(services.db, Draft(cast.nurse.session, renewal()))
    steps = (
        (cast.nurse, Step.SUBMIT), (cast.operator, Step.FORWARD), (cast.reviewer, Step.ACCEPT),
        (cast.reviewer, Step.RECOMMEND), (cast.decider, Step.APPROVE),
    )  # fmt: skip
    for version, (person, step) in enumerate(steps, start=1):
        await workflow.take(services.db, Order(person.session, step, key, version))
    nurse = await world.nurse(cast.hospital, cast.district)
    other = await world.person(Party.NURSE, nurse, Role.NURSE)
    waiting = await workflow.create_draft(services.db, Draft(other.session, renewal(remarks='"引号"\n\\😀')))
    await workflow.take(services.db, Order(other.session, Step.SUBMIT, waiting, 1))
    named = {"Application": key, "Nurse": cast.nurse_id, "Institution": cast.hospital, "Authority": cast.district}
    ids = [global_id(noun, one) for noun, one in {**named, "Registration": nurse}.items()]
    return [*ids, global_id("Application", waiting), global_id("Account", cast.operator.account_id), "x", ""]


async def person_of(world: World, cast: Cast, name: str) -> Any:
    """One of the viewers."""
    match name:
        case "anonymous":
            return None
        case "inactive":
            return await world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE")
        case "analyst":
            return await world.person(Party.ANALYST, None, Role.ANALYST)
        case "help desk":
            return await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    return getattr(cast, name)


async def test_generated_queries_give_the_same_bytes(services: Services, world: World, cast: Cast) -> None:
    both, ids = Both(services), await busy(world, services, cast)
    texts = documents(DOCUMENTS, ids)
    people = [await person_of(world, cast, name) for name in VIEWERS]
    planned = refused = 0
    for text in texts:
        for person in people:
            try:
                planned += await both.planned(text, person) is not None
            except (TooComplex, Rejected):
                refused += 1
    asked = len(texts) * len(people)
    print(f"\n{asked} questions: {planned} planned, {refused} over a limit, {both.reads.counts}")  # noqa: T201
    answered = planned + len(both.unplanned)
    assert planned > answered * 0.9, both.unplanned[:5]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_the_whole_of_each_noun_has_a_plan(services: Services, world: World, cast: Cast, viewer: str) -> None:
    """Every field of the nouns that lists and screens show, asked at once."""
    both, ids = Both(services), await busy(world, services, cast)
    person = await person_of(world, cast, viewer)
    for one in ids:
        for text in WHOLE:
            await both.data(text, person, id=one)


_PLACE = "{ id code name state division authority { id code name level parent { id name } } }"
WHOLE = (
    "{ viewer { displayName party roles active account { id party state roles userName displayName createdAt }"
    " nurse { id } institution { id } authority { id } } }",
    f"query ($id: ID!) {{ institution(id: $id) {_PLACE} node(id: $id) {{ __typename id }} }}",
    "query ($id: ID!) { nurse(id: $id) { id name age phoneMasked registration { id standing mayPractise status version"
    f" institution {_PLACE} history {{ id at kind reason status validUntil application {{ id }} }} }}"
    " applications { id state heldBy heldUntil } } }",
    "query ($id: ID!) { application(id: $id) { id state version form { __typename ... on RenewalForm { remarks title } }"
    " nurse { name } decisions { id stage outcome reasons opinion at decider } revisions { revision changedFields at"
    " form { ... on RenewalForm { healthStatus healthExaminedOn } } } } }",
)
