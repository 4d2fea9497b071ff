"""Who leads an office is written to once a week about what waits there, who can act when it ends: each round once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.store.engine import SHANGHAI, Database
from db.store.keys import Keyring
from rules.application import State
from rules.errors import NotAllowed
from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.contacts import letters, new_mail, reach
from tests.support.filed_applications import put
from tests.support.practice import Watch, watching
from tests.support.story import NOW, Clock
from tests.support.world import World
from workflow.step import take
from workflow.summary_setting import AccountSetWeeklySummary
from workflow.work_summary import run

MONDAY = date(2025, 10, 13)
Own = tuple[World, Database, Clock]
NOTHING = dict.fromkeys(("waiting", "expiring", "expired", "suspended", "proposals", "holds", "bars"), "0")


@pytest_asyncio.fixture(scope="module")
async def own(server: str, keyring: Keyring) -> AsyncIterator[Own]:
    async with watching(server, keyring) as found:
        yield found


@pytest_asyncio.fixture
async def office(own: Own) -> Watch:
    """One hospital and one district with people who have a mail box; nobody else has one, and no round was made."""
    world, db, clock = own
    clock.now = NOW
    await world.owner.execute("delete from reminder; update account set email_sealed = null")
    found = Watch(world, db, clock, await world.cast())
    await found.until(date(2030, 1, 1))
    return found


async def mailed(office: Watch, person: Any) -> str:
    """A mail box of hers."""
    to = new_mail()
    await reach(office.world, person.account_id, Channel.MAIL, to, verified=True)
    return to


async def runs(office: Watch, day: date, hour: int = 8, minute: int = 0) -> Counter[str]:
    """Who is written to at a moment; a second run writes to nobody."""
    office.clock.now = datetime.combine(day, time(hour, minute), SHANGHAI)
    done = await run(office.db, batch=2)
    assert await run(office.db, batch=2) == Counter()
    return done


async def said(office: Watch, to: str) -> list[tuple[Template, dict[str, str]]]:
    return [(one.template, dict(one.values)) for one in await letters(office.db, to)]


async def test_a_manager_is_written_to_on_monday_at_eight_about_her_office(office: Watch) -> None:
    cast, world = office.cast, office.world
    manager = await mailed(office, cast.manager)
    await mailed(office, cast.operator)
    for left in (90, 91, 0, -1):
        await world.nurse(cast.hospital, cast.district, valid_until=MONDAY + timedelta(days=left))
    await put(world, cast, State.INSTITUTION_REVIEW)
    days = {"starts_on": MONDAY, "ends_on": MONDAY, "decision_number": "1"}
    await world.insert("registration_span", id=uuid7(), nurse_id=cast.nurse_id, kind="SUSPENSION", **days)
    assert await runs(office, MONDAY, 7, 59) == Counter()
    assert await runs(office, MONDAY) == {"WEEKLY_SUMMARY": 1}
    name = (await world.row("institution", cast.hospital))["name"]
    counts = NOTHING | {"waiting": "1", "expiring": "2", "expired": "1", "suspended": "1"}
    assert await said(office, manager) == [(Template.WEEKLY_SUMMARY, {"place": name, **counts})]
    assert await runs(office, MONDAY + timedelta(days=6)) == Counter()
    assert await runs(office, MONDAY + timedelta(days=7)) == {"WEEKLY_SUMMARY": 1}


async def test_a_supervisor_is_written_to_about_her_authority(office: Watch) -> None:
    cast, world = office.cast, office.world
    supervisor = await mailed(office, await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR))
    await put(world, cast, State.ACCEPTED, on_hold=True, held_until=datetime.combine(MONDAY, time(), SHANGHAI))
    await office.set(bar_until=MONDAY)
    assert await runs(office, MONDAY) == {"WEEKLY_SUMMARY": 1, "WORK_WAITS": 1}
    name = (await world.row("authority", cast.district))["name"]
    counts = NOTHING | {"waiting": "1", "holds": "1", "bars": "1"}
    assert await said(office, supervisor) == [
        (Template.WEEKLY_SUMMARY, {"place": name, **counts}),
        (Template.WORK_WAITS, {"place": name, "proposals": "0", "holds": "0", "bars": "1"}),
    ]


async def test_in_a_week_of_holidays_the_next_working_day_is_taken(office: Watch) -> None:
    await mailed(office, office.cast.manager)
    await put(office.world, office.cast, State.INSTITUTION_REVIEW)
    assert await runs(office, date(2025, 10, 6), 12) == Counter()
    assert await runs(office, date(2025, 10, 8), 23, 59) == Counter()
    assert await runs(office, date(2025, 10, 9)) == {"WEEKLY_SUMMARY": 1}


async def test_where_nothing_is_to_be_said_nobody_is_written_to(office: Watch) -> None:
    manager = await mailed(office, office.cast.manager)
    assert await runs(office, MONDAY) == Counter()
    await put(office.world, office.cast, State.INSTITUTION_REVIEW)
    assert await runs(office, MONDAY, 9) == Counter()
    assert await said(office, manager) == []


async def test_who_has_switched_it_off_is_written_to_no_more_until_she_switches_it_on(office: Watch) -> None:
    cast = office.cast
    await mailed(office, cast.manager)
    await put(office.world, cast, State.INSTITUTION_REVIEW)
    office.clock.now = datetime.combine(MONDAY, time(7), SHANGHAI)
    assert await take(office.db, cast.manager.session, AccountSetWeeklySummary(False)) == cast.manager.account_id
    assert await runs(office, MONDAY) == Counter()
    await take(office.db, cast.manager.session, AccountSetWeeklySummary(True))
    assert await runs(office, MONDAY + timedelta(days=7)) == {"WEEKLY_SUMMARY": 1}


@pytest.mark.parametrize("who", ["nurse", "operator", "viewer", "reviewer", "decider"])
async def test_only_who_gets_a_summary_switches_it(office: Watch, who: str) -> None:
    person = getattr(office.cast, who)
    before = await office.world.row("account", person.account_id)
    with pytest.raises(NotAllowed):
        await take(office.db, person.session, AccountSetWeeklySummary(False))
    assert await office.world.row("account", person.account_id) == before


async def test_whoever_can_act_is_reminded_on_the_day_on_which_a_hold_ends(office: Watch) -> None:
    cast, world = office.cast, office.world
    reviewer, decider = await mailed(office, cast.reviewer), await mailed(office, cast.decider)
    held = datetime.combine(MONDAY + timedelta(days=1), time(), SHANGHAI)
    await put(world, cast, State.ACCEPTED, on_hold=True, held_until=held)
    assert await runs(office, MONDAY) == Counter()
    assert await runs(office, MONDAY + timedelta(days=1)) == {"WORK_WAITS": 1}
    ((template, values),) = await said(office, reviewer)
    assert (template, values["holds"], values["proposals"]) == (Template.WORK_WAITS, "1", "0")
    assert await said(office, decider) == []


async def test_a_proposal_is_reminded_of_to_whoever_may_be_the_second_person(office: Watch) -> None:
    cast, world = office.cast, office.world
    proposer = await mailed(office, cast.decider)
    second = await mailed(office, await world.person(Party.AUTHORITY, cast.district, Role.DECIDER))
    sealed = world.keyring.seal("{}", "x")
    await world.insert(
        "desk_request",
        id=uuid7(),
        kind="DEREGISTRATION",
        state="PENDING",
        nurse_id=cast.nurse_id,
        account_id=cast.decider.account_id,
        authority_id=cast.district,
        created_at=datetime.combine(MONDAY, time(15), SHANGHAI),
        content_key_id=sealed.key_id,
        content_sealed=sealed.ciphertext,
    )
    found = {day: await runs(office, MONDAY + timedelta(days=day)) for day in range(5)}
    assert {day: done for day, done in found.items() if done} == {1: {"WORK_WAITS": 1}, 3: {"WORK_WAITS": 1}}
    assert [values["proposals"] for _, values in await said(office, second)] == ["1", "1"]
    assert await said(office, proposer) == []


async def test_eight_processes_at_once_write_to_everybody_once(office: Watch) -> None:
    boxes = [await mailed(office, office.cast.manager)]
    for _ in range(9):
        boxes.append(
            await mailed(office, await office.world.person(Party.INSTITUTION, office.cast.hospital, Role.MANAGER))
        )
    await put(office.world, office.cast, State.INSTITUTION_REVIEW)
    office.clock.now = datetime.combine(MONDAY, time(8), SHANGHAI)
    await asyncio.gather(*(run(office.db, batch=2) for _ in range(8)))
    await run(office.db, batch=2)
    assert [len(await said(office, to)) for to in boxes] == [1] * 10
