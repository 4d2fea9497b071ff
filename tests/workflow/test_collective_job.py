"""The job that files together: once each, whoever runs it, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from db.store.engine import Database
from db.store.keys import Keyring
from db.store.outage import OUTAGE
from graph.context import Services
from rules.application import Step
from rules.errors import Conflict, RegistryError
from tests.support.collective_group import Group
from tests.support.orders import draft_of, order_of, take_order
from tests.support.registration_acts import ROUNDS
from tests.support.statements import counted
from tests.support.world import TODAY, Cast, World, renewal
from workflow.collective_job import run

pytestmark = pytest.mark.feature("I16")


@pytest.fixture
def group(services: Services, world: World, cast: Cast) -> Group:
    """The hospital of this test; its one nurse is in every filing."""
    return Group(services.db, world, cast)


async def test_one_key_starts_one_filing(group: Group) -> None:
    answers = await asyncio.gather(*(group.start(idempotency_key="together-01") for _ in range(8)))
    assert len(set(answers)) == 1
    with pytest.raises(Conflict):
        await group.start(idempotency_key="together-01", form=renewal(remarks="另一份"))
    count = "select count(*) from collective_filing where institution_id = $1"
    assert await group.world.owner.fetchval(count, group.cast.hospital) == 1


async def test_a_bug_at_one_nurse_is_told_and_the_others_are_filed(group: Group) -> None:
    (broken,) = await group.nurses(1)
    # No form that was ever stored: what cannot happen.
    key = await group.start()
    sql = "update collective_item set form = '[]' where collective_filing_id = $1 and nurse_id = $2"
    await group.world.owner.execute(sql, key, broken)
    await run(group.db)
    found = dict(zip([row["nurse_id"] for row in await group.items(key)], await group.codes(key), strict=True))
    assert found == {group.cast.nurse_id: None, broken: ["INTERNAL"]}
    assert (await group.filing(key))["state"] == "FINISHED"


@asynccontextmanager
async def failing(world: World, nurse_id: UUID, sqlstate: str) -> AsyncIterator[None]:
    """While the database refuses whatever is filed for one nurse."""
    body = f"begin raise exception 'no' using errcode = '{sqlstate}'; end"
    await world.owner.execute(f"create function refuse_her() returns trigger language plpgsql as $$ {body} $$")
    when = f"before insert on application for each row when (new.nurse_id = '{nurse_id}')"
    await world.owner.execute(f"create trigger refuse_her {when} execute function refuse_her()")
    yield
    await world.owner.execute("drop function refuse_her cascade")


async def test_what_the_database_refuses_for_one_nurse_keeps_nobody_waiting(group: Group) -> None:
    (broken,) = await group.nurses(1)
    async with failing(group.world, broken, "23514"):
        key = await group.filed()
    found = dict(zip([row["nurse_id"] for row in await group.items(key)], await group.codes(key), strict=True))
    assert found == {group.cast.nurse_id: None, broken: ["INTERNAL"]}


async def test_what_passes_is_tried_again(group: Group) -> None:
    (unlucky,) = await group.nurses(1)
    key = await group.start()
    async with failing(group.world, unlucky, "40P01"):
        with pytest.raises(OUTAGE):
            await run(group.db)
    assert {row["nurse_id"]: row["done_at"] is None for row in await group.items(key)} == {
        group.cast.nurse_id: False,
        unlucky: True,
    }
    assert (await group.filing(key))["state"] == "RUNNING"
    await run(group.db)
    assert await group.codes(key) == [None, None]
    assert (await group.filing(key))["state"] == "FINISHED"


async def test_progress_is_told_at_the_beginning_and_at_the_end(group: Group) -> None:
    await group.nurses(3)
    await group.nurses(1, valid_until=TODAY + timedelta(days=200))
    key = await group.filed()
    bodies = await group.heard(group.cast.hospital)
    counts = {"filing": str(key), "total": 5}
    assert bodies[0] == {**counts, "by": "INSTITUTION", "state": "RUNNING", "filed": 0, "refused": 0}
    assert bodies[-1] == {**counts, "by": None, "state": "FINISHED", "filed": 4, "refused": 1}
    assert len(bodies) == 2
    assert await group.heard(group.cast.district) == []


async def test_several_processes_file_for_each_nurse_once(group: Group, owner_url: str, keyring: Keyring) -> None:
    others = [Database(owner_url, keyring) for _ in range(2)]
    await group.nurses(39)
    keys = [await group.start(), await group.start(group.cast.manager)]
    await asyncio.gather(*(run(db) for db in (group.db, *others)))
    # Two filings for the same nurses: one of both files for each, the other is told so.
    assert [(await group.filing(key))["state"] for key in keys] == ["FINISHED"] * 2
    made = [one["nurse_id"] for key in keys for one in await group.applications(key)]
    assert len(made) == len(set(made)) == 40
    assert {code for key in keys for codes in await group.codes(key) for code in codes or ()} == {"APPLICATION_OPEN"}
    ends = [body["state"] for body in await group.heard(group.cast.hospital)]
    assert ends.count("FINISHED") == 2
    for db in others:
        await db.close()


async def test_what_a_killed_process_was_at_is_filed_by_the_next(group: Group) -> None:
    await group.nurses(11)
    key = await group.start()
    # Cut off in the middle of its transactions, as a kill does.
    task = asyncio.create_task(run(group.db))
    count = "select count(*) from application where collective_filing_id = $1"
    while await group.world.owner.fetchval(count, key) < 3:
        continue
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await run(group.db)
    assert [(await group.filing(key))["state"], len(await group.applications(key))] == ["FINISHED", 12]


async def test_a_filing_whose_end_was_not_told_is_ended_by_the_next_look(group: Group) -> None:
    key = await group.filed()
    await group.world.owner.execute(
        "update collective_filing set state = 'RUNNING', finished_at = null where id = $1", key
    )
    assert not await run(group.db)
    assert (await group.filing(key))["state"] == "FINISHED"


async def test_of_a_nurse_and_her_hospital_at_once_one_files(group: Group, world: World) -> None:
    for _ in range(ROUNDS):
        cast = await world.cast()
        one = Group(group.db, world, cast)
        draft = await take_order(group.db, draft_of(cast.nurse.session, renewal()))
        key = await one.start()
        order = order_of(cast.nurse.session, Step.SUBMIT, draft, 1)
        hers, _ = await asyncio.gather(take_order(group.db, order), run(group.db), return_exceptions=True)
        (codes,) = await one.codes(key)
        filed = await one.applications(key)
        state = (await world.row("application", draft))["state"]
        assert (isinstance(hers, UUID), state == "INSTITUTION_REVIEW", codes == ["APPLICATION_OPEN"], filed == []) in {
            (True, True, True, True),
            (False, False, False, False),
        }
        assert isinstance(hers, UUID | Conflict | RegistryError)


async def test_of_a_cancellation_and_the_job_each_nurse_is_filed_for_or_not(group: Group) -> None:
    await group.nurses(15)
    key = await group.start()
    job = asyncio.create_task(run(group.db))
    await group.cancel(key)
    cancelled = await group.items(key)
    await job
    assert await group.items(key) == cancelled
    assert [row["done_at"] is None for row in cancelled] == [False] * 16
    assert sum(row["application_id"] is not None for row in cancelled) == len(await group.applications(key))
    assert (await group.filing(key))["state"] == "CANCELLED"


async def test_a_chunk_takes_as_many_statements_for_forty_as_for_two(group: Group) -> None:
    sent = []
    for more in (1, 38):
        await group.nurses(more)
        key = await group.start(form=renewal(remarks=str(more)))
        with counted(group.db) as found:
            await run(group.db, workers=1)
            await asyncio.sleep(0)
        assert (await group.filing(key))["state"] == "FINISHED"
        sent.append(sum("jsonb_to_recordset" in one for one in found))
        withdrawn = "update application set state = 'WITHDRAWN' where collective_filing_id = $1"
        await group.world.owner.execute(withdrawn, key)
    # What else is open, four inserts, the items, and the events of all of them; progress has one more.
    assert sent == [8, 8]
