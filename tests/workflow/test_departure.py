"""An institution reports that a nurse has left; she disputes it; it is taken back (I9)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.session import Session
from graph.context import Services
from rules.departure import DepartureReason
from rules.errors import NotAllowed, NotFound, RegistryError, WrongState
from rules.institution import InstitutionStep
from rules.people import Party, Role
from tests.support.institution_people import change_institution
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.departure import DepartureDispute, DepartureReport, DepartureWithdraw
from workflow.step import take

LEFT = {"reason": DepartureReason.RESIGNED, "left_on": TODAY, "remarks": "个人原因"}


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def report(acts: Acts, who: Person | None = None, key: str | None = None, **changes: Any) -> UUID:
    """Report that she has left."""
    return await acts.take(DepartureReport, who or acts.cast.operator, key, **{**LEFT, **changes})


async def dispute(acts: Acts, session: Session, report: UUID, text: str) -> UUID:
    """Say that she has not left."""
    return await take(acts.db, session, DepartureDispute(report, text))


async def withdraw(acts: Acts, session: Session, report: UUID, key: str | None = None) -> UUID:
    """Take the report back."""
    return await take(acts.db, session, DepartureWithdraw(report, idempotency_key=key))


async def test_nobody_has_left_before_she_came(acts: Acts) -> None:
    cast, owner = acts.cast, acts.world.owner
    elsewhere = (await acts.world.cast()).hospital
    sql = (
        "insert into registration_history (nurse_id, status, institution_id, at)"
        " values ($1, 'VALID', $2, $3::date + time '12:00')"
    )
    moved = ((elsewhere, TODAY - timedelta(days=90)), (cast.hospital, TODAY - timedelta(days=30)))
    for place, day in (*moved, (cast.hospital, TODAY - timedelta(days=5))):
        await owner.execute(sql, cast.nurse_id, place, day)
    before = await acts.row()
    for day in (TODAY - timedelta(days=31), TODAY - timedelta(days=90), date(2015, 12, 31)):
        with pytest.raises(RegistryError) as refusal:
            await report(acts, left_on=day)
        assert codes_of(refusal.value) == {"BEFORE_REGISTRATION"}
    assert (await acts.row(), await acts.rows("departure")) == (before, [])
    await report(acts, left_on=TODAY - timedelta(days=30))


@pytest.mark.feature("I9")
async def test_a_second_report_is_told_that_she_has_left_and_only_to_whoever_made_the_first(acts: Acts) -> None:
    """A double click read as if she had never been there."""
    key, far = await report(acts), await acts.world.cast()
    for who in (acts.cast.operator, acts.cast.manager):
        assert reason_of(await acts.refused(report(acts, who))) == "DEPARTED_ALREADY"
    for stranger in (far.operator, acts.cast.viewer):
        assert type(await acts.refused(report(acts, stranger))) is NotFound
    await withdraw(acts, acts.cast.operator.session, key)
    await report(acts)


@pytest.mark.feature("I9")
async def test_a_report_that_was_taken_back_is_no_day_on_which_she_came(acts: Acts) -> None:
    sql = "insert into registration_history (nurse_id, status, institution_id, at) values ($1, 'VALID', $2, $3::date)"
    await acts.world.owner.execute(sql, acts.cast.nurse_id, acts.cast.hospital, TODAY - timedelta(days=90))
    await withdraw(acts, acts.cast.operator.session, await report(acts))
    left_on = TODAY - timedelta(days=10)
    key = await report(acts, left_on=left_on)
    assert (await acts.world.row("departure", key))["left_on"] == left_on


async def test_a_nurse_who_has_left_stays_valid_without_an_institution(acts: Acts) -> None:
    before = await acts.row()
    key = await report(acts)
    assert await acts.row() == {**before, "institution_id": None, "version": before["version"] + 1}
    (row,) = await acts.rows("departure")
    expected = {"id": key, "institution_id": acts.cast.hospital, "reason": "RESIGNED", "remarks": "个人原因"}
    assert {name: row[name] for name in (*expected, "left_on", "withdrawn_at")} == {
        **expected,
        "left_on": TODAY,
        "withdrawn_at": None,
    }
    (history,) = await acts.rows("registration_history")
    assert (history["kind"], history["reason"]) == (None, f"离职报告（离职），离职日期{TODAY}")
    assert (history["institution_id"], history["account_id"]) == (None, acts.cast.operator.account_id)
    assert await acts.all_heard() == [["registration.departed"]] * 3
    assert await acts.audited() == ["departureReport"]


async def test_a_report_sent_again_is_made_once(acts: Acts) -> None:
    key = await report(acts, key="departed-1")
    assert await report(acts, key="departed-1") == key
    assert len(await acts.rows("departure")) == 1


async def test_whose_nurse_she_is_not_finds_nobody(acts: Acts, world: World) -> None:
    far = await world.cast()
    for stranger in (far.operator, acts.cast.nurse, acts.cast.reviewer):
        assert type(await acts.refused(report(acts, stranger))) is NotFound
    assert reason_of(await acts.refused(report(acts, acts.cast.viewer))) == "NOT_ALLOWED"


async def test_nobody_reports_about_herself(acts: Acts, world: World) -> None:
    both = await world.person(Party.INSTITUTION, acts.cast.hospital, Role.MANAGER, self_nurse=acts.cast.nurse_id)
    assert reason_of(await acts.refused(report(acts, both))) == "ABOUT_YOURSELF"


async def test_she_cannot_leave_tomorrow_nor_when_her_registration_has_ended(acts: Acts, world: World) -> None:
    assert codes_of(await acts.refused(report(acts, left_on=TODAY + timedelta(days=1)))) == {"DATE_IN_FUTURE"}
    assert codes_of(await acts.refused(report(acts, remarks="很" * 501))) == {"TEXT_TOO_LONG"}
    ended = "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1"
    await world.owner.execute(ended, acts.cast.nurse_id)
    assert type(await acts.refused(report(acts))) is WrongState


@pytest.mark.feature("I9")
async def test_the_nurse_disputes_it_once(acts: Acts) -> None:
    key, hers = await report(acts), acts.cast.nurse.session
    for other in (acts.cast.operator, acts.cast.decider):
        assert type(await acts.refused(dispute(acts, other.session, key, "不"))) is NotFound
    assert codes_of(await acts.refused(dispute(acts, hers, key, " "))) == {"FIELD_REQUIRED"}
    assert await dispute(acts, hers, key, "我仍在本院工作") == key
    (row,) = await acts.rows("departure")
    assert (row["dispute"], row["disputed_at"] is None) == ("我仍在本院工作", False)
    assert await acts.all_heard() == [["registration.departed", "registration.departure_disputed"]] * 3
    assert reason_of(await acts.refused(dispute(acts, hers, key, "再说"))) == "DISPUTED_ALREADY"


@pytest.mark.feature("I9")
async def test_a_report_taken_back_restores_her(acts: Acts, world: World) -> None:
    before, key = await acts.row(), await report(acts)
    far = await world.cast()
    assert type(await acts.refused(withdraw(acts, far.operator.session, key))) is NotFound
    viewers = withdraw(acts, acts.cast.viewer.session, key)
    assert reason_of(await acts.refused(viewers)) == "NOT_ALLOWED"
    assert await withdraw(acts, acts.cast.manager.session, key, "taken-back") == key
    assert await acts.row() == {**before, "version": before["version"] + 2}
    assert (await acts.all_heard())[1] == ["registration.departed", "registration.moved_in"]
    assert await withdraw(acts, acts.cast.manager.session, key, "taken-back") == key
    for again in (
        withdraw(acts, acts.cast.operator.session, key),
        dispute(acts, acts.cast.nurse.session, key, "已撤回"),
    ):
        assert reason_of(await acts.refused(again)) == "DEPARTURE_WITHDRAWN"


@pytest.mark.feature("I9")
async def test_what_she_disputes_her_authority_may_take_back(acts: Acts, world: World) -> None:
    before, key, cast = await acts.row(), await report(acts), acts.cast
    refusal = await acts.refused(withdraw(acts, cast.reviewer.session, key))
    assert reason_of(refusal) == "NOT_DISPUTED"
    await dispute(acts, cast.nurse.session, key, "我仍在本院工作")
    far = await world.cast()
    for stranger in (far.reviewer, await acts.officer(Role.REVIEWER, of=cast.nation), cast.nurse):
        assert type(await acts.refused(withdraw(acts, stranger.session, key))) is NotFound
    herself = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, self_nurse=cast.nurse_id)
    for officer, why in ((cast.decider, "NOT_ALLOWED"), (herself, "ABOUT_YOURSELF")):
        assert reason_of(await acts.refused(withdraw(acts, officer.session, key))) == why
    assert await withdraw(acts, cast.reviewer.session, key) == key
    assert await acts.row() == {**before, "version": before["version"] + 2}
    assert (await acts.rows("registration_history"))[-1]["reason"] == "离职异议成立，离职报告撤销"
    types = ["registration.departed", "registration.departure_disputed", "registration.moved_in"]
    assert await acts.all_heard() == [types] * 3
    again = withdraw(acts, cast.reviewer.session, key)
    assert reason_of(await acts.refused(again)) == "DEPARTURE_WITHDRAWN"


@pytest.mark.feature("I9")
async def test_what_a_merged_institution_reported_whoever_took_over_takes_back(acts: Acts, world: World) -> None:
    """Twice merged: she comes to the institution that there is now."""
    key, cast = await report(acts), acts.cast
    supervisor = await acts.officer(Role.SUPERVISOR)
    first, last = await world.institution(cast.district), await world.institution(cast.district)
    taker = await world.person(Party.INSTITUTION, last, Role.OPERATOR)
    assert type(await acts.refused(withdraw(acts, taker.session, key))) is NotFound
    for merged, into in ((cast.hospital, first), (first, last)):
        await change_institution(acts.db, supervisor, InstitutionStep.MERGE, merged, into=into)
    assert await withdraw(acts, taker.session, key) == key
    assert (await acts.row())["institution_id"] == last
    assert await acts.heard(last) == [("registration.moved_in", "INSTITUTION")]


async def test_nobody_is_brought_back_to_an_institution_that_is_closed(acts: Acts, world: World) -> None:
    key, cast = await report(acts), acts.cast
    await dispute(acts, cast.nurse.session, key, "我仍在本院工作")
    await world.owner.execute("update institution set state = 'CLOSED' where id = $1", cast.hospital)
    refusal = await acts.refused(withdraw(acts, cast.reviewer.session, key))
    assert reason_of(refusal) == "INSTITUTION_CLOSED"


async def test_a_nurse_who_went_elsewhere_since_is_not_taken_back(acts: Acts, world: World) -> None:
    key = await report(acts)
    elsewhere = await world.institution(acts.cast.district)
    await world.insert(
        "registration_history",
        **{"nurse_id": acts.cast.nurse_id, "status": "VALID", "institution_id": elsewhere, "kind": "CHANGE"},
    )
    refusal = await acts.refused(withdraw(acts, acts.cast.operator.session, key))
    assert reason_of(refusal) == "REGISTERED_SINCE"


async def test_a_report_that_is_not_there_is_not_found(acts: Acts) -> None:
    assert type(await acts.refused(withdraw(acts, acts.cast.operator.session, uuid4()))) is NotFound


async def test_of_reports_at_once_one_is_kept(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        answers = await race(lambda acts=acts: report(acts), lambda acts=acts: report(acts, acts.cast.manager))
        (kept,) = [answer for answer in answers if isinstance(answer, UUID)]
        assert [type(answer) for answer in answers if answer != kept] == [NotAllowed] * 7
        assert [row["id"] for row in await acts.rows("departure")] == [kept]
        assert await acts.all_heard() == [["registration.departed"]] * 3


async def test_of_a_dispute_and_a_withdrawal_at_once_each_counts_once(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key, cast = await report(acts), acts.cast
        await race(
            lambda acts=acts, key=key, cast=cast: withdraw(acts, cast.operator.session, key),
            lambda acts=acts, key=key, cast=cast: dispute(acts, cast.nurse.session, key, "未离职"),
        )
        nurses, hospitals, _ = await acts.all_heard()
        assert nurses == hospitals
        assert nurses.count("registration.moved_in") == 1
        assert nurses.count("registration.departure_disputed") <= 1
        assert (await acts.row())["institution_id"] == cast.hospital


async def test_of_a_withdrawal_and_a_merger_at_once_nobody_is_left_with_the_merged_one(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key, cast, supervisor = await report(acts), acts.cast, await acts.officer(Role.SUPERVISOR)
        into = await world.institution(cast.district)
        merge = partial(change_institution, acts.db, supervisor, InstitutionStep.MERGE, cast.hospital, into=into)
        answers = await race(
            lambda acts=acts, key=key, cast=cast: withdraw(acts, cast.operator.session, key),
            merge,
        )
        assert all(isinstance(answer, UUID | RegistryError) for answer in answers), answers
        (row,) = await acts.rows("departure")
        assert row["institution_id"] == into
        assert (await acts.row())["institution_id"] == (into if row["withdrawn_at"] else None)
