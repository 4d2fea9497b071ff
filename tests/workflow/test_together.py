"""All problems of an input are told in one answer, each at its path from the mutation's input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from rules.errors import Invalid
from rules.form import form_to_json
from rules.key_fact import KeyFacts
from rules.kinds import Kind
from tests.support.application_desk import Desk
from tests.support.input_paths import leads
from tests.support.institution_people import create, new_institution
from tests.support.key_facts import Place
from tests.support.kinds import forms, move
from tests.support.live import Live
from tests.support.manager_orders import as_it_is, order, replaced
from tests.support.staff import invitation, invite
from tests.support.world import TODAY, Cast, World
from workflow.key_fact import KeyFactRequest
from workflow.step import take


async def problems(refused: Any) -> dict[str, str]:
    """The codes of a refusal by their paths."""
    with pytest.raises(Invalid) as refusal:
        await refused
    return {one.path: one.code for one in refusal.value.problems}


WRONG_PERSON = {"responsible_name": "", "responsible_phone": "12345", "responsible_id_number": "110"}
LACKING = {
    "responsibleName": "FIELD_REQUIRED",
    "responsiblePhone": "PHONE_FORMAT",
    "responsibleIdNumber": "ID_NUMBER_FORMAT",
    "documentsSeen": "DOCUMENTS_MISSING",
}


@pytest.mark.feature("I1")
async def test_of_a_new_manager_everything_is_told_at_once_and_nothing_moves(
    services: Services, world: World, cast: Cast
) -> None:
    before = await as_it_is(world, cast.hospital)
    wrong = order(cast.hospital, **WRONG_PERSON, documents_seen=frozenset(), leaving=frozenset({cast.nurse_id}))
    found = await problems(replaced(services, cast.reviewer, wrong))
    assert found == {**LACKING, "leaving": "NO_MANAGER"}
    assert await as_it_is(world, cast.hospital) == before


@pytest.mark.feature("I1")
async def test_of_a_new_institution_everything_is_told_at_once(services: Services, cast: Cast) -> None:
    settings = {Kind.FIRST: cast.district, Kind.RENEWAL: cast.hospital}
    wrong = new_institution(
        code="1", name="a", division="x", **WRONG_PERSON, documents_seen=frozenset(), approval_settings=settings
    )
    assert await problems(create(services, cast.reviewer, wrong)) == {
        "code": "INSTITUTION_CODE_FORMAT",
        "name": "INSTITUTION_NAME",
        "division": "DIVISION",
        **LACKING,
        "approvalSettings.1.authority": "OFF_CHAIN",
    }


@pytest.mark.feature("I4")
async def test_of_a_colleague_to_be_everything_is_told_at_once(services: Services, cast: Cast) -> None:
    manager = cast.manager
    wrong = invitation(display_name="", user_name="1", phone="12345", id_number="110")
    assert await problems(invite(services, manager, wrong)) == {
        "displayName": "FIELD_REQUIRED",
        "userName": "USER_NAME_FORMAT",
        "phone": "PHONE_FORMAT",
        "idNumber": "ID_NUMBER_FORMAT",
    }


@pytest.mark.feature("A5")
async def test_of_a_correction_everything_is_told_at_once(services: Services, place: Place) -> None:
    wish = KeyFactRequest(None, KeyFacts("", "", None, "110"))
    found = await problems(take(services.db, place.cast.nurse.session, wish))
    assert found == {"evidence": "FIELD_REQUIRED", "name": "NAME_LENGTH", "idNumber": "ID_NUMBER_FORMAT"}


@pytest.mark.feature("N18")
async def test_of_a_first_registration_form_conditions_and_papers_are_told_at_once(live: Live, world: World) -> None:
    desk = Desk(live, Kind.FIRST, await move(world, Kind.FIRST, TODAY))
    await desk.begins()
    await world.owner.execute("update material set removed_at = now() where code = 'EDUCATION'")
    filled = {name: value for name, value in form_to_json(forms(TODAY)[Kind.FIRST]).items() if value is not None}
    filled |= {"healthExaminedOn": str(TODAY + timedelta(days=1)), "school": " ", "studyLength": "TWO_YEARS"}
    done = await desk.takes(desk.move.nurse, "applicationSubmit", form={"first": filled})
    assert [(one["path"], one["code"]) for one in done["fields"]] == [
        ("form.first.healthExaminedOn", "DATE_IN_FUTURE"),
        ("form.first.school", "FIELD_REQUIRED"),
        ("form", "COURSE"),
        ("materials.EDUCATION", "MATERIAL_MISSING"),
    ]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("form.renewal.healthExaminedOn", True),
        ("form", True),
        ("healthExaminedOn", False),
        ("form.renewal.salary", False),
        ("materials.EDUCATION", True),
        ("kind", False),
    ],
)
def test_a_path_leads_to_a_field_of_the_input_or_to_a_material(path: str, there: bool) -> None:
    assert leads("applicationSubmit", path) is there
