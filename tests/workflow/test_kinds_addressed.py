"""Where applications of every kind go, what stands in their way, and many of them at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from uuid_utils.compat import uuid7

from db.store.engine import Database
from rules.application import Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.nurse import Department, DeregistrationReason
from rules.people import Party, Role
from tests.support.application_story import FORMS, TO_DECISION, TODAY, Drafts, number_of
from tests.support.kinds import Move, move
from tests.support.orders import draft_of, order_of, take_order
from tests.support.papers import hand_in
from tests.support.people import NEVER
from tests.support.registration_acts import ROUNDS
from tests.support.story import NOW, Clock, codes_of
from tests.support.world import World
from workflow.institution_change import InstitutionClose
from workflow.step import take


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_without_an_institution_it_waits_for_one(begin: Drafts, kind: Kind) -> None:
    application = await (await begin(kind, address=False)).reach(Step.SUBMIT)
    row = await application.row()
    assert (row["state"], row["institution_id"]) == ("INSTITUTION_REVIEW", None)
    assert await application.heard(application.move.target.hospital) == []


@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_she_may_pick_another_institution_when_she_files(begin: Drafts, kind: Kind) -> None:
    application = await begin(kind, address=False)
    await application.take(Step.SUBMIT, institution_id=application.move.target.hospital)
    assert (await application.row())["institution_id"] == application.move.target.hospital


async def test_an_institution_that_is_not_there_or_not_active_cannot_be_named(begin: Drafts) -> None:
    application = await begin(Kind.CHANGE, address=False)
    closed = await begin.world.institution(application.move.target.district, state="SUSPENDED")
    assert codes_of(await application.refused(Step.SUBMIT, institution_id=closed)) == {"TARGET_ACTIVE"}
    assert type(await application.refused(Step.SUBMIT, institution_id=uuid7())) is NotFound
    here = application.move.cast.hospital
    assert codes_of(await application.refused(Step.SUBMIT, institution_id=here)) == {"OTHER_INSTITUTION"}
    await application.take(Step.WITHDRAW)
    for target, refusal in ((closed, Invalid), (uuid7(), NotFound)):
        draft = draft_of(application.move.nurse.session, FORMS[Kind.CHANGE], institution_id=target)
        with pytest.raises(refusal):
            await take_order(begin.db, draft)


@pytest.mark.parametrize("kind", [Kind.RENEWAL, Kind.DEREGISTRATION, Kind.REISSUE])
async def test_where_she_is_registered_she_names_no_institution(begin: Drafts, kind: Kind) -> None:
    application = await begin(kind)
    target = application.move.target.hospital
    assert codes_of(await application.refused(Step.SUBMIT, institution_id=target)) == {"TARGET_NOT_ASKED"}
    await application.take(Step.WITHDRAW)
    with pytest.raises(Invalid):
        await take_order(begin.db, draft_of(application.move.nurse.session, FORMS[kind], institution_id=target))


async def test_nothing_is_approved_for_an_institution_that_was_suspended_meanwhile(begin: Drafts) -> None:
    application = await (await begin(Kind.FIRST)).reach(*TO_DECISION)
    sql = "update institution set state = 'SUSPENDED' where id = $1"
    await begin.world.owner.execute(sql, application.move.target.hospital)
    assert codes_of(await application.refused(Step.APPROVE)) == {"TARGET_ACTIVE"}


async def test_nothing_is_approved_to_nowhere(begin: Drafts) -> None:
    application = await (await begin(Kind.FIRST)).reach(*TO_DECISION)
    await begin.world.owner.execute("update application set institution_id = null where id = $1", application.id)
    refusal = await application.refused(Step.APPROVE)
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == "NO_INSTITUTION"


async def test_a_nurse_herself_says_only_what_she_can_say(begin: Drafts) -> None:
    for reason in (DeregistrationReason.DEATH, DeregistrationReason.EXPIRED):
        application = await begin(
            Kind.DEREGISTRATION, replace(FORMS[Kind.DEREGISTRATION], reason=reason, proof="死亡医学证明")
        )  # type: ignore[call-arg]
        assert codes_of(await application.refused(Step.SUBMIT)) - {"MATERIAL_MISSING"} == {"REASON"}


async def test_a_long_interruption_needs_a_training(begin: Drafts) -> None:
    where = await move(begin.world, Kind.REREGISTRATION, TODAY, valid_until=date(2022, 9, 25))
    application = await begin(Kind.REREGISTRATION, at=where)
    assert codes_of(await application.refused(Step.SUBMIT)) == {"TRAINED", "MATERIAL_MISSING"}
    trained = {"training_institution": "教学医院", "trained_from": date(2025, 6, 1), "trained_until": date(2025, 8, 31)}
    form = replace(FORMS[Kind.REREGISTRATION], **trained)  # type: ignore[arg-type]
    assert codes_of(await application.refused(Step.SUBMIT, form=form)) == {"MATERIAL_MISSING"}
    await hand_in(application.world, application.id, where.cast.nurse.account_id, "TRAINING")
    await application.take(Step.SUBMIT, form=form)


async def test_an_interruption_of_three_years_needs_a_training_and_ends_with_the_new_registration(
    begin: Drafts,
) -> None:
    application = await begin(Kind.REREGISTRATION)
    span = {"nurse_id": application.move.cast.nurse_id, "kind": "INTERRUPTION", "starts_on": date(2022, 9, 25)}
    await begin.world.insert("registration_span", **span)
    assert codes_of(await application.refused(Step.SUBMIT)) == {"TRAINED", "MATERIAL_MISSING"}
    sql = "update registration_span set starts_on = '2022-09-26' where nurse_id = $1"
    await begin.world.owner.execute(sql, span["nurse_id"])
    await application.reach(*TO_DECISION, Step.APPROVE)
    assert [row["ends_on"] for row in await application.rows("registration_span")] == [TODAY]


async def test_a_deregistration_voids_the_certificate(begin: Drafts) -> None:
    first = await (await begin(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    here = replace(first.move, cast=first.move.target)
    await (await begin(Kind.DEREGISTRATION, at=here)).reach(*TO_DECISION, Step.APPROVE)
    (certificate,) = await first.rows("certificate")
    assert certificate["voided_at"] == NOW
    back = await (await begin(Kind.REREGISTRATION, at=first.move)).reach(*TO_DECISION, Step.APPROVE)
    old, new = await back.rows("certificate")
    assert (old["number"], new["voided_at"]) == (certificate["number"], None)
    assert new["number"] == (await back.entry())["certificate_number"] == str(int(old["number"]) + 1)
    assert [row["kind"] for row in await back.rows("registration_history")] == [
        "FIRST", "DEREGISTRATION", "REREGISTRATION",
    ]  # fmt: skip


async def test_who_is_sent_back_may_pick_another_institution(begin: Drafts) -> None:
    application = await (await begin(Kind.FIRST)).reach(Step.SUBMIT, Step.RETURN)
    other = await begin.world.institution(application.move.target.district)
    await begin.world.person(Party.INSTITUTION, other, Role.OPERATOR)
    form = replace(FORMS[Kind.FIRST], department=Department.WARD)  # type: ignore[call-arg]
    session = application.move.nurse.session
    version = (await application.row())["version"]
    suspended = await begin.world.institution(application.move.target.district, state="SUSPENDED")
    before = await application.everything()
    for target, refusal in ((suspended, Invalid), (uuid7(), NotFound)):
        given = {"institution_id": target}
        with pytest.raises(refusal):
            await take_order(begin.db, order_of(session, Step.RESUBMIT, application.id, version, form=form, **given))
    assert await application.everything() == before
    given = {"institution_id": other}
    await take_order(begin.db, order_of(session, Step.RESUBMIT, application.id, version, form=form, **given))
    row = await application.row()
    assert (row["state"], row["institution_id"], row["revision"]) == ("INSTITUTION_REVIEW", other, 2)
    assert await application.heard(other) == [("application.resubmitted", "ADDED")]


async def test_eight_approvals_at_once_give_eight_numbers_in_a_row(begin: Drafts) -> None:
    where = await move(begin.world, Kind.FIRST, TODAY)
    applications = []
    for _ in range(8):
        nurse_id = await begin.world.nurse(None, where.cast.district, **NEVER)
        await begin.world.owner.execute("update nurse set exam_passed_on = '2024-06-01' where id = $1", nurse_id)
        nurse = await begin.world.person(Party.NURSE, nurse_id, Role.NURSE)
        cast, target = (replace(one, nurse_id=nurse_id, nurse=nurse) for one in (where.cast, where.target))
        applications.append(await (await begin(Kind.FIRST, at=Move(cast, target, where.province))).reach(*TO_DECISION))
    orders = [await application.order(Step.APPROVE) for application in applications]
    await asyncio.gather(*(take_order(begin.db, order) for order in orders))
    numbers = sorted([int(await number_of(application)) for application in applications])
    assert numbers == list(range(numbers[0], numbers[0] + 8))


async def test_a_change_and_its_renewal_decided_at_once_do_not_block_each_other(begin: Drafts) -> None:
    change = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
    renewal = await (await begin(Kind.RENEWAL, at=change.move)).reach(*TO_DECISION)
    orders = [await application.order(Step.APPROVE) for application in (change, renewal)]
    done = await asyncio.gather(*(take_order(begin.db, order) for order in orders), return_exceptions=True)
    assert done[0] == change.id
    assert done[1] == renewal.id or isinstance(done[1], RegistryError)
    entry = await change.entry()
    assert entry["institution_id"] == change.move.target.hospital
    approved = (await renewal.row())["state"] == "APPROVED"
    assert approved is (done[1] == renewal.id)
    assert entry["valid_until"] == (date(2030, 11, 25) if approved else date(2025, 11, 25))


async def test_nobody_is_registered_at_an_institution_that_has_just_closed(begin: Drafts) -> None:
    for _ in range(ROUNDS):
        change = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
        target = change.move.target
        officer = await begin.world.person(Party.AUTHORITY, target.district, Role.SUPERVISOR)
        closing = InstitutionClose(target.hospital, "停业")
        done = await asyncio.gather(
            take_order(begin.db, await change.order(Step.APPROVE)),
            take(begin.db, officer.session, closing),
            return_exceptions=True,
        )
        assert done[1] == target.hospital
        assert done[0] == change.id or isinstance(done[0], (Invalid, Conflict)), done
        assert (await change.entry())["institution_id"] != target.hospital
