"""Photos beside an oracle that was written from the rights: walked at random, and each role, step and state by itself."""

from __future__ import annotations

import os
from collections import Counter
from itertools import product
from typing import Final

import pytest

from db.store.announced_days import working_days
from db.store.engine import Database
from rules.people import Party, Role
from rules.photo import ENDED, PhotoState
from tests.support.information_oracle import Act
from tests.support.information_walk import Country, country
from tests.support.photo_walk import OFTEN, RARELY, STEPS, PhotoWalk, photo_walk, pictures, stand
from tests.support.photos import a_photo
from tests.support.story import NOW, Clock
from tests.support.world import World

pytestmark = pytest.mark.feature("N15", "I15")
LONG: Final = bool(os.environ.get("HUSHI_TEST_LONG"))
WALKS: Final = int(os.environ.get("HUSHI_TEST_WALKS", "600" if LONG else "30"))
LENGTH: Final = 20


@pytest.fixture
async def there(timed: Database, world: World, clock: Clock) -> Country:
    """The places of a run."""
    return await country(timed, world, clock)


async def test_photo_record_place_and_events_are_those_of_the_oracle_after_every_act(there: Country) -> None:
    days, made, done = [*working_days()], await pictures(), Counter[str]()
    for seed in range(WALKS):
        walk = await photo_walk(there, seed, days, made)
        for _ in range(LENGTH):
            what, taken = await walk.step()
            done[what] += taken
    assert {what for what in {*OFTEN, *RARELY} if done[what] < WALKS / 30} == set()


async def standing(there: Country, state: PhotoState, *, up: bool, left: bool) -> tuple[PhotoWalk, str]:
    """A nurse with one photo in this state; at her authority, or without a hospital."""
    walk = await photo_walk(there, 0, [*working_days()], [])
    if left:
        await walk.it.world.owner.execute(
            "update registration set institution_id = null where nurse_id = $1", walk.it.cast.nurse_id
        )
        walk.photos.inst = None
    escalated = {"escalated_at": NOW} if up else {}
    ended = {"ended_at": NOW} if state in ENDED else {}
    queued = {} if state is PhotoState.UPLOADED else {"queued_at": NOW}
    key = await a_photo(walk.it.world, walk.it.cast, state, **escalated, **ended, **queued)
    return walk, await stand(walk, state, key, up=up)


WHERE: Final = [
    *((state, False, False) for state in PhotoState),
    (PhotoState.PENDING, True, False),
    (PhotoState.PENDING, False, True),
]


@pytest.mark.parametrize(("state", "up", "left"), WHERE)
async def test_each_role_takes_each_step_from_each_state_as_the_rights_say(
    there: Country, world: World, state: PhotoState, up: bool, left: bool
) -> None:
    first = there.casts["H1"]
    more = {
        "O1 viewer": await world.person(Party.INSTITUTION, first.hospital, Role.VIEWER),
        "R1 supervisor": await world.person(Party.AUTHORITY, first.district, Role.SUPERVISOR),
    }
    for who, what in product(("N", "O1", "O2", "R1", "A1", "R2", "A2", *more), STEPS):
        walk, key = await standing(there, state, up=up, left=left)
        if who in more:
            walk.people[who] = more[who]
            refused = await walk.refused(Act(who, what, key))
            assert refused in ("NotFound", "NotAllowed"), (who, what, refused)
        else:
            await walk.tries(Act(who, what, key))
