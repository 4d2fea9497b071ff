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
from tests.support.application_story import FORMS, IN_FIVE_YEARS, TO_DECISION, TODAY, Drafts, OpenApplication, number_of
from tests.support.kinds import move
from tests.support.orders import draft_of, take_order
from tests.support.story import NOW, Clock, codes_of
from tests.support.world import World


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


@pytest.mark.feature("N16", "N18", "I17", "A4")
@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_goes_from_its_draft_to_the_approval(begin: Drafts, kind: Kind) -> None:
    application = await (await begin(kind)).reach(*TO_DECISION, Step.APPROVE)
    row, (*_, history) = await application.row(), await application.rows("registration_history")
    assert (row["state"], row["decided_at"], row["authority_id"]) == ("APPROVED", NOW, application.reviewers.district)
    assert row["institution_id"] == (None if kind is Kind.REISSUE else application.reviewers.hospital)
    entry = await application.entry()
    facts = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
    assert {name: history[name] for name in facts} == {name: entry[name] for name in facts}
    assert (history["application_id"], history["account_id"]) == (
        application.id,
        application.reviewers.decider.account_id,
    )


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
    begin: Drafts, kind: Kind, steps: tuple[Step, ...], last: Step, state: State
) -> None:
    if kind is Kind.REISSUE and last is Step.DECLINE:
        return
    application = await begin(kind)
    before = await application.entry()
    await application.reach(*steps, last)
    assert (await application.row())["state"] == state
    assert await application.entry() == before
    assert (await application.rows("registration_history"), await application.rows("certificate")) == ([], [])


@pytest.mark.feature("N16")
async def test_a_first_registration_puts_her_on_the_register_for_five_years(begin: Drafts) -> None:
    application = await (await begin(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    entry, target = await application.entry(), application.move.target
    number = await number_of(application)
    assert (entry["status"], entry["first_registered_on"], entry["valid_until"]) == ("VALID", TODAY, IN_FIVE_YEARS)
    assert (entry["institution_id"], entry["authority_id"]) == (target.hospital, target.district)
    nurse = await application.world.row("nurse", target.nurse_id)
    carried = ("school", "major", "education", "degree", "study_length", "department", "title", "health_status")
    assert {name: nurse[name] for name in carried} == {name: getattr(FORMS[Kind.FIRST], name) for name in carried}
    assert nurse["graduated_on"] == date(2024, 7, 1)
    (certificate,) = await application.rows("certificate")
    assert (certificate["number"], certificate["serial"], certificate["voided_at"]) == (number, f"{number}-1", None)
    moved_in = ("registration.moved_in", None)
    assert (await application.heard(target.hospital))[-1] == (await application.heard(target.district))[-1] == moved_in


async def test_certificate_numbers_go_on_and_pass_over_those_given(begin: Drafts) -> None:
    first_ones = [await (await begin(Kind.FIRST)).reach(*TO_DECISION)]
    first, province = first_ones[0], first_ones[0].move.province
    code = (await first.world.row("authority", province))["code"][:2]
    taken = f"2025{code}000700"
    await first.world.nurse(first.move.cast.hospital, first.move.cast.district, certificate_number=taken)
    await first.world.insert("certificate_counter", authority_id=province, year=2025, last=699)
    await first.take(Step.APPROVE)
    assert await number_of(first) == f"2025{code}000701"


@pytest.mark.feature("N16")
async def test_a_change_moves_her_and_keeps_the_expiry(begin: Drafts) -> None:
    application = await begin(Kind.CHANGE)
    before, old, new = await application.entry(), application.move.cast, application.move.target
    await application.reach(Step.SUBMIT)
    assert await application.heard(old.hospital) == []
    assert await application.heard(new.hospital) == [("application.submitted", "ADDED")]
    await application.reach(*TO_DECISION[1:], Step.APPROVE)
    moved = {"institution_id": new.hospital, "authority_id": new.district, "last_kind": "CHANGE", "version": 2}
    assert await application.entry() == {**before, **moved}
    assert (
        await application.heard(old.hospital)
        == await application.heard(old.district)
        == [("registration.moved_out", None)]
    )
    assert (await application.heard(new.hospital))[-1] == (await application.heard(new.district))[-1]
    assert (await application.heard(new.hospital))[-1] == ("registration.moved_in", None)
    body = await application.world.said_of(old.nurse_id, "AUTHORITY", True, TODAY)
    heard = "select body from event where scope = $1"
    assert json.loads(await application.world.owner.fetchval(heard, old.hospital)) == {**body, "may": False}
    where = {"newInstitution": str(new.hospital), "newAuthority": str(new.district)}
    assert json.loads(await application.world.owner.fetchval(heard, old.district)) == {**body, **where}
    assert await application.rows("certificate") == []


async def test_within_one_authority_nobody_but_the_institutions_hears_that_she_moved(begin: Drafts) -> None:
    where = await move(begin.world, Kind.CHANGE, TODAY)
    near = await begin.world.institution(where.cast.district)
    draft = draft_of(where.nurse.session, FORMS[Kind.CHANGE], institution_id=near)
    application = OpenApplication(begin.db, begin.world, where, Kind.CHANGE, await take_order(begin.db, draft))
    operator = await begin.world.person(Party.INSTITUTION, near, *where.cast.operator.actor.roles)
    where.target = replace(where.cast, hospital=near, operator=operator)
    await application.reach(*TO_DECISION, Step.APPROVE)
    assert [one for one, _ in await application.heard(where.cast.district) if one.startswith("registration")] == []
    assert await application.heard(where.cast.hospital) == [("registration.moved_out", None)]


@pytest.mark.parametrize("renewal_at", [State.INSTITUTION_REVIEW, State.ACCEPTED])
async def test_an_open_renewal_goes_the_way_of_the_change(begin: Drafts, renewal_at: State) -> None:
    change = await begin(Kind.CHANGE)
    renewal = await begin(Kind.RENEWAL, at=change.move)
    early = renewal_at is State.INSTITUTION_REVIEW
    await renewal.reach(*((Step.SUBMIT,) if early else TO_DECISION))
    await change.reach(*TO_DECISION, Step.APPROVE)
    row, old, new = await renewal.row(), change.move.cast, change.move.target
    assert (row["state"], row["institution_id"]) == (renewal_at, new.hospital)
    assert (row["authority_id"], row["recommender_id"]) == (None if early else new.district, None)
    gone, come = ("application.transferred", "REMOVED"), ("application.transferred", "ADDED")
    assert (gone in await heard_by(change, old.hospital)) is early
    assert (gone in await heard_by(change, old.district)) is not early
    assert (come in await heard_by(change, new.hospital)) is early
    assert (come in await heard_by(change, new.district)) is not early
    # It goes on where she is now.
    renewal.move = replace(renewal.move, cast=new)
    await renewal.reach(*(TO_DECISION[1:] if early else (Step.RECOMMEND,)), Step.APPROVE)
    assert (await change.entry())["valid_until"] == date(2030, 11, 25)


async def heard_by(application: OpenApplication, scope: UUID) -> list[tuple[str, str | None]]:
    return await application.heard(scope)


@pytest.mark.feature("A8", "N16")
async def test_a_deregistration_ends_it_and_everybody_hears(begin: Drafts) -> None:
    application = await (await begin(Kind.DEREGISTRATION)).reach(*TO_DECISION, Step.APPROVE)
    entry, cast = await application.entry(), application.move.cast
    assert (entry["status"], entry["deregistration_reason"], entry["institution_id"]) == ("DEREGISTERED", "OTHER", None)
    assert entry["bar_until"] is None
    (history,) = await application.rows("registration_history")
    assert (history["kind"], history["reason"]) == ("DEREGISTRATION", "其他：不再从事护理工作")
    for scope in (cast.nurse_id, cast.hospital, cast.district):
        assert (await application.heard(scope))[-1] == ("registration.deregistered", None)


@pytest.mark.feature("N16")
async def test_the_deregistered_come_back_with_a_new_certificate(begin: Drafts) -> None:
    application = await begin(Kind.REREGISTRATION)
    before = await application.entry()
    await application.reach(*TO_DECISION, Step.APPROVE)
    entry = await application.entry()
    assert (entry["status"], entry["valid_until"], entry["deregistration_reason"]) == ("VALID", IN_FIVE_YEARS, None)
    assert await number_of(application) != before["certificate_number"]
    assert entry["first_registered_on"] == before["first_registered_on"]
    assert [row["kind"] for row in await application.rows("registration_history")] == ["REREGISTRATION"]


async def test_who_expired_leaves_and_comes_back_in_one_transaction(begin: Drafts) -> None:
    where = await move(begin.world, Kind.CHANGE, TODAY, valid_until=date(2025, 9, 25))
    application = await (await begin(Kind.REREGISTRATION, at=where)).reach(*TO_DECISION, Step.APPROVE)
    ended, again = await application.rows("registration_history")
    assert (ended["kind"], ended["status"], ended["reason"]) == (
        "DEREGISTRATION", "DEREGISTERED", "注册有效期届满未延续注册",
    )  # fmt: skip
    assert (again["kind"], again["status"], again["valid_until"]) == ("REREGISTRATION", "VALID", IN_FIVE_YEARS)
    assert ended["at"] == again["at"] == NOW
    assert await application.heard(where.cast.hospital) == [("registration.moved_out", None)]


@pytest.mark.feature("N17")
@pytest.mark.parametrize(
    ("last_day", "valid_until"),
    [(date(2027, 3, 1), date(2027, 3, 1)), (TODAY, TODAY), (date(2025, 9, 25), IN_FIVE_YEARS)],
)
async def test_a_military_certificate_keeps_its_expiry_while_it_lasts(
    begin: Drafts, last_day: date, valid_until: date
) -> None:
    form = replace(FORMS[Kind.MILITARY_TRANSFER], military_valid_until=last_day)  # type: ignore[call-arg]
    application = await (await begin(Kind.MILITARY_TRANSFER, form)).reach(*TO_DECISION, Step.APPROVE)
    entry = await application.entry()
    assert (entry["status"], entry["valid_until"], entry["last_kind"]) == ("VALID", valid_until, "MILITARY_TRANSFER")
    assert [row["number"] for row in await application.rows("certificate")] == [await number_of(application)]


@pytest.mark.feature("N20")
async def test_a_certificate_issued_anew_has_a_new_serial_and_voids_the_old(begin: Drafts) -> None:
    application = await begin(Kind.REISSUE)
    before, cast = await application.entry(), application.move.cast
    await application.reach(Step.SUBMIT)
    row = await application.row()
    assert (row["state"], row["authority_id"], row["forwarded_at"], row["institution_id"]) == (
        "AUTHORITY_INTAKE", cast.district, NOW, None,
    )  # fmt: skip
    assert await application.heard(cast.hospital) == []
    assert await application.heard(cast.district) == [("application.submitted", "ADDED")]
    await application.reach(*TO_DECISION[1:], Step.APPROVE)
    again = await (await begin(Kind.REISSUE, at=application.move)).reach(*TO_DECISION, Step.APPROVE)
    number = before["certificate_number"]
    assert {**await again.entry(), "version": 1, "last_kind": before["last_kind"]} == before
    assert (await again.entry())["last_kind"] == "REISSUE"
    history = (await again.rows("registration_history"))[-2:]
    assert [(row["kind"], row["certificate_number"]) for row in history] == [("REISSUE", number)] * 2
    first, second = await again.rows("certificate")
    assert (first["serial"], first["voided_at"], first["void_reason"]) == (f"{number}-2", NOW, "REISSUED")
    assert (second["serial"], second["voided_at"], second["void_reason"]) == (f"{number}-3", None, None)
    assert first["token"] != second["token"]


@pytest.mark.parametrize(("step", "steps"), [(Step.REFUSE_INTAKE, TO_DECISION[:2]), (Step.REJECT, TO_DECISION)])
async def test_false_material_bars_her_for_a_year(begin: Drafts, step: Step, steps: tuple[Step, ...]) -> None:
    application = await (await begin(Kind.FIRST)).reach(*steps)
    await application.take(step, reasons=(Reason.FALSE_MATERIAL,), opinion="实习证明虚假")
    assert (await application.entry())["bar_until"] == date(2026, 9, 26)
    again = await begin(Kind.FIRST, at=application.move)
    assert codes_of(await again.refused(Step.SUBMIT)) == {"NO_BAR"}
