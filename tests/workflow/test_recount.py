"""Due dates across days that nobody had announced follow once these are announced or set, and nothing else moves them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio

from db import calendar, recount
from db.calendar import Day
from db.store.announced_days import days, fill
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.application import State
from rules.calendar import DayBasis
from rules.moment import SHANGHAI
from tests.support.authority_stage import put
from tests.support.story import Clock
from tests.support.until import LONG_ENOUGH
from tests.support.world import Cast, World
from workflow.scheduler import run

ACCEPTED = datetime(2026, 12, 21, 10, tzinfo=SHANGHAI)
SETTLED = datetime(2026, 12, 28, 9, tzinfo=SHANGHAI)
DUE = date(2027, 1, 19)
"""By the guess: 1 January is the only day off besides the weekends."""
KNOWN = {one[0]: one for one in days()}


@dataclass(repr=False)
class Register:
    """A register of its own, whose calendar is as this release knows it, and its clock."""

    world: World
    db: Database
    cast: Cast
    clock: Clock

    async def accepted(self, **values: Any) -> UUID:
        """An application that was accepted before Christmas; those before it are decided."""
        await self.world.owner.execute("update application set state = 'WITHDRAWN'")
        return await self.beside(**values)

    async def beside(self, state: State = State.ACCEPTED, **values: Any) -> UUID:
        """Another one, of another nurse."""
        world = self.world
        cast = await world.cast()
        dates = {"forwarded_at": ACCEPTED, "accepted_at": ACCEPTED, "due_on": DUE}
        return await put(world, cast, state, **{**dates, **values})

    async def announce(self, **notes: bool) -> None:
        """A later release knows 2027; `_0102=True` says that 2 January is worked."""
        announced = {date(2027, int(name[1:3]), int(name[3:])): working for name, working in notes.items()}
        year = [one for day, one in KNOWN.items() if day.year == 2027]
        known = [(day, announced.get(day, working), note, DayBasis.ANNOUNCED) for day, working, note, _ in year]
        await fill(self.world.owner, known)
        await self.world.owner.execute(
            "update calendar_day set settled_at = $1 where settled_at is not null and basis = 'ANNOUNCED'",
            self.clock.now,
        )

    async def set_day(self, day: date, working: bool) -> None:
        """The nation says it."""
        async with self.db.begin() as tx:
            await tx.ask_time()
            await calendar.set_day(tx, Day(day, working, None))

    async def due(self, key: UUID) -> tuple[date, date | None]:
        """By law, and by promise."""
        row = await self.world.row("application", key)
        return row["due_on"], row["promised_due_on"]

    async def addressed(self, key: UUID) -> list[str]:
        """Whose feeds have heard that it was counted afresh, once for each time."""
        row = await self.world.row("application", key)
        names = {row["nurse_id"]: "N", row["institution_id"]: "I", row["authority_id"]: "A"}
        query = "select scope from event where application_id = $1 and type = 'deadline.recounted'"
        return sorted(names[one["scope"]] for one in await self.world.owner.fetch(query, key))

    async def run(self, batch: int = 200) -> Counter[str]:
        """What the scheduler does about due dates."""
        done = await run(self.db, batch)
        return Counter({name: done[name] for name in ("RECOUNTED", "FAILED") if done[name]})


@pytest_asyncio.fixture
async def register(empty_url: str, keyring: Keyring) -> AsyncIterator[Register]:
    """One of these, on the day after Christmas' weekend."""
    await migrate(empty_url)
    owner, clock = await asyncpg.connect(asyncpg_dsn(empty_url)), Clock(SETTLED)
    db, world = Database(empty_url, keyring, clock=clock, statement_seconds=LONG_ENOUGH), World(owner, keyring)
    yield Register(world, db, await world.cast(), clock)
    await db.close()
    await owner.close()


async def test_years_with_worked_weekends_are_announced_and_the_next_is_a_guess(register: Register) -> None:
    query = "select extract(year from day)::int as year, basis, count(*) from calendar_day group by 1, 2 order by 1"
    found = [(row["year"], row["basis"]) for row in await register.world.owner.fetch(query)]
    assert found == [*((year, "ANNOUNCED") for year in range(2010, 2027)), (2027, "PROVISIONAL")]


async def test_a_later_release_replaces_the_guess_but_not_what_the_nation_has_set(register: Register) -> None:
    await register.set_day(date(2027, 1, 4), False)
    await register.announce(_0104=True, _0102=True, _0105=True)
    rows = await register.world.owner.fetch(
        "select day, working, basis, guess, settled_at is not null as settled from calendar_day"
        " where day between '2027-01-02' and '2027-01-05' order by day"
    )
    assert [tuple(row)[1:] for row in rows] == [
        (True, "ANNOUNCED", False, True),
        (False, "ANNOUNCED", False, True),
        (False, "SET", True, True),
        (True, "ANNOUNCED", True, True),
    ]
    before = await register.world.owner.fetch("select * from calendar_day order by day")
    await fill(register.world.owner)
    assert await register.world.owner.fetch("select * from calendar_day order by day") == before


async def test_announced_days_move_a_due_date_once_and_everybody_is_told(register: Register) -> None:
    key = await register.accepted(promised_due_on=date(2027, 1, 6))
    before = await register.world.row("application", key)
    assert await register.run() == {}
    # The weekend is worked, for two days off after it: by law it comes to the same.
    await register.announce(_0102=True, _0103=True, _0104=False, _0105=False, _0118=False)
    assert await register.run() == {"RECOUNTED": 1}
    assert await register.due(key) == (date(2027, 1, 20), date(2027, 1, 6))
    after = await register.world.row("application", key)
    counted = {"version": before["version"] + 1, "due_on": date(2027, 1, 20), "due_counted_at": SETTLED}
    counted |= {"row_version": before["row_version"] + 1}
    assert dict(after) == {**before, **counted}
    assert await register.addressed(key) == ["A", "I", "N"]
    (audited,) = await register.world.owner.fetch("select * from audit where action = 'deadline.recounted'")
    assert (audited["account_id"], audited["nurse_id"], audited["at"]) == (None, after["nurse_id"], SETTLED)
    assert orjson.loads(audited["detail"]) == {
        **{"application": str(key), "from": "2027-01-19"},
        **{"due_on": "2027-01-20", "promised_due_on": "2027-01-06"},
    }
    assert await register.run() == {}
    assert await register.addressed(key) == ["A", "I", "N"]


@pytest.mark.parametrize(
    ("day", "working", "due"),
    [
        (date(2027, 1, 4), False, date(2027, 1, 20)),
        (date(2027, 1, 2), True, date(2027, 1, 18)),
        (date(2027, 1, 19), False, date(2027, 1, 20)),
        (date(2027, 1, 20), False, DUE),
        (date(2027, 1, 4), True, DUE),
        (date(2026, 12, 30), False, DUE),
    ],
    ids=["off", "worked", "the due day", "after it", "as guessed", "was announced"],
)
async def test_a_day_that_the_nation_sets(register: Register, day: date, working: bool, due: date) -> None:
    key = await register.accepted()
    await register.set_day(day, working)
    assert await register.run() == ({} if due == DUE else {"RECOUNTED": 1})
    assert (await register.due(key))[0] == due


async def test_a_day_set_twice_moves_a_due_date_once(register: Register) -> None:
    key = await register.accepted()
    await register.set_day(date(2027, 1, 4), False)
    assert await register.run() == {"RECOUNTED": 1}
    await register.set_day(date(2027, 1, 4), True)
    assert await register.run() == {}
    assert (await register.due(key))[0] == date(2027, 1, 20)
    register.clock.now += timedelta(minutes=1)
    await register.set_day(date(2027, 1, 5), False)
    await register.announce(_0106=False)
    assert await register.run() == {"RECOUNTED": 1}
    # 4 January is worked again, and keeps its place in the count.
    assert (await register.due(key))[0] == date(2027, 1, 22)


@pytest.mark.parametrize("state", State)
async def test_only_what_is_still_to_be_decided_is_counted_afresh(register: Register, state: State) -> None:
    key = await register.accepted(state=state)
    await register.set_day(date(2027, 1, 4), False)
    moves = state in (State.ACCEPTED, State.CORRECTION_REQUIRED)
    assert await register.run() == ({"RECOUNTED": 1} if moves else {})
    assert (await register.due(key))[0] == (date(2027, 1, 20) if moves else DUE)


async def test_a_period_that_stands_still_is_counted_afresh(register: Register) -> None:
    key = await register.accepted(on_hold=True)
    await register.set_day(date(2027, 1, 4), False)
    assert await register.run() == {"RECOUNTED": 1}
    assert (await register.due(key))[0] == date(2027, 1, 20)


async def test_what_was_counted_after_the_days_were_settled_stays(register: Register) -> None:
    await register.set_day(date(2027, 1, 4), False)
    later = SETTLED + timedelta(minutes=1)
    key = await register.accepted(accepted_at=later, due_on=date(2027, 1, 26))
    again = await register.beside(due_counted_at=later)
    register.clock.now = later
    assert await register.run() == {}
    assert [(await register.due(one))[0] for one in (key, again)] == [date(2027, 1, 26), DUE]


async def test_a_step_before_the_scheduler_counts_by_the_days_as_they_are(register: Register) -> None:
    """As to extend or to go on after a hold, which begin with the due dates."""
    key = await register.accepted(promised_due_on=date(2027, 1, 4))
    await register.set_day(date(2027, 1, 4), False)
    async with register.db.begin() as tx:
        await tx.ask_time()
        found = await recount.due_dates(tx, key)
    assert found.columns == {"due_on": date(2027, 1, 20), "promised_due_on": date(2027, 1, 5)}
    assert await register.due(key) == (DUE, date(2027, 1, 4))


async def test_a_server_that_was_away_moves_no_due_date_into_the_past(register: Register) -> None:
    key = await register.accepted(due_on=date(2027, 1, 5))
    await register.set_day(date(2027, 1, 2), True)
    await register.set_day(date(2027, 1, 3), True)
    register.clock.now = datetime(2027, 1, 4, 9, tzinfo=SHANGHAI)
    assert await register.run() == {"RECOUNTED": 1}
    assert (await register.due(key))[0] == date(2027, 1, 4)
    assert (await register.addressed(key)) == ["A", "I", "N"]


async def test_all_are_counted_in_batches_also_by_two_servers_at_once_and_one_that_fails_stops_none(
    register: Register,
) -> None:
    keys = [await register.accepted(), *[await register.beside() for _ in range(6)]]
    beyond = await register.beside(due_on=date(2027, 12, 31))
    await register.set_day(date(2027, 1, 4), False)
    done = await asyncio.gather(register.run(2), register.run(3))
    assert (done[0] + done[1])["RECOUNTED"] == 7
    assert [(await register.due(key))[0] for key in keys] == [date(2027, 1, 20)] * 7
    assert [await register.addressed(key) for key in keys] == [["A", "I", "N"]] * 7
    assert (await register.due(beyond))[0] == date(2027, 12, 31)
    assert await register.run() == {"FAILED": 1}


async def test_one_that_somebody_works_on_is_left_to_the_next_run(register: Register) -> None:
    key = await register.accepted()
    await register.set_day(date(2027, 1, 4), False)
    async with register.world.owner.transaction():
        await register.world.owner.execute("select from application where id = $1 for update", key)
        assert await register.run() == {}
    assert await register.run() == {"RECOUNTED": 1}


async def test_generated_announcements_keep_every_number_of_working_days(register: Register) -> None:
    """Ten applications, each announcement another one of 2027; counted by the database before and after."""
    random, owner = Random(12), register.world.owner
    count = "select count(*) from calendar_day where day > $1 and day <= $2 and working"
    worked = [day for day, working, *_ in KNOWN.values() if working and day > ACCEPTED.date()]
    await register.accepted()
    keys = [await register.beside(due_on=random.choice(worked[9:90])) for _ in range(10)]
    before = {key: await owner.fetchval(count, ACCEPTED.date(), (await register.due(key))[0]) for key in keys}
    changed = random.sample([day for day in KNOWN if date(2027, 1, 2) <= day < date(2027, 5, 1)], 30)
    await register.announce(**{f"_{day:%m%d}": not KNOWN[day][1] for day in changed})
    assert (await register.run())["FAILED"] == 0
    for key in keys:
        due = (await register.due(key))[0]
        assert await owner.fetchval(count, ACCEPTED.date(), due) == before[key]
        assert await owner.fetchval("select working from calendar_day where day = $1", due)
    assert await register.run() == {}


async def test_where_she_has_no_institution_the_others_are_told(register: Register) -> None:
    key = await register.accepted(institution_id=None)
    await register.set_day(date(2027, 1, 4), False)
    assert await register.run() == {"RECOUNTED": 1}
    query = "select count(*) from event where application_id = $1 and type = 'deadline.recounted'"
    assert await register.world.owner.fetchval(query, key) == 2
