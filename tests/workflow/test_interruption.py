"""An institution records that a nurse does not practise for a while (I23)."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import eligibility
from graph.context import Services
from rules.departure import DepartureReason
from rules.errors import NotAllowed, NotFound
from rules.interruption import InterruptionReason
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.story import NOW, codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.departure import DepartureReport
from workflow.interruption import (
    InterruptionAnswer,
    InterruptionDispute,
    InterruptionEnd,
    InterruptionStart,
    InterruptionWithdraw,
)
from workflow.step import take

BEGAN = TODAY - timedelta(days=100)


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def start(acts: Acts, who: Person | None = None, day: date = BEGAN, key: str | None = None) -> UUID:
    """She does not practise since that day."""
    return await acts.take(
        InterruptionStart, who or acts.cast.operator, key, starts_on=day, reason=InterruptionReason.LEAVE
    )


async def end(acts: Acts, who: Person | None = None, day: date = TODAY, key: str | None = None) -> UUID:
    """That was the last day."""
    return await acts.take(InterruptionEnd, who or acts.cast.operator, key, ends_on=day)


@pytest.mark.feature("I23")
async def test_an_interruption_runs_until_its_last_day_is_recorded(acts: Acts) -> None:
    before, key = await acts.row(), await start(acts, key="interrupted-1")
    assert await start(acts, key="interrupted-1") == key
    (span,) = await acts.rows("registration_span")
    assert (span["kind"], span["starts_on"], span["ends_on"]) == ("INTERRUPTION", BEGAN, None)
    assert (span["cause"], span["reason"], span["account_id"]) == ("LEAVE", None, acts.cast.operator.account_id)
    assert span["institution_id"] == acts.cast.hospital
    await end(acts, acts.cast.manager, key="ended-001")
    await end(acts, acts.cast.manager, key="ended-001")
    (span,) = await acts.rows("registration_span")
    assert (span["id"], span["ends_on"]) == (key, TODAY)
    assert await acts.row() == before
    assert await acts.all_heard() == [["registration.interrupted", "registration.interruption_ended"]] * 3
    assert await acts.audited() == ["interruptionStart", "interruptionEnd"]
    assert codes_of(await acts.refused(start(acts, day=TODAY))) == {"SPAN_OVERLAPS"}


@pytest.mark.feature("I23")
async def test_one_interruption_runs_at_a_time(acts: Acts) -> None:
    assert reason_of(await acts.refused(end(acts))) == "NOT_INTERRUPTED"
    await start(acts)
    assert reason_of(await acts.refused(start(acts, day=TODAY))) == "INTERRUPTED_ALREADY"


async def test_its_days_have_come_and_are_in_order(acts: Acts) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert codes_of(await acts.refused(start(acts, day=tomorrow))) == {"DATE_IN_FUTURE"}
    await start(acts)
    assert codes_of(await acts.refused(end(acts, day=tomorrow))) == {"DATE_IN_FUTURE"}
    assert codes_of(await acts.refused(end(acts, day=BEGAN - timedelta(days=1)))) == {"ENDS_BEFORE_START"}


async def test_only_her_institution_records_it(acts: Acts, world: World) -> None:
    far = await world.cast()
    for stranger in (far.operator, acts.cast.nurse, acts.cast.decider):
        for act in (start(acts, stranger), end(acts, stranger)):
            assert type(await acts.refused(act)) is NotFound
    assert reason_of(await acts.refused(start(acts, acts.cast.viewer))) == "NOT_ALLOWED"


async def test_of_colleagues_who_record_it_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        answers = await race(lambda acts=acts: start(acts), lambda acts=acts: start(acts, acts.cast.manager))
        assert sorted(type(answer).__name__ for answer in answers) == [NotAllowed.__name__] * 7 + ["UUID"]
        assert len(await acts.rows("registration_span")) == 1
        assert await acts.all_heard() == [["registration.interrupted"]] * 3


@pytest.mark.feature("I23")
async def test_a_mistake_is_taken_back_by_who_recorded_it_and_never_counts(acts: Acts, world: World) -> None:
    key = await start(acts)
    far = await world.cast()
    for stranger in (far.operator, acts.cast.nurse, acts.cast.reviewer):
        wish = InterruptionWithdraw(key)
        assert type(await acts.refused(take(acts.db, stranger.session, wish))) is NotFound
    viewer = take(acts.db, acts.cast.viewer.session, InterruptionWithdraw(key))
    assert reason_of(await acts.refused(viewer)) == "NOT_ALLOWED"
    assert await take(acts.db, acts.cast.operator.session, InterruptionWithdraw(key)) == key
    (span,) = await acts.rows("registration_span")
    assert (span["withdrawn_at"] is None, span["row_version"]) == (False, 2)
    again = take(acts.db, acts.cast.operator.session, InterruptionWithdraw(key))
    assert reason_of(await acts.refused(again)) == "SPAN_WITHDRAWN"
    assert await start(acts) != key
    assert (
        await acts.all_heard()
        == [["registration.interrupted", "registration.interruption_withdrawn", "registration.interrupted"]] * 3
    )


@pytest.mark.feature("I23")
async def test_she_disputes_it_once_and_a_reviewer_of_her_authority_answers_once(acts: Acts, world: World) -> None:
    key, cast = await start(acts), acts.cast

    def dispute(who: Person) -> Awaitable[UUID]:
        return take(acts.db, who.session, InterruptionDispute(key, "我一直在岗"))

    def answer(who: Person, upheld: bool = True) -> Awaitable[UUID]:
        return take(acts.db, who.session, InterruptionAnswer(key, upheld, "经核实属实"))

    assert reason_of(await acts.refused(answer(cast.reviewer))) == "SPAN_NOT_DISPUTED"
    far = await world.cast()
    for stranger in (far.nurse, cast.operator, cast.reviewer):
        assert type(await acts.refused(dispute(stranger))) is NotFound
    assert await dispute(cast.nurse) == key
    assert reason_of(await acts.refused(dispute(cast.nurse))) == "SPAN_DISPUTED_ALREADY"
    for stranger in (far.reviewer, cast.operator, cast.nurse):
        assert type(await acts.refused(answer(stranger))) is NotFound
    assert reason_of(await acts.refused(answer(cast.decider))) == "NOT_ALLOWED"
    assert await answer(cast.reviewer) == key
    (span,) = await acts.rows("registration_span")
    assert (span["dispute"], span["answer"], span["withdrawn_at"]) == ("我一直在岗", "经核实属实", span["answered_at"])
    assert reason_of(await acts.refused(answer(cast.reviewer))) == "SPAN_WITHDRAWN"
    words = ("registration.interrupted", "registration.interruption_disputed", "registration.interruption_answered")
    assert await acts.all_heard() == [[*words]] * 3


@pytest.mark.feature("I23")
async def test_what_is_not_upheld_stands_and_counts(acts: Acts) -> None:
    key = await start(acts)
    await take(acts.db, acts.cast.nurse.session, InterruptionDispute(key, "我一直在岗"))
    wish = InterruptionAnswer(key, False, "考勤显示未在岗")
    await take(acts.db, acts.cast.reviewer.session, wish)
    (span,) = await acts.rows("registration_span")
    assert (span["withdrawn_at"], span["answer"]) == (None, "考勤显示未在岗")
    again = take(acts.db, acts.cast.reviewer.session, InterruptionAnswer(key, True, "再议"))
    assert reason_of(await acts.refused(again)) == "SPAN_ANSWERED"


async def test_a_departure_leaves_it_running_and_who_recorded_it_may_still_take_it_back(acts: Acts) -> None:
    key = await start(acts)
    await acts.take(DepartureReport, acts.cast.operator, reason=DepartureReason.RESIGNED, left_on=TODAY)
    (span,) = await acts.rows("registration_span")
    assert (span["ends_on"], span["withdrawn_at"]) == (None, None)
    assert await take(acts.db, acts.cast.operator.session, InterruptionWithdraw(key)) == key


async def test_no_interruption_is_found_by_a_strange_id(acts: Acts) -> None:
    for wish in (
        InterruptionWithdraw(uuid7()),
        InterruptionDispute(uuid7(), "不是"),
        InterruptionAnswer(uuid7(), True, "是"),
    ):
        assert type(await acts.refused(take(acts.db, acts.cast.operator.session, wish))) is NotFound


@pytest.mark.feature("I23")
async def test_time_without_an_institution_counts_by_itself_from_the_day_on_which_she_left(acts: Acts) -> None:
    hers = {"nurse_id": acts.cast.nurse_id, "status": "VALID", "authority_id": acts.cast.district}
    await acts.world.insert(
        "registration_history", id=uuid7(), institution_id=acts.cast.hospital, at=NOW - timedelta(days=90), **hers
    )
    left = TODAY - timedelta(days=20)
    await acts.take(DepartureReport, acts.cast.operator, reason=DepartureReason.RESIGNED, left_on=left)
    async with acts.db.begin() as tx:
        await tx.ask_time()
        found = await eligibility.known(tx, acts.cast.nurse_id, None)
    assert (found.practised_until, found.interruption_years) == (left, 3)


@pytest.mark.feature("I23")
async def test_an_interruption_that_was_taken_back_never_counts(acts: Acts) -> None:
    key = await start(acts)

    async def practised_until() -> date | None:
        async with acts.db.begin() as tx:
            await tx.ask_time()
            return (await eligibility.known(tx, acts.cast.nurse_id, None)).practised_until

    assert await practised_until() == BEGAN
    await take(acts.db, acts.cast.operator.session, InterruptionWithdraw(key))
    assert await practised_until() == (await acts.row())["valid_until"]
