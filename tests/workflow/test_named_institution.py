"""The institution that a nurse names (拟执业机构): judged alike whenever she names one, and she may think better of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db.store.engine import Database
from rules.application import State, Step
from rules.errors import RegistryError
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.people import Party, Role
from tests.support.application_story import FORMS, Drafts, OpenApplication
from tests.support.orders import draft_of, order_of, take_order
from tests.support.story import Clock, codes_of
from tests.support.world import World


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


async def nurse_takes(it: OpenApplication, step: Step, **more: Any) -> None:
    """A step of the nurse's own."""
    version = (await it.row())["version"]
    await take_order(it.db, order_of(it.move.nurse.session, step, it.id, version, **more))


async def nurse_is_refused(it: OpenApplication, step: Step, **more: Any) -> RegistryError:
    """How a step of the nurse's own is refused; nothing has moved."""
    before = await it.everything()
    with pytest.raises(RegistryError) as refusal:
        await nurse_takes(it, step, **more)
    assert await it.everything() == before
    return refusal.value


async def given_back(begin: Drafts, kind: Kind) -> OpenApplication:
    """An application whose nurse has refused the institution that she had named."""
    it = await (await begin(kind)).reach(Step.SUBMIT)
    await nurse_takes(it, Step.REJECT_CLAIM)
    return it


async def another(it: OpenApplication, **values: Any) -> UUID:
    """A further hospital, with somebody who reviews."""
    hospital = await it.world.institution(it.move.target.district, **values)
    await it.world.person(Party.INSTITUTION, hospital, Role.OPERATOR)
    return hospital


@pytest.mark.feature("N16")
@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_of_the_institution_that_she_named_she_names_another(begin: Drafts, kind: Kind) -> None:
    it = await given_back(begin, kind)
    row, there = await it.row(), it.move.target.hospital
    assert (row["state"], row["institution_id"], row["marked_fields"]) == (State.RETURNED, None, ["institution"])
    assert (await it.heard(there))[-1] == ("application.claim_rejected", "REMOVED")
    refusal = await nurse_is_refused(it, Step.RESUBMIT, form=FORMS[kind])
    assert codes_of(refusal) == {"FIELD_UNANSWERED"}
    hospital = await another(it)
    await nurse_takes(it, Step.RESUBMIT, form=FORMS[kind], institution_id=hospital)
    row = await it.row()
    assert (row["state"], row["institution_id"], row["claimed"]) == (State.INSTITUTION_REVIEW, hospital, False)
    assert (row["revision"], row["marked_fields"]) == (2, [])
    assert await it.heard(hospital) == [("application.resubmitted", "ADDED")]


@pytest.mark.feature("N16")
async def test_or_she_leaves_it_to_whoever_claims_it_but_not_to_the_one_refused(begin: Drafts) -> None:
    it = await given_back(begin, Kind.CHANGE)
    await nurse_takes(it, Step.RESUBMIT, form=FORMS[Kind.CHANGE], institution_id=None)
    row = await it.row()
    assert (row["state"], row["institution_id"]) == (State.INSTITUTION_REVIEW, None)
    barred = await it.world.owner.fetch("select institution_id from claim_rejection where application_id = $1", it.id)
    assert [one["institution_id"] for one in barred] == [it.move.target.hospital]


@pytest.mark.feature("N16")
async def test_no_way_of_naming_leads_a_change_to_where_she_is(begin: Drafts) -> None:
    it, form = await given_back(begin, Kind.CHANGE), FORMS[Kind.CHANGE]
    here = it.move.cast.hospital
    refusal = await nurse_is_refused(it, Step.RESUBMIT, form=form, institution_id=here)
    assert codes_of(refusal) == {"OTHER_INSTITUTION"}
    await nurse_takes(it, Step.WITHDRAW)
    before = await it.everything()
    with pytest.raises(RegistryError) as drafted:
        await take_order(it.db, draft_of(it.move.nurse.session, form, institution_id=here))
    assert codes_of(drafted.value) == {"OTHER_INSTITUTION"}
    assert await it.everything() == before


@pytest.mark.feature("N16")
async def test_nor_does_filing_again_what_was_addressed_to_where_she_is_by_now(begin: Drafts) -> None:
    it = await (await begin(Kind.CHANGE)).reach(Step.SUBMIT)
    marks = {"reasons": ("OTHER_CORRECTION",), "marked_fields": ("changeReason",), "opinion": "请补充调动原因"}
    await it.take(Step.RETURN, **marks)
    sql = "update registration set institution_id = $2 where nurse_id = $1"
    await it.world.owner.execute(sql, it.move.cast.nurse_id, it.move.target.hospital)
    again = {"form": FORMS[Kind.CHANGE], "confirmed_fields": ("changeReason",)}
    refusal = await nurse_is_refused(it, Step.RESUBMIT, **again)
    assert codes_of(refusal) == {"OTHER_INSTITUTION"}
    await nurse_takes(it, Step.RESUBMIT, **again, institution_id=await another(it))


@pytest.mark.feature("N16")
async def test_what_is_not_there_or_not_active_is_not_named_either(begin: Drafts) -> None:
    it, form = await given_back(begin, Kind.FIRST), FORMS[Kind.FIRST]
    suspended = await another(it, state="SUSPENDED")
    refusal = await nurse_is_refused(it, Step.RESUBMIT, form=form, institution_id=suspended)
    assert codes_of(refusal) == {"TARGET_NOT_ACTIVE"}
    unknown = await nurse_is_refused(it, Step.RESUBMIT, form=form, institution_id=uuid7())
    assert codes_of(unknown) == {"NO_SUCH_INSTITUTION"}


async def test_where_she_was_registered_she_may_be_registered_again(begin: Drafts) -> None:
    it = await given_back(begin, Kind.REREGISTRATION)
    here = it.move.cast.hospital
    await nurse_takes(it, Step.RESUBMIT, form=FORMS[Kind.REREGISTRATION], institution_id=here)
    assert (await it.row())["institution_id"] == here
