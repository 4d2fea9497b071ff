"""Every kind from its draft to its decision, and what the register says afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from db.store.engine import Database
from rules.application import State, Step
from rules.kinds import Kind
from rules.people import Party
from rules.reasons import Reason
from tests.support.application_story import FORMS, IN_FIVE_YEARS, TO_DECISION, TODAY, Tale, Teller, number_of
from tests.support.kinds import move
from tests.support.orders import draft_of, take_order
from tests.support.story import NOW, Clock, codes_of
from tests.support.world import World


@pytest.fixture
def tell(timed: Database, world: World, clock: Clock) -> Teller:
    """Makes a draft."""
    return Teller(timed, world)


@pytest.mark.feature("N16", "N18", "I17", "A4")
@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_goes_from_its_draft_to_the_approval(tell: Teller, kind: Kind) -> None:
    tale = await (await tell(kind)).reach(*TO_DECISION, Step.APPROVE)
    row, (*_, history) = await tale.row(), await tale.rows("registration_history")
    assert (row["state"], row["decided_at"], row["authority_id"]) == ("APPROVED", NOW, tale.reviewers.district)
    assert row["institution_id"] == (None if kind is Kind.REISSUE else tale.reviewers.hospital)
    entry = await tale.entry()
    facts = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
    assert {name: history[name] for name in facts} == {name: entry[name] for name in facts}
    assert (history["application_id"], history["account_id"]) == (tale.id, tale.reviewers.decider.account_id)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("steps", "last", "state"),
    [
        ((Step.SUBMIT,), Step.DECLINE, State.INSTITUTION_REJECTED),
        ((Step.SUBMIT, Step.FORWARD), Step.REFUSE_INTAKE, State.NOT_ACCEPTED),
        (TO_DECISION, Step.REJECT, State.REJECTED),
        ((Step.SUBMIT, Step.FORWARD), Step.WITHDRAW, State.WITHDRAWN),
    ],
)
async def test_every_refusal_of_every_kind_leaves_the_register_alone(
    tell: Teller, kind: Kind, steps: tuple[Step, ...], last: Step, state: State
) -> None:
    if kind is Kind.REISSUE and last is Step.DECLINE:
        return
    tale = await tell(kind)
    before = await tale.entry()
    await tale.reach(*steps, last)
    assert (await tale.row())["state"] == state
    assert await tale.entry() == before
    assert (await tale.rows("registration_history"), await tale.rows("certificate")) == ([], [])


@pytest.mark.feature("N16")
async def test_a_first_registration_puts_her_on_the_register_for_five_years(tell: Teller) -> None:
    tale = await (await tell(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    entry, target = await tale.entry(), tale.move.target
    number = await number_of(tale)
    assert (entry["status"], entry["first_registered_on"], entry["valid_until"]) == ("VALID", TODAY, IN_FIVE_YEARS)
    assert (entry["institution_id"], entry["authority_id"]) == (target.hospital, target.district)
    nurse = await tale.world.row("nurse", target.nurse_id)
    carried = ("school", "major", "education", "degree", "study_length", "department", "title", "health_status")
    assert {name: nurse[name] for name in carried} == {name: getattr(FORMS[Kind.FIRST], name) for name in carried}
    assert nurse["graduated_on"] == date(2024, 7, 1)
    (certificate,) = await tale.rows("certificate")
    assert (certificate["number"], certificate["serial"], certificate["voided_at"]) == (number, f"{number}-1", None)
    moved_in = ("registration.moved_in", None)
    assert (await tale.heard(target.hospital))[-1] == (await tale.heard(target.district))[-1] == moved_in


async def test_certificate_numbers_go_on_and_pass_over_those_given(tell: Teller) -> None:
    tales = [await (await tell(Kind.FIRST)).reach(*TO_DECISION)]
    first, province = tales[0], tales[0].move.province
    code = (await first.world.row("authority", province))["code"][:2]
    taken = f"2025{code}000700"
    await first.world.nurse(first.move.cast.hospital, first.move.cast.district, certificate_number=taken)
    await first.world.insert("certificate_counter", authority_id=province, year=2025, last=699)
    await first.take(Step.APPROVE)
    assert await number_of(first) == f"2025{code}000701"


@pytest.mark.feature("N16")
async def test_a_change_moves_her_and_keeps_the_expiry(tell: Teller) -> None:
    tale = await tell(Kind.CHANGE)
    before, old, new = await tale.entry(), tale.move.cast, tale.move.target
    await tale.reach(Step.SUBMIT)
    assert await tale.heard(old.hospital) == []
    assert await tale.heard(new.hospital) == [("application.submitted", "ADDED")]
    await tale.reach(*TO_DECISION[1:], Step.APPROVE)
    moved = {"institution_id": new.hospital, "authority_id": new.district, "last_kind": "CHANGE", "version": 2}
    assert await tale.entry() == {**before, **moved}
    assert await tale.heard(old.hospital) == await tale.heard(old.district) == [("registration.moved_out", None)]
    assert (await tale.heard(new.hospital))[-1] == (await tale.heard(new.district))[-1]
    assert (await tale.heard(new.hospital))[-1] == ("registration.moved_in", None)
    told, heard = await tale.world.said_of(old.nurse_id, "AUTHORITY"), "select body from event where scope = $1"
    assert json.loads(await tale.world.owner.fetchval(heard, old.hospital)) == told
    where = {"newInstitution": str(new.hospital), "newAuthority": str(new.district)}
    assert json.loads(await tale.world.owner.fetchval(heard, old.district)) == {**told, **where}
    assert await tale.rows("certificate") == []


async def test_within_one_authority_nobody_but_the_institutions_hears_that_she_moved(tell: Teller) -> None:
    where = await move(tell.world, Kind.CHANGE, TODAY)
    near = await tell.world.institution(where.cast.district)
    draft = draft_of(where.nurse.session, FORMS[Kind.CHANGE], institution_id=near)
    tale = Tale(tell.db, tell.world, where, Kind.CHANGE, await take_order(tell.db, draft))
    operator = await tell.world.person(Party.INSTITUTION, near, *where.cast.operator.actor.roles)
    where.target = replace(where.cast, hospital=near, operator=operator)
    await tale.reach(*TO_DECISION, Step.APPROVE)
    assert [one for one, _ in await tale.heard(where.cast.district) if one.startswith("registration")] == []
    assert await tale.heard(where.cast.hospital) == [("registration.moved_out", None)]


@pytest.mark.parametrize("renewal_at", [State.INSTITUTION_REVIEW, State.ACCEPTED])
async def test_an_open_renewal_goes_the_way_of_the_change(tell: Teller, renewal_at: State) -> None:
    change = await tell(Kind.CHANGE)
    renewal = await tell(Kind.RENEWAL, at=change.move)
    early = renewal_at is State.INSTITUTION_REVIEW
    await renewal.reach(*((Step.SUBMIT,) if early else TO_DECISION))
    await change.reach(*TO_DECISION, Step.APPROVE)
    row, old, new = await renewal.row(), change.move.cast, change.move.target
    assert (row["state"], row["institution_id"]) == (renewal_at, new.hospital)
    assert (row["authority_id"], row["recommender_id"]) == (None if early else new.district, None)
    gone, come = ("application.transferred", "REMOVED"), ("application.transferred", "ADDED")
    assert (gone in await tale_heard(change, old.hospital)) is early
    assert (gone in await tale_heard(change, old.district)) is not early
    assert (come in await tale_heard(change, new.hospital)) is early
    assert (come in await tale_heard(change, new.district)) is not early
    # It goes on where she is now.
    renewal.move = replace(renewal.move, cast=new)
    await renewal.reach(*(TO_DECISION[1:] if early else (Step.RECOMMEND,)), Step.APPROVE)
    assert (await change.entry())["valid_until"] == date(2030, 11, 25)


async def tale_heard(tale: Tale, scope: UUID) -> list[tuple[str, str | None]]:
    return await tale.heard(scope)


@pytest.mark.feature("A8", "N16")
async def test_a_deregistration_ends_it_and_everybody_hears(tell: Teller) -> None:
    tale = await (await tell(Kind.DEREGISTRATION)).reach(*TO_DECISION, Step.APPROVE)
    entry, cast = await tale.entry(), tale.move.cast
    assert (entry["status"], entry["deregistration_reason"], entry["institution_id"]) == ("DEREGISTERED", "OTHER", None)
    assert entry["bar_until"] is None
    (history,) = await tale.rows("registration_history")
    assert (history["kind"], history["reason"]) == ("DEREGISTRATION", "其他")
    for scope in (cast.nurse_id, cast.hospital, cast.district):
        assert (await tale.heard(scope))[-1] == ("registration.deregistered", None)


@pytest.mark.feature("N16")
async def test_the_deregistered_come_back_with_a_new_certificate(tell: Teller) -> None:
    tale = await tell(Kind.REREGISTRATION)
    before = await tale.entry()
    await tale.reach(*TO_DECISION, Step.APPROVE)
    entry = await tale.entry()
    assert (entry["status"], entry["valid_until"], entry["deregistration_reason"]) == ("VALID", IN_FIVE_YEARS, None)
    assert await number_of(tale) != before["certificate_number"]
    assert entry["first_registered_on"] == before["first_registered_on"]
    assert [row["kind"] for row in await tale.rows("registration_history")] == ["REREGISTRATION"]


async def test_who_expired_leaves_and_comes_back_in_one_transaction(tell: Teller) -> None:
    where = await move(tell.world, Kind.CHANGE, TODAY, valid_until=date(2025, 9, 25))
    tale = await (await tell(Kind.REREGISTRATION, at=where)).reach(*TO_DECISION, Step.APPROVE)
    ended, again = await tale.rows("registration_history")
    assert (ended["kind"], ended["status"], ended["reason"]) == (
        "DEREGISTRATION", "DEREGISTERED", "注册有效期届满未延续注册",
    )  # fmt: skip
    assert (again["kind"], again["status"], again["valid_until"]) == ("REREGISTRATION", "VALID", IN_FIVE_YEARS)
    assert ended["at"] == again["at"] == NOW
    assert await tale.heard(where.cast.hospital) == [("registration.moved_out", None)]


@pytest.mark.feature("N17")
@pytest.mark.parametrize(
    ("last_day", "valid_until"),
    [(date(2027, 3, 1), date(2027, 3, 1)), (TODAY, TODAY), (date(2025, 9, 25), IN_FIVE_YEARS)],
)
async def test_a_military_certificate_keeps_its_expiry_while_it_lasts(
    tell: Teller, last_day: date, valid_until: date
) -> None:
    form = replace(FORMS[Kind.MILITARY_TRANSFER], military_valid_until=last_day)  # type: ignore[call-arg]
    tale = await (await tell(Kind.MILITARY_TRANSFER, form)).reach(*TO_DECISION, Step.APPROVE)
    entry = await tale.entry()
    assert (entry["status"], entry["valid_until"], entry["last_kind"]) == ("VALID", valid_until, "MILITARY_TRANSFER")
    assert [row["number"] for row in await tale.rows("certificate")] == [await number_of(tale)]


@pytest.mark.feature("N20")
async def test_a_certificate_issued_anew_has_a_new_serial_and_voids_the_old(tell: Teller) -> None:
    tale = await tell(Kind.REISSUE)
    before, cast = await tale.entry(), tale.move.cast
    await tale.reach(Step.SUBMIT)
    row = await tale.row()
    assert (row["state"], row["authority_id"], row["forwarded_at"], row["institution_id"]) == (
        "AUTHORITY_INTAKE", cast.district, NOW, None,
    )  # fmt: skip
    assert await tale.heard(cast.hospital) == []
    assert await tale.heard(cast.district) == [("application.submitted", "ADDED")]
    await tale.reach(*TO_DECISION[1:], Step.APPROVE)
    again = await (await tell(Kind.REISSUE, at=tale.move)).reach(*TO_DECISION, Step.APPROVE)
    number = before["certificate_number"]
    assert {**await again.entry(), "version": 1} == before
    first, second = await again.rows("certificate")
    assert (first["serial"], first["voided_at"]) == (f"{number}-2", NOW)
    assert (second["serial"], second["voided_at"]) == (f"{number}-3", None)


@pytest.mark.parametrize(("step", "steps"), [(Step.REFUSE_INTAKE, TO_DECISION[:2]), (Step.REJECT, TO_DECISION)])
async def test_false_material_bars_her_for_a_year(tell: Teller, step: Step, steps: tuple[Step, ...]) -> None:
    tale = await (await tell(Kind.FIRST)).reach(*steps)
    await tale.take(step, reasons=(Reason.FALSE_MATERIAL,), opinion="实习证明虚假")
    assert (await tale.entry())["bar_until"] == date(2026, 9, 26)
    again = await tell(Kind.FIRST, at=tale.move)
    assert codes_of(await again.refused(Step.SUBMIT)) == {"NO_BAR"}
