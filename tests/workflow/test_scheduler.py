"""The system's scheduler, run day by day in a register of its own: what it does, tells, and never does twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from db import reminder
from db.store import known_law
from db.store.announced_days import fill
from db.store.engine import SHANGHAI, Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.application import State, Step
from rules.errors import RegistryError
from rules.hold import Pause
from rules.message import Template
from rules.people import Party
from rules.reasons import Reason
from rules.verification import Channel
from tests.support.contacts import letters, new_phone, reach
from tests.support.orders import take_order
from tests.support.postgres import new_database
from tests.support.rounds import ROUNDS
from tests.support.story import EXPIRY, NOW, Clock, Story, open_story
from tests.support.until import LONG_ENOUGH
from tests.support.world import World
from workflow.scheduler import run

N, I, A = Party.NURSE, Party.INSTITUTION, Party.AUTHORITY  # noqa: E741
HEARING: dict[str, Any] = {"kind": Pause.HEARING, "reason": "听证"}
Heard = list[tuple[str, str, str | None]]


@pytest_asyncio.fixture(scope="module")
async def own(server: str, keyring: Keyring) -> AsyncIterator[tuple[World, Database, Clock]]:
    """A register that nothing else is in: the clock looks through all of it."""
    url, clock = await new_database(server), Clock(NOW)
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    db = Database(url, keyring, clock=clock, statement_seconds=LONG_ENOUGH)
    yield World(owner, keyring), db, clock
    await db.close()
    await owner.close()


@pytest_asyncio.fixture
async def story(own: tuple[World, Database, Clock]) -> Story:
    """A renewal that the nurse has begun; nothing else is open."""
    world, db, clock = own
    clock.now = NOW
    await world.owner.execute("update application set state = 'WITHDRAWN'")
    return await open_story(db, world, clock)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


async def runs(story: Story, day: date, hour: int = 0, minute: int = 0) -> Counter[str]:
    """What the clock does at a moment; a second run has nothing left to do."""
    story.clock.now = at(day, hour, minute)
    done = await run(story.db, batch=2)
    assert await run(story.db, batch=2) == +Counter({"FAILED": done["FAILED"]})
    return done


async def run_days(story: Story, first: date, last: date) -> dict[str, Counter[str]]:
    """The days on which it did something, looking twice a day."""
    found = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        done = await runs(story, day) + await runs(story, day, 23, 59)
        if done:
            found[day.isoformat()[5:]] = done
    return found


async def heard(story: Story, *parties: Party) -> Heard:
    """What each end was told by the clock: the day, the type, and which warning."""
    found = []
    for party in parties or (N, I, A):
        for event in await story.heard(party):
            if event["body"]["by"] is None:
                day = event["at"].astimezone(SHANGHAI).date().isoformat()[5:]
                found.append((f"{party[0]} {day}", event["type"], event["body"].get("warning")))
    return found


async def test_five_working_days_of_silence_are_an_acceptance_that_counts_from_receipt(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    assert await run_days(story, date(2025, 9, 26), date(2025, 10, 10)) == {}
    # The next is a Saturday that is worked; nobody needs to be there.
    assert await runs(story, date(2025, 10, 11)) == {"ACCEPT": 1}
    row, decision = await story.row(), (await story.decisions())[-1]
    shown = ("state", "due_on", "accepted_at", "queued_at", "moved_by", "moved_at", "version")
    moment = at(date(2025, 10, 11))
    assert [row[name] for name in shown] == ["ACCEPTED", date(2025, 10, 30), moment, moment, None, moment, 4]
    assert row["receipt_number"].endswith("-2025-000001")
    assert [decision[name] for name in ("stage", "outcome", "decider_id")] == ["AUTHORITY_REVIEW", "ACCEPTED", None]
    assert "第三十二条" in decision["opinion"]
    assert await heard(story) == [(f"{end} 10-11", "application.accepted", None) for end in "NIA"]
    (event,) = [one for one in await story.heard(A) if one["type"] == "application.accepted"]
    assert (event["account_id"], event["queue"], event["body"]["left"]) == (None, "CHANGED", "AUTHORITY_INTAKE")


async def test_after_days_of_downtime_the_due_date_is_the_same(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    assert await runs(story, date(2025, 10, 20), 9, 30) == {"ACCEPT": 1}
    assert (await story.row())["due_on"] == date(2025, 10, 30)


async def test_a_colleagues_lease_does_not_stop_the_clock(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    story.clock.now = at(date(2025, 10, 10), 23, 50)
    await story.take(Step.TAKE, story.cast.reviewer)
    assert await runs(story, date(2025, 10, 11)) == {"ACCEPT": 1}


async def lapsing(story: Story, state: State) -> Story:
    """One that waits for the nurse since 26 September."""
    if state is State.INSTITUTION_REVIEW:
        await story.reach(state)
        sql = "update application set kind = 'CHANGE', institution_id = null where id = $1"
        await story.world.owner.execute(sql, story.id)
    return await story.reach(state) if state is not State.INSTITUTION_REVIEW else story


@pytest.mark.parametrize("state", [State.RETURNED, State.CORRECTION_REQUIRED, State.INSTITUTION_REVIEW])
async def test_thirty_days_of_silence_end_it_after_three_reminders(story: Story, state: State) -> None:
    phone = new_phone()
    await reach(story.world, story.cast.nurse.account_id, Channel.SMS, phone, verified=True)
    await lapsing(story, state)
    version = (await story.row())["version"]
    done = await run_days(story, date(2025, 9, 26), date(2025, 11, 10))
    assert done == {
        "10-12": {"REMIND_14": 1},
        "10-19": {"REMIND_7": 1},
        "10-24": {"REMIND_2": 1},
        "10-27": {"LAPSE": 1},
    }
    row = await story.row()
    assert (row["state"], row["decided_at"], row["version"]) == ("LAPSED", at(date(2025, 10, 27)), version + 1)
    business = "变更注册" if state is State.INSTITUTION_REVIEW else "延续注册"
    messages = [(letter.template, dict(letter.values)) for letter in await letters(story.db, phone)]
    reminded = [{"business": business, "days": str(n), "until": "2025-10-26"} for n in (14, 7, 2)]
    asked = {
        State.RETURNED: [(Template.APPLICATION_RETURNED, {"business": business})],
        State.CORRECTION_REQUIRED: [(Template.APPLICATION_CORRECTION, {"business": business})],
    }
    ended = (Template.APPLICATION_ENDED, {"business": business})
    assert messages == [*asked.get(state, []), *((Template.LAPSE_REMINDER, one) for one in reminded), ended]
    assert (await heard(story, N)) == [("N 10-27", "application.lapsed", None)]


async def test_a_day_that_was_missed_makes_up_for_the_nearest_reminder_only(story: Story) -> None:
    await story.reach(State.RETURNED)
    assert await runs(story, date(2025, 10, 20)) == {"REMIND_7": 1}
    assert await runs(story, date(2025, 10, 26)) == {"REMIND_2": 1}
    assert await runs(story, date(2025, 12, 1)) == {"LAPSE": 1}


async def test_who_was_returned_to_again_is_reminded_again(story: Story) -> None:
    await story.reach(State.RETURNED)
    assert await runs(story, date(2025, 10, 12)) == {"REMIND_14": 1}
    await story.take(Step.RESUBMIT)
    story.clock.now = at(date(2025, 10, 13), 9)
    await story.take(Step.RETURN, reasons=(Reason.DEPARTMENT_WRONG,), marked_fields=("department",))
    assert await runs(story, date(2025, 10, 27)) == {}
    assert await runs(story, date(2025, 10, 29)) == {"REMIND_14": 1}


async def test_what_an_institution_has_never_lapses_but_it_is_warned_and_then_the_authority(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    done = await run_days(story, date(2025, 9, 26), date(2025, 11, 10))
    assert done == {"10-11": {"SILENT_5": 1, "RENEWAL_45": 1}, "10-17": {"SILENT_10": 1}, "10-21": {"RENEWAL_35": 1}}
    assert await heard(story) == [
        ("I 10-11", "deadline.warning", "SILENT_5"),
        ("I 10-11", "deadline.warning", "RENEWAL_45"),
        ("I 10-17", "deadline.warning", "SILENT_10"),
        ("I 10-21", "deadline.warning", "RENEWAL_35"),
        ("A 10-17", "deadline.warning", "SILENT_10"),
    ]
    assert ((await story.row())["state"], (await story.row())["version"]) == ("INSTITUTION_REVIEW", 2)
    (warning,) = await story.heard(A)
    assert (warning["queue"], warning["account_id"], warning["application_id"]) == (None, None, story.id)


async def test_the_authority_is_warned_before_its_period_ends_and_everybody_when_it_has(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    done = await run_days(story, date(2025, 9, 26), date(2025, 11, 10))
    assert done == {
        "10-23": {"DUE_IN_5": 1},
        "10-28": {"DUE_IN_2": 1},
        "10-30": {"DUE_TODAY": 1},
        "10-31": {"BREACHED": 1},
    }
    assert await heard(story) == [
        ("N 10-31", "deadline.breached", None),
        ("I 10-31", "deadline.breached", None),
        ("A 10-23", "deadline.warning", "DUE_IN_5"),
        ("A 10-28", "deadline.warning", "DUE_IN_2"),
        ("A 10-30", "deadline.warning", "DUE_TODAY"),
        ("A 10-31", "deadline.breached", None),
    ]


async def test_a_clock_that_stands_still_warns_nobody_and_a_new_due_date_is_told_afresh(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    assert await runs(story, date(2025, 10, 23)) == {"DUE_IN_5": 1}
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    assert await run_days(story, date(2025, 10, 23), date(2025, 11, 5)) == {}
    story.clock.now = at(date(2025, 11, 5), 12)
    await story.take(Step.RESUME, story.cast.reviewer)
    assert (await story.row())["due_on"] == date(2025, 11, 12)
    assert await run_days(story, date(2025, 11, 5), date(2025, 11, 11)) == {
        "11-05": {"DUE_IN_5": 1},
        "11-10": {"DUE_IN_2": 1},
    }


@pytest.mark.parametrize("state", [State.AUTHORITY_INTAKE, State.ACCEPTED])
async def test_a_renewal_that_nobody_decides_is_granted_by_law(story: Story, state: State) -> None:
    await story.reach(state)
    before = await story.registration()
    if state is State.ACCEPTED:
        assert "DEEM" not in await runs(story, EXPIRY, 23, 59)
    assert (await runs(story, EXPIRY + timedelta(days=1)))["DEEM"] == 1
    row, after, moment = await story.row(), await story.registration(), at(EXPIRY + timedelta(days=1))
    assert [row[name] for name in ("state", "deemed", "decided_at", "moved_by")] == ["APPROVED", True, moment, None]
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed == {"valid_until": date(2030, 11, 25), "version": before["version"] + 1}
    (entry,) = await story.history()
    shown = ("kind", "valid_until", "application_id", "account_id", "at")
    assert [entry[name] for name in shown] == ["RENEWAL", date(2030, 11, 25), story.id, None, moment]
    assert "第五十条" in entry["reason"]
    decision = (await story.decisions())[-1]
    shown = ("stage", "outcome", "decider_id")
    assert [decision[name] for name in shown] == ["AUTHORITY_DECISION", "DEEMED", None]
    last = [one for one in await heard(story) if one[1] == "application.deemed"]
    assert last == [(f"{end} 11-26", "application.deemed", None) for end in "NIA"]
    record = await story.world.row("nurse", story.cast.nurse_id)
    assert record["department"] == "EMERGENCY"
    assert await run_days(story, date(2025, 11, 26), date(2025, 11, 28)) == {}


async def test_a_renewal_that_came_too_late_is_not(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    story.clock.now = at(date(2025, 10, 27), 8)
    await story.take(Step.FORWARD)
    done = await run_days(story, date(2025, 11, 25), date(2025, 11, 30))
    assert all("DEEM" not in duties for duties in done.values())
    assert ((await story.row())["state"], (await story.registration())["valid_until"]) == ("ACCEPTED", EXPIRY)


async def test_a_renewal_on_hold_is_granted_all_the_same(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    assert await runs(story, date(2025, 11, 26)) == {"DEEM": 1}
    row = await story.row()
    assert (row["state"], row["on_hold"]) == ("APPROVED", False)


async def test_one_that_cannot_be_done_is_left_and_the_rest_goes_on(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    beside = await (await story.beside()).reach(State.RETURNED)
    third = await (await story.beside()).reach(State.AUTHORITY_INTAKE)
    received = "update application set forwarded_at = $2 where id = $1"
    # Its 20 working days would end beyond the calendar, which is known until the end of 2027.
    await story.world.owner.execute(received, story.id, at(date(2027, 12, 10)))
    for one in (story, third):
        await one.world.owner.execute(
            "update registration set valid_until = '2028-06-01' where nurse_id = $1", one.cast.nurse_id
        )
    before = await story.everything()
    done = await runs(story, date(2027, 12, 25))
    assert {name: done[name] for name in ("FAILED", "ACCEPT", "LAPSE")} == {"FAILED": 1, "ACCEPT": 1, "LAPSE": 1}
    after = await story.everything()
    assert after["application"] == before["application"]
    assert ((await beside.row())["state"], (await third.row())["state"]) == ("LAPSED", "ACCEPTED")


async def twenty(story: Story, state: State) -> list[Story]:
    return [await (await story.beside()).reach(state) for _ in range(20)]


@pytest.mark.parametrize(
    ("state", "day", "duty"),
    [
        (State.AUTHORITY_INTAKE, date(2025, 10, 11), "ACCEPT"),
        (State.RETURNED, date(2025, 10, 27), "LAPSE"),
        (State.RETURNED, date(2025, 10, 12), "REMIND_14"),
        (State.ACCEPTED, date(2025, 10, 23), "DUE_IN_5"),
        (State.ACCEPTED, date(2025, 11, 26), "DEEM"),
    ],
)
async def test_two_clocks_at_once_over_twenty_do_each_once(story: Story, state: State, day: date, duty: str) -> None:
    for _ in range(max(2, ROUNDS // 5)):
        stories = await twenty(story, state)
        before = [await one.everything() for one in stories]
        story.clock.now = at(day)
        both = await asyncio.gather(run(story.db), run(story.db))
        assert sum(done[duty] for done in both) == 20
        assert {done["FAILED"] for done in both} == {0}
        for one, was in zip(stories, before, strict=True):
            row, events = await one.row(), (await one.heard(N))
            moves = duty in ("ACCEPT", "LAPSE", "DEEM")
            assert row["version"] == was["application"][0]["version"] + moves
            assert len(events) == len([e for e in was["events"] if e["scope"] == one.cast.nurse_id]) + moves
            assert len(await one.history()) == (duty == "DEEM")
        numbers = [event["seq"] for event in await story.heard(A)]
        assert numbers == list(range(1, len(numbers) + 1))
        if duty == "DUE_IN_5":
            ids = [event["application_id"] for event in await story.heard(A) if event["type"] == "deadline.warning"]
            assert {one.id for one in stories} <= set(ids)
            assert len(ids) == len(set(ids))
        await story.world.owner.execute("update application set state = 'WITHDRAWN'")


async def competing(story: Story, state: State, day: date, step: Step) -> tuple[Story, Counter[str], Any]:
    """The clock and a person at the same moment."""
    beside = await (await story.beside()).reach(state)
    if step is Step.APPROVE:
        await beside.take(Step.RECOMMEND)
    order = await beside.order(step)
    story.clock.now = at(day)
    done, answer = await asyncio.gather(run(beside.db), take_order(beside.db, order), return_exceptions=True)
    assert isinstance(done, Counter), done
    return beside, done, answer


@pytest.mark.parametrize(
    ("state", "day", "duty", "step", "target"),
    [
        (State.AUTHORITY_INTAKE, date(2025, 10, 11), "ACCEPT", Step.ACCEPT, "ACCEPTED"),
        (State.AUTHORITY_INTAKE, date(2025, 10, 11), "ACCEPT", Step.REFUSE_INTAKE, "NOT_ACCEPTED"),
        (State.AUTHORITY_INTAKE, date(2025, 10, 11), "ACCEPT", Step.REQUIRE_CORRECTION, None),
        (State.RETURNED, date(2025, 10, 27), "LAPSE", Step.RESUBMIT, "INSTITUTION_REVIEW"),
        (State.CORRECTION_REQUIRED, date(2025, 10, 27), "LAPSE", Step.SUPPLEMENT, "ACCEPTED"),
        (State.ACCEPTED, date(2025, 11, 26), "DEEM", Step.APPROVE, "APPROVED"),
    ],
)
async def test_of_the_clock_and_a_person_one_takes_the_step(
    story: Story, state: State, day: date, duty: str, step: Step, target: str | None
) -> None:
    ended = {"ACCEPT": "ACCEPTED", "LAPSE": "LAPSED", "DEEM": "APPROVED"}[duty]
    for _ in range(ROUNDS):
        beside, done, answer = await competing(story, state, day, step)
        row = await beside.row()
        hers = answer == beside.id
        assert hers or isinstance(answer, RegistryError), answer
        # A person who holds the row is passed over; the clock comes again in a minute.
        assert done[duty] == (not hers and row["state"] == ended)
        if target is None:
            assert not hers
        assert row["state"] == (target if hers else ended if done[duty] else state)
        assert done["FAILED"] == 0
        assert len(await beside.history()) <= 1
        await story.world.owner.execute("update application set state = 'WITHDRAWN'")


async def test_a_clock_beside_a_hundred_steps_breaks_nothing(story: Story) -> None:
    """Clocks run all the time while people work: nobody deadlocks, feeds stay without a gap."""
    stories = [await (await story.beside()).reach(State.AUTHORITY_INTAKE) for _ in range(24)]
    orders = [await one.order(Step.ACCEPT) for one in stories[:12]]
    story.clock.now = at(date(2025, 10, 11))
    answers = await asyncio.gather(
        *(run(story.db) for _ in range(3)),
        *(take_order(story.db, order) for order in orders),
        return_exceptions=True,
    )
    counted = sum(done["ACCEPT"] for done in answers[:3] if isinstance(done, Counter))
    taken = [answer for answer in answers[3:] if not isinstance(answer, BaseException)]
    assert counted + len(taken) == 24
    assert [type(one).__name__ for one in answers if isinstance(one, BaseException)] == ["Conflict"] * (12 - len(taken))
    given = sorted([(await one.row())["receipt_number"] for one in stories])
    assert [int(number[-6:]) for number in given] == list(range(1, 25))


async def test_a_nurse_who_cannot_be_reached_is_counted_as_reminded(story: Story) -> None:
    await story.reach(State.RETURNED)
    assert await runs(story, date(2025, 10, 12)) == {"REMIND_14": 1}
    kept = await story.rows("select what from reminder where subject = $1", story.id)
    assert kept == [{"what": "REMIND_14@2025-09-26"}]


@pytest.mark.parametrize("why", ["suspended", "no authority"])
async def test_who_is_with_an_institution_that_cannot_forward_goes_on_without_it(story: Story, why: str) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    world, hospital = story.world, story.cast.hospital
    if why == "suspended":
        await world.owner.execute("update institution set state = 'SUSPENDED' where id = $1", hospital)
    else:
        await world.owner.execute("update approval_setting set authority_id = null where institution_id = $1", hospital)
    assert (await runs(story, NOW.date(), 23, 59))["ESCALATE"] == 1
    row = await story.row()
    assert (row["state"], row["authority_id"], row["moved_by"]) == ("AUTHORITY_INTAKE", story.cast.district, None)
    assert row["escalated_at"] == at(NOW.date(), 23, 59)
    for party in (N, I, A):
        assert "application.escalated" in [event["type"] for event in await story.heard(party)]


async def test_who_is_at_no_institution_any_more_goes_on_and_does_not_lapse(story: Story) -> None:
    await story.reach(State.RETURNED)
    closed = "update application set institution_id = null where id = $1"
    await story.world.owner.execute(closed, story.id)
    await story.take(Step.RESUBMIT)
    assert await runs(story, NOW.date(), 23, 59) == {"ESCALATE": 1}
    row = await story.row()
    assert (row["state"], row["authority_id"]) == ("AUTHORITY_INTAKE", story.cast.district)


async def test_who_is_with_an_institution_that_can_forward_is_left_with_it(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    assert "ESCALATE" not in await runs(story, date(2025, 12, 31))


async def test_what_is_told_at_once_by_many_is_told_by_one(story: Story) -> None:
    async def claimed() -> bool:
        async with story.db.begin() as tx:
            await tx.ask_time()
            return await reminder.first_time(tx, story.id, "DUE_TODAY@2025-10-30")

    for _ in range(ROUNDS):
        assert sorted(await asyncio.gather(*(claimed() for _ in range(8)))) == [False] * 7 + [True]
        await story.world.owner.execute("delete from reminder where subject = $1", story.id)
