"""News rendered by the statement that finds them: the same bytes, only what is wanted, and nobody waits for another."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing

import orjson
import pytest

from graph.context import Context, Services
from graph.live import Live
from graph.root import schema
from rules.application import Step
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.followed_feed import DOCUMENTS, follow, written
from tests.support.orders import draft_of, order_of, take_order
from tests.support.recorded_events import tell
from tests.support.until import LONG_ENOUGH
from tests.support.world import Cast, Person, World, renewal

WHOLE = """subscription { feed: eventFeed { __typename ... on FeedMessage { cursor } ... on Event { id at type actor }
  ... on ApplicationEvent { kind step fromState toState version outcome application { id state decidedAt feedCursor
    form { ... on RenewalForm { title } } nurse { name idNumberMasked } authority { name } } } } }"""
PENDING = """subscription { feed: pendingReviewFeed { __typename cursor ... on PendingReviewChange { change left entered
  application { state nurseName decisions(first: 3) { outcome } } } } }"""
NUMBERS = "subscription { feed: pendingReviewFeed { __typename cursor } }"
DECISIONS = """subscription { feed: pendingReviewFeed { __typename ... on PendingReviewChange {
  application { decisions(first: 3) { outcome } } } } }"""
NARROWED = "subscription { feed: eventFeed(types: [APPLICATION_DECIDED]) { __typename cursor } }"
WAITS = """select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
  and application_name = 'hushi' and query like $1"""
RENDERS_NEWS, RENDERS = "SELECT asked.place, asked.followed%", "SELECT asked.place, (%"


@pytest.mark.parametrize("text", [WHOLE, PENDING])
async def test_they_are_the_executors_bytes_step_by_step(services: Services, cast: Cast, text: str) -> None:
    live = Live(schema._schema, services)
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    steps: list[tuple[Person, Step, dict[str, object]]] = [
        (cast.nurse, Step.SUBMIT, {}),
        (cast.operator, Step.RETURN, {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",)}),
        (cast.nurse, Step.RESUBMIT, {"form": renewal(), "confirmed_fields": ("department",)}),
        (cast.operator, Step.FORWARD, {}),
    ]
    stream = await schema.subscribe(DOCUMENTS.read(text), context_value=Context(services, cast.viewer.session))
    async with (
        asyncio.timeout(LONG_ENOUGH),
        aclosing(follow(live, services, cast.viewer, text)) as planned,
        aclosing(stream) as executed,
    ):
        await asyncio.gather(anext(planned), anext(executed))
        for version, (person, step, more) in enumerate(steps, 1):
            waiting = [asyncio.ensure_future(anext(one)) for one in (planned, executed)]
            await asyncio.sleep(0)
            await take_order(services.db, order_of(person.session, step, key, version, **more))
            ours, theirs = [await one for one in waiting]
            assert written(ours) == orjson.dumps(theirs.data)
    assert (live.renderings.found, live.renderings.made) == (len(steps), len(steps))


async def test_what_no_follower_wants_is_not_rendered(services: Services, world: World, cast: Cast) -> None:
    live, noisy = Live(schema._schema, services), await world.cast()
    async with (
        asyncio.timeout(LONG_ENOUGH),
        aclosing(follow(live, services, cast.operator, NUMBERS)) as desk,
        aclosing(follow(live, services, noisy.operator, NARROWED)) as narrowed,
    ):
        await asyncio.gather(anext(desk), anext(narrowed))
        waiting = [asyncio.ensure_future(anext(one)) for one in (desk, narrowed)]
        await asyncio.sleep(0)
        for queue in (None, None):
            await tell(services, cast.hospital, queue=queue)
        await tell(services, noisy.hospital, 3)
        await tell(services, noisy.hospital, named="application.decided")
        await tell(services, cast.hospital)
        ours, theirs = [orjson.loads(written(await one))["feed"] for one in waiting]
    assert (ours["__typename"], theirs["__typename"]) == ("PendingReviewChange", "ApplicationDecided")
    # The desk's one change was found rendered; that of the other was rendered when it was wanted.
    assert (live.renderings.found, live.renderings.made) == (1, 2)


async def waiting_for_a_lock(world: World, query: str) -> int:
    """The process of the statement that waits, as soon as one does."""
    while (pid := await world.owner.fetchval(WAITS, query)) is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return int(pid)


async def test_who_asks_for_what_takes_long_keeps_nobody_else_waiting(services: Services, world: World) -> None:
    slow, quick = await world.cast(), await world.cast()
    live = Live(schema._schema, services)
    async with asyncio.timeout(LONG_ENOUGH), AsyncExitStack() as stack:
        feeds = [
            await stack.enter_async_context(aclosing(follow(live, services, one.operator, text)))
            for one, text in ((slow, DECISIONS), (quick, NUMBERS))
        ]
        await asyncio.gather(*map(anext, feeds))
        late, soon = [asyncio.ensure_future(anext(feed)) for feed in feeds]
        await asyncio.sleep(0)
        async with world.owner.transaction():
            await world.owner.execute("lock table review_decision in access exclusive mode")
            await tell(services, slow.hospital)
            await waiting_for_a_lock(world, RENDERS_NEWS)
            await tell(services, quick.hospital)
            assert orjson.loads(written(await soon))["feed"]["__typename"] == "PendingReviewChange"
            assert not late.done()
        assert orjson.loads(written(await late))["feed"] == {"__typename": "PendingReviewChange", "application": None}


async def test_where_rendering_is_broken_off_the_news_come_without(
    services: Services, world: World, cast: Cast
) -> None:
    live = Live(schema._schema, services)
    async with asyncio.timeout(LONG_ENOUGH), aclosing(follow(live, services, cast.operator, DECISIONS)) as feed:
        await anext(feed)
        for _ in range(2):
            waiting = asyncio.ensure_future(anext(feed))
            await asyncio.sleep(0)
            async with world.owner.transaction():
                await world.owner.execute("lock table review_decision in access exclusive mode")
                await tell(services, cast.hospital)
                pid = await waiting_for_a_lock(world, RENDERS_NEWS)
                await world.owner.execute("select pg_cancel_backend($1)", pid)
                # Now it is known, and who follows it has it rendered.
                await waiting_for_a_lock(world, RENDERS)
            assert orjson.loads(written(await waiting))["feed"]["__typename"] == "PendingReviewChange"
    assert (live.renderings.found, live.renderings.made) == (0, 2)


async def test_of_two_who_ask_differently_both_get_everything(services: Services, world: World, cast: Cast) -> None:
    live, other = Live(schema._schema, services), await world.person(Party.INSTITUTION, cast.hospital, Role.VIEWER)
    async with (
        asyncio.timeout(LONG_ENOUGH),
        aclosing(follow(live, services, cast.operator, NUMBERS)) as one,
        aclosing(follow(live, services, other, DECISIONS)) as two,
    ):
        await asyncio.gather(anext(one), anext(two))
        for n in range(1, 6):
            waiting = [asyncio.ensure_future(anext(feed)) for feed in (one, two)]
            await asyncio.sleep(0)
            await tell(services, cast.hospital)
            assert {orjson.loads(written(await each))["feed"]["__typename"] for each in waiting} == {
                "PendingReviewChange"
            }
            assert (live.renderings.found, live.renderings.made) == (n, 2 * n)
