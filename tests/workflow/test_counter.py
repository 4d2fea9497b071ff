"""A nurse without an account comes to the counter of her authority."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from rules.application import State, Step
from rules.errors import Conflict, NotFound
from rules.form import Form
from rules.forms import ChangeForm, DeregistrationForm, ReissueCause, ReissueForm
from rules.marks import MaterialMark
from rules.nurse import Department, DeregistrationReason, HealthStatus
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.papers import ask_for, hand_in
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World, renewal
from workflow.counter import ApplicationFileAtCounter

LOST = ReissueForm(ReissueCause.LOST, "搬家时遗失")
MARKED: dict[str, Any] = {"reasons": (Reason.FIELD_INCOMPLETE,), "marked_fields": ("cause",)}
CHANGE = ChangeForm(Department.WARD, "搬家", HealthStatus.GOOD, TODAY)


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def file(acts: Acts, who: Person | None = None, form: Form | None = None, seen: bool = True, **more: Any) -> UUID:
    """File a renewal for her at the counter."""
    given = {"form": form or renewal(), "identity_seen": seen}
    return await acts.take(
        ApplicationFileAtCounter, who or acts.cast.reviewer, more.pop("key", None), **{**given, **more}
    )


async def test_what_is_filed_at_the_counter_is_received_at_once(acts: Acts, world: World) -> None:
    key = await file(acts, key="counter-1")
    assert await file(acts, key="counter-1") == key
    row = await world.row("application", key)
    expected = {"kind": "RENEWAL", "state": "AUTHORITY_INTAKE", "version": 1, "revision": 1, "filed_by": "AUTHORITY"}
    of = {"institution_id": acts.cast.hospital, "authority_id": acts.cast.district}
    assert {name: row[name] for name in (*expected, *of)} == {**expected, **of}
    assert row["forwarded_at"] == row["submitted_at"] is not None
    nurse = await world.row("nurse", acts.cast.nurse_id)
    for name, of in {"nurse_name": "name", "nurse_sex": "sex", "nurse_birth_date": "birth_date"}.items():
        assert row[name] == nurse[of]
    assert (row["document_type"], row["id_number_masked"]) == (nurse["document_type"], nurse["id_number_masked"])
    assert await acts.all_heard() == [["application.submitted"]] * 3
    assert await acts.audited() == ["applicationFileAtCounter"]


async def test_nothing_is_filed_for_whom_nobody_has_looked_at(acts: Acts) -> None:
    assert codes_of(await acts.refused(file(acts, seen=False))) == {"IDENTITY_NOT_SEEN"}


async def test_only_a_reviewer_where_she_is_registered_files(acts: Acts, world: World) -> None:
    far = await world.cast()
    for stranger in (far.reviewer, acts.cast.operator, acts.cast.nurse):
        assert type(await acts.refused(file(acts, stranger))) is NotFound
    assert reason_of(await acts.refused(file(acts, acts.cast.decider))) == "NOT_ALLOWED"
    herself = await world.person(Party.AUTHORITY, acts.cast.district, Role.REVIEWER, self_nurse=acts.cast.nurse_id)
    assert reason_of(await acts.refused(file(acts, herself))) == "ABOUT_YOURSELF"


async def test_where_she_moves_her_new_institution_is_named(acts: Acts, world: World) -> None:
    assert codes_of(await acts.refused(file(acts, form=CHANGE))) == {"FIELD_REQUIRED"}
    there = await world.institution(acts.cast.district)
    refusal = await acts.refused(file(acts, institution_id=there))
    assert codes_of(refusal) == {"TARGET_NOT_ASKED"}
    key = await file(acts, form=CHANGE, institution_id=there)
    assert (await world.row("application", key))["institution_id"] == there
    assert [heard[0] for heard in await acts.heard(there)] == ["application.submitted"]


async def test_where_she_goes_to_the_counter_there_files_for_her(acts: Acts, world: World) -> None:
    far = await world.cast()
    refusal = await acts.refused(file(acts, form=CHANGE, institution_id=far.hospital))
    assert codes_of(refusal) == {"TARGET_ELSEWHERE"}
    assert type(await acts.refused(file(acts, far.reviewer, CHANGE, institution_id=far.hospital))) is NotFound
    key = await file(acts, far.reviewer, CHANGE, institution_id=far.hospital, by_document=True)
    row = await world.row("application", key)
    assert (row["institution_id"], row["authority_id"]) == (far.hospital, far.district)
    above = await world.person(Party.AUTHORITY, acts.cast.nation, Role.REVIEWER)
    refusal = await acts.refused(file(acts, above, CHANGE, institution_id=acts.cast.hospital))
    assert type(refusal) is Conflict  # it is in her care, and one change is open already


async def test_a_form_that_breaks_the_rules_is_refused_as_ever(acts: Acts) -> None:
    lost = DeregistrationForm(DeregistrationReason.OTHER)
    assert codes_of(await acts.refused(file(acts, form=lost))) == {"FIELD_REQUIRED"}
    key = await file(acts, form=DeregistrationForm(DeregistrationReason.OTHER, "出国定居"))
    assert type(await acts.refused(file(acts))) is Conflict
    assert (await acts.rows("application"))[0]["id"] == key


async def test_a_reissue_at_the_counter_goes_to_no_institution(acts: Acts, world: World) -> None:
    key = await file(acts, form=LOST)
    assert (await world.row("application", key))["institution_id"] is None


async def test_what_was_filed_at_the_counter_is_hers_to_withdraw(acts: Acts, world: World) -> None:
    key = await file(acts, form=DeregistrationForm(DeregistrationReason.OTHER, "出国定居"))
    withdrawal = order_of(acts.cast.nurse.session, Step.WITHDRAW, key, 1)
    objection = order_of(acts.cast.nurse.session, Step.OBJECT, key, 1, text="不")
    for order in (order_of(acts.cast.operator.session, Step.WITHDRAW, key, 1), objection):
        refusal = await acts.refused(take_order(acts.db, order))
        assert reason_of(refusal) in {"NOT_YOUR_FILING", "NOT_OPEN_TO_OBJECTION"}
    await take_order(acts.db, withdrawal)
    assert (await world.row("application", key))["state"] == "WITHDRAWN"


async def take(acts: Acts, key: UUID, step: Step, who: Person, **more: Any) -> UUID:
    """Take a step on what was filed."""
    version = (await acts.world.row("application", key))["version"]
    return await take_order(acts.db, order_of(who.session, step, key, version, **more))


async def test_what_was_filed_at_the_counter_its_reviewer_supplements(acts: Acts, world: World) -> None:
    """Whoever has neither an account nor an institution brings it to the counter: nobody else could."""
    cast, answer = acts.cast, {"form": LOST, "confirmed_fields": ("cause",)}
    key = await file(acts, form=LOST)
    await take(acts, key, Step.REQUIRE_CORRECTION, cast.reviewer, **MARKED)
    herself = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, self_nurse=cast.nurse_id)
    for who, why in ((cast.decider, "NOT_ALLOWED"), (herself, "ABOUT_YOURSELF")):
        assert reason_of(await acts.refused(take(acts, key, Step.SUPPLEMENT, who, **answer))) == why
    far = await world.cast()
    assert type(await acts.refused(take(acts, key, Step.SUPPLEMENT, far.reviewer, **answer))) is NotFound
    await take(acts, key, Step.SUPPLEMENT, cast.reviewer, **answer)
    row = await world.row("application", key)
    assert (row["state"], row["revision"], row["marked_fields"]) == ("ACCEPTED", 2, [])
    by = "select account_id from application_revision where application_id = $1 and revision = 2"
    assert await world.owner.fetchval(by, key) == cast.reviewer.account_id
    assert await acts.heard(cast.nurse_id) == [
        ("application.submitted", "AUTHORITY"),
        ("application.correction_required", "AUTHORITY"),
        ("application.supplemented", "AUTHORITY"),
    ]


async def test_what_the_nurse_filed_no_reviewer_supplements(acts: Acts, world: World) -> None:
    key = await put(world, acts.cast, State.CORRECTION_REQUIRED, marked_fields=["title"])
    answer = {"form": renewal(), "confirmed_fields": ("title",)}
    refusal = await acts.refused(take(acts, key, Step.SUPPLEMENT, acts.cast.reviewer, **answer))
    assert reason_of(refusal) == "NOT_YOUR_FILING"


@pytest.mark.feature("N18")
async def test_what_came_without_a_copy_is_seen_before_taking_in(acts: Acts, world: World) -> None:
    await ask_for(world, acts.cast.district, "CONSENT", paper=False)
    key, reviewer = await file(acts), acts.cast.reviewer
    refusal = await acts.refused(take(acts, key, Step.ACCEPT, reviewer))
    assert codes_of(refusal) == {"ORIGINALS_NOT_SEEN"}
    await take(acts, key, Step.ACCEPT, reviewer, originals_seen=frozenset({"CONSENT"}))
    assert (await world.row("application", key))["state"] == "ACCEPTED"


@pytest.mark.feature("N18")
async def test_what_came_with_a_copy_is_taken_in_as_it_is(acts: Acts, world: World) -> None:
    await ask_for(world, acts.cast.district, "CONSENT", paper=False)
    key, reviewer = await file(acts), acts.cast.reviewer
    await hand_in(world, key, reviewer.account_id, "CONSENT")
    await take(acts, key, Step.ACCEPT, reviewer)
    assert (await world.row("application", key))["state"] == "ACCEPTED"


@pytest.mark.feature("N18")
async def test_only_marked_materials_are_asked_for_again_of_what_came_without_a_copy(acts: Acts, world: World) -> None:
    await ask_for(world, acts.cast.district, "CONSENT", paper=False)
    reviewer, answer = acts.cast.reviewer, {"form": renewal()}
    key, marks = await file(acts), (MaterialMark("CONSENT", Reason.MATERIAL_MISSING),)
    await take(acts, key, Step.REQUIRE_CORRECTION, reviewer, reasons=(), marked_materials=marks)
    refusal = await acts.refused(take(acts, key, Step.SUPPLEMENT, reviewer, **answer))
    assert codes_of(refusal) == {"MATERIAL_UNANSWERED"}
    await hand_in(world, key, reviewer.account_id, "CONSENT")
    await take(acts, key, Step.SUPPLEMENT, reviewer, **answer)
    other = Acts(acts.db, world, replace(await world.cast(), district=acts.cast.district, reviewer=reviewer))
    moved = "update registration set authority_id = $2 where nurse_id = $1"
    await world.owner.execute(moved, other.cast.nurse_id, acts.cast.district)
    second = await file(other)
    department = {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",)}
    await take(other, second, Step.REQUIRE_CORRECTION, reviewer, **department)
    assert await take(other, second, Step.SUPPLEMENT, reviewer, **answer, confirmed_fields=("department",)) == second


async def test_of_colleagues_who_file_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        colleague = await acts.officer(Role.REVIEWER)
        answers = await race(
            lambda acts=acts: file(acts),
            lambda acts=acts, colleague=colleague: file(acts, colleague),
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 7 + ["UUID"]
        assert len(await acts.rows("application")) == 1
        assert await acts.all_heard() == [["application.submitted"]] * 3
