"""A nurse works elsewhere for a while and stays registered where she is (支援、进修、义诊等派出)."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import dispatch as dispatches
from graph.context import Services
from rules.departure import DepartureReason
from rules.dispatch import AHEAD, DispatchKind
from rules.errors import NotAllowed, NotFound, WrongState
from rules.law import ORDER_OF_2021
from rules.registration import DeregistrationReason
from rules.working_days import add_months
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.departure import DepartureReport
from workflow.dispatch import DispatchChange, DispatchStart, DispatchWithdraw, Sent
from workflow.proposal import DeregistrationPropose, ProposalConfirm
from workflow.step import take
from workflow.suspension import RegistrationSuspend

BEGAN: Final = TODAY - timedelta(days=10)
ENDS: Final = TODAY + timedelta(days=20)


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


def sent(to: UUID | None = None, **given: Any) -> Sent:
    """A dispatch to an institution, else to a village clinic outside of the register."""
    values: dict[str, Any] = {"kind": DispatchKind.SUPPORT, "starts_on": BEGAN, "ends_on": ENDS, **given}
    values.setdefault("place", None if to else "石门村卫生室")
    return Sent(to_institution_id=to, **values)


async def start(acts: Acts, dispatch: Sent, who: Person | None = None, key: str | None = None) -> UUID:
    """Her institution records it."""
    return await acts.take(DispatchStart, who or acts.cast.operator, key, sent=dispatch)


def change(acts: Acts, key: UUID, dispatch: Sent, who: Person | None = None) -> Awaitable[UUID]:
    """Her institution sets it right."""
    return take(acts.db, (who or acts.cast.operator).session, DispatchChange(key, dispatch))


def withdraw(acts: Acts, key: UUID, who: Person | None = None) -> Awaitable[UUID]:
    """Her institution takes it back."""
    return take(acts.db, (who or acts.cast.operator).session, DispatchWithdraw(key))


def leave(acts: Acts) -> Awaitable[UUID]:
    """Her institution reports that she has left today."""
    return acts.take(DepartureReport, acts.cast.operator, reason=DepartureReason.RESIGNED, left_on=TODAY)


async def guests(acts: Acts, hospital: UUID) -> list[UUID]:
    """The guests of a hospital today."""
    async with acts.db.read() as reader:
        return await dispatches.guests_of(reader, hospital)


@pytest.fixture
async def host(world: World) -> Cast:
    """The people of another hospital."""
    return await world.cast()


async def test_a_dispatch_changes_nothing_of_her_entry_and_both_places_hear(acts: Acts, host: Cast) -> None:
    before = await acts.row()
    key = await start(acts, sent(host.hospital), key="dispatched-1")
    assert await start(acts, sent(host.hospital), key="dispatched-1") == key
    assert await acts.row() == before
    (span,) = await acts.rows("registration_span")
    assert (span["kind"], span["dispatch_kind"], span["starts_on"], span["ends_on"]) == (
        "DISPATCH",
        "SUPPORT",
        BEGAN,
        ENDS,
    )
    assert (span["institution_id"], span["to_institution_id"]) == (acts.cast.hospital, host.hospital)
    assert await acts.all_heard() == [["registration.dispatched"]] * 3
    assert [one for one, _ in await acts.heard(host.hospital)] == ["registration.dispatched"]
    assert await acts.audited() == ["dispatchStart"]
    assert await guests(acts, host.hospital) == [acts.cast.nurse_id]


async def test_a_place_outside_of_the_register_is_said_in_words(acts: Acts, host: Cast) -> None:
    for wrong in (sent(place=""), sent(host.hospital, place="石门村卫生室")):
        assert codes_of(await acts.refused(start(acts, wrong))) == {"ONE_PLACE"}
    assert codes_of(await acts.refused(start(acts, sent(acts.cast.hospital)))) == {"SAME_INSTITUTION"}
    assert type(await acts.refused(start(acts, sent(uuid7())))) is NotFound
    await start(acts, sent())
    (span,) = await acts.rows("registration_span")
    assert (span["place"], span["to_institution_id"]) == ("石门村卫生室", None)


async def test_its_days_are_in_order_near_and_free(acts: Acts) -> None:
    first = TODAY + AHEAD + timedelta(days=1)
    too_long = add_months(BEGAN, 36)
    for days, code in (
        ({"starts_on": first, "ends_on": None}, "DATE_TOO_LATE"),
        ({"ends_on": BEGAN - timedelta(days=1)}, "ENDS_BEFORE_START"),
        ({"ends_on": too_long}, "DATE_TOO_LATE"),
        ({"starts_on": date(1990, 1, 1), "ends_on": None}, "BEFORE_REGISTRATION"),
    ):
        assert code in codes_of(await acts.refused(start(acts, sent(**days))))
    await start(acts, sent(ends_on=too_long - timedelta(days=1)))
    assert reason_of(await acts.refused(start(acts, sent(starts_on=ENDS)))) == "DISPATCHED_ALREADY"


async def test_the_kinds_are_those_of_the_law_on_its_first_day(acts: Acts) -> None:
    for kind in (DispatchKind.ASSISTANCE, DispatchKind.TRUSTEESHIP, DispatchKind.HOME_VISIT):
        early = sent(kind=kind, starts_on=ORDER_OF_2021 - timedelta(days=1), ends_on=ORDER_OF_2021)
        problems = codes_of(await acts.refused(start(acts, early)))
        assert "DISPATCH_KIND" in problems
    await start(acts, sent(kind=DispatchKind.HOME_VISIT))


async def test_only_her_institution_records_it_of_a_nurse_who_may_practise(acts: Acts, host: Cast) -> None:
    for stranger in (host.operator, acts.cast.nurse, acts.cast.decider):
        assert type(await acts.refused(start(acts, sent(), stranger))) is NotFound
    assert reason_of(await acts.refused(start(acts, sent(), acts.cast.viewer))) == "NOT_ALLOWED"
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    assert type(await acts.refused(start(acts, sent()))) is WrongState


async def test_it_is_ended_corrected_and_taken_back_by_who_recorded_it(acts: Acts, host: Cast) -> None:
    key = await start(acts, sent(host.hospital, ends_on=None))
    for stranger in (host.operator, acts.cast.nurse, acts.cast.decider):
        assert type(await acts.refused(change(acts, key, sent(), stranger))) is NotFound
        assert type(await acts.refused(withdraw(acts, key, stranger))) is NotFound
    ended = TODAY - timedelta(days=1)
    assert await change(acts, key, sent(host.hospital, ends_on=ended)) == key
    assert await guests(acts, host.hospital) == []
    assert await change(acts, key, sent(kind=DispatchKind.STUDY)) == key
    (span,) = await acts.rows("registration_span")
    assert (span["dispatch_kind"], span["to_institution_id"], span["place"]) == ("STUDY", None, "石门村卫生室")
    assert await withdraw(acts, key) == key
    assert reason_of(await acts.refused(withdraw(acts, key))) == "SPAN_WITHDRAWN"
    assert reason_of(await acts.refused(change(acts, key, sent()))) == "SPAN_WITHDRAWN"
    changed = "registration.dispatch_changed"
    assert await acts.all_heard() == [["registration.dispatched", changed, changed, changed]] * 3
    # The last is not told to who is no host any more.
    assert [one for one, _ in await acts.heard(host.hospital)] == ["registration.dispatched", changed, changed]


async def test_a_departure_ends_it_takes_back_what_is_to_come_and_lets_nobody_make_it_longer(
    acts: Acts, host: Cast
) -> None:
    key = await start(acts, sent(host.hospital))
    later = await start(acts, sent(starts_on=ENDS + timedelta(days=1), ends_on=None))
    await leave(acts)
    spans = {row["id"]: row for row in await acts.rows("registration_span")}
    assert (spans[key]["ends_on"], spans[key]["withdrawn_at"]) == (TODAY, None)
    assert spans[later]["withdrawn_at"] is not None
    longer = change(acts, key, sent(host.hospital, ends_on=ENDS))
    assert reason_of(await acts.refused(longer)) == "DISPATCH_OVER"
    assert await change(acts, key, sent(host.hospital, ends_on=BEGAN)) == key


async def test_a_deregistration_ends_all_but_a_suspension(acts: Acts, host: Cast) -> None:
    await start(acts, sent(host.hospital))
    hers = {"nurse_id": acts.cast.nurse_id, "starts_on": BEGAN, "institution_id": acts.cast.hospital}
    await acts.world.insert("registration_span", id=uuid7(), kind="INTERRUPTION", **hers)
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    reason = DeregistrationReason.ANNULLED
    proposal = await acts.take(DeregistrationPropose, acts.cast.decider, reason=reason, decision_number=NUMBER)
    second = await acts.officer(*acts.cast.decider.actor.roles)
    await take(acts.db, second.session, ProposalConfirm(proposal))
    ends = {row["kind"]: row["ends_on"] for row in await acts.rows("registration_span")}
    assert (ends["DISPATCH"], ends["INTERRUPTION"]) == (TODAY, TODAY)
    assert ends["SUSPENSION"] == add_months(TODAY, 6) - timedelta(days=1)


async def test_of_colleagues_who_record_it_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        answers = await race(
            lambda acts=acts: start(acts, sent()), lambda acts=acts: start(acts, sent(), acts.cast.manager)
        )
        assert sorted(type(answer).__name__ for answer in answers) == [NotAllowed.__name__] * 7 + ["UUID"]
        assert len(await acts.rows("registration_span")) == 1


async def test_of_a_departure_and_a_dispatch_at_once_none_outlives_the_departure(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        await race(lambda acts=acts: start(acts, sent()), lambda acts=acts: leave(acts))
        spans = await acts.rows("registration_span")
        assert [row["ends_on"] for row in spans] in ([], [TODAY])
