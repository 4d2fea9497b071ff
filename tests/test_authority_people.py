"""Every mutation but the steps on an application, taken by every kind of person: the table, cell by cell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from graph.context import Services
from graph.root import schema
from rules.people import Party, Role
from tests.support.authority_acts import ACT_PROBES
from tests.support.authority_applications import EARLY as EARLY_APPLICATION
from tests.support.authority_applications import ON, RIGHT
from tests.support.authority_desks import DESK_PROBES
from tests.support.authority_files import EARLY, FILE_PROBES
from tests.support.authority_matrix import PEOPLE
from tests.support.authority_people import ready
from tests.support.authority_probes import ON_THE_WAY, OWN, PROBES, Ask
from tests.support.authority_rights import RIGHTS_PROBES
from tests.support.authority_stage import Stage
from tests.support.authority_steps import FIELDS, TABLE, Key, inputs_of, take, wanted
from tests.support.authority_stock import STOCK_PROBES
from tests.support.authority_story import build
from tests.support.authority_trials import Row, Trial, everything
from tests.support.live import Live
from tests.support.world import TODAY, World

ALL = {**PROBES, **DESK_PROBES, **ACT_PROBES, **FILE_PROBES, **STOCK_PROBES, **RIGHTS_PROBES}
OTHERS = {(RIGHT, name) for name in ("applicationCreateDraft", "signIn", "signOut")}
OTHERS.add((EARLY_APPLICATION, "applicationCreateDraft"))
MUTATIONS: Mapping[str, Any] = schema._schema.mutation_type.fields  # type: ignore[union-attr]
PERSONAL = {name for _, name in PROBES} | {
    *("staffInvite", "approvalSettingSet", "accountClose", "recordTicketCreate", "privacyNoticeAccept"),
    "certificateTokenVoid",
}
"""What somebody does about herself, or at her own place: everybody needs an input of her own."""


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


async def trials_of(live: Live, stage: Stage, key: Key, entitled: Collection[str]) -> AsyncIterator[Trial]:
    """Everybody's try: those who are refused share one subject, but for what is one's own."""
    shared: dict[str, Any] | None = None
    for name in PEOPLE:
        person = await ready(stage, key[1]) if (key[0], name) == (ON_THE_WAY, "inactive nurse") else stage.people[name]
        ask = Ask(stage, person, live.as_(None))
        if name in entitled or key[1] in PERSONAL:
            given = await input_of(ask, key)
        else:
            given = shared = shared or await input_of(ask, key)
        herself = "inactive nurse" if key[0] == EARLY else "the nurse"
        person = given.get("herself" if name == herself and "instead" not in given else "instead", person)
        yield Trial(name, person, wanted(key[1], given))


async def input_of(ask: Ask, key: Key) -> dict[str, Any]:
    """What is needed to take it; nothing much for whoever has no account."""
    if ask.person is None and key[0] == OWN:
        return {name: "SMS" if name == "channel" else "x" for name in inputs_of(key[1]) - {"idempotencyKey"}}
    return {**await ALL[key](ask)}


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
