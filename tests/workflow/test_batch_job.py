"""The job that goes on with batches: once each, whoever runs it, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from db import session as sessions
from db.store.engine import Database
from db.store.outage import OUTAGE
from rules.application import State, Step
from rules.batch import AT_ONCE, TOGETHER
from rules.errors import Conflict, RegistryError
from rules.people import Party, Role
from tests.support.batch_group import FROM, Many, codes_of, many
from tests.support.orders import take_order
from tests.support.rounds import ROUNDS
from tests.support.statements import counted
from tests.support.story import Story
from tests.support.units import belong, limited, put_unit
from tests.support.world import Person
from workflow.batch import ApplicationsCarryOut
from workflow.batch_chunk import chunk
from workflow.batch_job import carry_on
from workflow.deputy import DeputyName, DeputySignIn
from workflow.step import take

pytestmark = pytest.mark.feature("I17")


async def begun(group: Many, step: Step, key: str | None = None, **more: Any) -> UUID:
    """A batch that is begun, and of which nothing is done yet."""
    token = (await group.check(step, **more)).token
    session = (more.pop("who", None) or group.who(step)).session
    return await take(
        group.first.db, session, ApplicationsCarryOut(group.wish(step, **more), token, idempotency_key=key)
    )


async def heard(story: Story, scope: UUID) -> list[dict[str, Any]]:
    """The bodies of what a place heard of batches."""
    sql = "select body from event where scope = $1 and type = 'batch.progressed' order by seq"
    return [orjson.loads(row["body"]) for row in await story.rows(sql, scope)]


async def test_more_than_fifty_go_on_as_a_job_and_progress_is_told_to_the_place(story: Story) -> None:
    group = await many(story, AT_ONCE + 2, State.INSTITUTION_REVIEW)
    key = await group.done(Step.TAKE)
    assert [row["done_at"] for row in await group.items(key)] == [None] * (AT_ONCE + 2)
    await group.stories[0].take(Step.FORWARD)
    others = [Database(story.db.dsn, story.db.keyring) for _ in range(2)]
    await asyncio.gather(*(carry_on(db, key) for db in (story.db, *others)))
    for db in others:
        await db.close()
    codes = await group.codes(key)
    assert codes.pop(group.keys[0]) in (["VERSION_STALE"], ["WRONG_STATE"])
    assert set(codes.values()) == {None}
    bodies = await heard(story, story.cast.hospital)
    shared = {"batch": str(key), "step": "TAKE", "total": AT_ONCE + 2}
    assert bodies[0] == {**shared, "by": "INSTITUTION", "state": "RUNNING", "done": 0, "refused": 0}
    assert bodies[-1] == {**shared, "by": None, "state": "FINISHED", "done": AT_ONCE + 1, "refused": 1}
    assert [one["state"] for one in bodies].count("FINISHED") == 1
    assert await heard(story, story.cast.district) == []
    taken = await story.rows("select * from event where scope = $1 and type = 'application.taken'", story.cast.hospital)
    assert len({row["application_id"] for row in taken}) == len(taken) == AT_ONCE + 1


async def test_the_same_key_goes_on_with_the_same_batch(story: Story) -> None:
    group = await many(story, 3, State.INSTITUTION_REVIEW)
    token = (await group.check(Step.FORWARD)).token
    wish = ApplicationsCarryOut(group.wish(Step.FORWARD), token, idempotency_key="forward-01")
    # Killed after it was begun, before anything was done.
    key = await take(story.db, story.cast.operator.session, wish)
    assert await group.states() == ["INSTITUTION_REVIEW"] * 3
    story.clock.now += timedelta(hours=2)  # the token is good no more, the key is
    assert await group.carry_out(Step.FORWARD, token, key="forward-01") == key
    assert await group.states() == ["AUTHORITY_INTAKE"] * 3
    items = await group.items(key)
    assert await group.carry_out(Step.FORWARD, token, key="forward-01") == key
    assert await group.items(key) == items
    with pytest.raises(Conflict):
        await group.carry_out(Step.FORWARD, token, key="forward-01", keys=group.keys[:2])
    assert len(await story.rows("select 1 from application_batch where institution_id = $1", story.cast.hospital)) == 1


async def test_what_a_killed_process_was_at_is_done_by_the_next(story: Story) -> None:
    group = await many(story, TOGETHER + 15, State.ACCEPTED, [Step.RECOMMEND])
    key = await begun(group, Step.APPROVE)
    # Cut off in the middle of its second transaction, as a kill does.
    task = asyncio.create_task(carry_on(story.db, key))
    done = "select count(*) from application_batch_item where application_batch_id = $1 and done_at is not null"
    while not await story.world.owner.fetchval(done, key):
        continue
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    approved = (await group.states()).count("APPROVED")
    assert approved == await story.world.owner.fetchval(done, key)
    await carry_on(story.db, key)
    assert await group.states() == ["APPROVED"] * len(group.stories)
    assert [len(await one.history()) for one in group.stories] == [1] * len(group.stories)
    assert (await group.batch(key))["state"] == "FINISHED"


@asynccontextmanager
async def failing(story: Story, sqlstate: str) -> AsyncIterator[None]:
    """While the database refuses every change of one application."""
    owner, name = story.world.owner, f"refuse_{story.id.hex}"
    body = f"begin raise exception 'no' using errcode = '{sqlstate}'; end"
    await owner.execute(f"create function {name}() returns trigger language plpgsql as $$ {body} $$")
    when = f"before update on application for each row when (new.id = '{story.id}')"
    await owner.execute(f"create trigger {name} {when} execute function {name}()")
    try:
        yield
    finally:
        await owner.execute(f"drop function {name} cascade")


async def test_what_the_database_refuses_of_one_leaves_the_others_done(story: Story) -> None:
    group = await many(story, 4, State.INSTITUTION_REVIEW)
    broken = group.stories[1]
    token = (await group.check(Step.FORWARD)).token
    async with failing(broken, "23514"):
        key = await group.carry_out(Step.FORWARD, token)
    assert await group.codes(key) == {**dict.fromkeys(group.keys), broken.id: ["INTERNAL"]}
    assert await group.states() == [
        "INSTITUTION_REVIEW" if one is broken else "AUTHORITY_INTAKE" for one in group.stories
    ]
    events = await story.rows(
        "select * from event where scope = $1 and type = 'application.forwarded'", group.first.cast.district
    )
    assert sorted(row["application_id"] for row in events) == sorted(set(group.keys) - {broken.id})


async def test_what_passes_is_tried_again(story: Story) -> None:
    group = await many(story, 3, State.INSTITUTION_REVIEW)
    token = (await group.check(Step.FORWARD)).token
    async with failing(group.stories[2], "40P01"):
        with pytest.raises(OUTAGE):
            await group.carry_out(Step.FORWARD, token, key="again-0001")
    assert await group.states() == ["INSTITUTION_REVIEW"] * 3
    key = await group.carry_out(Step.FORWARD, token, key="again-0001")
    assert await group.codes(key) == dict.fromkeys(group.keys)


async def test_of_who_may_act_no_more_nothing_more_is_done(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    key = await begun(group, Step.FORWARD)
    await story.world.owner.execute(
        "update account set state = 'DISABLED' where id = $1", story.cast.operator.account_id
    )
    await carry_on(story.db, key)
    assert await group.codes(key) == {one: ["BATCH_ENDED"] for one in group.keys}
    assert await group.states() == ["INSTITUTION_REVIEW"] * 2
    assert (await group.batch(key))["state"] == "FINISHED"


async def test_whoever_has_signed_out_is_not_waited_for(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    key = await begun(group, Step.FORWARD)
    await story.world.owner.execute(
        "update session set revoked_at = now() where account_id = $1", story.cast.operator.account_id
    )
    await carry_on(story.db, key)
    assert await group.codes(key) == dict.fromkeys(group.keys)


async def test_who_is_limited_to_units_does_many_of_hers_alone(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    ward = await put_unit(story.world, story.cast.hospital)
    await belong(story.world, group.stories[1].cast.nurse_id, ward)
    who = await limited(story.world, story.cast, Role.OPERATOR, ward)
    assert codes_of(await group.check(Step.FORWARD, who)) == [["NOT_FOUND"], None]
    key = await group.done(Step.FORWARD, who=who)
    assert await group.codes(key) == {group.keys[1]: None}
    events = await story.rows("select * from event where scope = $1 and type = 'batch.progressed'", story.cast.hospital)
    assert [row["unit_ids"] for row in events] == [[ward]] * len(events)


async def test_a_deputy_does_many_for_her_colleague_and_each_says_so(story: Story) -> None:
    group = await many(story, 2, State.ACCEPTED, [Step.RECOMMEND])
    cast, token = story.cast, sessions.new_token()
    colleague = await story.world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    today = await story.world.owner.fetchval("select current_date")
    given = {"absent_id": None, "deputy_id": colleague.account_id, "roles": frozenset({Role.DECIDER})}
    named = DeputyName(**given, starts_on=today, ends_on=today + timedelta(days=3))
    db = Database(story.db.dsn, story.db.keyring)
    deputyship = await take(db, cast.decider.session, named)
    await take(db, colleague.session, DeputySignIn(deputyship, colleague.session.expires_at, token))
    async with db.read() as reader:
        session = await sessions.find(reader, sessions.digest(token))
    await db.close()
    assert session is not None
    deputy = Person(colleague.account_id, token, session.actor)
    key = await begun(group, Step.APPROVE, who=deputy)
    assert (await group.batch(key))["deputyship_id"] == deputyship
    await carry_on(story.db, key)
    assert await group.codes(key) == dict.fromkeys(group.keys)
    for one in group.stories:
        assert (await one.decisions())[-1]["on_behalf_of_id"] == cast.decider.account_id
        events = await story.rows(
            "select body from event where application_id = $1 and type = 'application.decided'", one.id
        )
        assert {orjson.loads(row["body"])["onBehalfOf"] for row in events} == {str(cast.decider.account_id)}


async def test_batches_and_single_steps_at_once_never_wait_in_a_ring(story: Story) -> None:
    for _ in range(ROUNDS):
        group = await many(story, 6, State.ACCEPTED, [Step.RECOMMEND])
        other = await story.world.person(Party.AUTHORITY, story.cast.district, Role.DECIDER)
        one = await begun(group, Step.APPROVE)
        two = await begun(group, Step.APPROVE, who=other, keys=group.keys[::-1])
        singles = [await each.order(Step.APPROVE) for each in group.stories[:2]]
        done = await asyncio.gather(
            *(take_order(story.db, order) for order in singles),
            carry_on(story.db, one),
            carry_on(story.db, two),
            return_exceptions=True,
        )
        assert [one for one in done if isinstance(one, BaseException) and not isinstance(one, RegistryError)] == []
        assert await group.states() == ["APPROVED"] * 6
        assert [len(await each.history()) for each in group.stories] == [1] * 6
        story = await group.stories[0].beside()


STATEMENTS = {
    Step.TAKE: (10, 10),
    Step.FORWARD: (12, 12),
    Step.RETURN: (11, 11),
    Step.RECOMMEND: (11, 11),
    Step.APPROVE: (16, 16),
    # A receipt number each: they have no gaps.
    Step.ACCEPT: (16, 24),
}
"""Of a chunk of two, and of ten."""


@pytest.mark.parametrize("step", STATEMENTS)
async def test_a_chunk_takes_as_many_statements_for_ten_as_for_two(story: Story, step: Step) -> None:
    group = await many(story, 12, FROM[step], [Step.RECOMMEND] if step is Step.APPROVE else [])
    await carry_on(story.db, await begun(await many(await story.beside(), 1, FROM[Step.TAKE]), Step.TAKE))
    sent = []
    for keys in (group.keys[:2], group.keys[2:]):
        key = await begun(group, step, keys=keys)
        with counted(story.db) as found:
            assert await chunk(story.db, key) == []
            await asyncio.sleep(0)
        sent.append(len(found))
        await carry_on(story.db, key)
    assert tuple(sent) == STATEMENTS[step]
