"""Materials: handed in by the filer, complete before filing, their originals seen before taking in."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from db import material as materials
from db.blob import content_of
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited, RegistryError, Words, WrongState
from rules.form import form_to_json
from rules.kinds import Kind
from rules.marks import MaterialMark
from rules.material import MATERIALS_A_CODE, TRAINING, ChecklistItem
from rules.people import SYSTEM, Party, Role
from rules.reasons import Reason
from tests.support.kinds import forms
from tests.support.papers import PDF, a_file, ask_for, hand_in, picture
from tests.support.story import FILLED, NOW, Story
from tests.support.world import TODAY, Person, World
from workflow import decoding
from workflow import material as workflow
from workflow.intake import ApplicationAccept
from workflow.material import BY_NURSE, WINDOW, MaterialCheck, MaterialRemove, MaterialUpload
from workflow.opener import DRAWN, SCANS
from workflow.step import Underway, carry_out, take

pytestmark = pytest.mark.feature("N18")
CODE = "PROOF_OF_WORK"


async def there(story: Story) -> list[dict[str, Any]]:
    """The materials of the story's application, with those that were removed."""
    return await story.rows("select * from material where application_id = $1 order by id", story.id)


async def upload(story: Story, who: Person | None = None, **more: Any) -> UUID:
    """Hand in a file."""
    wish = replace(MaterialUpload(story.id, CODE, a_file()), **more)
    return await workflow.upload(story.db, (who or story.cast.nurse).session, wish)


async def remove(story: Story, key: UUID, who: Person | None = None, retry: str | None = None) -> UUID:
    """Take a file back."""
    return await take(story.db, (who or story.cast.nurse).session, MaterialRemove(key, idempotency_key=retry))


async def check(story: Story, who: Person, *codes: str) -> UUID:
    """Say that the originals were seen."""
    return await take(story.db, who.session, MaterialCheck(story.id, frozenset(codes)))


async def refused(story: Story, who: Person | None = None, **more: Any) -> RegistryError:
    """How handing in is refused; nothing has moved."""
    before = await story.everything(), await there(story)
    with pytest.raises(RegistryError) as refusal:
        await upload(story, who, **more)
    assert (await story.everything(), await there(story)) == before
    return refusal.value


async def listed(story: Story, code: str = CODE) -> ChecklistItem | None:
    """What the checklist says of one material."""
    async with story.db.read() as reader:
        (items,) = (await materials.checklists(reader, [story.id])).values()
    return next((item for item in items if item.code == code), None)


def codes(refusal: RegistryError) -> list[tuple[str, str]]:
    """Which field, and what is wrong with it."""
    assert isinstance(refusal, Invalid)
    return [(one.path, one.code) for one in refusal.problems]


async def test_a_nurse_hands_in_a_material_of_her_draft(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    before = await story.row()
    key = await upload(story, file=a_file(name="../工作证明.exe"))
    (kept,) = await there(story)
    assert kept == {
        "id": key,
        "application_id": story.id,
        "code": CODE,
        "file_name": "工作证明.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "blob_id": kept["blob_id"],
        "uploaded_by": story.cast.nurse.account_id,
        "uploaded_at": NOW,
        "removed_at": None,
    }
    blob = await world.row("blob", kept["blob_id"])
    assert (content_of(world.keyring, blob), blob["media_type"]) == (PDF, "application/pdf")
    moved = {
        "version": 2,
        "row_version": before["row_version"] + 1,
        "moved_by": story.cast.nurse.account_id,
        "moved_at": NOW,
    }
    assert await story.row() == {**before, **moved}
    assert await story.heard(Party.NURSE) == []
    (audited,) = await story.rows("select * from audit where nurse_id = $1", story.cast.nurse_id)
    assert (audited["action"], audited["account_id"]) == ("materialUpload", story.cast.nurse.account_id)


async def test_whoever_names_a_training_proves_it(story: Story, world: World) -> None:
    untrained = replace(forms(TODAY)[Kind.REREGISTRATION], trained_from=None)
    trained = replace(untrained, trained_from=TODAY)
    form = form_to_json(untrained)
    filed = "update application set kind = 'REREGISTRATION', form = $2 where id = $1"
    for first, needed in ((None, False), ("2026-01-01", True)):
        await world.owner.execute(filed, story.id, json.dumps({**form, "trainedFrom": first}))
        item = await listed(story, TRAINING)
        assert item is not None
        assert item.needed is needed
        async with story.db.begin() as tx:
            await tx.ask_time()
            for given, wanted in ((None, needed), (untrained, False), (trained, True)):
                items = await materials.checklist(tx, story.id, None, given)
                assert [one.needed for one in items if one.code == TRAINING] == [wanted]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_pictures_are_taken_where_they_can_be_opened(story: Story, world: World, kind: str) -> None:
    await ask_for(world, story.cast.nation, CODE)
    whole = picture(kind, (400, 600))
    await upload(story, file=a_file(whole))
    for broken in (whole[: len(whole) // 2], whole[:30]):
        assert codes(await refused(story, file=a_file(broken))) == [("file", "PICTURE_BROKEN")]


async def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(story: Story) -> None:
    large = picture("PNG", (7000, 6000))
    assert len(large) < 500_000
    assert codes(await refused(story, file=a_file(large))) == [("file", "PICTURE_TOO_LARGE")]


async def test_a_picture_that_is_drawn_again_and_again_is_refused_before_it_is_read(story: Story, world: World) -> None:
    whole = BytesIO()
    Image.new("RGB", (16, 16)).save(whole, "JPEG", progressive=True)
    content = whole.getvalue()
    scan = content[content.rindex(b"\xff\xda") : -2]

    def drawn(times: int) -> bytes:
        return content[:-2] + scan * (times - content.count(b"\xff\xda")) + content[-2:]

    assert (drawn(SCANS).count(b"\xff\xda"), drawn(SCANS + 1).count(b"\xff\xda")) == (200, 201)
    assert codes(await refused(story, file=a_file(drawn(SCANS + 1)))) == [("file", "PICTURE_TOO_LARGE")]
    # Its first scan is broken too, and nobody has come so far as to see that.
    torn = drawn(SCANS + 1).replace(b"\xff\xda", b"\xff\xda\x00\x01", 1)
    assert codes(await refused(story, file=a_file(torn))) == [("file", "PICTURE_TOO_LARGE")]
    fewer = drawn(SCANS).replace(b"\xff\xda", b"\xff\xda\x00\x01", 1)
    assert codes(await refused(story, file=a_file(fewer))) == [("file", "PICTURE_BROKEN")]
    await ask_for(world, story.cast.nation, CODE)
    await upload(story, file=a_file(drawn(SCANS)))


async def test_a_large_picture_may_be_drawn_less_often_than_a_small_one(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    whole = BytesIO()
    Image.new("L", (5000, 5000)).save(whole, "JPEG", progressive=True)
    content = whole.getvalue()
    times = DRAWN // (5000 * 5000)
    scan = content[content.rindex(b"\xff\xda") : -2]
    most = content[:-2] + scan * (times - content.count(b"\xff\xda")) + content[-2:]
    await upload(story, file=a_file(most))
    assert codes(await refused(story, file=a_file(most[:-2] + scan + most[-2:]))) == [("file", "PICTURE_TOO_LARGE")]


LOCKED = (
    b"/Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O <" + b"1f" * 32 + b"> /U <" + b"2e" * 32 + b">>> "
    b"/ID [<00> <00>] /Root"
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PDF.replace(b"/Root", LOCKED), "PDF_PASSWORD"),
        (PDF.replace(b"/Count 1", b"/Count 0").replace(b"3 0 R", b""), "PDF_BROKEN"),
        (b"%PDF-1.7\n%%EOF\n", "PDF_BROKEN"),
        (b"%PDF-1.7\n" + b"x" * 2000, "PDF_BROKEN"),
        (b"%PDF-1.7 %%EOF" + b"x" * 1024, "PDF_BROKEN"),
        (PDF[: len(PDF) // 2], "PDF_BROKEN"),
    ],
    ids=["a password", "no page", "nothing inside", "no end", "the end far before", "half of it"],
)
async def test_a_pdf_is_opened_before_it_is_taken(story: Story, content: bytes, code: str) -> None:
    assert codes(await refused(story, file=a_file(content))) == [("file", code)]


async def test_a_pdf_with_bytes_around_it_is_taken_as_it_is(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    content = b"\xef\xbb\xbf\r\n" + PDF + b"\0" * 3000
    await upload(story, file=a_file(content))
    (kept,) = await there(story)
    assert content_of(world.keyring, await world.row("blob", kept["blob_id"])) == content


def png() -> bytes:
    """A picture of some pixels."""
    content = BytesIO()
    Image.effect_noise((300, 300), 50).save(content, "PNG")
    return content.getvalue()


@pytest.mark.feature("N18")
@pytest.mark.parametrize("lost", [12, 200], ids=["its end", "pixels"])
async def test_a_picture_that_was_not_wholly_sent_is_told_to_be_broken(story: Story, lost: int) -> None:
    assert codes(await refused(story, file=a_file(png()[:-lost]))) == [("file", "PICTURE_BROKEN")]


@pytest.mark.feature("N18")
async def test_a_picture_whose_bits_have_changed_is_told_to_be_broken(story: Story) -> None:
    content = png()
    changed = content[:-30] + bytes([content[-30] ^ 1]) + content[-29:]
    assert codes(await refused(story, file=a_file(changed))) == [("file", "PICTURE_BROKEN")]


@pytest.mark.feature("N18")
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_the_smallest_of_pictures_is_opened(story: Story, world: World, kind: str) -> None:
    await ask_for(world, story.cast.nation, CODE)
    content = BytesIO()
    Image.new("RGB", (1, 1)).save(content, kind)
    await upload(story, file=a_file(content.getvalue()))


async def test_a_file_that_takes_too_long_to_open_is_let_go_of(
    story: Story, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "SECONDS", 0)
    assert codes(await refused(story, file=a_file())) == [("file", "FILE_TOO_SLOW")]
    monkeypatch.undo()
    await ask_for(world, story.cast.nation, CODE)
    await upload(story)


async def test_what_the_list_does_not_have_is_not_taken(story: Story) -> None:
    assert codes(await refused(story)) == [("code", "MATERIAL_UNKNOWN")]


async def test_so_many_files_of_one_material(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    for _ in range(MATERIALS_A_CODE):
        last = await upload(story)
    assert codes(await refused(story)) == [("file", "TOO_MANY_FILES")]
    await remove(story, last)
    await upload(story)


async def test_so_many_files_within_an_hour_whatever_becomes_of_them(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    for _ in range(BY_NURSE):
        assert codes(await refused(story, file=a_file(b"not a picture"))) == [("file", "FILE_TYPE")]
    assert type(await refused(story)) is RateLimited
    story.clock.now = NOW + WINDOW
    await upload(story)


async def test_the_same_request_hands_in_once(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    first = await upload(story, idempotency_key="again-and-again")
    assert await upload(story, idempotency_key="again-and-again") == first
    assert len(await there(story)) == 1
    assert (await story.row())["version"] == 2
    with pytest.raises(Conflict):
        await upload(story, idempotency_key="again-and-again", file=a_file(picture()))
    assert len(await there(story)) == 1


async def test_the_same_request_takes_back_once(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    key = await upload(story)
    taken = [await remove(story, key, retry="taken-back-1") for _ in range(2)]
    assert taken == [story.id, story.id]
    assert (await story.row())["version"] == 3


@pytest.mark.parametrize("state", [State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED, State.WITHDRAWN])
async def test_once_filed_nothing_is_handed_in_any_more(story: Story, world: World, state: State) -> None:
    await story.reach(state)
    await ask_for(world, story.cast.nation, CODE)
    assert isinstance(await refused(story), WrongState)
    assert isinstance(await refused(story, story.cast.operator), NotAllowed)


@pytest.mark.parametrize("state", [State.RETURNED, State.CORRECTION_REQUIRED])
async def test_materials_stay_closed_where_none_was_marked(story: Story, world: World, state: State) -> None:
    await ask_for(world, story.cast.nation, CODE, needed=False)
    await story.reach(state)
    refusal = await refused(story)
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == "MATERIALS_NOT_MARKED"


async def test_strangers_find_no_application(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    other = await story.beside()
    for who in (other.cast.nurse, story.cast.operator, story.cast.reviewer):
        assert isinstance(await refused(story, who), NotFound)


async def test_a_material_is_taken_back_once_and_only_by_her(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    key = await upload(story)
    other = await story.beside()
    story.clock.now = NOW + timedelta(minutes=1)
    before = await there(story)
    with pytest.raises(NotFound):
        await remove(story, key, other.cast.nurse)
    assert await there(story) == before
    assert await remove(story, key) == story.id
    (kept,) = await there(story)
    assert kept["removed_at"] == story.clock.now
    with pytest.raises(NotFound):
        await remove(story, key)
    assert (await story.row())["version"] == 3


async def test_of_eight_removals_one_succeeds(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    key = await upload(story)
    found = await asyncio.gather(*(remove(story, key) for _ in range(8)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == [*["NotFound"] * 7, "UUID"]
    assert (await story.row())["version"] == 3


async def test_nothing_is_filed_before_the_list_is_complete(story: Story, world: World) -> None:
    for code in ("PROOF_A", "PROOF_B"):
        await ask_for(world, story.cast.nation, code, paper=False)
    missing = [("materials.PROOF_A", "MATERIAL_MISSING"), ("materials.PROOF_B", "MATERIAL_MISSING")]
    assert codes(await story.refused(Step.SUBMIT)) == missing
    await upload(story, code="PROOF_A")
    assert codes(await story.refused(Step.SUBMIT)) == missing[1:]
    key = await upload(story, code="PROOF_B")
    await remove(story, key)
    assert codes(await story.refused(Step.SUBMIT)) == missing[1:]
    await upload(story, code="PROOF_B")
    await story.take(Step.SUBMIT)
    assert (await story.row())["state"] == State.INSTITUTION_REVIEW


async def test_the_list_is_that_of_the_day_of_filing(story: Story, world: World) -> None:
    await story.reach(State.CORRECTION_REQUIRED)
    tomorrow = NOW.date() + timedelta(days=1)
    await ask_for(world, story.cast.nation, CODE, valid_from=tomorrow)
    story.clock.now = NOW + timedelta(days=3)
    await story.take(Step.SUPPLEMENT)
    later = await story.beside()
    later.clock.now = NOW + timedelta(days=3)
    assert codes(await later.refused(Step.SUBMIT)) == [(f"materials.{CODE}", "MATERIAL_MISSING")]


async def test_what_was_marked_may_not_come_back_incomplete(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE, paper=False)
    key = await upload(story)
    await story.reach(State.AUTHORITY_INTAKE)
    marks = (MaterialMark(CODE, Reason.MATERIAL_ILLEGIBLE),)
    await story.take(Step.REQUIRE_CORRECTION, reasons=(), marked_fields=(), marked_materials=marks)
    await remove(story, key)
    story.clock.now = NOW + timedelta(minutes=1)
    answer = {"form": FILLED, "confirmed_fields": ()}
    assert codes(await story.refused(Step.SUPPLEMENT, **answer)) == [(f"materials.{CODE}", "MATERIAL_UNANSWERED")]
    await upload(story)
    await story.take(Step.SUPPLEMENT, **answer)


async def test_the_nearest_authoritys_word_counts(story: Story, world: World) -> None:
    code = "CERTIFICATE"
    shown = await listed(story, code)
    assert shown is not None
    assert (shown.title, shown.needed, shown.paper) == (Words("护士执业证书", "The certificate"), False, True)
    await ask_for(world, story.cast.nation, code, title_zh="省级", needed=True)
    assert (found := await listed(story, code)) is not None
    assert (found.title.zh, found.needed) == ("省级", True)
    await ask_for(world, story.cast.district, code, title_zh="区级", needed=False)
    assert (found := await listed(story, code)) is not None
    assert (found.title.zh, found.needed) == ("区级", False)
    elsewhere = await world.cast()
    await ask_for(world, elsewhere.nation, CODE)
    assert await listed(story) is None


async def test_a_needed_original_is_seen_before_taking_in(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    await hand_in(world, story.id, story.cast.nurse.account_id, CODE)
    await story.reach(State.AUTHORITY_INTAKE)
    assert codes(await story.refused(Step.ACCEPT)) == [(f"materials.{CODE}", "ORIGINALS_NOT_SEEN")]
    strange = await story.refused(Step.ACCEPT, originals_seen=frozenset({CODE, "X"}))
    assert codes(strange) == [("originalsSeen", "MATERIAL_UNKNOWN")]
    await story.take(Step.ACCEPT, originals_seen=frozenset({CODE}))
    assert (item := await listed(story)) is not None
    assert (item.uploaded, item.seen_at) == (True, NOW)


async def test_originals_are_ticked_one_by_one_and_who_saw_first_stays(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE)
    await hand_in(world, story.id, story.cast.nurse.account_id, CODE)
    await story.reach(State.AUTHORITY_INTAKE)
    colleague = await world.person(Party.AUTHORITY, story.cast.district, Role.REVIEWER)
    version = (await story.row())["version"]
    for person in (story.cast.reviewer, colleague):
        assert await check(story, person, CODE, "CERTIFICATE") == story.id
    seen = await story.rows("select code, seen_by from material_check where application_id = $1 order by 1", story.id)
    first = story.cast.reviewer.account_id
    assert seen == [{"code": "CERTIFICATE", "seen_by": first}, {"code": CODE, "seen_by": first}]
    assert (await story.row())["version"] == version + 2
    await story.take(Step.ACCEPT)


async def test_only_reviewers_of_that_authority_tick(story: Story, world: World) -> None:
    await ask_for(world, story.cast.nation, CODE, needed=False)
    await story.reach(State.AUTHORITY_INTAKE)
    elsewhere = await world.person(Party.AUTHORITY, story.cast.nation, Role.REVIEWER)
    before = await story.everything()
    refusals = {"decider": NotAllowed, "operator": NotAllowed, "nurse": NotAllowed}
    people = [(story.person(name), why) for name, why in refusals.items()]
    for person, why in [*people, (elsewhere, NotFound)]:
        with pytest.raises(why):
            await check(story, person, CODE)
    with pytest.raises(Invalid) as refusal:
        await check(story, story.cast.reviewer, "X")
    assert codes(refusal.value) == [("codes", "MATERIAL_UNKNOWN")]
    assert await story.everything() == before


@pytest.mark.feature("A4")
async def test_what_came_in_by_a_correction_is_agreed_to_only_once_its_original_was_seen(
    story: Story, world: World
) -> None:
    await ask_for(world, story.cast.nation, CODE)
    await hand_in(world, story.id, story.cast.nurse.account_id, CODE)
    await story.reach(State.CORRECTION_REQUIRED)
    await story.take(Step.SUPPLEMENT)
    unseen = [(f"materials.{CODE}", "ORIGINALS_NOT_SEEN")]
    assert codes(await story.refused(Step.RECOMMEND)) == unseen
    await story.take(Step.RECOMMEND, agrees=False, opinion="原件未核对。")
    assert codes(await story.refused(Step.APPROVE, opinion="同意。")) == unseen
    await check(story, story.cast.reviewer, CODE)
    await story.take(Step.APPROVE, opinion="已核对原件。")
    assert (await story.row())["state"] == State.APPROVED


async def test_silence_takes_in_whatever_has_been_seen(story: Story, world: World) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    await ask_for(world, story.cast.nation, CODE)
    assert codes(await story.refused(Step.ACCEPT)) == [(f"materials.{CODE}", "ORIGINALS_NOT_SEEN")]
    silent = ApplicationAccept(story.id, (await story.row())["version"])
    async with story.db.begin() as tx:
        await tx.ask_time()
        await carry_out(Underway(tx, SYSTEM, silent, story.id))
    assert (await story.row())["state"] == State.ACCEPTED
    assert codes(await story.refused(Step.RECOMMEND)) == [(f"materials.{CODE}", "ORIGINALS_NOT_SEEN")]
    await check(story, story.cast.reviewer, CODE)
    await story.take(Step.RECOMMEND)
