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
from tests.support.application_story import FORMS, TO_DECISION, TODAY, Teller, number_of
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
def tell(timed: Database, world: World, clock: Clock) -> Teller:
    """Makes a draft."""
    return Teller(timed, world)


@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_without_an_institution_it_waits_for_one(tell: Teller, kind: Kind) -> None:
    tale = await (await tell(kind, address=False)).reach(Step.SUBMIT)
    row = await tale.row()
    assert (row["state"], row["institution_id"]) == ("INSTITUTION_REVIEW", None)
    assert await tale.heard(tale.move.target.hospital) == []


@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_she_may_pick_another_institution_when_she_files(tell: Teller, kind: Kind) -> None:
    tale = await tell(kind, address=False)
    await tale.take(Step.SUBMIT, institution_id=tale.move.target.hospital)
    assert (await tale.row())["institution_id"] == tale.move.target.hospital


async def test_an_institution_that_is_not_there_or_not_active_cannot_be_named(tell: Teller) -> None:
    tale = await tell(Kind.CHANGE, address=False)
    closed = await tell.world.institution(tale.move.target.district, state="SUSPENDED")
    assert codes_of(await tale.refused(Step.SUBMIT, institution_id=closed)) == {"TARGET_ACTIVE"}
    assert type(await tale.refused(Step.SUBMIT, institution_id=uuid7())) is NotFound
    here = tale.move.cast.hospital
    assert codes_of(await tale.refused(Step.SUBMIT, institution_id=here)) == {"OTHER_INSTITUTION"}
    await tale.take(Step.WITHDRAW)
    for target, refusal in ((closed, Invalid), (uuid7(), NotFound)):
        draft = draft_of(tale.move.nurse.session, FORMS[Kind.CHANGE], institution_id=target)
        with pytest.raises(refusal):
            await take_order(tell.db, draft)


@pytest.mark.parametrize("kind", [Kind.RENEWAL, Kind.DEREGISTRATION, Kind.REISSUE])
async def test_where_she_is_registered_she_names_no_institution(tell: Teller, kind: Kind) -> None:
    tale = await tell(kind)
    target = tale.move.target.hospital
    assert codes_of(await tale.refused(Step.SUBMIT, institution_id=target)) == {"TARGET_NOT_ASKED"}
    await tale.take(Step.WITHDRAW)
    with pytest.raises(Invalid):
        await take_order(tell.db, draft_of(tale.move.nurse.session, FORMS[kind], institution_id=target))


async def test_nothing_is_approved_for_an_institution_that_was_suspended_meanwhile(tell: Teller) -> None:
    tale = await (await tell(Kind.FIRST)).reach(*TO_DECISION)
    sql = "update institution set state = 'SUSPENDED' where id = $1"
    await tell.world.owner.execute(sql, tale.move.target.hospital)
    assert codes_of(await tale.refused(Step.APPROVE)) == {"TARGET_ACTIVE"}


async def test_nothing_is_approved_to_nowhere(tell: Teller) -> None:
    tale = await (await tell(Kind.FIRST)).reach(*TO_DECISION)
    await tell.world.owner.execute("update application set institution_id = null where id = $1", tale.id)
    refusal = await tale.refused(Step.APPROVE)
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == "NO_INSTITUTION"


async def test_a_nurse_herself_says_only_what_she_can_say(tell: Teller) -> None:
    for reason in (DeregistrationReason.DEATH, DeregistrationReason.EXPIRED):
        tale = await tell(Kind.DEREGISTRATION, replace(FORMS[Kind.DEREGISTRATION], reason=reason, proof="死亡医学证明"))  # type: ignore[call-arg]
        assert codes_of(await tale.refused(Step.SUBMIT)) == {"REASON"}


async def test_a_long_interruption_needs_a_training(tell: Teller) -> None:
    where = await move(tell.world, Kind.REREGISTRATION, TODAY, valid_until=date(2022, 9, 25))
    tale = await tell(Kind.REREGISTRATION, at=where)
    assert codes_of(await tale.refused(Step.SUBMIT)) == {"TRAINED"}
    trained = {"training_institution": "教学医院", "trained_from": date(2025, 6, 1), "trained_until": date(2025, 8, 31)}
    form = replace(FORMS[Kind.REREGISTRATION], **trained)  # type: ignore[arg-type]
    assert codes_of(await tale.refused(Step.SUBMIT, form=form)) == {"MATERIAL_MISSING"}
    await hand_in(tale.world, tale.id, where.cast.nurse.account_id, "TRAINING")
    await tale.take(Step.SUBMIT, form=form)


async def test_an_interruption_of_three_years_needs_a_training_and_ends_with_the_new_registration(
    tell: Teller,
) -> None:
    tale = await tell(Kind.REREGISTRATION)
    span = {"nurse_id": tale.move.cast.nurse_id, "kind": "INTERRUPTION", "starts_on": date(2022, 9, 25)}
    await tell.world.insert("registration_span", **span)
    assert codes_of(await tale.refused(Step.SUBMIT)) == {"TRAINED"}
    sql = "update registration_span set starts_on = '2022-09-26' where nurse_id = $1"
    await tell.world.owner.execute(sql, span["nurse_id"])
    await tale.reach(*TO_DECISION, Step.APPROVE)
    assert [row["ends_on"] for row in await tale.rows("registration_span")] == [TODAY]


async def test_a_deregistration_voids_the_certificate(tell: Teller) -> None:
    first = await (await tell(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    here = replace(first.move, cast=first.move.target)
    await (await tell(Kind.DEREGISTRATION, at=here)).reach(*TO_DECISION, Step.APPROVE)
    (certificate,) = await first.rows("certificate")
    assert certificate["voided_at"] == NOW
    back = await (await tell(Kind.REREGISTRATION, at=first.move)).reach(*TO_DECISION, Step.APPROVE)
    old, new = await back.rows("certificate")
    assert (old["number"], new["voided_at"]) == (certificate["number"], None)
    assert new["number"] == (await back.entry())["certificate_number"] == str(int(old["number"]) + 1)
    assert [row["kind"] for row in await back.rows("registration_history")] == [
        "FIRST", "DEREGISTRATION", "REREGISTRATION",
    ]  # fmt: skip


async def test_who_is_sent_back_may_pick_another_institution(tell: Teller) -> None:
    tale = await (await tell(Kind.FIRST)).reach(Step.SUBMIT, Step.RETURN)
    other = await tell.world.institution(tale.move.target.district)
    form = replace(FORMS[Kind.FIRST], department=Department.WARD)  # type: ignore[call-arg]
    session = tale.move.nurse.session
    version = (await tale.row())["version"]
    suspended = await tell.world.institution(tale.move.target.district, state="SUSPENDED")
    before = await tale.everything()
    for target, refusal in ((suspended, Invalid), (uuid7(), NotFound)):
        given = {"institution_id": target}
        with pytest.raises(refusal):
            await take_order(tell.db, order_of(session, Step.RESUBMIT, tale.id, version, form=form, **given))
    assert await tale.everything() == before
    given = {"institution_id": other}
    await take_order(tell.db, order_of(session, Step.RESUBMIT, tale.id, version, form=form, **given))
    row = await tale.row()
    assert (row["state"], row["institution_id"], row["revision"]) == ("INSTITUTION_REVIEW", other, 2)
    assert await tale.heard(other) == [("application.resubmitted", "ADDED")]


async def test_eight_approvals_at_once_give_eight_numbers_in_a_row(tell: Teller) -> None:
    where = await move(tell.world, Kind.FIRST, TODAY)
    tales = []
    for _ in range(8):
        nurse_id = await tell.world.nurse(None, where.cast.district, **NEVER)
        await tell.world.owner.execute("update nurse set exam_passed_on = '2024-06-01' where id = $1", nurse_id)
        nurse = await tell.world.person(Party.NURSE, nurse_id, Role.NURSE)
        cast, target = (replace(one, nurse_id=nurse_id, nurse=nurse) for one in (where.cast, where.target))
        tales.append(await (await tell(Kind.FIRST, at=Move(cast, target, where.province))).reach(*TO_DECISION))
    orders = [await tale.order(Step.APPROVE) for tale in tales]
    await asyncio.gather(*(take_order(tell.db, order) for order in orders))
    numbers = sorted([int(await number_of(tale)) for tale in tales])
    assert numbers == list(range(numbers[0], numbers[0] + 8))


async def test_a_change_and_its_renewal_decided_at_once_do_not_block_each_other(tell: Teller) -> None:
    change = await (await tell(Kind.CHANGE)).reach(*TO_DECISION)
    renewal = await (await tell(Kind.RENEWAL, at=change.move)).reach(*TO_DECISION)
    orders = [await tale.order(Step.APPROVE) for tale in (change, renewal)]
    done = await asyncio.gather(*(take_order(tell.db, order) for order in orders), return_exceptions=True)
    assert done[0] == change.id
    assert done[1] == renewal.id or isinstance(done[1], RegistryError)
    entry = await change.entry()
    assert entry["institution_id"] == change.move.target.hospital
    approved = (await renewal.row())["state"] == "APPROVED"
    assert approved is (done[1] == renewal.id)
    assert entry["valid_until"] == (date(2030, 11, 25) if approved else date(2025, 11, 25))


async def test_nobody_is_registered_at_an_institution_that_has_just_closed(tell: Teller) -> None:
    for _ in range(ROUNDS):
        change = await (await tell(Kind.CHANGE)).reach(*TO_DECISION)
        target = change.move.target
        officer = await tell.world.person(Party.AUTHORITY, target.district, Role.SUPERVISOR)
        closing = InstitutionClose(target.hospital, "停业")
        done = await asyncio.gather(
            take_order(tell.db, await change.order(Step.APPROVE)),
            take(tell.db, officer.session, closing),
            return_exceptions=True,
        )
        assert done[1] == target.hospital
        assert done[0] == change.id or isinstance(done[0], (Invalid, Conflict)), done
        assert (await change.entry())["institution_id"] != target.hospital
