"""The checklist tells beforehand what filing asks for: of her own past, and of where the application goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from db import material as materials
from db.material import Place
from db.store.engine import Database
from rules.application import Step
from rules.errors import Invalid, NotAllowed, RegistryError
from rules.kinds import Kind
from rules.marks import MaterialMark
from rules.material import RECOVERY, TRAINING
from rules.nurse import Department
from rules.reasons import Reason
from tests.support.application_story import FORMS, TODAY, Drafts, OpenApplication
from tests.support.papers import a_file, ask_for, hand_in
from tests.support.story import LATER, Clock, codes_of
from tests.support.world import World
from workflow import material as workflow
from workflow.material import MaterialRemove, MaterialUpload
from workflow.step import take

pytestmark = pytest.mark.feature("N18")
THREE_YEARS_AGO = date(TODAY.year - 3, TODAY.month, TODAY.day)
BEFORE = THREE_YEARS_AGO - timedelta(days=1)
TRAINED = {"training_institution": "教学医院", "trained_from": date(2025, 6, 1), "trained_until": date(2025, 8, 31)}


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


async def needed(application: OpenApplication, place: UUID | None = None) -> set[str]:
    """The materials that must be handed in; as if it went to a place, where one is named."""
    async with application.db.begin() as tx:
        await tx.ask_time()
        items = await materials.checklist(tx, application.id, None if place is None else Place(place))
    return {item.code for item in items if item.needed}


async def on_record(application: OpenApplication, table: str, **values: object) -> None:
    """Her record, or her entry, says something else."""
    names = ", ".join(f"{name} = ${n + 2}" for n, name in enumerate(values))
    key = "id" if table == "nurse" else "nurse_id"
    sql = f"update {table} set {names} where {key} = $1"
    await application.world.owner.execute(sql, application.move.cast.nurse_id, *values.values())


PASTS: Mapping[str, tuple[Kind, dict[str, Any], bool]] = {
    "examined three years ago": (Kind.FIRST, {"exam_passed_on": THREE_YEARS_AGO, "exam_year": 2022}, False),
    "examined a day before that": (Kind.FIRST, {"exam_passed_on": BEFORE, "exam_year": 2022}, True),
    "examined in the third year back": (Kind.FIRST, {"exam_passed_on": None, "exam_year": 2022}, False),
    "examined in the fourth year back": (Kind.FIRST, {"exam_passed_on": None, "exam_year": 2021}, True),
    "expired three years ago": (Kind.REREGISTRATION, {"valid_until": THREE_YEARS_AGO}, False),
    "expired a day before that": (Kind.REREGISTRATION, {"valid_until": BEFORE}, True),
    "left the military three years ago": (Kind.MILITARY_TRANSFER, {"military_valid_until": THREE_YEARS_AGO}, False),
    "left it a day before that": (Kind.MILITARY_TRANSFER, {"military_valid_until": BEFORE}, True),
}


@pytest.mark.parametrize(("kind", "past", "wanted"), PASTS.values(), ids=PASTS)
async def test_a_draft_asks_for_the_training_exactly_where_filing_does(
    begin: Drafts, kind: Kind, past: dict[str, Any], wanted: bool
) -> None:
    military = kind is Kind.MILITARY_TRANSFER
    form: Any = replace(FORMS[kind], **past) if military else FORMS[kind]  # type: ignore[arg-type]
    application = await begin(kind, form)
    if not military:
        await on_record(application, "nurse" if kind is Kind.FIRST else "registration", **past)
    assert (TRAINING in await needed(application)) is wanted
    if wanted:
        assert codes_of(await application.refused(Step.SUBMIT)) - {"TRAINED", "WITHIN_THREE_YEARS"} == {
            "MATERIAL_MISSING"
        }
        form = replace(form, **TRAINED)
        assert codes_of(await application.refused(Step.SUBMIT, form=form)) == {"MATERIAL_MISSING"}
        await hand_in(application.world, application.id, application.move.nurse.account_id, TRAINING)
    await application.take(Step.SUBMIT, form=form)
    assert (TRAINING in await needed(application)) is wanted


async def test_the_same_training_is_asked_for_after_the_register_has_changed(begin: Drafts) -> None:
    application = await begin(Kind.REREGISTRATION, replace(FORMS[Kind.REREGISTRATION], **TRAINED))  # type: ignore[arg-type]
    await on_record(application, "registration", valid_until=BEFORE)
    await hand_in(application.world, application.id, application.move.nurse.account_id, TRAINING)
    await application.take(Step.SUBMIT)
    await on_record(application, "registration", status="VALID", valid_until=TODAY, deregistration_reason=None)
    assert TRAINING in await needed(application)


async def test_recovered_capacity_is_proven_where_its_loss_has_ended_the_registration(begin: Drafts) -> None:
    application = await begin(Kind.REREGISTRATION)
    assert RECOVERY not in await needed(application)
    await on_record(application, "registration", deregistration_reason="INCAPACITY")
    assert RECOVERY in await needed(application)
    assert codes_of(await application.refused(Step.SUBMIT)) == {"CAPACITY_RECOVERED", "MATERIAL_MISSING"}
    form = replace(FORMS[Kind.REREGISTRATION], recovery_judgment="（2025）京0102民特12号")  # type: ignore[call-arg]
    assert codes_of(await application.refused(Step.SUBMIT, form=form)) == {"MATERIAL_MISSING"}
    await hand_in(application.world, application.id, application.move.nurse.account_id, RECOVERY)
    await application.take(Step.SUBMIT, form=form)


async def test_a_draft_of_a_renewal_asks_for_what_is_asked_where_she_works_now(begin: Drafts) -> None:
    application = await begin(Kind.RENEWAL)
    there = await elsewhere(begin)
    await ask_for(begin.world, there.province, "LOCAL", kind="RENEWAL")
    assert await needed(application) == set()
    await on_record(application, "registration", institution_id=there.hospital, authority_id=there.district)
    assert await needed(application) == {"LOCAL"}
    assert codes_of(await application.refused(Step.SUBMIT)) == {"MATERIAL_MISSING"}


@dataclass
class Elsewhere:
    """A hospital of another province."""

    province: UUID
    district: UUID
    hospital: UUID


async def elsewhere(begin: Drafts) -> Elsewhere:
    """A hospital of another province."""
    province = await begin.world.authority(await begin.world.authority())
    district = await begin.world.authority(province)
    return Elsewhere(province, district, await begin.world.institution(district))


MOVED = replace(FORMS[Kind.CHANGE], department=Department.WARD)  # type: ignore[call-arg]


async def upload(application: OpenApplication, code: str, place: UUID | None = None) -> UUID:
    """Hand in a file."""
    wish = MaterialUpload(application.id, code, a_file(), place)
    return await workflow.upload(application.db, application.move.nurse.session, wish)


async def upload_refused(application: OpenApplication, code: str, place: UUID | None = None) -> RegistryError:
    """How handing in is refused; nothing is there afterwards that was not."""
    count = "select count(*) from material where application_id = $1"
    before = await application.world.owner.fetchval(count, application.id)
    with pytest.raises(RegistryError) as refusal:
        await upload(application, code, place)
    assert await application.world.owner.fetchval(count, application.id) == before
    return refusal.value


def paths(refusal: RegistryError) -> list[str]:
    """What the refusal is about."""
    assert isinstance(refusal, Invalid)
    return [one.path for one in refusal.problems]


async def test_what_was_returned_and_goes_to_another_province_is_judged_by_the_list_there(
    begin: Drafts, clock: Clock
) -> None:
    application, there = await (await begin(Kind.CHANGE)).reach(Step.SUBMIT, Step.RETURN), await elsewhere(begin)
    await ask_for(begin.world, application.move.province, "OLD", kind="CHANGE")
    await ask_for(begin.world, there.province, "LOCAL", kind="CHANGE")
    await ask_for(begin.world, there.province, "TOO_NEW", kind="CHANGE", valid_from=TODAY + timedelta(days=1))
    assert (await needed(application), await needed(application, there.hospital)) == ({"OLD"}, {"LOCAL"})
    clock.now = LATER + timedelta(days=2)
    refusal = await application.refused(Step.RESUBMIT, form=MOVED, institution_id=there.hospital)
    assert paths(refusal) == ["materials.LOCAL"]
    assert paths(await application.refused(Step.RESUBMIT, form=MOVED)) == ["materials.OLD"]
    assert isinstance(await upload_refused(application, "LOCAL"), NotAllowed)
    assert isinstance(await upload_refused(application, "OLD", there.hospital), NotAllowed)
    wrong = await upload(application, "LOCAL", there.hospital)
    await take(application.db, application.move.nurse.session, MaterialRemove(wrong))
    assert paths(await application.refused(Step.RESUBMIT, form=MOVED, institution_id=there.hospital)) == [
        "materials.LOCAL"
    ]
    await upload(application, "LOCAL", there.hospital)
    await application.take(Step.RESUBMIT, form=MOVED, institution_id=there.hospital)
    assert ((await application.row())["institution_id"], await needed(application)) == (there.hospital, {"LOCAL"})


async def test_a_marked_material_that_is_not_asked_for_there_is_not_waited_for(begin: Drafts, clock: Clock) -> None:
    application, there = await (await begin(Kind.CHANGE)).reach(Step.SUBMIT), await elsewhere(begin)
    await ask_for(begin.world, application.move.province, "OLD", kind="CHANGE")
    mark = MaterialMark("OLD", Reason.MATERIAL_MISSING)
    await application.take(Step.RETURN, reasons=(), marked_fields=(), marked_materials=(mark,))
    clock.now = LATER
    form = FORMS[Kind.CHANGE]
    assert codes_of(await application.refused(Step.RESUBMIT, form=form)) == {"MATERIAL_UNANSWERED"}
    await application.take(Step.RESUBMIT, form=form, institution_id=there.hospital)
    assert (await application.row())["institution_id"] == there.hospital


async def test_a_draft_is_filled_for_the_place_that_is_named_when_it_is_filed(begin: Drafts) -> None:
    application, there = await begin(Kind.CHANGE), await elsewhere(begin)
    await ask_for(begin.world, application.move.province, "OLD", kind="CHANGE")
    await ask_for(begin.world, there.province, "LOCAL", kind="CHANGE")
    refusal = await application.refused(Step.SUBMIT, institution_id=there.hospital)
    assert paths(refusal) == ["materials.LOCAL"]
    assert codes_of(await upload_refused(application, "LOCAL")) == {"MATERIAL_UNKNOWN"}
    closed = await begin.world.institution(there.district, state="SUSPENDED")
    assert codes_of(await upload_refused(application, "LOCAL", closed)) == {"TARGET_NOT_ACTIVE"}
    await upload(application, "LOCAL", there.hospital)
    await application.take(Step.SUBMIT, institution_id=there.hospital)


async def test_of_a_kind_that_moves_nobody_no_other_place_is_named(begin: Drafts) -> None:
    application, there = await begin(Kind.RENEWAL), await elsewhere(begin)
    await ask_for(begin.world, there.province, "LOCAL", kind="RENEWAL")
    assert codes_of(await upload_refused(application, "LOCAL", there.hospital)) == {"TARGET_NOT_ASKED"}
