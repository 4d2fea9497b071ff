"""A lease that runs out by itself is told to colleagues: once, whoever looks, and live."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.people import Party
from tests.support.live import Live
from tests.support.rounds import ROUNDS
from tests.support.story import NOW, Story
from tests.support.world import Person
from web.periodic import Periodic, kept
from workflow.lease import run_out

HALF_AN_HOUR = timedelta(minutes=30)
UNCHANGED = ("state", "version", "revision", "moved_by", "moved_at", "queued_at")
FEED = """subscription($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor } ... on PendingReviewChange { change left entered application { id heldBy heldUntil }
  event { __typename type actor } } } }"""
DESKS = [
    (State.INSTITUTION_REVIEW, Party.INSTITUTION, "operator"),
    (State.AUTHORITY_INTAKE, Party.AUTHORITY, "reviewer"),
    (State.ACCEPTED, Party.AUTHORITY, "decider"),
]


async def counts(story: Story) -> dict[Party, int]:
    """How many events each side has heard."""
    return {one: len(await story.heard(one)) for one in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)}


@pytest.mark.feature("I16")
@pytest.mark.parametrize(("state", "party", "takes"), DESKS)
async def test_it_is_put_back_once_by_several_servers_and_told_to_its_own_desk_alone(
    story: Story, state: State, party: Party, takes: str
) -> None:
    await story.reach(state)
    await story.take(Step.TAKE, story.person(takes))
    before, heard = await story.row(), await counts(story)
    story.clock.now = NOW + HALF_AN_HOUR
    await asyncio.gather(*(run_out(story.db) for _ in range(4)))
    after = await story.row()
    assert (after["holder_id"], after["held_until"]) == (None, None)
    assert [after[name] for name in UNCHANGED] == [before[name] for name in UNCHANGED]
    assert await counts(story) == {**heard, party: heard[party] + 1}
    news = (await story.heard(party))[-1]
    assert (news["type"], news["queue"], news["account_id"], news["at"]) == (
        "application.put_back",
        "PUT_BACK",
        None,
        NOW + HALF_AN_HOUR,
    )
    assert (news["body"]["by"], news["body"]["step"], news["body"]["version"]) == (None, "PUT_BACK", before["version"])
    await run_out(story.db)
    assert await counts(story) == {**heard, party: heard[party] + 1}


async def test_while_it_lasts_nothing_is_told(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    story.clock.now = NOW + HALF_AN_HOUR - timedelta(microseconds=1)
    before = await story.everything()
    await run_out(story.db)
    assert await story.everything() == before


async def test_more_than_fit_into_one_batch_are_all_put_back(story: Story) -> None:
    stories = [story, await story.beside(), await story.beside()]
    for one in stories:
        await one.reach(State.INSTITUTION_REVIEW)
        await one.take(Step.TAKE, one.cast.operator)
    story.clock.now += HALF_AN_HOUR
    assert await run_out(story.db, batch=2) >= len(stories)
    assert [(await one.row())["holder_id"] for one in stories] == [None] * len(stories)


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_who_takes_it_at_that_moment_has_it_whoever_comes_first(story: Story, _: int) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    heard = (await counts(story))[Party.INSTITUTION]
    story.clock.now = NOW + HALF_AN_HOUR
    taking = asyncio.create_task(story.take(Step.TAKE, story.cast.manager))
    await asyncio.gather(taking, run_out(story.db), run_out(story.db))
    row = await story.row()
    assert (row["holder_id"], row["held_until"]) == (story.cast.manager.account_id, NOW + 2 * HALF_AN_HOUR)
    news = [one["queue"] for one in (await story.heard(Party.INSTITUTION))[heard:]]
    assert news in (["TAKEN"], ["PUT_BACK", "TAKEN"])


@pytest.mark.parametrize("turns", range(0, 40, 4))
async def test_broken_off_anywhere_it_is_told_once_by_the_next_run(story: Story, turns: int) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    heard = await counts(story)
    story.clock.now = NOW + HALF_AN_HOUR
    broken = asyncio.create_task(run_out(story.db))
    for _ in range(turns):
        await asyncio.sleep(0)
    broken.cancel()
    await asyncio.gather(broken, return_exceptions=True)
    await run_out(story.db)
    assert await counts(story) == {**heard, Party.INSTITUTION: heard[Party.INSTITUTION] + 1}
    assert (await story.row())["holder_id"] is None


async def ends_soon(story: Story, holder: Person) -> None:
    """The lease as it is a moment before its end."""
    sql = "update application set holder_id = $2, held_until = now() + interval '300 milliseconds' where id = $1"
    await story.world.owner.execute(sql, story.id, holder.account_id)


@pytest.mark.feature("I16")
async def test_colleagues_see_it_live_within_a_second_and_who_was_away_hears_it_once(
    live: Live, services: Services, story: Story
) -> None:
    """Issue 12: `heldBy` went to null in the lists, and no feed said so."""
    await story.reach(State.INSTITUTION_REVIEW)
    serves = asyncio.Event()
    serves.set()

    async def look() -> bool:
        await run_out(services.db)
        return True

    servers = [Periodic("leases", look, every=0.5) for _ in range(2)]
    screen = live.as_(story.cast.manager)
    async with kept(servers, serves), screen.watch(FEED) as watch:
        start = (await watch.next())["cursor"]
        await ends_soon(story, story.cast.operator)
        change = await watch.next(3 + 0.3)
        assert (change["change"], change["left"], change["entered"]) == ("PUT_BACK", None, None)
        own = {"id": global_id("Application", story.id), "heldBy": None, "heldUntil": None}
        assert change["application"] == own
        assert change["event"] == {"__typename": "ApplicationPutBack", "type": "APPLICATION_PUT_BACK", "actor": None}
    async with screen.watch(FEED, after=start) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        assert await watch.next(3) == change
        with pytest.raises(TimeoutError):
            await watch.next(0.2)
