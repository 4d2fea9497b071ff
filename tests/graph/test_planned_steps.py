"""Every step whose payload has a plan: answered byte for byte as the executor answers it, and taken once."""

from __future__ import annotations

from typing import Final

import pytest
import pytest_asyncio

from graph.context import Services
from graph.root import MUTATIONS
from tests.support.authority_applications import ON, steps_of
from tests.support.authority_asked import ALL, trials_of
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE, document
from tests.support.authority_story import build
from tests.support.authority_trials import Row
from tests.support.live import Live
from tests.support.step_both_ways import StepBothWays
from tests.support.world import World

PLANNED: Final = {one.name for one in MUTATIONS if one.step is not None}


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


@pytest.mark.parametrize(
    ("about", "mutation"), [pytest.param(*key, id=f"{key[1]}: {key[0]}") for key in (*ON, *ALL) if key[1] in PLANNED]
)
async def test_a_step_is_answered_byte_for_byte_as_the_executor_answers_it(
    live: Live, services: Services, stage: Stage, about: str, mutation: str
) -> None:
    """By everybody of the matrix: whoever may take it by the plan, whoever may not as without it."""
    key, both, shown = (about, mutation), StepBothWays(services), set[str]()
    entitled = Row(mutation, TABLE[key]).entitled
    trials = steps_of(stage, key, entitled) if key in ON else trials_of(live, stage, key, entitled)
    async for one in trials:
        if one.person is not None:
            data, outcome = await both.taken(one.person, document(mutation), input=one.given)
            assert outcome is not None, "left before it was begun"
            assert (data is not None) == (outcome.raised is None)
            shown |= {one.name} if data else set()
    assert shown == entitled
