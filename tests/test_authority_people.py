"""Every mutation on accounts and places, taken by every kind of person: the table's "on …" sections, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio
from graphql import get_named_type

from graph.context import Services
from graph.root import schema
from tests.authority_desks import DESK_PROBES
from tests.authority_matrix import PEOPLE, SECTIONS, grouped
from tests.authority_people import ready
from tests.authority_probes import ON_THE_WAY, PROBES, Ask
from tests.authority_stage import Stage
from tests.authority_steps import TOLD, take
from tests.authority_story import build
from tests.live import Live
from tests.world import Person, World

ALL = {**PROBES, **DESK_PROBES}
TABLE = {
    (section.subject, name): cells
    for section in SECTIONS
    if section.types == ("Mutation",)
    for name, cells in section.cells.items()
}
TRACES = ("account", "institution", "desk_request", "activation_code", "outbox", "nurse", "registration")


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


def test_every_mutation_of_the_table_is_asked_for() -> None:
    """Those on an application are asked for by tests/test_authority_steps.py."""
    assert {name for _, name in ALL} == {name for name in MUTATIONS if not name.startswith(("application", "sign"))}
    assert [*ALL] == [key for key in TABLE if not key[1].startswith(("application", "sign"))]


ASKED = [pytest.param(about, name, id=f"{name}: {about}") for about, name in ALL]


@pytest.mark.parametrize(("about", "mutation"), ASKED)
async def test_who_may_act_on_accounts_and_places(live: Live, stage: Stage, about: str, mutation: str) -> None:
    found = {}
    for name in PEOPLE:
        person = await stand_in(stage, about, mutation, name)
        given = await input_of(Ask(stage, person, live.as_(None)), about, mutation)
        if (about, mutation) == CORRECTION and name == "the nurse":
            person = stage.nurses["to correct"]
        before = await everything(stage.world)
        found[name], told = await take(live.as_(person), mutation, given, plain=False)
        if found[name] == "P":
            assert [*told] == ["__typename", *TOLD[told["__typename"]]]
        else:
            assert await everything(stage.world) == before
    assert grouped("".join(found.values())) == TABLE.get((about, mutation))


MUTATIONS: Mapping[str, Any] = schema._schema.mutation_type.fields  # type: ignore[union-attr]
CORRECTION = ("on the key facts of the nurse", "keyFactRequest")


async def stand_in(stage: Stage, about: str, mutation: str, name: str) -> Person | None:
    """Who asks: on the way to an active account, somebody who has come just so far."""
    if about == ON_THE_WAY and name == "inactive nurse":
        return await ready(stage, mutation)
    return stage.people[name]


async def input_of(ask: Ask, about: str, mutation: str) -> dict[str, Any]:
    """What is needed to take it; nothing much for whoever has no account."""
    kind = get_named_type(MUTATIONS[mutation].args["input"].type)
    if ask.person is None and about in SELF:
        return {name: "SMS" if name == "channel" else "x" for name in kind.fields if name != "idempotencyKey"}
    given = await ALL[about, mutation](ask)
    return {name: value for name, value in given.items() if name in kind.fields}


SELF = ("on one's own account",)


async def everything(world: World) -> dict[str, Any]:
    """All that a mutation on people could have changed, for anybody; but for the counts of tries."""
    sql = "select md5(coalesce(string_agg((to_jsonb(t) - '{tries,certificate_tries}'::text[])::text, '' order by id), ''))"
    keys = {"registration": "nurse_id"}
    return {
        name: await world.owner.fetchval(
            f"{sql} from {name} t".replace("order by id", f"order by {keys.get(name, 'id')}")
        )
        for name in TRACES
    }
