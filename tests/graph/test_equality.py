"""Generated queries over all root fields that have a plan: answered byte for byte as the executor answers them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, print_ast
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from db.read.shapes import LISTINGS
from graph.context import Services
from graph.documents import Rejected
from graph.limits import TooComplex
from graph.planned import ROOTS
from graph.root import schema
from graph.schema.node import BY_ID
from rules.people import Party, Role
from tests.support.authority_stage import Stage
from tests.support.authority_story import build
from tests.support.busy_application import DOCUMENTS, busy, sdl
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

ALONE = max(DOCUMENTS // 50, 2)
"""Of each root by itself, so that what one refuses does not hide the others."""
VIEWERS = ("anonymous", "inactive", "nurse", "operator", "viewer", "reviewer", "decider", "analyst", "help desk")


def documents(number: int, ids: list[str], roots: Collection[str] = ROOTS) -> list[str]:
    """So many generated queries of these root fields, the same in every run."""
    found: list[str] = []
    scalars = {
        "ID": st.sampled_from(ids).map(nodes.String),
        "Int": st.integers(0, 100).map(nodes.Int),
        "Date": st.dates().map(str).map(nodes.String),
        "DateTime": st.just("2026-11-22T00:00:00+08:00").map(nodes.String),
    }
    generated = queries(sdl(), fields=sorted(roots), custom_scalars=scalars, print_ast=print_ast, allow_x00=False)

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
    texts = [*documents(DOCUMENTS, ids), *(text for root in ROOTS for text in documents(ALONE, ids, [root]))]
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
    "{ viewer { id displayName party roles active account { id party state roles userName displayName createdAt }"
    " nurse { id } institution { id } authority { id } } }",
    f"query ($id: ID!) {{ institution(id: $id) {_PLACE} node(id: $id) {{ __typename id }} }}",
    "query ($id: ID!) { nurse(id: $id) { id name age phoneMasked registration { id standing mayPractise status version"
    f" institution {_PLACE} history {{ id at kind reason status validUntil application {{ id }} }} }}"
    " applications { id state heldBy heldUntil } } }",
    "query ($id: ID!) { application(id: $id) { id state version form { __typename ... on RenewalForm { remarks title } }"
    " nurse { name } decisions { id stage outcome reasons opinion at decider } revisions { revision changedFields at"
    " form { ... on RenewalForm { healthStatus healthExaminedOn } } } } }",
)


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody and everything of the authorization matrix."""
    return await build(world, services)


ARGUMENTS = {
    "calendar": f'from: "{TODAY.year}-10-01", until: "{TODAY.year}-10-10", ',
    "materialRequirements": "kind: REISSUE, ",
    # Each reading is an entry itself, of another purpose.
    "auditEntries": f'since: "{TODAY - timedelta(days=1)}T00:00:00Z", until: "{TODAY + timedelta(days=3)}T00:00:00Z", '
    "where: {purpose: {eq: OTHER}}, ",
}
WORKED_OUT = {"checklist", "formProblems", "availableSteps", "items", "rows", "notes", "application"}
"""What leaves a list to the executor, and what a page of its own asks for: not asked here."""


def whole(kind: GraphQLObjectType) -> str:
    """All fields of a row, and the name of what each leads to."""
    shown = []
    for name, field in kind.fields.items():
        if name not in WORKED_OUT:
            inside = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
            shown.append(f"{name}{'(first: 3)' if 'first' in field.args else ''} {inside}")
    return " ".join(shown)


@pytest.mark.parametrize("name", [name for name in LISTINGS if "." not in name])
async def test_every_list_is_read_alike_from_either_end(services: Services, stage: Stage, name: str) -> None:
    """By everybody who may ask for it; each page goes on from the cursor of the one before."""
    both, kind = Both(services), schema._schema.type_map[LISTINGS[name].noun]
    assert isinstance(kind, GraphQLObjectType)
    page = f"totalCount feedCursor pageInfo {{ startCursor endCursor }} edges {{ cursor node {{ {whole(kind)} }} }}"
    rows = 0
    for person in stage.people.values():
        for size, mark, end in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
            text = f"query ($at: String) {{ {name}({ARGUMENTS.get(name, '')}{size}: 2, {mark}: $at) {{ {page} }} }}"
            found = await both.planned(text, person)
            if found is not None:
                shown = orjson.loads(found)[name]
                rows += len(shown["edges"])
                await both.data(text, person, at=shown["pageInfo"][end])
    assert rows > 0
    assert both.unplanned == []


@pytest.mark.parametrize("name", [name for name, one in LISTINGS.items() if "." not in name and one.noun in BY_ID])
async def test_what_a_list_shows_is_found_by_its_id_by_whoever_may_read_it(
    services: Services, stage: Stage, name: str
) -> None:
    """By plan and by executor: for nobody else than those whose list it is on, but what everybody may read."""
    both, noun, shown = Both(services), LISTINGS[name].noun, dict[str, set[str]]()
    node = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for column, person in stage.people.items():
        found = await both.planned(f"{{ {name}({ARGUMENTS.get(name, '')}first: 5) {{ nodes {{ id }} }} }}", person)
        shown[column] = set() if found is None else {one["id"] for one in orjson.loads(found)[name]["nodes"]}
    everything = set[str]().union(*shown.values())
    assert everything
    for column, person in stage.people.items():
        for key in everything:
            one = (await both.data(node, person, id=key))["node"]
            assert one in ({"__typename": noun, "id": key}, None)
            assert one is not None or key not in shown[column]
            assert one is None or person is not None
