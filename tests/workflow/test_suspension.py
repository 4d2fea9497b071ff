"""Suspended, allowed again: by the authority where she is registered, with a decision number."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from db import registration
from graph.context import Services
from rules.application import State, Step
from rules.errors import Invalid, NotFound, WrongState
from rules.people import Party, Role
from rules.working_days import add_months
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.suspensions import revoke, suspend
from tests.support.world import TODAY, Cast, Person, World
from workflow.suspension import RegistrationLift


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def lift(acts: Acts, who: Person | None = None, number: str = NUMBER) -> UUID:
    """Let her practise again."""
    return await acts.take(RegistrationLift, who or acts.cast.decider, decision_number=number)


async def suspended(acts: Acts) -> bool:
    """What whoever locks the entry reads."""
    async with acts.db.begin() as tx:
        return (await registration.lock(tx, acts.cast.nurse_id)).registration.suspended


async def test_a_suspension_is_a_span_and_a_row_of_history(acts: Acts) -> None:
    before = await acts.row()
    key = await suspend(acts, key="suspended-1")
    assert await suspend(acts, key="suspended-1") == key
    (span,) = await acts.rows("registration_span")
    assert (span["id"], span["kind"], span["decision_number"]) == (key, "SUSPENSION", NUMBER)
    last = add_months(TODAY, 6) - timedelta(days=1)
    assert (span["starts_on"], span["ends_on"], span["reason"]) == (TODAY, last, "违反操作规程")
    assert await acts.row() == {**before, "version": before["version"] + 1}
    (history,) = await acts.rows("registration_history")
    assert (history["kind"], history["reason"]) == (None, f"暂停执业，{TODAY}至{last}，决定书文号：{NUMBER}")
    assert await suspended(acts)
    assert await acts.all_heard() == [["registration.suspended"]] * 3
    assert await acts.audited() == ["registrationSuspend"]


@pytest.mark.parametrize("months", [5, 13, 0, -6])
async def test_a_suspension_lasts_six_to_twelve_months(acts: Acts, months: int) -> None:
    assert codes_of(await acts.refused(suspend(acts, months=months))) == {"SUSPENSION_LENGTH"}


async def test_a_decision_has_a_number(acts: Acts) -> None:
    for act in (suspend(acts, decision_number=" "), revoke(acts, number="")):
        assert codes_of(await acts.refused(act)) == {"FIELD_REQUIRED"}


async def test_only_a_decider_where_she_is_registered_decides(acts: Acts, world: World) -> None:
    far = await world.cast()
    above = await acts.officer(Role.DECIDER, of=acts.cast.nation)
    for stranger in (far.decider, above, acts.cast.nurse, acts.cast.manager):
        for act in (suspend(acts, stranger), lift(acts, stranger), revoke(acts, stranger)):
            assert type(await acts.refused(act)) is NotFound
    for act in (suspend(acts, acts.cast.reviewer), lift(acts, acts.cast.reviewer), revoke(acts, acts.cast.reviewer)):
        assert reason_of(await acts.refused(act)) == "NOT_ALLOWED"
    herself = await world.person(Party.AUTHORITY, acts.cast.district, Role.DECIDER, self_nurse=acts.cast.nurse_id)
    assert reason_of(await acts.refused(suspend(acts, herself))) == "ABOUT_YOURSELF"


async def test_nobody_is_suspended_twice_at_once(acts: Acts) -> None:
    await suspend(acts)
    assert reason_of(await acts.refused(suspend(acts, months=12))) == "SUSPENDED_ALREADY"


async def test_an_expired_nurse_is_not_suspended(acts: Acts, world: World) -> None:
    expired = "update registration set valid_until = $2 where nurse_id = $1"
    await world.owner.execute(expired, acts.cast.nurse_id, TODAY - timedelta(days=1))
    assert type(await acts.refused(suspend(acts))) is WrongState


async def test_a_lifted_suspension_ends_the_day_before(acts: Acts, world: World) -> None:
    assert reason_of(await acts.refused(lift(acts))) == "NOT_SUSPENDED"
    await suspend(acts)
    began = TODAY - timedelta(days=30)
    await world.owner.execute(
        "update registration_span set starts_on = $2 where nurse_id = $1", acts.cast.nurse_id, began
    )
    await lift(acts, number="卫医解〔2024〕3号")
    (span,) = await acts.rows("registration_span")
    assert (span["starts_on"], span["ends_on"]) == (began, TODAY - timedelta(days=1))
    assert not await suspended(acts)
    assert (await acts.rows("registration_history"))[-1]["reason"] == "解除暂停执业，决定书文号：卫医解〔2024〕3号"
    assert await acts.all_heard() == [["registration.suspended", "registration.lifted"]] * 3
    assert reason_of(await acts.refused(lift(acts))) == "NOT_SUSPENDED"


async def test_an_approval_that_waits_for_a_suspension_sees_it(services: Services, world: World) -> None:
    """Whichever comes first, nobody is renewed while suspended: the approval reads again what it waited for."""
    for _ in range(ROUNDS):
        cast = await world.cast()
        acts = Acts(services.db, world, cast)
        renewal = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
        order = order_of(cast.decider.session, Step.APPROVE, renewal, 1)
        colleague = await acts.officer(Role.DECIDER)
        answers = await race(
            lambda acts=acts, colleague=colleague: suspend(acts, colleague),
            lambda acts=acts, order=order: take_order(acts.db, order),
        )
        history = [row["kind"] for row in await acts.rows("registration_history")]
        assert history in ([None], ["RENEWAL", None])
        refused = [answer for answer in answers[1::2] if isinstance(answer, Invalid)]
        assert len(refused) == (4 if history == [None] else 0)
        assert all(codes_of(refusal) == {"NOT_SUSPENDED"} for refusal in refused)
