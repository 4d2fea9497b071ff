"""Every mutation but the steps on an application, taken by every kind of person: the table, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from graph.context import Services
from graph.root import schema
from rules.people import Party, Role
from tests.support.authority_applications import EARLY as EARLY_APPLICATION
from tests.support.authority_applications import ON, RIGHT
from tests.support.authority_asked import ALL, trials_of
from tests.support.authority_stage import Stage
from tests.support.authority_steps import FIELDS, TABLE, take
from tests.support.authority_story import build
from tests.support.authority_trials import Row, everything
from tests.support.live import Live
from tests.support.world import TODAY, World

OTHERS = {(RIGHT, name) for name in ("applicationCreateDraft", "signIn", "signOut")}
OTHERS.add((EARLY_APPLICATION, "applicationCreateDraft"))
MUTATIONS: Mapping[str, Any] = schema._schema.mutation_type.fields  # type: ignore[union-attr]


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


def test_every_mutation_of_the_table_is_asked_for() -> None:
    """Those on an application are asked for by tests/test_authority_steps.py."""
    assert {name for _, name in TABLE} == {*MUTATIONS}
    assert {*ALL, *ON, *OTHERS} == {*TABLE}
    assert {*ALL} & ({*ON} | OTHERS) == set()


@pytest.mark.parametrize(("about", "mutation"), [pytest.param(*key, id=f"{key[1]}: {key[0]}") for key in ALL])
async def test_who_may_act(live: Live, stage: Stage, about: str, mutation: str) -> None:
    """Whoever is refused tries at the same thing, all together; whoever may has one of her own."""
    row = Row(mutation, TABLE[about, mutation])
    trials = [trial async for trial in trials_of(live, stage, (about, mutation), row.entitled)]
    await row.holds(live, trials, partial(everything, stage.world))


async def test_only_the_nation_keeps_the_calendar(live: Live, stage: Stage) -> None:
    """None of the table's people works there."""
    nation = await stage.world.owner.fetchval("select parent_id from authority where id = $1", stage.cast.nation)
    found = {}
    for role in (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN):
        officer = await stage.world.person(Party.AUTHORITY, nation, role)
        day = {"day": (TODAY + timedelta(days=31)).isoformat(), "working": True}
        found[role], answer = await take(live.as_(officer), "calendarSetDay", day)
        assert found[role] != "P" or [*answer] == ["__typename", *FIELDS["CalendarSetDayPayload"]]
    assert [*found.values()] == ["A", "A", "P", "P"]
