"""Marked materials: each by its code and for its reason, and answered by a file of that code and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from db.store.engine import Database
from rules.application import Step
from rules.errors import FieldProblem, Invalid, NotAllowed, RegistryError
from rules.kinds import Kind
from rules.marks import MaterialMark
from rules.material import TRAINING
from rules.reasons import HEALTH_REPORT, Reason
from tests.support.application_story import FORMS, TODAY, Drafts, OpenApplication
from tests.support.papers import a_file
from tests.support.story import NOW, Clock, codes_of
from tests.support.world import World
from workflow import material
from workflow.material import MaterialRemove, MaterialUpload
from workflow.step import take

pytestmark = pytest.mark.feature("A4", "N18")
FORM = "APPLICATION_FORM"
SEALED = MaterialMark(FORM, Reason.SEAL_MISSING, "缺单位盖章")
LATER = NOW + timedelta(hours=1)
RETURNED, CORRECTED = (Step.SUBMIT,), (Step.SUBMIT, Step.FORWARD)
ASKING = {Step.RETURN: (RETURNED, Step.RESUBMIT), Step.REQUIRE_CORRECTION: (CORRECTED, Step.SUPPLEMENT)}


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


async def asked(begin: Drafts, kind: Kind, step: Step, *marks: MaterialMark, **more: Any) -> OpenApplication:
    """An application of which materials were marked."""
    application = await (await begin(kind)).reach(*ASKING[step][0])
    given = {"reasons": (), "marked_fields": (), "opinion": None, **more}
    await application.take(step, marked_materials=marks, **given)
    return application


async def upload(application: OpenApplication, code: str) -> None:
    """She hands in a file."""
    await material.upload(
        application.db, application.move.nurse.session, MaterialUpload(application.id, code, a_file())
    )


def paths(refusal: RegistryError) -> list[tuple[str, str]]:
    """Which field, and what is wrong with it."""
    assert isinstance(refusal, Invalid), refusal
    return [(one.path, one.code) for one in refusal.problems]


def answer(kind: Kind, **more: Any) -> dict[str, Any]:
    """Her form as she has filed it."""
    return {"form": FORMS[kind], "confirmed_fields": (), **more}


EVERYWHERE = [(kind, step) for kind in Kind for step in ASKING if not (kind is Kind.REISSUE and step is Step.RETURN)]


@pytest.mark.parametrize(("kind", "step"), EVERYWHERE)
async def test_of_every_kind_a_marked_material_is_answered_by_its_file_alone(
    begin: Drafts, clock: Clock, kind: Kind, step: Step
) -> None:
    answers = ASKING[step][1]
    application = await asked(begin, kind, step, SEALED)
    clock.now = LATER
    for empty in (answer(kind), answer(kind, confirmed_fields=("materials",))):
        refusal = await application.refused(answers, **empty)
        assert (f"materials.{FORM}", "MATERIAL_UNANSWERED") in paths(refusal)
    assert "FIELD_NOT_MARKED" in codes_of(refusal)
    with pytest.raises(NotAllowed) as locked:
        await upload(application, "CERTIFICATE")
    assert locked.value.reason == "MATERIALS_NOT_MARKED"
    await upload(application, FORM)
    await application.take(answers, **answer(kind))
    row = await application.row()
    assert (row["revision"], row["marked_fields"]) == (2, [])
    assert row["state"] == ("INSTITUTION_REVIEW" if answers is Step.RESUBMIT else "ACCEPTED")


async def test_the_refusal_says_which_papers_are_missing_and_why(begin: Drafts, clock: Clock) -> None:
    marks = (SEALED, MaterialMark("CERTIFICATE", Reason.MATERIAL_ILLEGIBLE))
    application = await asked(begin, Kind.RENEWAL, Step.REQUIRE_CORRECTION, *marks)
    clock.now = LATER
    await upload(application, FORM)
    refusal = await application.refused(Step.SUPPLEMENT, **answer(Kind.RENEWAL))
    assert isinstance(refusal, Invalid)
    (problem,) = refusal.problems
    assert isinstance(problem, FieldProblem)
    assert problem.words.zh == "尚未重新上传材料“护士执业证书”（标注原因：申请材料不清晰）"
    assert problem.words.en == "Hand in the marked material again: The certificate (A material cannot be read)."


async def test_the_marks_are_kept_with_the_decision_and_every_reason_with_it(begin: Drafts) -> None:
    more = {"reasons": (Reason.TITLE_UNPROVEN,), "marked_fields": ("title",)}
    application = await asked(begin, Kind.RENEWAL, Step.RETURN, SEALED, **more)
    owner = application.world.owner
    (decision,) = await owner.fetch("select * from review_decision where application_id = $1", application.id)
    assert (decision["reasons"], decision["marked_fields"]) == (["TITLE_UNPROVEN", "SEAL_MISSING"], ["title"])
    (mark,) = await owner.fetch("select * from material_mark where application_id = $1", application.id)
    kept = {"code": FORM, "title_zh": "护士延续注册申请审核表", "reason": "SEAL_MISSING", "note": "缺单位盖章"}
    assert {name: mark[name] for name in kept} == kept
    assert mark["decision_id"] == decision["id"]


@pytest.mark.parametrize("step", list(ASKING))
async def test_a_material_that_the_list_does_not_have_is_not_asked_for(begin: Drafts, step: Step) -> None:
    application = await (await begin(Kind.CHANGE)).reach(*ASKING[step][0])
    marks = (MaterialMark(HEALTH_REPORT, Reason.HEALTH_PROOF_MISSING),)
    refusal = await application.refused(step, reasons=(), marked_fields=(), marked_materials=marks)
    assert paths(refusal) == [("reasons", "REASON_NOT_FOR_KIND"), ("markedMaterials", "MATERIAL_UNKNOWN")]


async def test_a_file_that_was_taken_back_answers_nothing(begin: Drafts, clock: Clock) -> None:
    application = await asked(begin, Kind.RENEWAL, Step.RETURN, SEALED)
    clock.now = LATER
    key = await material.upload(
        application.db, application.move.nurse.session, MaterialUpload(application.id, FORM, a_file())
    )
    await take(application.db, application.move.nurse.session, MaterialRemove(key))
    refusal = await application.refused(Step.RESUBMIT, **answer(Kind.RENEWAL))
    assert paths(refusal) == [(f"materials.{FORM}", "MATERIAL_UNANSWERED")]


async def test_each_request_wants_files_of_its_own(begin: Drafts, clock: Clock) -> None:
    application = await asked(begin, Kind.RENEWAL, Step.RETURN, SEALED)
    clock.now = LATER
    await upload(application, FORM)
    await application.take(Step.RESUBMIT, **answer(Kind.RENEWAL))
    clock.now = LATER + timedelta(hours=1)
    await application.take(Step.RETURN, reasons=(), marked_fields=(), marked_materials=(SEALED,))
    clock.now = LATER + timedelta(hours=2)
    refusal = await application.refused(Step.RESUBMIT, **answer(Kind.RENEWAL))
    assert paths(refusal) == [(f"materials.{FORM}", "MATERIAL_UNANSWERED")]
    await upload(application, FORM)
    await application.take(Step.RESUBMIT, **answer(Kind.RENEWAL))
    assert (await application.row())["revision"] == 3


async def test_with_a_marked_paper_the_fields_that_it_proves_may_change(begin: Drafts, clock: Clock) -> None:
    mark = MaterialMark(HEALTH_REPORT, Reason.HEALTH_PROOF_MISSING)
    application = await asked(begin, Kind.RENEWAL, Step.RETURN, mark)
    clock.now = LATER
    await upload(application, HEALTH_REPORT)
    examined = replace(FORMS[Kind.RENEWAL], health_examined_on=TODAY)  # type: ignore[call-arg]
    tomorrow = replace(examined, health_examined_on=TODAY + timedelta(days=1))  # type: ignore[call-arg]
    assert paths(await application.refused(Step.RESUBMIT, form=tomorrow)) == [
        ("form.renewal.healthExaminedOn", "DATE_IN_FUTURE")
    ]
    await application.take(Step.RESUBMIT, form=examined)
    assert (await application.row())["form"] != FORMS[Kind.RENEWAL]
    (_, revision) = await application.world.owner.fetch(
        "select changed_fields from application_revision where application_id = $1 order by revision", application.id
    )
    assert revision["changed_fields"] == ["healthExaminedOn"]


async def test_a_training_that_is_named_in_answer_to_a_mark_is_proven(begin: Drafts, clock: Clock) -> None:
    fields = ("trainingInstitution", "trainedFrom", "trainedUntil")
    more = {"reasons": (Reason.FIELD_INCOMPLETE,), "marked_fields": fields}
    application = await asked(begin, Kind.REREGISTRATION, Step.RETURN, **more)
    clock.now = LATER
    days = {"trained_from": date(2025, 5, 1), "trained_until": date(2025, 8, 31)}
    trained = replace(FORMS[Kind.REREGISTRATION], training_institution="示范医院", **days)  # type: ignore[call-arg,arg-type]
    refusal = await application.refused(Step.RESUBMIT, form=trained)
    assert paths(refusal) == [(f"materials.{TRAINING}", "MATERIAL_MISSING")]
    await upload(application, TRAINING)
    await application.take(Step.RESUBMIT, form=trained)
    assert (await application.row())["revision"] == 2


async def test_a_request_of_before_that_named_no_paper_is_answered_as_it_was_asked(begin: Drafts, clock: Clock) -> None:
    application = await (await begin(Kind.RENEWAL)).reach(*CORRECTED)
    more = {"reasons": (Reason.TITLE_UNPROVEN,), "marked_fields": ("title",)}
    await application.take(Step.REQUIRE_CORRECTION, **more)
    sql = "update application set marked_fields = '{materials}' where id = $1"
    await application.world.owner.execute(sql, application.id)
    clock.now = LATER
    await upload(application, FORM)
    assert paths(await application.refused(Step.SUPPLEMENT, **answer(Kind.RENEWAL))) == [
        ("materials", "FIELD_UNANSWERED")
    ]
    await application.take(Step.SUPPLEMENT, **answer(Kind.RENEWAL, confirmed_fields=("materials",)))
    assert (await application.row())["state"] == "ACCEPTED"
