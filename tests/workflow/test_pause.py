"""The period stands still, runs again, is extended once; corrections stop it by themselves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from db.feed import event
from db.store.engine import SHANGHAI
from rules.application import State, Step
from rules.errors import Conflict, NotAllowed, RegistryError
from rules.form import form_to_json
from rules.forms import ChangeForm
from rules.hold import Pause
from rules.nurse import Department, DeregistrationReason, HealthStatus
from rules.people import SYSTEM, Party, Role
from rules.verification import Channel
from tests.support.contacts import letters, new_phone, reach
from tests.support.orders import take_order
from tests.support.rounds import ROUNDS
from tests.support.story import NOW, Story, codes_of, reason_of
from tests.support.world import Person
from workflow.ending import end_registration

DUE, PROMISED = date(2025, 10, 30), date(2025, 10, 16)
HEARING: dict[str, Any] = {"kind": Pause.HEARING, "reason": "听证"}


def on(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=SHANGHAI)


async def accepted(story: Story) -> Story:
    """Accepted on the Friday before the holiday, by an authority that promises ten days."""
    await story.world.owner.execute("update authority set promised_days = 10 where id = $1", story.cast.district)
    await story.reach(State.ACCEPTED)
    row = await story.row()
    assert (row["due_on"], row["promised_due_on"]) == (DUE, PROMISED)
    return story


async def supervisor(story: Story) -> Person:
    return await story.world.person(Party.AUTHORITY, story.cast.district, Role.SUPERVISOR)


async def spans(story: Story) -> list[tuple[Any, ...]]:
    rows = await story.rows("select * from application_pause where application_id = $1 order by id", story.id)
    return [tuple(row[name] for name in ("kind", "reason", "started_at", "ended_at", "working_days")) for row in rows]


@pytest.mark.feature("A4")
@pytest.mark.parametrize(
    ("held", "resumed", "days", "due", "promised"),
    [
        (on(9, 26), on(9, 26, 18), 0, DUE, PROMISED),
        (on(9, 26), on(9, 27), 0, DUE, PROMISED),  # Saturday
        (on(9, 26), on(9, 28), 1, date(2025, 10, 31), date(2025, 10, 17)),  # Sunday, worked
        (on(9, 30), on(10, 8), 0, DUE, PROMISED),  # the whole holiday
        (on(9, 30), on(10, 9), 1, date(2025, 10, 31), date(2025, 10, 17)),
        (on(10, 9), on(10, 20), 8, date(2025, 11, 11), date(2025, 10, 28)),  # over the due date's own weekends
        (on(10, 9), on(11, 28), 37, date(2025, 12, 22), date(2025, 12, 8)),  # longer than the period itself
    ],
)
async def test_what_it_stood_still_comes_on_top(
    story: Story, held: datetime, resumed: datetime, days: int, due: date, promised: date
) -> None:
    await accepted(story)
    story.clock.now = held
    await story.take(Step.HOLD, story.cast.reviewer, kind=Pause.EXPERT_REVIEW, reason=" 专家评审 ")
    row = await story.row()
    assert (row["on_hold"], row["due_on"], row["state"]) == (True, DUE, "ACCEPTED")
    assert await spans(story) == [("EXPERT_REVIEW", "专家评审", held, None, None)]
    story.clock.now = resumed
    await story.take(Step.RESUME, story.cast.reviewer)
    row = await story.row()
    assert (row["on_hold"], row["due_on"], row["promised_due_on"]) == (False, due, promised)
    assert await spans(story) == [("EXPERT_REVIEW", "专家评审", held, resumed, days)]
    for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY):
        assert [one["type"] for one in (await story.heard(party))[-2:]] == [
            "application.held",
            "application.resumed",
        ]


async def test_it_may_stand_still_more_than_once_and_the_days_add_up(story: Story) -> None:
    await accepted(story)
    for held, resumed in ((on(10, 9), on(10, 10)), (on(10, 13), on(10, 15))):
        story.clock.now = held
        await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
        story.clock.now = resumed
        await story.take(Step.RESUME, story.cast.reviewer)
    assert (await story.row())["due_on"] == date(2025, 11, 4)
    assert [span[-1] for span in await spans(story)] == [1, 2]


async def test_what_is_refused_of_holds_moves_nothing(story: Story) -> None:
    await accepted(story)
    reviewer = story.cast.reviewer
    correction: dict[str, Any] = {"kind": Pause.CORRECTION, "reason": "补正"}
    assert codes_of(await story.refused(Step.HOLD, reviewer, **correction)) == {"NOT_A_HOLD"}
    nothing: dict[str, Any] = {"kind": Pause.HEARING, "reason": " "}
    assert codes_of(await story.refused(Step.HOLD, reviewer, **nothing)) == {"FIELD_REQUIRED"}
    assert reason_of(await story.refused(Step.RESUME, reviewer)) == "NOT_ON_HOLD"
    assert reason_of(await story.refused(Step.HOLD, story.cast.decider, **HEARING)) == "NOT_ALLOWED"
    await story.take(Step.HOLD, reviewer, **HEARING)
    assert reason_of(await story.refused(Step.HOLD, reviewer, **HEARING)) == "ON_HOLD"
    assert reason_of(await story.refused(Step.APPROVE)) == "ON_HOLD"
    assert reason_of(await story.refused(Step.REJECT)) == "ON_HOLD"
    assert len(await spans(story)) == 1


async def test_where_the_calendar_is_not_known_so_far_it_stays_on_hold(story: Story) -> None:
    await accepted(story)
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    story.clock.now = datetime(2027, 12, 30, tzinfo=SHANGHAI)
    assert (await story.refused(Step.RESUME, story.cast.reviewer)).code == "CALENDAR_ENDS"
    assert [span[3] for span in await spans(story)] == [None]


async def test_a_hold_ends_with_the_application(story: Story) -> None:
    await accepted(story)
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    story.clock.now = on(10, 9)
    await story.take(Step.WITHDRAW)
    assert (await story.row())["on_hold"] is False
    assert [span[2:] for span in await spans(story)] == [(NOW, on(10, 9), None)]


async def test_a_hold_ends_with_the_registration(story: Story) -> None:
    await accepted(story)
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    async with story.db.begin() as tx:
        await tx.ask_time()
        ended = await end_registration(tx, story.cast.nurse_id, DeregistrationReason.OTHER, SYSTEM)
        await event.record(tx, ended)
    row = await story.row()
    assert (row["state"], row["on_hold"]) == ("VOIDED", False)
    assert [span[2:] for span in await spans(story)] == [(NOW, NOW, None)]


@pytest.mark.feature("A4")
async def test_a_supervisor_extends_once_and_the_nurse_is_told_why(story: Story) -> None:
    await accepted(story)
    phone, chief = new_phone(), await supervisor(story)
    await reach(story.world, story.cast.nurse.account_id, Channel.SMS, phone, verified=True)
    story.clock.now = on(10, 30, 23)
    given = {"working_days": 10, "reason": " 需核实境外学历 "}
    await story.take(Step.EXTEND, chief, **given)
    row = await story.row()
    columns = {name: row[name] for name in ("extended", "extension_reason", "due_on", "promised_due_on")}
    promised = date(2025, 10, 30)
    assert columns == {
        "extended": True,
        "extension_reason": "需核实境外学历",
        "due_on": date(2025, 11, 13),
        "promised_due_on": promised,
    }
    assert [letter.values for letter in await letters(story.db, phone)] == [
        {"business": "延续注册", "reason": "需核实境外学历", "until": "2025-11-13"}
    ]
    assert (await story.heard(Party.NURSE))[-1]["type"] == "application.extended"
    assert reason_of(await story.refused(Step.EXTEND, chief, **given)) == "EXTENDED_ONCE"


async def test_what_is_refused_of_extensions_moves_nothing(story: Story) -> None:
    await accepted(story)
    chief, given = await supervisor(story), {"working_days": 5, "reason": "材料复杂"}
    for person in (story.cast.reviewer, story.cast.decider):
        assert reason_of(await story.refused(Step.EXTEND, person, **given)) == "NOT_ALLOWED"
    for days in (0, 11):
        assert codes_of(await story.refused(Step.EXTEND, chief, **{**given, "working_days": days})) == {
            "EXTENSION_DAYS"
        }
    story.clock.now = on(10, 31)
    assert reason_of(await story.refused(Step.EXTEND, chief, **given)) == "PAST_DUE"
    story.clock.now = NOW
    await story.take(Step.HOLD, story.cast.reviewer, **HEARING)
    assert reason_of(await story.refused(Step.EXTEND, chief, **given)) == "ON_HOLD"


async def test_corrections_stop_the_clock_and_answering_them_starts_it(story: Story) -> None:
    await story.reach(State.CORRECTION_REQUIRED)
    assert await spans(story) == [("CORRECTION", None, NOW, None, None)]
    story.clock.now = on(10, 10)
    await story.take(Step.SUPPLEMENT)
    assert await spans(story) == [("CORRECTION", None, NOW, on(10, 10), 5)]
    # A renewal counts from its acceptance, which is now.
    assert (await story.row())["due_on"] == date(2025, 11, 6)


async def test_what_counts_from_receipt_does_not_count_the_days_of_correction(story: Story) -> None:
    await story.reach(State.CORRECTION_REQUIRED)
    form = ChangeForm(Department.WARD, "家庭原因", HealthStatus.GOOD, date(2025, 9, 1))
    kept = "update application set kind = 'CHANGE', form = $2 where id = $1"
    await story.world.owner.execute(kept, story.id, json.dumps(form_to_json(form)))
    story.clock.now = on(10, 10)
    better = replace(form, health_examined_on=date(2025, 9, 20))
    await story.take(Step.SUPPLEMENT, form=better)
    # Seven working days from receipt end on 13 October; five of correction come on top.
    assert (await story.row())["due_on"] == date(2025, 10, 20)


async def test_corrections_that_are_never_answered_end_with_the_application(story: Story) -> None:
    await story.reach(State.CORRECTION_REQUIRED)
    story.clock.now = NOW + timedelta(days=1)
    await story.take(Step.WITHDRAW)
    assert [span[0::3] for span in await spans(story)] == [("CORRECTION", NOW + timedelta(days=1))]


async def test_of_a_hold_and_an_approval_at_once_one_is_taken(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.ACCEPTED)
        await beside.take(Step.RECOMMEND)
        hold = await beside.order(Step.HOLD, beside.cast.reviewer, **HEARING)
        approve = await beside.order(Step.APPROVE)
        tasks = (take_order(beside.db, order) for order in (hold, approve) * 4)
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in answers if isinstance(one, BaseException)] == [Conflict] * 7
        row = await beside.row()
        assert (row["state"], row["on_hold"]) in {("ACCEPTED", True), ("APPROVED", False)}
        assert len(await spans(beside)) == (row["state"] == "ACCEPTED")


async def test_of_two_extensions_at_once_one_counts(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.ACCEPTED)
        chief = await supervisor(beside)
        order = await beside.order(Step.EXTEND, chief, working_days=1, reason="材料复杂")
        answers = await asyncio.gather(*(take_order(beside.db, order) for _ in range(8)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in answers if isinstance(one, RegistryError)) == ["Conflict"] * 7
        assert (await beside.row())["due_on"] == date(2025, 10, 31)


async def test_a_change_is_never_extended(story: Story) -> None:
    await accepted(story)
    await story.world.owner.execute("update application set kind = 'CHANGE' where id = $1", story.id)
    refusal = await story.refused(Step.EXTEND, await supervisor(story), working_days=1, reason="材料复杂")
    assert isinstance(refusal, NotAllowed)
    assert (refusal.reason, refusal.words.en) == ("NOT_FOR_KIND", "The step “extend” is none of a change application.")
