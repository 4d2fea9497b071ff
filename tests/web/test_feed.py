"""Feeds over real sockets: what a front end sees of them, and what it never sees."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import uvicorn
from sqlalchemy import event as sqlalchemy_event
from uuid_utils.compat import uuid7
from websockets.exceptions import ConnectionClosed

from db.feed.event import Addressed, record
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.outage import retry_until_up
from db.store.url import asyncpg_dsn
from graph.context import Context, Services
from graph.root import schema
from rules.application import Step
from rules.events import QueueChange
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.feed_place import cursor_at
from tests.support.live import Client, Live, Watch
from tests.support.orders import draft_of, order_of, take_order
from tests.support.postgres import new_database
from tests.support.until import until
from tests.support.world import Cast, Person, World, renewal
from web.app import build, services_of
from web.settings import Settings

pytestmark = pytest.mark.feature("I16")

FEED = """subscription Feed($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor at } ... on FeedReset { reason }
  ... on PendingReviewChange { change applicationId event { cursor type ... on ApplicationEvent { step toState version } }
    application { id state version nurse { name } } } } }"""
NUMBERS = "subscription($after: String) { pendingReviewFeed(after: $after) { ... on FeedMessage { cursor } } }"
LIST = "{ pendingReviews(first: 100) { feedCursor nodes { id } } }"
CHANGES = "subscription { pendingReviewFeed { ... on PendingReviewChange { change applicationId event { type } } } }"
EVENTS = "query($since: String) { events(since: $since) { cursor hasMore nodes { id cursor type } } }"
BODY = {"kind": "RENEWAL", "step": "SUBMIT", "from": "DRAFT", "to": "INSTITUTION_REVIEW", "version": 2, "by": "NURSE"}


async def tell(services: Services, scope: UUID, count: int = 1, queue: QueueChange | None = QueueChange.ADDED) -> None:
    """One step that tells `count` events about an application that nobody can read."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        await record(tx, [Addressed(scope, "application.submitted", uuid7(), None, queue, BODY)] * count)


@asynccontextmanager
async def serving(services: Services, owner_url: str, keyring: Keyring) -> AsyncIterator[Live]:
    """A server of its own, with services changed for the test."""
    config = uvicorn.Config(
        build(Settings(), owner_url, keyring, services),
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        async with httpx.AsyncClient(timeout=30) as http:
            yield Live(f"http://127.0.0.1:{listener.getsockname()[1]}", http)
        server.should_exit = True
        await task


def seq_of(services: Services, scope: UUID, message: dict[str, Any]) -> int:
    return services.feed.cursors.read(scope, message["cursor"]).seq


async def closed(watch: Watch) -> tuple[list[Any], int]:
    """What still came, and the code that the socket was closed with."""
    found: list[Any] = []
    with pytest.raises(ConnectionClosed) as closing:
        while True:
            found.append(await watch.message())
    assert closing.value.rcvd is not None
    return found, closing.value.rcvd.code


# -- the messages


async def test_the_first_message_is_a_heartbeat_at_the_place_asked_for(
    live: Live, services: Services, cast: Cast
) -> None:
    await tell(services, cast.hospital, 3)
    end, second = await services.feed.enter(cast.hospital), await cursor_at(services, cast.hospital, 1)
    for after, cursor in ((None, end.cursor), (second, second)):
        async with live.as_(cast.viewer).watch(FEED, after=after) as feed:
            first = await feed.next()
            assert (first["__typename"], first["cursor"]) == ("FeedHeartbeat", cursor)


async def test_a_heartbeat_comes_when_nothing_was_said_and_moves_with_what_others_hear(
    services: Services, owner_url: str, keyring: Keyring, cast: Cast
) -> None:
    quick = replace(services, heartbeat_seconds=0.3)
    async with serving(quick, owner_url, keyring) as live, live.as_(cast.operator).watch(FEED) as feed:
        beats = [(await feed.next(), monotonic()) for _ in range(4)]
        assert {beat["__typename"] for beat, _ in beats} == {"FeedHeartbeat"}
        assert len({beat["cursor"] for beat, _ in beats}) == 1
        # Three silences of 0.3 seconds each; what comes late on a busy machine shortens what is seen of them.
        assert beats[-1][1] - beats[0][1] > 0.4
        await tell(services, cast.hospital, queue=None)
        while (beat := await feed.next())["cursor"] == beats[0][0]["cursor"]:
            assert beat["__typename"] == "FeedHeartbeat"
        assert seq_of(services, cast.hospital, beat) == 1


async def test_every_message_is_a_place_to_go_on_from(live: Live, services: Services, cast: Cast) -> None:
    for queue in (QueueChange.ADDED, None, QueueChange.REMOVED, None, None, QueueChange.ADDED):
        await tell(services, cast.hospital, queue=queue)
    operator, start = live.as_(cast.operator), services.feed.cursors.write(cast.hospital, 0)
    async with operator.watch(FEED, after=start) as feed:
        messages = [await feed.next() for _ in range(4)]
    assert [seq_of(services, cast.hospital, message) for message in messages] == [0, 1, 3, 6]
    assert [message["event"]["cursor"] for message in messages[1:]] == [message["cursor"] for message in messages[1:]]
    for n, message in enumerate(messages[:-1]):
        async with operator.watch(FEED, after=message["cursor"]) as feed:
            assert (await feed.next())["cursor"] == message["cursor"]
            assert await feed.next() == messages[n + 1]


async def test_the_same_events_are_read_by_query(live: Live, services: Services, cast: Cast) -> None:
    await tell(services, cast.hospital, 3)
    operator = live.as_(cast.operator)
    (whole,) = (await operator.ask(EVENTS)).values()
    assert [seq_of(services, cast.hospital, node) for node in whole["nodes"]] == [1, 2, 3]
    assert (whole["cursor"], whole["hasMore"]) == (whole["nodes"][-1]["cursor"], False)
    (rest,) = (await operator.ask(EVENTS, since=whole["nodes"][0]["cursor"])).values()
    assert rest["nodes"] == whole["nodes"][1:]
    (none,) = (await operator.ask(EVENTS, since=whole["cursor"])).values()
    assert none == {"cursor": whole["cursor"], "hasMore": False, "nodes": []}


# -- nothing is missed, nothing comes twice


@pytest.mark.feature("N18")
async def test_list_then_follow_and_nothing_falls_between(live: Live, world: World, services: Services) -> None:
    cast, chance = await world.cast(), random.Random(8)
    nurses = [await world.nurse(cast.hospital, cast.district) for _ in range(40)]
    people = [await world.person(Party.NURSE, nurse, Role.NURSE) for nurse in nurses]

    async def file(some: list[Person]) -> None:
        for person in some:
            key = await take_order(services.db, draft_of(person.session, renewal()))
            await take_order(services.db, order_of(person.session, Step.SUBMIT, key, 1))
            if chance.random() < 0.5:
                await take_order(services.db, order_of(cast.operator.session, Step.FORWARD, key, 2))

    async def desk() -> tuple[set[str], str]:
        (page,) = (await manager.ask(LIST)).values()
        return {node["id"] for node in page["nodes"]}, page["feedCursor"]

    async def watch() -> set[str]:
        """A front end's copy of the desk, kept up to date by the feed alone, until somebody says TAKEN."""
        rows, cursor = await desk()
        listed.append(cursor)
        async with manager.watch(FEED, after=cursor) as feed:
            while True:
                message = await feed.next()
                match message.get("change"):
                    case "ADDED":
                        assert message["applicationId"] not in rows
                        rows.add(message["applicationId"])
                    case "REMOVED":
                        rows.remove(message["applicationId"])
                    case "TAKEN":
                        return rows

    manager, listed = live.as_(cast.manager), list[str]()
    writers = [asyncio.create_task(file(people[n::8])) for n in range(8)]
    watchers = []
    for count in range(5):
        watchers.append(asyncio.create_task(watch()))
        await until(lambda seen=count: len(listed) > seen)
    await asyncio.gather(*writers)
    await tell(services, cast.hospital, queue=QueueChange.TAKEN)
    expected, last = await desk()
    for rows in await asyncio.gather(*watchers):
        assert rows == expected
    places = [seq_of(services, cast.hospital, {"cursor": cursor}) for cursor in listed]
    assert places[0] < seq_of(services, cast.hospital, {"cursor": last}) - 1


async def test_eight_writers_and_a_subscriber_that_reconnects_thirty_times(
    live: Live, services: Services, cast: Cast
) -> None:
    chance, each, operator = random.Random(16), 40, live.as_(cast.operator)

    async def write() -> None:
        for _ in range(each):
            await tell(services, cast.hospital)

    writers = [asyncio.create_task(write()) for _ in range(8)]
    found: list[int] = []
    cursor: str | None = services.feed.cursors.write(cast.hospital, 0)
    while len(found) < 8 * each:
        async with operator.watch(NUMBERS, after=cursor) as feed:
            assert (await feed.next())["cursor"] == cursor
            for _ in range(min(chance.randint(1, 20), 8 * each - len(found))):
                message = await feed.next()
                cursor = message["cursor"]
                found.append(seq_of(services, cast.hospital, message))
            feed.socket.transport.abort()
    await asyncio.gather(*writers)
    assert found == list(range(1, 8 * each + 1))


async def test_a_subscriber_stays_while_the_database_is_away(server: str, keyring: Keyring) -> None:
    url, keeper = await new_database(server), await asyncpg.connect(server)
    await migrate(url)
    name = await keeper.fetchval("select datname from pg_database where $1 like '%/' || datname || '?%'", url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    cast = await World(owner, keyring).cast()
    await owner.close()
    services = services_of(Settings(), url, keyring)
    # It looks at the session all the time, so that it must also look while the database is away.
    restless = replace(services, limits=replace(services.limits, session_seconds=0.02))
    await services.db.open()
    await services.feed.open()
    async with serving(restless, url, keyring) as live, live.as_(cast.operator).watch(NUMBERS) as feed:
        last = seq_of(services, cast.hospital, await feed.next())
        for outage in (0, 0, 0, 0.3, 0, 0.3):
            await keeper.execute(f"alter database {name} allow_connections false")
            await keeper.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
            await asyncio.sleep(outage)
            await keeper.execute(f"alter database {name} allow_connections true")
            await retry_until_up(lambda: tell(services, cast.hospital))
            # Where the answer to a commit was cut off it was told twice.
            for seq in range(last + 1, (await services.feed.enter(cast.hospital)).seq + 1):
                assert seq_of(services, cast.hospital, await feed.next()) == seq
                last = seq
        assert last >= 6
    await services.feed.close()
    await services.db.close()
    await keeper.close()


# -- what ends a stream


async def test_a_cursor_that_is_no_good_is_refused_and_the_socket_stays(
    live: Live, services: Services, cast: Cast
) -> None:
    operator, cursors = live.as_(cast.operator), services.feed.cursors
    good = cursors.write(cast.hospital, 0)
    for bad in ("", "x", good[:-1], cursors.write(cast.district, 0), cursors.write(cast.nurse_id, 0)):
        async with operator.watch(FEED, after=bad) as feed:
            message = await feed.message()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "VALIDATION")
            assert message["payload"][0]["extensions"]["fields"][0]["path"] == "after"
            await feed.socket.send(json.dumps({"type": "ping"}))
            assert await feed.message() == {"type": "pong"}
        body = (await operator.post(EVENTS, {"since": bad})).json()
        assert body["errors"][0]["extensions"]["fields"][0]["path"] == "since"


@pytest.mark.parametrize("reason", ["RETENTION", "EPOCH", "AHEAD"])
async def test_a_cursor_to_go_on_from_no_more_gets_a_reset_and_the_stream_ends(
    live: Live, services: Services, world: World, cast: Cast, reason: str
) -> None:
    await tell(services, cast.hospital, 3)
    feed, operator = services.feed, live.as_(cast.operator)
    match reason:
        case "RETENTION":
            cursor = await cursor_at(services, cast.hospital, 1)
            await world.owner.execute("delete from event where scope = $1 and seq <= 2", cast.hospital)
        case "EPOCH":
            cursor = replace(feed.cursors, birth=uuid7()).write(cast.hospital, 3)
        case _:
            cursor = feed.cursors.write(cast.hospital, 4)
    end = await cursor_at(services, cast.hospital, 3)
    async with operator.watch(FEED, after=cursor) as stream:
        reset = await stream.next()
        assert {**reset, "at": None} == {
            "__typename": "FeedReset",
            "cursor": end,
            "at": None,
            "reason": reason.replace("AHEAD", "EPOCH"),
        }
        assert (await stream.message())["type"] == "complete"
    assert await operator.refused(EVENTS, since=cursor) == ["FEED_RESET"]
    assert feed.followers(cast.hospital) == 0
    (page,) = (await operator.ask(EVENTS)).values()
    assert [seq_of(services, cast.hospital, node) for node in page["nodes"]] == (
        [3] if reason == "RETENTION" else [1, 2, 3]
    )


async def revoke(world: World, person: Person) -> None:
    await world.owner.execute("update session set revoked_at = now() where account_id = $1", person.account_id)


async def expire(world: World, person: Person) -> None:
    await world.owner.execute("update session set expires_at = now() where account_id = $1", person.account_id)


async def disable(world: World, person: Person) -> None:
    await world.owner.execute("update account set state = 'DISABLED' where id = $1", person.account_id)


async def demote(world: World, person: Person) -> None:
    await world.owner.execute("update account set roles = array['VIEWER'] where id = $1", person.account_id)


async def move(world: World, person: Person) -> None:
    other = await world.institution(await world.authority(await world.authority()))
    await world.owner.execute("update account set institution_id = $2 where id = $1", person.account_id, other)


async def close(world: World, person: Person) -> None:
    await world.owner.execute("update institution set state = 'CLOSED' where id = $1", person.actor.party_id)


ENDINGS: dict[Callable[[World, Person], Awaitable[None]], int] = {
    **dict.fromkeys((revoke, expire, disable, close), 4403),
    **dict.fromkeys((demote, move), 4410),
}
"""The code with which the socket closes: of who is signed out, and of whom is shown something else."""


async def test_idle_sockets_of_whoever_may_no_longer_watch_are_closed_in_time(live: Live, world: World) -> None:
    owners_turn = asyncio.Lock()

    async def idle(end: Callable[[World, Person], Awaitable[None]]) -> None:
        async with owners_turn:
            cast = await world.cast()
        async with live.as_(cast.operator).watch(FEED) as feed:
            await feed.next()
            async with owners_turn:
                await end(world, cast.operator)
            begun = monotonic()
            assert await closed(feed) == ([], ENDINGS[end])
            assert monotonic() - begun < 15

    await asyncio.gather(*map(idle, ENDINGS))


@pytest.mark.parametrize("end", ENDINGS)
async def test_whoever_may_no_longer_watch_sees_not_one_event_more(
    live: Live, services: Services, world: World, cast: Cast, end: Callable[[World, Person], Awaitable[None]]
) -> None:
    step, ended = asyncio.Lock(), asyncio.Event()

    async def write() -> None:
        while not ended.is_set():
            async with step:
                await tell(services, cast.hospital)

    writers = [asyncio.create_task(write()) for _ in range(3)]
    async with live.as_(cast.operator).watch(NUMBERS) as feed:
        for _ in range(20):
            await feed.next()
        async with step:
            await end(world, cast.operator)
            last = (await services.feed.enter(cast.hospital)).seq
        rest, code = await closed(feed)
    ended.set()
    await asyncio.gather(*writers)
    assert code == ENDINGS[end]
    seqs = [seq_of(services, cast.hospital, message["payload"]["data"]["pendingReviewFeed"]) for message in rest]
    assert all(seq <= last for seq in seqs)
    assert (await services.feed.enter(cast.hospital)).seq > last


async def test_who_leaves_or_unsubscribes_is_followed_no_more(live: Live, services: Services, cast: Cast) -> None:
    async with live.as_(cast.operator).watch(FEED) as feed:
        await feed.next()
        await until(lambda: services.feed.followers(cast.hospital) == 1)
        await feed.socket.send(json.dumps({"type": "complete", "id": "1"}))
        await until(lambda: services.feed.followers(cast.hospital) == 0)
    async with live.as_(cast.operator).watch(FEED) as feed:
        await feed.next()
        await until(lambda: services.feed.followers(cast.hospital) == 1)
        feed.socket.transport.abort()
    await until(lambda: services.feed.followers(cast.hospital) == 0)


async def test_strangers_nurses_and_other_hospitals_hear_nothing(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    other = await world.cast()
    async with live.as_(None).watch(FEED) as feed:
        assert (await feed.message())["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    async with live.as_(cast.nurse).watch(FEED) as feed:
        assert (await feed.message())["payload"][0]["extensions"]["code"] == "NOT_ALLOWED"
    async with live.as_(other.operator).watch(FEED) as feed:
        await feed.next()
        await tell(services, cast.hospital)
        await tell(services, other.hospital)
        assert seq_of(services, other.hospital, await feed.next()) == 1


# -- a whole life

RETURNED = {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",)}
ANSWERED = {"form": renewal(), "confirmed_fields": ("department",)}
FILED: list[tuple[Any, ...]] = [("nurse", Step.SUBMIT, {}, "ADDED", None)]
AT_THE_AUTHORITY = [*FILED, ("operator", Step.FORWARD, {}, "REMOVED", "ADDED")]
ACCEPTED = [*AT_THE_AUTHORITY, ("reviewer", Step.ACCEPT, {}, None, "CHANGED")]
LIVES: dict[str, list[tuple[Any, ...]]] = {
    "returned and approved": [
        *FILED,
        ("operator", Step.RETURN, RETURNED, "REMOVED", None),
        ("nurse", Step.RESUBMIT, ANSWERED, "ADDED", None),
        *ACCEPTED[1:],
        ("reviewer", Step.RECOMMEND, {}, None, "CHANGED"),
        ("decider", Step.APPROVE, {}, None, "REMOVED"),
    ],
    "declined": [*FILED, ("operator", Step.DECLINE, {"reasons": (Reason.NOT_EMPLOYED_HERE,)}, "REMOVED", None)],
    "withdrawn from the institution": [*FILED, ("nurse", Step.WITHDRAW, {}, "REMOVED", None)],
    "withdrawn while returned": [
        *FILED,
        ("operator", Step.RETURN, RETURNED, "REMOVED", None),
        ("nurse", Step.WITHDRAW, {}, None, None),
    ],
    "withdrawn from the authority": [*AT_THE_AUTHORITY, ("nurse", Step.WITHDRAW, {}, None, "REMOVED")],
    "refused at the door": [
        *AT_THE_AUTHORITY,
        ("reviewer", Step.REFUSE_INTAKE, {"reasons": (Reason.OUT_OF_COMPETENCE,)}, None, "REMOVED"),
    ],
    "corrected and rejected": [
        *AT_THE_AUTHORITY,
        ("reviewer", Step.REQUIRE_CORRECTION, RETURNED, None, "REMOVED"),
        ("nurse", Step.SUPPLEMENT, ANSWERED, None, "ADDED"),
        ("decider", Step.REJECT, {"reasons": (Reason.OTHER_REFUSAL,), "opinion": "学历不符合规定"}, None, "REMOVED"),
    ],
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
async def test_both_desks_follow_an_application_through_its_life(
    live: Live, services: Services, cast: Cast, life: list[tuple[Any, ...]]
) -> None:
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    desks: tuple[Client, Client] = live.as_(cast.viewer), live.as_(cast.reviewer)
    async with desks[0].watch(FEED) as institution, desks[1].watch(FEED) as authority:
        feeds = (institution, authority)
        for feed in feeds:
            await feed.next()
        for version, (who, step, more, *changes) in enumerate(life, start=1):
            await take_order(services.db, order_of(getattr(cast, who).session, step, key, version, **more))
            for feed, change in zip(feeds, changes, strict=True):
                if change is not None:
                    message = await feed.next()
                    change_seen = (message["change"], message["event"]["step"], message["event"]["version"])
                    assert change_seen == (change, step, version + 1)
                    application = message["application"]
                    assert (application["id"], application["version"]) == (message["applicationId"], version + 1)
                    assert application["state"] == message["event"]["toState"]
        # Whatever did not touch a desk was not said on its feed.
        for feed, client in zip(feeds, desks, strict=True):
            await tell(services, cast.hospital if feed is institution else cast.district)
            assert (await feed.next())["application"] is None
            (page,) = (await client.ask(LIST)).values()
            assert page["nodes"] == []


async def test_an_event_read_after_the_nurse_has_moved_shows_nothing_of_her_record(
    services: Services, owner_url: str, keyring: Keyring, world: World, cast: Cast
) -> None:
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, key, 1))
    await take_order(services.db, order_of(cast.nurse.session, Step.WITHDRAW, key, 2))
    start, names = services.feed.cursors.write(cast.hospital, 0), list[Any]()
    afresh = replace(services, shared_seconds=0)
    async with serving(afresh, owner_url, keyring) as live:
        for _ in range(2):
            async with live.as_(cast.operator).watch(FEED, after=start) as feed:
                messages = [await feed.next() for _ in range(3)][1:]
            names.append([message["application"]["nurse"] for message in messages])
            elsewhere = await world.institution(await world.authority(cast.nation))
            await world.owner.execute(
                "update registration set institution_id = $2 where nurse_id = $1", cast.nurse_id, elsewhere
            )
    assert names == [[{"name": "王护士"}] * 2, [None] * 2]


# -- the same as server-sent events


async def test_the_same_feed_as_server_sent_events(live: Live, services: Services, cast: Cast) -> None:
    await tell(services, cast.hospital, 3)
    at = [await cursor_at(services, cast.hospital, seq) for seq in range(4)]

    @asynccontextmanager
    async def stream(after: str) -> AsyncIterator[AsyncIterator[str]]:
        headers = {"Authorization": f"Bearer {cast.operator.token}", "Accept": "text/event-stream"}
        body = {"query": NUMBERS, "variables": {"after": after}}
        async with (
            httpx.AsyncClient(timeout=30) as http,
            http.stream("POST", f"{live.origin}/graphql", json=body, headers=headers) as response,
        ):
            assert response.headers["Content-Type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            assert (await anext(lines)).startswith("retry: ")
            yield lines

    async def next_of(lines: AsyncIterator[str]) -> str:
        name, kind, data, blank = [await anext(lines) for _ in range(4)]
        message = json.loads(data.removeprefix("data: "))["data"]["pendingReviewFeed"]
        assert (name, kind, blank) == (f"id: {message['cursor']}", "event: next", "")
        return str(message["cursor"])

    async with stream(at[0]) as lines:
        found = [await next_of(lines) for _ in range(3)]
        assert found == at[:3]
    await until(lambda: services.feed.followers(cast.hospital) == 0)
    async with stream(found[-1]) as lines:
        assert [await next_of(lines) for _ in range(2)] == at[2:]
        await tell(services, cast.hospital)
        assert await next_of(lines) == await cursor_at(services, cast.hospital, 4)


async def test_a_stream_of_events_of_an_ended_session_ends_with_its_reason(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    headers = {"Authorization": f"Bearer {cast.operator.token}", "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=30) as http,
        http.stream("POST", f"{live.origin}/graphql", json={"query": NUMBERS}, headers=headers) as response,
    ):
        lines = response.aiter_lines()
        assert [(await anext(lines))[:4] for _ in range(2)] == ["retr", "id: "]
        await revoke(world, cast.operator)
        await tell(services, cast.hospital)
        rest = [line async for line in lines if line]
    error = json.loads(rest[-3].removeprefix("data: "))["errors"][0]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert rest[2:3] + rest[4:] == ["event: next", "event: complete", "data:"]


# -- what it costs


async def test_a_crowd_on_one_desk_is_looked_at_together(services: Services, world: World, cast: Cast) -> None:
    people = [await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR) for _ in range(50)]
    streams = [
        await schema.subscribe(NUMBERS, context_value=Context(services, person.session), variable_values={})
        for person in people
    ]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await until(lambda: services.feed.followers(cast.hospital) == 50)
    looks: list[int] = []

    def count(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if "token_hash" in statement:
            looks.append(max(len(one) for one in parameters if isinstance(one, list) and isinstance(one[0], bytes)))

    def all_have_asked() -> bool:
        return sum(looks) + len(services.sessions._batch[0] if services.sessions._batch else ()) == len(people)

    sqlalchemy_event.listen(services.db.engine.sync_engine, "before_cursor_execute", count)
    # The first look is held until all have asked, however busy the machine: who came too late for it shares the next.
    async with world.owner.transaction():
        await world.owner.execute("lock table session in access exclusive mode")
        await tell(services, cast.hospital)
        await until(all_have_asked)
    found = await asyncio.gather(*waiting)
    sqlalchemy_event.remove(services.db.engine.sync_engine, "before_cursor_execute", count)
    assert {result.data["pendingReviewFeed"]["cursor"] for result in found} == {
        await cursor_at(services, cast.hospital, 1)
    }
    assert sum(looks) == len(people)
    assert len(looks) <= 2
    for stream in streams:
        await stream.aclose()
    assert services.feed.followers(cast.hospital) == 0


async def test_two_thousand_events_on_one_subscription_keep_no_memory(services: Services, cast: Cast) -> None:
    async def take(count: int) -> None:
        for _ in range(count // 100):
            await tell(services, cast.hospital, 100)
            for _ in range(100):
                result = await anext(stream)
                assert result.errors is None

    stream = await schema.subscribe(CHANGES, context_value=Context(services, cast.operator.session))
    async with aclosing(stream):
        await anext(stream)
        await take(500)
        gc.collect()
        tracemalloc.start()
        await take(2000)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert grown < 1_000_000
