"""An institution records that a nurse does not practise for a while (I23)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from graph.context import Services
from rules.errors import NotAllowed, NotFound
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.interruption import InterruptionEnd, InterruptionStart

BEGAN = TODAY - timedelta(days=100)


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def start(acts: Acts, who: Person | None = None, day: date = BEGAN, key: str | None = None) -> UUID:
    """She does not practise since that day."""
    return await acts.take(InterruptionStart, who or acts.cast.operator, key, starts_on=day, reason="生育休养")


async def end(acts: Acts, who: Person | None = None, day: date = TODAY, key: str | None = None) -> UUID:
    """That was the last day."""
    return await acts.take(InterruptionEnd, who or acts.cast.operator, key, ends_on=day)


@pytest.mark.feature("I23")
async def test_an_interruption_runs_until_its_last_day_is_recorded(acts: Acts) -> None:
    before, key = await acts.row(), await start(acts, key="interrupted-1")
    assert await start(acts, key="interrupted-1") == key
    (span,) = await acts.rows("registration_span")
    assert (span["kind"], span["starts_on"], span["ends_on"]) == ("INTERRUPTION", BEGAN, None)
    assert (span["reason"], span["account_id"]) == ("生育休养", acts.cast.operator.account_id)
    await end(acts, acts.cast.manager, key="ended-001")
    await end(acts, acts.cast.manager, key="ended-001")
    (span,) = await acts.rows("registration_span")
    assert (span["id"], span["ends_on"]) == (key, TODAY)
    assert await acts.row() == before
    assert await acts.all_heard() == [["registration.interrupted", "registration.interruption_ended"]] * 3
    assert await acts.audited() == ["interruptionStart", "interruptionEnd"]
    assert await start(acts, day=TODAY)


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
