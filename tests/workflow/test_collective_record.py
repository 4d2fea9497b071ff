"""What a collective filing (集体申请) makes of the record: left out is as on record, a difference must be meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.nurse import Department, Title
from tests.support.collective_group import Group
from tests.support.world import TODAY, Cast, World, renewal

pytestmark = pytest.mark.feature("I16")
LEFT_OUT: dict[str, Any] = {"department": None, "title": None}
EXAMINED = TODAY - timedelta(days=5)


@pytest.fixture
def group(services: Services, world: World, cast: Cast) -> Group:
    """The hospital of this test; its one nurse is in every filing."""
    return Group(services.db, world, cast)


async def on_record(group: Group, **values: str) -> UUID:
    """One more nurse, with these values on record."""
    (key,) = await group.nurses(1)
    for name, value in values.items():
        await group.world.owner.execute(f"update nurse set {name} = $2 where id = $1", key, value)
    return key


async def filed_forms(group: Group, key: UUID) -> dict[UUID, dict[str, Any]]:
    """The forms that were filed, by nurse."""
    return {one["nurse_id"]: orjson.loads(one["form"]) for one in await group.applications(key)}


async def test_a_title_and_department_left_out_are_filed_as_on_record(group: Group) -> None:
    senior = await on_record(group, title="SUPERVISOR_NURSE", department="RESPIRATORY")
    checked = await group.check(10, form=renewal(**LEFT_OUT), changes_record=False)
    assert [(one.problems, one.changes) for _, one in checked.found] == [(None, ())] * 2
    forms = await filed_forms(group, await group.filed(form=renewal(**LEFT_OUT), changes_record=False))
    filed = {nurse: (form["title"], form["department"]) for nurse, form in forms.items()}
    assert filed == {group.cast.nurse_id: ("NURSE", "WARD"), senior: ("SUPERVISOR_NURSE", "RESPIRATORY")}


async def test_a_title_that_differs_from_the_record_is_shown_and_refused(group: Group) -> None:
    senior = await on_record(group, title="SUPERVISOR_NURSE")
    form = renewal(department=Department.WARD, title=Title.NURSE)
    found = {one.nurse_id: one for _, one in (await group.check(10, form=form, changes_record=False)).found}
    (change,) = found[senior].changes
    assert (change.path, change.recorded, change.wanted) == (
        "title",
        ("主管护师", "SUPERVISOR_NURSE"),
        ("护士", "NURSE"),
    )
    (problem,) = found[senior].problems or []
    assert (problem["path"], problem["code"]) == ("title", "RECORD_DIFFERS")
    assert str(problem["zh"]).startswith("技术职称在册为“主管护师”，统一填报为“护士”")
    assert (found[group.cast.nurse_id].problems, found[group.cast.nurse_id].changes) == (None, ())
    key = await group.filed(form=form, changes_record=False)
    codes = dict(zip([row["nurse_id"] for row in await group.items(key)], await group.codes(key), strict=True))
    assert codes == {senior: ["RECORD_DIFFERS"], group.cast.nurse_id: None}
    assert await group.world.owner.fetchval("select title from nurse where id = $1", senior) == "SUPERVISOR_NURSE"
    assert await group.world.owner.fetchval("select count(*) from application where nurse_id = $1", senior) == 0


async def test_health_for_all_replaces_no_illness_on_record_by_the_way(group: Group) -> None:
    ill = await on_record(group, health_status="CHRONIC_ILLNESS")
    found = {
        one.nurse_id: one for _, one in (await group.check(10, form=renewal(**LEFT_OUT), changes_record=False)).found
    }
    assert [one["path"] for one in found[ill].problems or []] == ["healthStatus"]


async def test_a_difference_that_is_meant_is_shown_and_filed(group: Group) -> None:
    senior = await on_record(group, title="SUPERVISOR_NURSE")
    form = renewal(department=Department.WARD, title=Title.NURSE)
    found = {one.nurse_id: one for _, one in (await group.check(10, form=form, changes_record=True)).found}
    assert (found[senior].problems, [one.path for one in found[senior].changes]) == (None, ["title"])
    forms = await filed_forms(group, await group.filed(form=form, changes_record=True))
    assert {form["title"] for form in forms.values()} == {"NURSE"}


async def test_what_her_own_row_of_a_list_says_is_meant(group: Group) -> None:
    _, name, number = await group.known()
    csv = f"idNumber,name,title,healthStatus,healthExaminedOn\n{number},{name},主管护师,健康,{EXAMINED}".encode()
    checked = await group.check(10, csv=csv, form=None, changes_record=False)
    assert [(one.problems, [change.path for change in one.changes]) for _, one in checked.found] == [(None, ["title"])]
    (form,) = (await filed_forms(group, await group.filed(csv=csv, form=None, changes_record=False))).values()
    assert (form["title"], form["department"]) == ("SUPERVISOR_NURSE", "WARD")


async def test_of_a_list_the_form_for_all_is_meant_for_nobody(group: Group) -> None:
    _, name, number = await group.known()
    csv = f"idNumber,name\n{number},{name}".encode()
    checked = await group.check(10, csv=csv, form=renewal(title=Title.CHIEF_NURSE), changes_record=False)
    assert [one["code"] for one in checked.found[0][1].problems or []] == ["RECORD_DIFFERS"] * 2


async def test_a_record_without_title_has_to_be_filled_in(group: Group) -> None:
    await group.world.owner.execute("update nurse set title = null where id = $1", group.cast.nurse_id)
    (item,) = (await group.check(10, form=renewal(**LEFT_OUT), changes_record=False)).found
    assert [(one["path"], one["code"]) for one in item[1].problems or []] == [("title", "FIELD_REQUIRED")]
    assert (await group.check(10, form=renewal(**{**LEFT_OUT, "title": Title.NURSE}), changes_record=False)).found[0][
        1
    ].problems is None
