"""Every kind of application from its form to the register, as front ends take it there."""

from __future__ import annotations

from typing import Final

import pytest

from graph.schema.node import global_id
from rules.form import form_to_json
from rules.kinds import FORMS, Kind
from rules.moves import CLAIMED_KINDS
from tests.support.application_desk import Desk
from tests.support.kinds import forms, move
from tests.support.live import Live
from tests.support.world import TODAY, World

FORM: Final = "query($id: ID!) { application(id: $id) { form { __typename ... on %s { %s } } } }"


AFTER: Final = {
    Kind.FIRST: ("VALID", "FIRST"),
    Kind.RENEWAL: ("VALID", "RENEWAL"),
    Kind.CHANGE: ("EXPIRING", "CHANGE"),
    Kind.DEREGISTRATION: ("DEREGISTERED", "DEREGISTRATION"),
    Kind.REREGISTRATION: ("VALID", "REREGISTRATION"),
    Kind.MILITARY_TRANSFER: ("VALID", "MILITARY_TRANSFER"),
    Kind.REISSUE: ("EXPIRING", "REISSUE"),
}


@pytest.mark.feature("N16", "N18", "N20", "I17", "A4")
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_kind_from_its_form_to_the_register(live: Live, world: World, kind: Kind) -> None:
    desk = Desk(live, kind, await move(world, kind, TODAY))
    begun = await desk.begins()
    assert begun["__typename"] == "ApplicationCreateDraftPayload", begun
    assert (begun["application"]["kind"], begun["application"]["state"]) == (kind, "DRAFT")
    await desk.reaches_the_decision()
    form, cast = FORMS[kind], desk.reviewers()
    fields = list(form_to_json(forms(TODAY)[kind]))
    asked = FORM % (form.__name__, " ".join(fields))
    answer = await live.as_(cast.decider).ask(asked, id=desk.application["id"])
    assert answer["application"]["form"] == {"__typename": form.__name__, **form_to_json(forms(TODAY)[kind])}
    done = await desk.takes(cast.decider, "applicationApprove")
    assert done["application"]["state"] == "APPROVED", done
    registration = (await desk.register())["registration"]
    standing, last = AFTER[kind]
    assert (registration["standing"], registration["lastKind"]) == (standing, last)
    newest = registration["history"][0]
    assert newest["application"] == {"id": desk.application["id"]}
    assert newest["kind"] == last
    if kind in CLAIMED_KINDS:
        assert registration["institution"] == {"id": global_id("Institution", desk.move.target.hospital)}
        assert registration["authority"] == {"id": global_id("Authority", desk.move.target.district)}


REFUSALS: Final = {
    "applicationDecline": ("operator", "NOT_EMPLOYED_HERE", "INSTITUTION_REJECTED"),
    "applicationRefuseIntake": ("reviewer", "OUT_OF_COMPETENCE", "NOT_ACCEPTED"),
    "applicationReject": ("decider", "CONDITIONS_NOT_MET", "REJECTED"),
}
# A re-issue is reviewed by no institution.
REFUSED: Final = [
    (kind, mutation)
    for kind in Kind
    for mutation, (name, *_) in REFUSALS.items()
    if (kind, name) != (Kind.REISSUE, "operator")
]


@pytest.mark.feature("I17", "A4")
@pytest.mark.parametrize(("kind", "mutation"), REFUSED)
async def test_a_kind_that_is_refused_leaves_her_where_she_was(
    live: Live, world: World, kind: Kind, mutation: str
) -> None:
    name, reason, state = REFUSALS[mutation]
    desk = Desk(live, kind, await move(world, kind, TODAY))
    await desk.begins()
    before, cast = await desk.register(), desk.reviewers()
    if mutation == "applicationReject":
        await desk.reaches_the_decision()
    else:
        await desk.takes(desk.move.nurse, "applicationSubmit")
        if name == "reviewer" and kind is not Kind.REISSUE:
            await desk.takes(cast.operator, "applicationForward")
    done = await desk.takes(getattr(cast, name), mutation, reasons=[reason], opinion="经核实属实")
    assert done["application"]["state"] == state, done
    assert await desk.register() == before


@pytest.mark.feature("N16")
async def test_whom_she_leaves_reads_that_she_went_and_where_she_comes_to_that_she_came(
    live: Live, world: World
) -> None:
    desk = Desk(live, Kind.CHANGE, await move(world, Kind.CHANGE, TODAY))
    await desk.begins()
    await desk.reaches_the_decision()
    old, new = desk.move.cast, desk.move.target
    await desk.takes(new.decider, "applicationApprove")
    # Whoever she left may no longer read her record: by her numbers she is told apart from another 王护士.
    nurse, entry = await world.row("nurse", old.nurse_id), await world.row("registration", old.nurse_id, "nurse_id")
    gone = {
        "__typename": "RegistrationMovedOut",
        "type": "REGISTRATION_MOVED_OUT",
        "nurseName": "王护士",
        "certificateNumber": entry["certificate_number"],
        "idNumberMasked": nurse["id_number_masked"],
        "nurse": None,
    }
    # The 注册机关 that she left reads where to (通报, 条例 9); her old hospital does not.
    assert await desk.heard(old.operator) == [{**gone, "newInstitution": None, "newAuthority": None}]
    where = {"Institution": new.hospital, "Authority": new.district}
    places = {f"new{noun}": {"id": global_id(noun, key)} for noun, key in where.items()}
    assert await desk.heard(old.reviewer) == [{**gone, **places}]
    come = {"__typename": "RegistrationMovedIn", "type": "REGISTRATION_MOVED_IN", "nurseName": "王护士"}
    assert (await desk.heard(new.operator))[-1] == {**come, "nurse": {"name": "王护士"}}
    assert (await desk.heard(new.reviewer))[-1] == {**come, "nurse": {"name": "王护士"}}


@pytest.mark.feature("N16")
async def test_who_may_not_is_told_by_every_rule_that_fails_and_nothing_moves(live: Live, world: World) -> None:
    desk = Desk(live, Kind.REREGISTRATION, await move(world, Kind.CHANGE, TODAY))
    await desk.begins()
    before = await world.traces(desk.move.cast)
    refused = await desk.takes(desk.move.nurse, "applicationSubmit")
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("form", "ENDED_OR_EXPIRED")]
    assert await world.traces(desk.move.cast) == before


@pytest.mark.feature("N16")
async def test_she_names_no_institution_where_none_is_asked(live: Live, world: World) -> None:
    desk = Desk(live, Kind.REISSUE, await move(world, Kind.REISSUE, TODAY))
    await desk.begins()
    target = global_id("Institution", desk.move.target.hospital)
    refused = await desk.takes(desk.move.nurse, "applicationSubmit", institutionId=target)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("institutionId", "TARGET_NOT_ASKED")]
    strange = await desk.takes(
        desk.move.nurse, "applicationSubmit", institutionId=global_id("Nurse", desk.move.province)
    )
    assert strange["__typename"] == "NotFoundProblem"
