"""Changes of information walked at random beside an oracle that was written from the rights: they never differ."""

from __future__ import annotations

import os
from collections import Counter
from typing import Final

import pytest

from db.store.announced_days import working_days
from db.store.engine import Database
from tests.support.information_walk import OFTEN, RARELY, country
from tests.support.story import Clock
from tests.support.world import World

LONG: Final = bool(os.environ.get("HUSHI_TEST_LONG"))
WALKS: Final = int(os.environ.get("HUSHI_TEST_WALKS", "1200" if LONG else "60"))
STEPS: Final = 20


@pytest.mark.feature("N14", "I15", "I27")
async def test_record_history_state_and_events_are_those_of_the_oracle_after_every_act(
    timed: Database, world: World, clock: Clock
) -> None:
    there, days, done = await country(timed, world, clock), [*working_days()], Counter[str]()
    for seed in range(WALKS):
        walk = await there.walk(seed, days)
        for _ in range(STEPS):
            what, taken = await walk.step()
            done[what] += taken
        # What one walk leaves open is due in no other.
        await world.owner.execute(
            "update information_change set state = 'WITHDRAWN', decided_at = now()"
            " where nurse_id = $1 and decided_at is null",
            walk.it.cast.nurse_id,
        )
    assert {what for what in {*OFTEN, *RARELY} if done[what] < WALKS / 60} == set()
