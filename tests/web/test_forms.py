"""The official forms as PDF: what is on them, and who may print them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import get_args, get_type_hints

import pytest
from PIL import Image

from papers import paper
from papers.labels import LABELS, PAPERS
from papers.values import shown
from rules.application import State, Step
from rules.errors import NotFound
from rules.form import Form, field_names
from rules.kinds import FORMS, Kind
from rules.nurse import Department
from rules.other import PATHS
from rules.people import Party, Role
from tests.support.papers import a_blob
from tests.support.pdf import A4
from tests.support.printing_desk import Desk
from tests.support.story import FILLED
from tests.support.world import World

pytestmark = pytest.mark.feature("I18")

DATED = datetime(2025, 9, 26, tzinfo=UTC)


def filled(form: type[Form]) -> Form:
    """A form with something in every field."""
    hints = get_type_hints(form)
    values: dict[str, object] = {}
    for field in fields(form):
        kind = (get_args(hints[field.name]) or (hints[field.name],))[0]
        values[field.name] = date(2025, 3, 9) if kind is date else "说明" if kind is str else [*kind][-1]
    return form(**values)


async def test_nurse_prints_the_form_of_her_application_with_her_number_in_full(desk: Desk, number: str) -> None:
    await desk.story.reach(State.ACCEPTED)
    row = await desk.story.row()
    pdf = await desk.form()
    assert pdf.file.name == "护士延续注册申请审核表-王护士.pdf"
    assert pdf.file.media_type == "application/pdf"
    for text in (
        "护士延续注册申请审核表",
        "王护士",
        number,
        str(row["id"]),
        row["receipt_number"],
        "审批中",
        "2025年9月1日",
    ):
        assert text in pdf.text
    assert pdf.sizes == {A4}
    assert len(pdf.pages) == 1
    assert await desk.prints() == []


async def test_what_no_list_has_is_printed_with_its_words(desk: Desk, world: World) -> None:
    sql = "update nurse set education = 'OTHER', other_education = '护士学校肄业' where id = $1"
    await world.owner.execute(sql, desk.story.cast.nurse_id)
    form = replace(FILLED, department=Department.OTHER, other_department="体检中心")
    await desk.story.take(Step.SUBMIT, form=form)
    text = (await desk.form()).text.replace("\n", "")
    assert "其他：体检中心" in text
    assert "其它：护士学校肄业" in text
    assert "其他科室" not in text


async def test_whoever_acts_on_it_prints_the_number_and_is_written_down(desk: Desk, number: str) -> None:
    await desk.story.reach(State.ACCEPTED)
    for who in ("operator", "manager", "reviewer", "decider"):
        assert number in (await desk.form(who)).text
    by = [desk.story.person(who).account_id for who in ("operator", "manager", "reviewer", "decider")]
    printed = await desk.prints()
    assert [row["account_id"] for row in printed] == by
    assert {row["detail"] for row in printed} == {f'{{"application": "{desk.story.id}"}}'}


async def test_who_only_looks_on_prints_the_number_masked(desk: Desk, number: str) -> None:
    await desk.story.reach(State.INSTITUTION_REVIEW)
    pdf = await desk.form("viewer")
    assert (await desk.story.row())["id_number_masked"] in pdf.text
    assert number not in pdf.text
    assert await desk.prints() == []


async def test_strangers_print_nothing(desk: Desk, world: World) -> None:
    await desk.story.reach(State.APPROVED)
    elsewhere = await world.cast()
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    for stranger in (elsewhere.nurse, elsewhere.operator, elsewhere.decider, analyst):
        for make in (paper.application_form, paper.decision_letter):
            with pytest.raises(NotFound):
                await make(desk.services.db, stranger.actor, [desk.story.id])
    assert await desk.prints() == []


async def test_draft_is_marked_and_shows_to_nobody_else(desk: Desk) -> None:
    assert "草稿" in (await desk.form()).text
    with pytest.raises(NotFound):
        await desk.form("operator")


async def test_of_a_nurse_who_went_elsewhere_only_what_she_filed_is_printed(
    desk: Desk, world: World, number: str
) -> None:
    await world.owner.execute("update nurse set school = '协和' where id = $1", desk.story.cast.nurse_id)
    await desk.story.reach(State.INSTITUTION_REJECTED)
    assert "协和" in (await desk.form("operator")).text
    elsewhere = await world.institution(desk.story.cast.district)
    sql = "update registration set institution_id = $2 where nurse_id = $1"
    await world.owner.execute(sql, desk.story.cast.nurse_id, elsewhere)
    text = (await desk.form("operator")).text
    assert "急诊(科)室" in text
    assert "协和" not in text
    assert number not in text
    assert len(await desk.prints()) == 1


async def test_recommendation_is_on_the_authoritys_print_only(desk: Desk) -> None:
    await desk.story.reach(State.APPROVED)
    assert "符合条件" in (await desk.form("decider")).text
    for who in ("nurse", "operator"):
        assert "符合条件" not in (await desk.form(who)).text


async def test_objection_against_what_an_institution_filed_is_printed(desk: Desk, world: World) -> None:
    await desk.story.reach(State.AUTHORITY_INTAKE)
    await desk.file(Kind.DEREGISTRATION, filled(FORMS[Kind.DEREGISTRATION]))
    sql = "update application set filed_by = 'INSTITUTION', objection = '本人仍在岗' where id = $1"
    await world.owner.execute(sql, desk.story.id)
    text = (await desk.form("reviewer")).text
    for said in ("执业机构代为申请", "申请机构声明", "护士异议本人仍在岗", "异议答复—"):
        assert said in text
    assert "申请人（签名）" not in text


async def test_silence_of_the_institution_is_said_on_the_form(desk: Desk, world: World) -> None:
    await desk.story.reach(State.INSTITUTION_REVIEW)
    sql = "update application set escalated_at = now(), state = 'AUTHORITY_INTAKE', authority_id = $2 where id = $1"
    await world.owner.execute(sql, desk.story.id, desk.story.cast.district)
    assert "执业机构未确认，转注册机关办理。" in (await desk.form("reviewer")).text


async def test_that_nobody_else_could_confirm_it_is_said_on_the_form(desk: Desk, world: World) -> None:
    cast = desk.story.cast
    keys = [one.account_id for one in (cast.operator, cast.manager)]
    await world.owner.execute("update account set state = 'DISABLED' where id = any($1)", keys)
    await desk.story.take(Step.SUBMIT)
    assert "执业机构未确认（机构无其他人员可以办理），转注册机关办理。" in (await desk.form("reviewer")).text


async def test_photo_is_printed(desk: Desk, world: World) -> None:
    assert (await desk.form()).pictures == 0
    drawn = BytesIO()
    Image.linear_gradient("L").resize((354, 472)).save(drawn, "JPEG")
    content = drawn.getvalue()
    key = await a_blob(world, content, "image/jpeg")
    await world.owner.execute("update nurse set photo_id = $2 where id = $1", desk.story.cast.nurse_id, key)
    assert (await desk.form()).pictures == 1
    await desk.story.take(Step.SUBMIT)
    # Whoever sees no photos prints none.
    assert [(await desk.form(who)).pictures for who in ("nurse", "operator", "viewer")] == [1, 1, 0]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.feature("N18")
async def test_every_kind_has_its_form_with_every_field(desk: Desk, kind: Kind) -> None:
    form = filled(FORMS[kind])
    await desk.story.reach(State.INSTITUTION_REVIEW)
    await desk.file(kind, form)
    pdf = await desk.form()
    assert PAPERS[kind].form in pdf.text
    for name, value in zip(field_names(type(form)), vars(form).values(), strict=True):
        assert (LABELS[name] in pdf.text) is (name not in PATHS.values())
        assert (f"{shown(value)}：说明" if name in PATHS else shown(value)) in pdf.text
    assert len(pdf.pages) == 1


async def test_longest_values_go_on_overleaf_whole(desk: Desk) -> None:
    name, remarks = "阿卜杜热合曼·买买提吐尔逊", "长" * 250 + "\n" + "尾" * 249
    await desk.rename(name)
    await desk.story.reach(State.INSTITUTION_REVIEW)
    await desk.file(Kind.RENEWAL, replace(filled(FORMS[Kind.RENEWAL]), remarks=remarks))  # type: ignore[call-arg]
    await desk.story.take(Step.DECLINE, opinion="由" * 500)
    pdf = await desk.form()
    assert name in pdf.text
    assert (pdf.text.count("长"), pdf.text.count("尾"), pdf.text.count("由")) == (
        250,
        249,
        500 + pdf.text.count("理由"),
    )
    assert len(pdf.pages) == 2
    assert pdf.sizes == {A4}
