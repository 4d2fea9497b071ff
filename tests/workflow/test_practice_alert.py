"""The register says when a nurse's right to practise ends, will end, or comes back: to whom, when, and once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.store.engine import SHANGHAI, Database
from db.store.keys import Keyring
from rules.application import State
from rules.kinds import Kind
from rules.message import Template
from rules.practice_alert import EXPIRED, EXPIRING, RESTORED, THRESHOLDS
from rules.verification import Channel
from tests.support.contacts import letters, new_mail, new_phone, reach
from tests.support.filed_applications import put
from tests.support.practice import AT_ONCE, Watch, watching
from tests.support.registration_acts import NUMBER, Acts
from tests.support.story import NOW, Clock
from tests.support.suspensions import suspend
from tests.support.world import World
from workflow.practice_alert import run
from workflow.suspension import RegistrationLift

END = date(2026, 9, 30)
Own = tuple[World, Database, Clock]


@pytest_asyncio.fixture(scope="module")
async def own(server: str, keyring: Keyring) -> AsyncIterator[Own]:
    async with watching(server, keyring) as found:
        yield found


@pytest_asyncio.fixture
async def watch(own: Own) -> Watch:
    """A nurse whose registration runs out on 30 September 2026; nobody else's does."""
    world, db, clock = own
    clock.now = NOW
    await world.owner.execute("update practice_watch set due_on = null")
    await world.owner.execute("update registration_span set ends_on = null")
    found = Watch(world, db, clock, await world.cast())
    await found.until(END)
    return found


@pytest.mark.feature("I12", "I13")
async def test_each_threshold_is_told_once_to_her_her_hospital_and_her_authority(watch: Watch) -> None:
    expected = []
    for days in THRESHOLDS:
        day = END - timedelta(days=days)
        assert await watch.tells(day - timedelta(days=1), 23, 59) == Counter()
        assert await watch.tells(day) == {EXPIRED if days < 0 else EXPIRING: 1}
        expected.append(("expired", -1) if days < 0 else ("expiring", days))
        for scope in (watch.cast.nurse_id, watch.cast.hospital, watch.cast.district):
            assert await watch.days(scope) == expected
    assert await watch.tells(END + timedelta(days=400)) == Counter()


async def test_what_is_said_names_the_days_that_matter_and_no_reason(watch: Watch) -> None:
    await watch.tells(date(2026, 8, 31))
    await watch.tells(date(2026, 10, 1))
    said = await watch.world.said_of(watch.cast.nurse_id, "-") | {"by": None}
    dates = {"validUntil": "2026-09-30", "filingFrom": "2026-07-02", "legalLine": "2026-08-31"}
    assert await watch.heard(watch.cast.hospital) == [
        (EXPIRING, {**said, **dates, "daysLeft": 30, "on": "2026-08-31"}),
        (EXPIRED, {**said, **dates, "daysLeft": -1, "on": "2026-10-01", "may": False, "since": "2026-10-01"}),
    ]


async def test_the_day_begins_at_midnight_in_beijing(watch: Watch) -> None:
    watch.clock.now = datetime(2026, 9, 30, 23, 59, 59, tzinfo=SHANGHAI)
    assert await run(watch.db, AT_ONCE) == {EXPIRING: 1}
    assert await watch.days(watch.cast.nurse_id) == [("expiring", 0)]
    watch.clock.now = datetime.fromisoformat("2026-09-30T16:00:00+00:00")
    assert await run(watch.db, AT_ONCE) == {EXPIRED: 1}


async def test_after_an_outage_the_nearest_day_is_told_under_the_date_on_which_it_was(watch: Watch) -> None:
    await watch.tells(date(2026, 4, 3))
    assert await watch.tells(date(2026, 9, 20)) == {EXPIRING: 1}
    assert await watch.tells(date(2026, 12, 24)) == {EXPIRED: 1}
    bodies = [body for _, body in await watch.heard(watch.cast.nurse_id)]
    assert [(one["daysLeft"], one["on"]) for one in bodies] == [
        (180, "2026-04-03"),
        (14, "2026-09-16"),
        (-1, "2026-10-01"),
    ]
    assert bodies[-1]["since"] == "2026-10-01"


async def test_a_29th_of_february_is_a_day_like_any_other(watch: Watch) -> None:
    await watch.until(date(2028, 2, 29))
    assert await watch.tells(date(2027, 2, 27)) == Counter()
    assert await watch.tells(date(2027, 2, 28)) == Counter()
    assert await watch.tells(date(2027, 3, 1)) == {EXPIRING: 1}
    assert await watch.tells(date(2028, 2, 29)) == {EXPIRING: 1}
    assert await watch.tells(date(2028, 3, 1)) == {EXPIRED: 1}
    assert [days for _, days in await watch.days(watch.cast.nurse_id)] == [365, 0, -1]


async def test_who_is_renewed_hears_no_more_of_the_old_day(watch: Watch) -> None:
    await watch.tells(date(2026, 9, 23))
    await watch.until(date(2031, 9, 30))
    assert await watch.tells(date(2026, 10, 1)) == Counter()
    assert await watch.tells(date(2030, 9, 30)) == {EXPIRING: 1}


async def test_a_day_that_was_corrected_and_put_back_is_not_told_twice(watch: Watch) -> None:
    assert await watch.tells(date(2026, 9, 23)) == {EXPIRING: 1}
    await watch.until(date(2026, 10, 20))
    assert await watch.tells(date(2026, 9, 23)) == {EXPIRING: 1}
    await watch.until(END)
    assert await watch.tells(date(2026, 9, 23)) == {"PASSED_OVER": 1}
    assert [days for _, days in await watch.days(watch.cast.nurse_id)] == [7, 30]


async def test_who_comes_back_into_force_is_told_of_and_told_again_where_that_is_undone(watch: Watch) -> None:
    await watch.tells(date(2026, 10, 1))
    await watch.until(date(2031, 9, 30))
    assert await watch.tells(date(2026, 10, 12), 9) == {RESTORED: 1}
    await watch.until(END)
    assert await watch.tells(date(2026, 10, 13), 9) == {EXPIRED: 1}
    said = [(kind, body["may"], body["since"]) for kind, body in await watch.heard(watch.cast.hospital)]
    assert said == [
        (EXPIRED, False, "2026-10-01"),
        (RESTORED, True, "2026-10-12"),
        (EXPIRED, False, "2026-10-01"),
    ]


async def test_nothing_is_said_of_a_nurse_to_a_hospital_that_she_has_left(watch: Watch) -> None:
    await watch.tells(date(2026, 8, 31))
    await watch.set(institution_id=None)
    assert await watch.tells(date(2026, 10, 1)) == {EXPIRED: 1}
    assert await watch.days(watch.cast.hospital) == [("expiring", 30)]
    assert await watch.days(watch.cast.district) == [("expiring", 30), ("expired", -1)]


async def test_who_moves_between_two_days_is_told_of_where_she_is(watch: Watch) -> None:
    other = await watch.world.institution(watch.cast.district)
    await watch.tells(date(2026, 8, 31))
    await watch.set(institution_id=other)
    await watch.tells(date(2026, 9, 16))
    assert await watch.days(watch.cast.hospital) == [("expiring", 30)]
    assert await watch.days(other) == [("expiring", 14)]


async def test_who_is_deregistered_hears_nothing_more(watch: Watch) -> None:
    await watch.set(status="DEREGISTERED", deregistration_reason="OTHER", institution_id=None)
    assert await watch.tells(date(2026, 10, 1)) == Counter()


async def test_a_merged_record_is_silent_until_it_is_one_of_its_own_again(watch: Watch) -> None:
    kept = await watch.world.nurse(None, watch.cast.district, valid_until=date(2040, 1, 1))
    merge = "update nurse set merged_into = $2 where id = $1"
    await watch.world.owner.execute(merge, watch.cast.nurse_id, kept)
    assert await watch.tells(date(2026, 10, 1)) == Counter()
    await watch.world.owner.execute(merge, watch.cast.nurse_id, None)
    assert await watch.tells(date(2026, 10, 2)) == {EXPIRED: 1}


WAITS = [State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED]
HERS = [State.DRAFT, State.RETURNED, State.CORRECTION_REQUIRED]


@pytest.mark.parametrize("state", [*WAITS, *HERS])
async def test_she_is_reminded_unless_her_renewal_waits_for_others(watch: Watch, state: State) -> None:
    await put(watch.world, watch.cast, state)
    waits = state in WAITS
    assert await watch.tells(date(2026, 9, 16)) == ({"PASSED_OVER": 1} if waits else {EXPIRING: 1})
    assert await watch.tells(date(2026, 10, 1)) == {EXPIRED: 1}


async def test_what_the_law_will_grant_is_no_end_until_it_is_refused(watch: Watch) -> None:
    received = datetime(2026, 8, 31, 12, tzinfo=SHANGHAI)
    key = await put(watch.world, watch.cast, State.ACCEPTED, forwarded_at=received)
    assert await watch.tells(date(2026, 10, 1)) == Counter()
    await watch.world.owner.execute("update application set state = 'REJECTED' where id = $1", key)
    assert await watch.tells(date(2026, 10, 9), 15) == {EXPIRED: 1}
    assert (await watch.heard(watch.cast.hospital))[-1][1]["since"] == "2026-10-01"


async def test_a_day_too_late_for_the_law_is_an_end(watch: Watch) -> None:
    await put(watch.world, watch.cast, State.ACCEPTED, forwarded_at=datetime(2026, 9, 1, 0, tzinfo=SHANGHAI))
    assert await watch.tells(date(2026, 10, 1)) == {EXPIRED: 1}


async def test_she_is_written_to_by_text_in_the_morning_and_by_mail_at_once(watch: Watch) -> None:
    phone, mail = new_phone(), new_mail()
    colleague = await watch.world.nurse(watch.cast.hospital, watch.cast.district, valid_until=END)
    her = await watch.world.person(watch.cast.nurse.actor.party, colleague, *watch.cast.nurse.actor.roles)
    await reach(watch.world, watch.cast.nurse.account_id, Channel.SMS, phone, verified=True)
    await reach(watch.world, her.account_id, Channel.MAIL, mail, verified=True)
    assert await watch.tells(date(2026, 9, 16)) == {EXPIRING: 2}
    assert await watch.tells(date(2026, 10, 1)) == {EXPIRED: 2}
    dates = {"validUntil": "2026-09-30", "filingFrom": "2026-07-02", "legalLine": "2026-08-31"}
    both = [
        (Template.REGISTRATION_EXPIRING, {**dates, "daysLeft": "14"}),
        (Template.REGISTRATION_EXPIRED, {"validUntil": "2026-09-30"}),
    ]
    for to in (phone, mail):
        assert [(one.template, one.values) for one in await letters(watch.db, to)] == both
    rows = await watch.world.owner.fetch(
        "select channel, bulk, due_at from outbox where template = 'REGISTRATION_EXPIRED' order by channel"
    )
    assert [tuple(row) for row in rows] == [
        ("MAIL", True, datetime(2026, 10, 1, tzinfo=SHANGHAI)),
        ("SMS", True, datetime(2026, 10, 1, 8, tzinfo=SHANGHAI)),
    ]


@pytest.mark.parametrize("why", ["death", "retired"])
async def test_nobody_writes_to_who_has_died_or_retired(watch: Watch, why: str) -> None:
    phone = new_phone()
    await reach(watch.world, watch.cast.nurse.account_id, Channel.SMS, phone, verified=True)
    if why == "death":
        await put(
            watch.world,
            watch.cast,
            State.AUTHORITY_INTAKE,
            Kind.DEREGISTRATION,
            form='{"reason": "DEATH"}',
            filed_by="INSTITUTION",
        )
    else:
        await watch.set(institution_id=None)
        await watch.world.insert(
            "departure",
            id=uuid7(),
            nurse_id=watch.cast.nurse_id,
            institution_id=watch.cast.hospital,
            reason="RETIRED",
            left_on=date(2026, 6, 30),
            reported_by=watch.cast.operator.account_id,
        )
    assert await watch.tells(date(2026, 9, 16)) == {"PASSED_OVER": 1}
    assert await watch.tells(date(2026, 10, 1)) == {EXPIRED: 1}
    assert await letters(watch.db, phone) == []
    assert await watch.days(watch.cast.district) == [("expired", -1)]


async def test_the_end_of_a_suspension_is_said_on_the_day_after(watch: Watch) -> None:
    await watch.until(date(2031, 9, 30))
    await watch.world.insert(
        "registration_span",
        id=uuid7(),
        nurse_id=watch.cast.nurse_id,
        kind="SUSPENSION",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 6, 30),
        decision_number="1",
    )
    assert await watch.tells(date(2026, 6, 30), 23, 59) == Counter()
    assert await watch.tells(date(2026, 7, 1)) == {RESTORED: 1}
    ((kind, body),) = await watch.heard(watch.cast.hospital)
    assert (kind, body["may"], body["since"]) == (RESTORED, True, "2026-07-01")


async def test_who_has_run_out_meanwhile_does_not_come_back_with_her_suspensions_end(watch: Watch) -> None:
    await watch.world.insert(
        "registration_span",
        id=uuid7(),
        nurse_id=watch.cast.nurse_id,
        kind="SUSPENSION",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 10, 31),
        decision_number="1",
    )
    assert await watch.tells(date(2026, 11, 1)) == {EXPIRED: 1, "PASSED_OVER": 1}


async def test_eight_processes_at_once_say_everything_once(watch: Watch) -> None:
    others = [await watch.world.nurse(watch.cast.hospital, watch.cast.district, valid_until=END) for _ in range(20)]
    watch.clock.now = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    done = await asyncio.gather(*(run(watch.db, AT_ONCE) for _ in range(8)))
    assert sum(done, Counter()) + await run(watch.db, AT_ONCE) == {EXPIRED: 21}
    named = [body["nurse"] for _, body in await watch.heard(watch.cast.district)]
    assert sorted(named) == sorted(map(str, (watch.cast.nurse_id, *others)))
    rows = await watch.world.owner.fetch("select seq from event where scope = $1 order by seq", watch.cast.district)
    assert [row["seq"] for row in rows] == list(range(1, 22))


async def test_who_is_being_changed_at_this_moment_is_left_to_the_next_run(watch: Watch) -> None:
    watch.clock.now = datetime(2026, 10, 1, tzinfo=SHANGHAI)
    lock = "select from registration where nurse_id = $1 for update"
    async with watch.world.owner.transaction():
        await watch.world.owner.execute(lock, watch.cast.nurse_id)
        assert await run(watch.db, AT_ONCE) == Counter()
        await watch.world.owner.execute(
            "update registration set valid_until = $2 where nurse_id = $1", watch.cast.nurse_id, date(2031, 9, 30)
        )
    assert await run(watch.db, AT_ONCE) == Counter()


async def test_who_was_suspended_and_lifted_on_one_day_is_back_tomorrow_and_once(watch: Watch) -> None:
    await watch.until(date(2031, 9, 30))
    acts = Acts(watch.db, watch.world, watch.cast)
    watch.clock.now = NOW
    await suspend(acts)
    await acts.take(RegistrationLift, watch.cast.decider, decision_number=NUMBER)
    assert await watch.tells(NOW.date() + timedelta(days=1)) == {RESTORED: 1}
    assert [body["may"] for _, body in await watch.heard(watch.cast.hospital)] == [False, False, True]


async def test_a_suspension_that_was_lifted_later_is_told_by_that_step_alone(watch: Watch) -> None:
    await watch.until(date(2031, 9, 30))
    acts = Acts(watch.db, watch.world, watch.cast)
    watch.clock.now = NOW
    await suspend(acts)
    watch.clock.now = NOW + timedelta(days=30)
    await acts.take(RegistrationLift, watch.cast.decider, decision_number=NUMBER)
    assert await watch.tells(NOW.date() + timedelta(days=400)) == Counter()
    assert [body["may"] for _, body in await watch.heard(watch.cast.hospital)] == [False, True]
