"""A photo travels with a first application, and with the record that is merged into another (N15)."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from db import record_merge
from db.store.engine import Database
from rules.application import Step
from rules.kinds import Kind
from tests.support.application_story import TO_DECISION, Drafts
from tests.support.photos import a_photo
from tests.support.story import Clock
from tests.support.world import Cast, World

pytestmark = pytest.mark.feature("N15")


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Drafts of any kind."""
    return Drafts(timed, world)


async def states(world: World, cast: Cast) -> list[str]:
    """The states of a nurse's photos, the oldest first."""
    rows = await world.owner.fetch("select state from photo where nurse_id = $1 order by id", cast.nurse_id)
    return [row["state"] for row in rows]


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.MILITARY_TRANSFER])
async def test_a_photo_that_travels_is_on_record_with_the_approval_and_waits_on_without_it(
    begin: Drafts, kind: Kind
) -> None:
    for step, state in ((Step.REJECT, "PENDING"), (Step.APPROVE, "CURRENT")):
        application = await (await begin(kind)).reach(*TO_DECISION)
        her, world = application.move.cast, begin.world
        old = await a_photo(world, her, "CURRENT", 0)
        new = await a_photo(world, her, "PENDING", 1)
        await application.take(step)
        assert await states(world, her) == [{"CURRENT": "REPLACED"}.get(state, "CURRENT"), state]
        stands = new if state == "CURRENT" else old
        hers = "select photo_id = (select blob_id from photo where id = $2) from nurse where id = $1"
        assert await world.owner.fetchval(hers, her.nurse_id, stands) is True
        heard = await world.owner.fetch("select type from event where scope = $1 and type like 'photo.%'", her.nurse_id)
        assert [row["type"] for row in heard] == (["photo.decided"] if state == "CURRENT" else [])


async def test_a_photo_of_a_registered_nurse_waits_for_its_own_review_whatever_becomes_of_her_renewal(
    begin: Drafts,
) -> None:
    renewal = await (await begin(Kind.RENEWAL)).reach(*TO_DECISION)
    await a_photo(begin.world, renewal.move.cast)
    await renewal.take(Step.APPROVE)
    assert await states(begin.world, renewal.move.cast) == ["PENDING"]


async def test_photos_come_along_with_a_merged_record_where_the_kept_one_has_none_and_go_back(
    timed: Database, world: World
) -> None:
    kept, merged = await world.cast(), await world.cast()
    await a_photo(world, kept, "CURRENT", 1)
    for seed, state in enumerate(("CURRENT", "PENDING", "REJECTED"), 2):
        await a_photo(world, merged, state, seed)
    key, sealed = uuid7(), {"content_key_id": "-", "content_sealed": b"-"}
    await world.insert("desk_request", id=key, kind="MERGE", state="APPROVED", **sealed)
    async with timed.begin() as tx:
        await tx.ask_time()
        await record_merge.merge(tx, key, kept.nurse_id, merged.nurse_id, {"disabled": True})
    assert (await states(world, kept), await states(world, merged)) == (["CURRENT", "PENDING", "REJECTED"], ["CURRENT"])
    async with timed.begin() as tx:
        await tx.ask_time()
        done = await record_merge.last(tx, kept.nurse_id)
        assert done is not None
        await record_merge.unmerge(tx, done)
    assert (await states(world, kept), await states(world, merged)) == (["CURRENT"], ["CURRENT", "PENDING", "REJECTED"])
