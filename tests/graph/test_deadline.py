"""The clock as clients see it, planned and by the executor; the steps that stop it; the calendar it counts by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, Person, World

CLOCK = (
    "deadline { basis dueOn promisedDueOn workingDaysLeft provisional extended extensionReason"
    " pausedSpans { kind workingDays } }"
)
ASK = f"query($id: ID!) {{ application(id: $id) {{ dueOn {CLOCK} }} }}"


@pytest.fixture
def both(services: Services) -> Both:
    """Asks both ways."""
    return Both(services)


@pytest_asyncio.fixture
async def working(world: World) -> AsyncIterator[list[date]]:
    """The working days around today, and today's place among those from today on."""
    rows = await world.owner.fetch("select day from calendar_day where working order by day")
    yield [row["day"] for row in rows]


async def shown(both: Both, person: Person | None, key: UUID) -> Any:
    """The clock of an application, as a person sees it."""
    data = await both.data(ASK, person, id=global_id("Application", key))
    return data["application"] and data["application"]["deadline"]


@pytest.mark.feature("N19")
@pytest.mark.parametrize("away", [-20, -1, 0, 1, 5, 19])
async def test_the_days_left_are_counted_by_the_calendar(
    both: Both, world: World, cast: Cast, working: list[date], away: int
) -> None:
    today = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    due = today + timedelta(days=away)
    key = await put(world, cast, State.ACCEPTED, due_on=due, promised_due_on=today)
    left = len([day for day in working if today < day <= due])
    over = len([day for day in working if due < day <= today])
    guesses = "select count(*) from calendar_day where basis = 'PROVISIONAL' and day > $1 and day <= $2"
    guessed = await world.owner.fetchval(guesses, today, due)
    for person in (cast.nurse, cast.operator, cast.reviewer):
        assert await shown(both, person, key) == {
            "basis": "ACCEPTANCE_20",
            "dueOn": due.isoformat(),
            "promisedDueOn": today.isoformat(),
            "workingDaysLeft": -max(1, over) if due < today else left,
            "provisional": bool(guessed),
            "extended": False,
            "extensionReason": None,
            "pausedSpans": [],
        }


@pytest.mark.parametrize("state", State)
async def test_the_clock_shows_from_the_authority_on_and_counts_while_it_decides(
    both: Both, world: World, cast: Cast, state: State
) -> None:
    today = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    key = await put(world, cast, state, due_on=today)
    forwarded = (await world.row("application", key))["forwarded_at"]
    found = await shown(both, cast.nurse, key)
    assert (found is None) == (forwarded is None)
    if found is not None:
        assert found["workingDaysLeft"] == (0 if state is State.ACCEPTED else None)


async def test_no_days_are_counted_on_hold_and_the_spans_come_newest_first(
    both: Both, world: World, cast: Cast
) -> None:
    key = await put(world, cast, State.ACCEPTED, due_on=date(2026, 12, 31), on_hold=True)
    sql = "insert into application_pause (application_id, kind, started_at, ended_at, working_days) values"
    await world.owner.execute(f"{sql} ($1, 'CORRECTION', now() - interval '5 days', now(), 3)", key)
    await world.owner.execute(f"{sql} ($1, 'HEARING', now(), null, null)", key)
    found = await shown(both, cast.nurse, key)
    assert found["workingDaysLeft"] is None
    assert found["pausedSpans"] == [
        {"kind": "HEARING", "workingDays": None},
        {"kind": "CORRECTION", "workingDays": 3},
    ]


async def test_strangers_see_no_clock(both: Both, world: World, cast: Cast) -> None:
    key, strangers = await put(world, cast, State.ACCEPTED, due_on=date(2026, 12, 31)), await world.cast()
    for person in (strangers.nurse, strangers.operator, strangers.reviewer):
        assert await shown(both, person, key) is None


@pytest.mark.feature("A4")
async def test_the_clock_is_stopped_started_and_extended_over_http(live: Live, world: World, cast: Cast) -> None:
    today = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    key = await put(world, cast, State.ACCEPTED, due_on=today)
    chief = await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR)
    reviewer, selection = live.as_(cast.reviewer), f"application {{ version availableSteps {CLOCK} }}"
    given: dict[str, Any] = {"id": global_id("Application", key), "expectedVersion": 1}
    held = await do(reviewer, "applicationHold", selection, **given, kind="APPRAISAL", reason="鉴定")
    version = held["application"]["version"]
    assert held["application"]["deadline"]["pausedSpans"] == [{"kind": "APPRAISAL", "workingDays": None}]
    assert "RESUME" in held["application"]["availableSteps"]
    given["expectedVersion"] = version
    resumed = await do(reviewer, "applicationResume", selection, **given)
    assert resumed["application"]["deadline"]["pausedSpans"] == [{"kind": "APPRAISAL", "workingDays": 0}]
    given["expectedVersion"] = version + 1
    more = {"workingDays": 3, "reason": "材料复杂"}
    refused = await do(reviewer, "applicationExtend", selection, **given, **more)
    assert refused["__typename"] == "NotAllowedProblem"
    clock = (await do(live.as_(chief), "applicationExtend", selection, **given, **more))["application"]["deadline"]
    assert (clock["extended"], clock["extensionReason"], clock["workingDaysLeft"]) == (True, "材料复杂", 3)


@pytest.mark.parametrize("state", State)
async def test_a_due_date_across_days_that_nobody_has_announced_says_so_while_it_may_move(
    both: Both, world: World, cast: Cast, state: State
) -> None:
    guess = await world.owner.fetchval("select max(day) from calendar_day where basis = 'PROVISIONAL'")
    key = await put(world, cast, state, due_on=guess)
    found = await shown(both, cast.nurse, key)
    if found is not None:
        assert found["provisional"] is (state in (State.ACCEPTED, State.CORRECTION_REQUIRED))


async def test_a_due_date_is_provisional_until_it_is_counted_afresh(both: Both, world: World, cast: Cast) -> None:
    """Between the setting of the day and the scheduler's next minute."""
    today = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    near, due = today + timedelta(days=2), today + timedelta(days=3)
    settled = "update calendar_day set basis = 'SET', guess = $2, settled_at = $3 where day = $1"
    ago = (await world.owner.fetchval("select now()")) - timedelta(days=1)
    before = await world.owner.fetch(
        "select day, working, basis from calendar_day where day > $1 and day <= $2", today, due
    )
    working = next(row["working"] for row in before if row["day"] == near)
    await world.owner.execute("update calendar_day set basis = 'SET' where day > $1 and day <= $2", today, due)
    key = await put(world, cast, State.ACCEPTED, due_on=due, accepted_at=ago - timedelta(days=1))
    seen = []
    for guess, at in ((None, None), (working, ago), (not working, ago - timedelta(days=2)), (not working, ago)):
        await world.owner.execute(settled, near, guess, at)
        seen.append((await shown(both, cast.nurse, key))["provisional"])
    await world.owner.execute(settled, near, None, None)
    for row in before:
        await world.owner.execute("update calendar_day set basis = $2 where day = $1", row["day"], row["basis"])
    assert seen == [False, False, False, True]


CALENDAR = (
    "query($from: Date!, $until: Date!) { calendar(from: $from, until: $until) { nodes { day working note basis } } }"
)


async def test_everybody_signed_in_reads_the_calendar(live: Live, cast: Cast) -> None:
    days = {"from": "2025-09-30", "until": "2025-10-01"}
    for person in (cast.nurse, cast.viewer, cast.reviewer):
        found = (await live.as_(person).ask(CALENDAR, **days))["calendar"]["nodes"]
        assert [(day["day"], day["working"]) for day in found] == [("2025-09-30", True), ("2025-10-01", False)]
        assert {day["basis"] for day in found} == {"ANNOUNCED"}
    assert await live.as_(None).refused(CALENDAR, **days) == ["UNAUTHENTICATED"]
    long = {"from": "2025-01-01", "until": "2026-12-31"}
    assert await live.as_(cast.nurse).refused(CALENDAR, **long) == ["VALIDATION"]


async def test_the_national_authority_keeps_the_calendar_and_leaves_due_dates_to_the_scheduler(
    live: Live, world: World, cast: Cast
) -> None:
    today = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    key = await put(world, cast, State.ACCEPTED, due_on=date(2027, 12, 15))
    chief = live.as_(await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR))
    given = {"day": "2027-12-14", "working": False, "note": " 台风停工 ", "idempotencyKey": f"typhoon-{key}"}
    selection, before = "day { day working note basis }", await world.row("calendar_day", date(2027, 12, 14), "day")  # type: ignore[arg-type]
    for _ in range(2):
        done = await do(chief, "calendarSetDay", selection, **given)
        assert done["day"] == {"day": "2027-12-14", "working": False, "note": "台风停工", "basis": "SET"}
    assert (await world.row("application", key))["due_on"] == date(2027, 12, 15)
    audited = (
        "select account_id, detail->>'day' as day from audit where action = 'calendarSetDay' and detail->>'note' = $1"
    )
    assert len(await world.owner.fetch(audited, "台风停工")) == 1
    await do(chief, "calendarSetDay", selection, day="2027-12-14", working=before["working"], note=before["note"])
    passed = (today - timedelta(days=1)).isoformat()
    for wrong, code in (({"day": passed}, "DATE_PASSED"), ({"day": "2030-01-01"}, "DAY_GAP")):
        refused = await do(chief, "calendarSetDay", selection, **wrong, working=False)
        assert [field["code"] for field in refused["fields"]] == [code]


async def test_nobody_else_keeps_it(live: Live, world: World, cast: Cast) -> None:
    before = await world.owner.fetch("select * from calendar_day")
    given = {"day": "2027-12-14", "working": False}
    district = await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)
    reviewer = await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER)
    for person in (district, reviewer, cast.nurse, cast.manager):
        refused = await do(live.as_(person), "calendarSetDay", "day { day }", **given)
        assert refused["__typename"] == "NotAllowedProblem"
    assert await world.owner.fetch("select * from calendar_day") == before


WARNINGS = """query { events(first: 50, types: [DEADLINE_WARNING]) { nodes { __typename type actor
  ... on ApplicationEvent { step warning fromState toState version application { id } } } } }"""


async def test_a_warning_has_no_step_and_says_which(both: Both, world: World, cast: Cast) -> None:
    key = await put(world, cast, State.ACCEPTED, due_on=date(2026, 12, 31))
    body = '{"kind": "RENEWAL", "step": null, "from": "ACCEPTED", "to": "ACCEPTED", "version": 1, "by": null,'
    await world.owner.execute(
        "insert into event (scope, seq, at, id, type, application_id, body) values"
        " ($1, 1, now(), uuidv7(), 'deadline.warning', $2, $3)",
        cast.district,
        key,
        f'{body} "warning": "DUE_IN_5"}}',
    )
    await world.owner.execute("insert into feed_scope (scope, seq) values ($1, 1)", cast.district)
    (event,) = (await both.data(WARNINGS, cast.reviewer))["events"]["nodes"]
    assert event == {
        "__typename": "DeadlineWarning",
        "type": "DEADLINE_WARNING",
        "actor": None,
        "step": None,
        "warning": "DUE_IN_5",
        "fromState": "ACCEPTED",
        "toState": "ACCEPTED",
        "version": 1,
        "application": {"id": global_id("Application", key)},
    }
