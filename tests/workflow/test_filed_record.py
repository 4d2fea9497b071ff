"""The official form shows the register and the record of the day on which the application was filed, not of today."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from db.store.engine import Database
from papers import paper
from rules.application import State, Step
from rules.forms import DeregistrationForm
from rules.key_fact import KeyFacts
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from tests.support.application_story import TO_DECISION, Drafts, OpenApplication
from tests.support.filed_applications import put
from tests.support.key_facts import EVIDENCE, Place, new_number, place
from tests.support.papers import a_blob
from tests.support.pdf import Pdf
from tests.support.story import NOW, Clock
from tests.support.world import Person, World
from workflow.deregistration import ApplicationFileDeregistration
from workflow.key_fact import KeyFactApprove, KeyFactRequest
from workflow.step import take

pytestmark = pytest.mark.feature("I18")
__all__ = ["place"]

LATER = timedelta(days=40)


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


async def form(of: OpenApplication, who: Person | None = None) -> str:
    """The form, as the nurse prints it."""
    return Pdf(await paper.application_form(of.db, (who or of.move.nurse).actor, [of.id])).text


async def name(world: World, hospital: object) -> str:
    """The name of an institution."""
    found: str = await world.owner.fetchval("select name from institution where id = $1", hospital)
    return found


async def test_a_granted_change_still_shows_the_hospital_that_she_wanted_to_leave(begin: Drafts) -> None:
    change = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
    before = await form(change)
    await change.take(Step.APPROVE)
    old, new = [await name(begin.world, one.hospital) for one in (change.move.cast, change.move.target)]
    after = await form(change, change.move.target.decider)
    for text in (before, after, await form(change)):
        assert f"现执业机构{old}" in text
        assert f"拟执业机构{new}" in text
        assert "有效期至2025年11月25日" in text
    assert (await change.entry())["institution_id"] == change.move.target.hospital


async def test_a_granted_renewal_still_shows_the_day_on_which_the_registration_was_to_run_out(begin: Drafts) -> None:
    renewal = await (await begin(Kind.RENEWAL)).reach(*TO_DECISION, Step.APPROVE)
    assert str((await renewal.entry())["valid_until"]) == "2030-11-25"
    assert "有效期至2025年11月25日" in await form(renewal)


async def test_a_later_registration_changes_nothing_on_an_older_form(begin: Drafts) -> None:
    first = await (await begin(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    given = (await first.entry())["certificate_number"]
    assert given not in await form(first)
    assert "执业注册信息" not in await form(first)
    end = await (await begin(Kind.DEREGISTRATION, at=replace(first.move, cast=first.move.target))).reach(*TO_DECISION)
    await end.take(Step.APPROVE)
    again = await (await begin(Kind.REREGISTRATION, at=first.move)).reach(*TO_DECISION, Step.APPROVE)
    newest = (await again.entry())["certificate_number"]
    assert newest != given
    for one in (end, again):
        text = await form(one)
        assert f"执业证书编号{given}" in text
        assert newest not in text
    assert f"现执业机构{await name(begin.world, first.move.target.hospital)}" in await form(end)
    assert "现执业机构—" in await form(again)
    assert "执业注册信息" not in await form(first)


async def test_her_record_and_photo_are_those_of_the_day_and_a_draft_shows_todays(begin: Drafts) -> None:
    renewal = await begin(Kind.RENEWAL)
    world, nurse_id = begin.world, renewal.move.cast.nurse_id
    columns = "ethnicity = $2, school = $3, education = $4, exam_certificate_number = $5"
    record = f"update nurse set {columns} where id = $1"
    await world.owner.execute(record, nurse_id, "回族", "协和护校", "BACHELOR", f"A{nurse_id.hex}")
    drawn = BytesIO()
    Image.linear_gradient("L").resize((354, 472)).save(drawn, "JPEG")
    photo = await a_blob(world, drawn.getvalue(), "image/jpeg")
    await world.owner.execute("update nurse set photo_id = $2 where id = $1", nurse_id, photo)
    shown = ("民族回族", "毕业学校协和护校", "学历大学本科", f"考试合格证编码A{nurse_id.hex}")
    draft = await form(renewal)
    assert all(one in draft for one in shown), draft
    await renewal.take(Step.SUBMIT)
    await world.owner.execute(record, nurse_id, "满族", "另一护校", "MASTER", f"B{nurse_id.hex}")
    await world.owner.execute("update nurse set photo_id = null where id = $1", nurse_id)
    text = await form(renewal)
    assert all(one in text for one in shown), text
    assert "打印时" not in text
    pdf = Pdf(await paper.application_form(renewal.db, renewal.move.nurse.actor, [renewal.id]))
    assert pdf.pictures == 1


async def test_names_of_places_are_those_of_the_day(begin: Drafts) -> None:
    change = await (await begin(Kind.CHANGE)).reach(Step.SUBMIT)
    names = [await name(begin.world, one.hospital) for one in (change.move.cast, change.move.target)]
    for one in (change.move.cast, change.move.target):
        await begin.world.owner.execute("update institution set name = name || '新' where id = $1", one.hospital)
    text = await form(change)
    assert f"现执业机构{names[0]}注册机关" in text
    assert f"拟执业机构{names[1]}申请人声明" in text


async def test_what_was_filed_for_her_keeps_its_day_too(timed: Database, world: World, clock: Clock) -> None:
    cast = await world.cast()
    filled = DeregistrationForm(DeregistrationReason.OTHER, "离岗")
    key = await take(timed, cast.operator.session, ApplicationFileDeregistration(cast.nurse_id, filled))
    before = Pdf(await paper.application_form(timed, cast.nurse.actor, [key])).text
    await world.owner.execute("update registration set institution_id = null where nurse_id = $1", cast.nurse_id)
    after = Pdf(await paper.application_form(timed, cast.nurse.actor, [key])).text
    assert f"现执业机构{await name(world, cast.hospital)}" in before
    assert after == before


async def old(world: World, of: OpenApplication) -> None:
    """The application as an earlier release has left it."""
    sql = "update application_revision set on_record = null where application_id = $1"
    await world.owner.execute(sql, of.id)


async def stage(world: World, of: OpenApplication, **more: Any) -> None:
    """A row of her history from before she filed."""
    here = {"institution_id": of.move.cast.hospital, "authority_id": of.move.cast.district, "status": "VALID"}
    entry = {"nurse_id": of.move.cast.nurse_id, "kind": "RENEWAL", "at": NOW - LATER, **here, **more}
    await world.insert("registration_history", **entry)


async def test_of_an_application_of_an_earlier_release_the_history_tells_how_the_entry_stood(begin: Drafts) -> None:
    change = await begin(Kind.CHANGE)
    number = (await change.entry())["certificate_number"]
    await stage(begin.world, change, certificate_number=number, valid_until=NOW.date() + timedelta(days=60))
    await change.reach(*TO_DECISION, Step.APPROVE)
    await old(begin.world, change)
    text = await form(change)
    assert f"现执业机构{await name(begin.world, change.move.cast.hospital)}" in text
    for one in (f"执业证书编号{number}", "首次注册日期2016年1月1日", "有效期至2025年11月25日"):
        assert one in text
    assert "教育与考试信息（申请时未留存，为打印时在册信息）" in text


async def test_what_no_history_tells_is_left_open_and_what_has_not_changed_is_shown(begin: Drafts) -> None:
    change = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
    await old(begin.world, change)
    assert f"现执业机构{await name(begin.world, change.move.cast.hospital)}" in await form(change)
    number = (await change.entry())["certificate_number"]
    await change.take(Step.APPROVE)
    text = await form(change)
    assert f"执业证书编号{number}" in text
    assert "有效期至—" in text
    assert "现执业机构—" in text


async def test_an_old_first_registration_shows_no_entry_that_came_of_it(begin: Drafts) -> None:
    first = await (await begin(Kind.FIRST)).reach(*TO_DECISION, Step.APPROVE)
    await old(begin.world, first)
    assert "执业注册信息" not in await form(first)


async def correct(db: Database, place: Place, number: str) -> None:
    """The province corrects her number."""
    asked = KeyFactRequest(None, KeyFacts(EVIDENCE, None, None, number))
    key = await take(db, place.cast.nurse.session, asked)
    await take(db, place.admin.session, KeyFactApprove(key, None, number, True))


async def test_an_ended_application_does_not_show_the_number_that_was_corrected_since(
    timed: Database, world: World, clock: Clock, place: Place
) -> None:
    filled = {"form": json.dumps({"cause": "LOST", "statement": "遗失"}), "kind": Kind.REISSUE}
    masked = (await world.row("nurse", place.cast.nurse_id))["id_number_masked"]
    given = {"id_number_masked": masked, "moved_at": NOW - LATER, **filled}
    kind = given.pop("kind")
    ended = await put(world, place.cast, State.REJECTED, kind, decided_at=NOW - LATER, **given)
    running = await put(world, place.cast, State.ACCEPTED, kind, **given)
    number = new_number()
    await correct(timed, place, number)

    async def printed(key: Any) -> str:
        return Pdf(await paper.application_form(timed, place.cast.nurse.actor, [key])).text

    assert number in await printed(running)
    text = await printed(ended)
    assert number not in text
    assert f"证件号码{masked}" in text


async def test_a_number_whose_mask_is_the_same_is_no_longer_shown_in_full_either(
    timed: Database, world: World, clock: Clock, place: Place
) -> None:
    number = new_number()
    mask = f"110***********{number[-2:]}"
    await world.owner.execute("update nurse set id_number_masked = $2 where id = $1", place.cast.nurse_id, mask)
    filled = {"form": json.dumps({"cause": "LOST", "statement": "遗失"}), "id_number_masked": mask}
    times = {"decided_at": NOW - LATER, "moved_at": NOW - LATER}
    ended = await put(world, place.cast, State.REJECTED, Kind.REISSUE, **filled, **times)
    await correct(timed, place, number)
    text = Pdf(await paper.application_form(timed, place.cast.nurse.actor, [ended])).text
    assert number not in text
    assert f"证件号码{mask}" in text
