"""All that the register holds about a nurse, as she gets it: to read and for programs, and for near relatives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any, Final

import httpx
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import Column
from uuid_utils.compat import uuid7

from db import audit
from db import recovery as recoveries
from db.blob import sealed as sealed_file
from db.own_record import SOURCES
from db.read.shape import snake
from db.recovery import Whose
from db.store.engine import Database
from db.store.keys import Keyring, Sealed
from db.store.tables import metadata
from papers import own_record as papers
from papers.fact_words import in_words
from papers.values import NOTHING
from rules.application import State, Step
from rules.casing import camel_case
from rules.errors import Invalid, NotAllowed, NotFound, RateLimited, RegistryError
from rules.events import EVENTS
from rules.look_up import Look, LookUpPurpose
from rules.own_record import HERS_ALONE, MOST, PARTS, PRINTED, Part
from rules.people import Party, Role
from rules.relative import Relation, RelativeClaim
from rules.ticket import FileKind, RecordFile
from tests.support.authority_stage import PASSWORD
from tests.support.live import Live
from tests.support.own_rights import QUICK, WRONG, reachable
from tests.support.pdf import A4, Pdf
from tests.support.story import NOW, Clock, Story, open_story, reason_of
from tests.support.units import belong, put_unit
from tests.support.until import LONG_ENOUGH
from tests.support.world import Cast, World
from web.download import MAKERS
from workflow import own_record as workflow
from workflow import ticket as tickets

pytestmark = pytest.mark.feature("N11")

NOT_HERS: Final = {
    **dict.fromkeys(("approval_setting", "authority", "calendar_day", "certificate_counter", "deputyship"), "offices"),
    **dict.fromkeys(("institution", "institution_document", "law_setting", "material_requirement"), "offices"),
    **dict.fromkeys(("receipt_counter", "work_handover", "privacy_notice"), "offices"),
    **dict.fromkeys(("captcha", "feed_epoch", "feed_scope", "keyring_check", "alembic_version"), "machinery"),
    "signing_key": "machinery: public keys",
    **dict.fromkeys(("attempt", "idempotency", "ticket"), "machinery: of no person by name, gone within days"),
    **dict.fromkeys(("contact_code", "help_code"), "machinery: a code that is gone within days"),
    **dict.fromkeys(("faq", "faq_version", "manual", "announcement", "announcement_version"), "texts for everybody"),
    "investigation": "an authority's; each look under it is told after its day",
    "outbox": "messages: of a recipient that is sealed, gone within thirty days",
    "blob": "the files themselves: the photo is shown, materials are downloaded by themselves",
    "collective_filing": "an institution's; her part of it is in collective_item",
    "record_merge_row": "which rows were moved by a merge",
    "roster_check_row": "what an institution's own list says; that she was compared is in roster_check",
    "unit": "an institution's; the name of hers is in registration",
}
"""The tables that hold nothing about a nurse of which she is not told elsewhere, with the reason."""
MACHINERY: Final = frozenset({"row_version", "version", "nurse_id", "account_id", "scope", "seq"})
LEFT: Final[dict[str, set[str]]] = {
    "record": {"merged_into", "name_order", "photo_id"},
    "history": {"application_id"},
    "spans": {"to_institution_id"},
    "certificates": {"application_id", "token"},
    "blanks": {"authority_id", "certificate_id", "proxy_document_last4", "received_at"},
    "applications": {
        *("blocked_by_id", "claimed", "collective_filing_id", "corrections", "due_counted_at", "held_until"),
        *("moved_at", "objected", "on_hold", "passed_up_from_id", "queued_at", "told_due_on", "told_promised_due_on"),
        *("recommended_against", "recommended_version"),
    },
    "materials": {"blob_id"},
    "materialMarks": {"code", "decision_id", "title_en"},
    "collectiveItems": {"collective_filing_id", "line", "meant", "place"},
    "informationChanges": {"proof_id", "queued_at"},
    "photos": {"blob_id", "erased_index"},
    "requests": {"merged_id"},
    "merges": {"before", "documents_swapped", "kept_id", "merged_id"},
    "accounts": {
        *("authority_id", "institution_id", "self_nurse_id", "party", "roles", "unit_ids", "weekly_summary"),
        *("certificate_tries", "invited_until", "must_set_password", "password_hash"),
    },
    "activationCodes": {"code_hash", "tries"},
    "codes": {"code_hash", "target_index", "tries"},
    "sessions": {"deputyship_id", "token_hash"},
    "relatives": {"case_note", "document_last4", "proof"},
    "reminders": {"subject"},
    "expiries": {"restores"},
    "events": {"application_id", "queue", "unit_ids"},
    "rosterChecks": {"notes"},
    "questions": {
        *("application_id", "asker_party", "channel", "contact_key_id", "contact_sealed", "contact_masked"),
        *("token_hash", "held_until", "queued_at", "overdue_at"),
    },
    "questionFiles": {"blob_id"},
    "announcementsRead": {"announcement_id"},
    "looks": {"detail", "members", "party", "withheld_until"},
    "lookComplaints": {"look_id", "party"},
}
"""The columns that join rows, or are the machine's, or about others, by part."""


def _stands(column: Column[Any], listed: set[str]) -> bool:
    """True of a fact, of what joins rows, of a mask or an index of a fact, of who of the staff did it."""
    name = column.name
    bare = name.removesuffix("_key_id").removesuffix("_sealed").removesuffix("_index").removesuffix("_masked")
    known = {name, bare, name.removesuffix("_id")} & listed
    staff = any(key.target_fullname == "account.id" for key in column.foreign_keys)
    return bool(known) or staff or name in MACHINERY or name == "id"


@dataclass
class Scene:
    """A nurse's story, and whoever asks for all about her."""

    story: Story

    async def own(self, file: RecordFile, password: str = PASSWORD) -> str:
        """Her ticket."""
        session = self.story.cast.nurse.session
        return (await workflow.create_own(self.story.db, QUICK, session, file, password)).token

    async def look(self, who: str) -> None:
        """Somebody prints her form."""
        person = self.story.person(who)
        made = await tickets.create(self.story.db, person.session, FileKind.APPLICATION_FORM, self.story.id)
        await tickets.redeem(self.story.db, made.token)

    async def data(self) -> dict[str, Any]:
        """What her data file says."""
        file = await papers.own_data(self.story.db, self.story.cast.nurse.actor, [self.story.cast.nurse_id])
        read: dict[str, Any] = orjson.loads(file.content)
        return read

    async def pdf(self) -> Pdf:
        """Her record to read."""
        return Pdf(await papers.own_pdf(self.story.db, self.story.cast.nurse.actor, [self.story.cast.nurse_id]))


@pytest_asyncio.fixture
async def scene(owner_url: str, keyring: Keyring, world: World) -> AsyncIterator[Scene]:
    clock = Clock(NOW)
    db = Database(owner_url, keyring, clock=clock, statement_seconds=LONG_ENOUGH)
    story = await open_story(db, world, clock)
    await reachable(world, story.cast.nurse)
    yield Scene(story)
    await db.close()


# -- what is in it


def test_every_table_of_the_register_is_told_or_named_as_not_hers() -> None:
    """A new table fails here until somebody has thought of her."""
    listed = {source.table.name for source in SOURCES.values()}
    assert {table.name for table in metadata.sorted_tables} == listed | (NOT_HERS.keys() - {"alembic_version"})
    assert not listed & NOT_HERS.keys()
    assert [part.name for part in PARTS] == [*dict.fromkeys(part.name for part in PARTS)]
    assert {part.name for part in PARTS} == SOURCES.keys()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_column_of_a_told_table_is_a_fact_or_joins_rows(part: Part) -> None:
    """Who of the staff did something is not hers, nor what the machine counts."""
    source, listed = SOURCES[part.name], {snake(one.name) for one in part.fields}
    left = {column.name for column in source.table.columns if not _stands(column, listed)}
    assert left == LEFT.get(part.name, set())


def test_every_event_has_a_term() -> None:
    assert [one.type for one in EVENTS.values() if not any("\u4e00" <= each <= "\u9fff" for each in one.term)] == []


async def test_she_reads_what_the_register_has_of_her_in_full(scene: Scene) -> None:
    story = await scene.story.reach(State.APPROVED)
    listed, nurse = await scene.data(), await story.world.row("nurse", story.cast.nurse_id)
    (record,), (entry,) = listed["record"], listed["registration"]
    keyring = story.world.keyring
    for name in ("id_number", "phone"):
        clear = keyring.unseal(Sealed(nurse[f"{name}_key_id"], nurse[f"{name}_sealed"]), name)
        assert record[camel_case(name)] == clear
    assert (entry["status"], entry["institution"][:4]) == ("VALID", "示范医院")
    (application,) = listed["applications"]
    assert (application["id"], application["kind"], application["state"]) == (str(story.id), "RENEWAL", "APPROVED")
    stages = [(one["stage"], one["outcome"]) for one in listed["decisions"]]
    assert stages == [("AUTHORITY_DECISION", "AGREED"), ("AUTHORITY_REVIEW", "ACCEPTED"), ("INSTITUTION", "AGREED")]
    assert [one["field"] for one in listed["recordChanges"]] == ["title", "department"]
    assert listed["accounts"][0]["state"] == "ACTIVE"
    assert {one["type"] for one in listed["events"]} >= {"application.submitted", "application.decided"}
    assert listed["madeOn"] == NOW.date().isoformat()


async def test_nobody_of_the_staff_is_named(scene: Scene) -> None:
    story = await scene.story.reach(State.APPROVED)
    await scene.look("reviewer")
    content = orjson.dumps(await scene.data()).decode()
    for name in ("operator", "manager", "viewer", "reviewer", "decider"):
        person = story.person(name)
        assert person.actor.name not in content
        assert str(person.account_id) not in content


async def test_the_paper_says_it_in_words(scene: Scene) -> None:
    story = await scene.story.reach(State.APPROVED)
    pdf = await scene.pdf()
    number = (await story.registration())["certificate_number"]
    assert pdf.sizes == {A4}
    for words in (
        "个人信息保护法第四十五条",
        "内地居民身份证",
        "延续注册",
        "审批决定",
        number,
        "急诊(科)室",
        "审核与决定（3条）",
    ):
        assert words in pdf.text
    for code in ("EMERGENCY", "RENEWAL", "AGREED", "application.", "registered_", "valid_until", "_id"):
        assert code not in pdf.text
    assert "当时执业机构：示范医院" in pdf.text
    assert "没有记录的部分：暂停、中断执业与派出、良好、不良记录" in pdf.text


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_fact_that_is_missing_is_printed_as_missing(part: Part) -> None:
    row = dict.fromkeys((one.name for one in part.fields), None)
    assert {in_words(part, one, row) for one in part.fields} == {NOTHING}


async def test_the_paper_of_who_was_asked_to_correct_and_did_is_printed(scene: Scene) -> None:
    await scene.story.reach(State.RETURNED)
    await scene.story.take(Step.RESUBMIT)
    assert await scene.pdf()


async def test_who_looked_is_told_by_place_office_purpose_and_time(scene: Scene) -> None:
    """Also where she was one of a list; her own looks, and what was done without looking, are not there."""
    story = await scene.story.reach(State.AUTHORITY_INTAKE)
    await scene.look("nurse")
    assert (await scene.data())["looks"] == []
    await scene.look("operator")
    story.clock.now += timedelta(hours=1)
    async with story.db.begin() as tx:
        await tx.ask_time()
        by, purpose = story.cast.reviewer.account_id, LookUpPurpose.COMPLAINT
        await audit.record(tx, Look.FOUND, by, members=[uuid7(), story.cast.nurse_id], purpose=purpose)
        await audit.record(tx, "accountRevoke", by, nurse_id=story.cast.nurse_id)
        await audit.record(tx, Look.FOUND, by, nurse_id=uuid7())
    latest, first = (await scene.data())["looks"]
    assert latest == {
        "at": story.clock.now.astimezone(UTC).isoformat(),
        "action": "identity.found",
        "purpose": "COMPLAINT",
        "note": None,
        "place": "西城区卫生健康委员会",
        "roles": ["REVIEWER"],
        "file": None,
    }
    assert (first["place"][:4], first["roles"], first["file"]) == ("示范医院", ["OPERATOR"], "APPLICATION_FORM")
    text = (await scene.pdf()).text
    for words in ("按证件号码查找", "核查投诉举报", "审查人", "机构经办人", "申请审核表"):
        assert words in text


async def test_who_looked_at_a_record_that_was_merged_into_hers_is_told_too(scene: Scene) -> None:
    story = scene.story
    before = [await story.world.nurse(story.cast.hospital, story.cast.district) for _ in range(2)]
    merged = "update nurse set merged_into = $2 where id = any($1)"
    await story.world.owner.execute(merged, before, story.cast.nurse_id)
    by = story.cast.reviewer.account_id
    async with story.db.begin() as tx:
        await tx.ask_time()
        await audit.record(tx, Look.FOUND, by, nurse_id=before[0], purpose=LookUpPurpose.ROSTER)
        await audit.record(tx, Look.FOUND, by, members=[before[1], uuid7()], purpose=LookUpPurpose.COMPLAINT)
    found = {one["purpose"] for one in (await scene.data())["looks"]}
    assert found == {"ROSTER", "COMPLAINT"}


async def test_what_is_judged_inside_the_authority_is_not_told(scene: Scene) -> None:
    story = await scene.story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    stages = [(one["stage"], one["outcome"]) for one in (await scene.data())["decisions"]]
    assert stages == [("AUTHORITY_REVIEW", "ACCEPTED"), ("INSTITUTION", "AGREED")]


async def test_what_she_asked_a_desk_is_told_and_what_officers_propose_is_not(scene: Scene) -> None:
    story, asked = scene.story, {"name": "王护士", "phone": "13800000000", "evidence": "身份证原件"}
    async with story.db.begin() as tx:
        await tx.ask_time()
        about = Whose(story.cast.nurse.account_id, story.cast.nurse_id, story.cast.district)
        await recoveries.insert(tx, uuid7(), asked, about)
    sealed = story.world.keyring.seal(orjson.dumps({"opinion": "内部"}).decode(), "proposal")
    row = {"content_key_id": sealed.key_id, "content_sealed": sealed.ciphertext, "state": "PENDING"}
    await story.world.insert("desk_request", **row, kind="DEREGISTRATION", nurse_id=story.cast.nurse_id)
    listed = {one["kind"]: one["content"] for one in (await scene.data())["requests"]}
    assert listed == {"DEREGISTRATION": None, "RECOVERY": asked}
    text = (await scene.pdf()).text
    assert "身份证原件" in text
    assert "依职权注销" in text


async def test_she_is_told_her_unit_what_ward_heads_said_and_what_her_institution_wrote_and_she_objected_to(
    scene: Scene,
) -> None:
    story = await scene.story.reach(State.APPROVED)
    world, operator = story.world, story.cast.operator.account_id
    await belong(world, story.cast.nurse_id, await put_unit(world, story.cast.hospital, name="一病区"))
    said = {"revision": 1, "confirmed": False, "note": "科室有误", "account_id": operator, "at": story.clock.now}
    await world.insert("pre_review", id=uuid7(), application_id=story.id, **said)
    paper = uuid7()
    await world.insert("blob", id=paper, **sealed_file(world.keyring, b"%PDF-"), media_type="application/pdf")
    written = {"filed_by": "INSTITUTION", "account_id": operator, "asked": "{}", "recorded": "{}"}
    proved = {"proof_id": paper, "proof_file_name": "职称证书.pdf"}
    objected = {"objection": "我未取得该职称", "objected_at": story.clock.now}
    row = {"nurse_id": story.cast.nurse_id, "state": "DISPUTED", **written, **proved, **objected}
    await world.insert("information_change", id=uuid7(), **row)
    listed, at = await scene.data(), story.clock.now.astimezone(UTC).isoformat()
    assert listed["registration"][0]["unit"] == "一病区"
    pre_review = {"applicationId": str(story.id), "revision": 1, "confirmed": False, "note": "科室有误", "at": at}
    assert listed["preReviews"] == [pre_review]
    (change,) = listed["informationChanges"]
    names = ("proofFileName", "objection", "objectedAt")
    assert [change[name] for name in names] == ["职称证书.pdf", "我未取得该职称", at]
    text = (await scene.pdf()).text
    for words in ("一病区", "预审", "科室有误", "职称证书.pdf", "我未取得该职称"):
        assert words in text


async def test_she_is_told_when_and_by_whom_a_list_was_compared_that_found_her_and_no_more(scene: Scene) -> None:
    story, cast = scene.story, scene.story.cast
    colleague = await story.world.nurse(cast.hospital, cast.district)
    earlier = await story.world.nurse(cast.hospital, cast.district)
    merged = "update nurse set merged_into = $2 where id = $1"
    await story.world.owner.execute(merged, earlier, cast.nurse_id)
    for person, whose in ((cast.operator, [cast.nurse_id] * 2), (cast.manager, [colleague]), (cast.viewer, [earlier])):
        key = uuid7()
        by = {"institution_id": cast.hospital, "account_id": person.account_id, "created_at": story.clock.now}
        await story.world.insert("roster_check", id=key, **by, notes="[]")
        found = {"finding": "DIFFERENT", "recorded": '{"title": "NURSE"}', "wanted": '{"title": "SENIOR_NURSE"}'}
        for place, nurse_id in enumerate(whose):
            row = {"roster_check_id": key, "place": place, "nurse_id": nurse_id, **found}
            await story.world.insert("roster_check_row", **row, problems="[]")
    listed = (await scene.data())["rosterChecks"]
    assert {one["institution"][:4] for one in listed} == {"示范医院"}
    at = story.clock.now.astimezone(UTC).isoformat()
    assert [{**one, "institution": ""} for one in listed] == [{"institution": "", "createdAt": at}] * 2
    assert "名册核对（2条）" in (await scene.pdf()).text


async def test_of_a_very_long_part_the_newest_are_told_and_that_there_are_more(scene: Scene) -> None:
    story = scene.story
    await story.world.owner.execute(
        "insert into audit (at, account_id, nurse_id, action) select $1::timestamptz + make_interval(secs => n), $2, $3,"
        " 'identity.found' from generate_series(0, $4) n",
        *(story.clock.now, story.cast.reviewer.account_id, story.cast.nurse_id, MOST),
    )
    listed = await scene.data()
    assert (len(listed["looks"]), listed["more"]) == (MOST, ["looks"])
    assert listed["looks"][-1]["at"] == (story.clock.now + timedelta(seconds=1)).astimezone(UTC).isoformat()
    assert f"另有{MOST - PRINTED}条较早的记录，见数据文件。" in (await scene.pdf()).text


# -- the way to it


@pytest.mark.parametrize("file", [RecordFile.OWN_PDF, RecordFile.OWN_DATA])
async def test_the_right_password_gives_a_ticket_and_the_download_is_kept(scene: Scene, file: RecordFile) -> None:
    story = scene.story
    redeemed = await tickets.redeem(story.db, await scene.own(file))
    assert (redeemed.file, redeemed.subjects) == (file, (story.cast.nurse_id,))
    made = await MAKERS[redeemed.file](story.db, redeemed.viewer, redeemed.subjects)
    assert made.name == f"{file.label}-王护士.{'json' if file is RecordFile.OWN_DATA else 'pdf'}"
    (entry,) = await story.rows("select * from audit where nurse_id = $1", story.cast.nurse_id)
    assert (entry["action"], entry["account_id"]) == ("file.download", story.cast.nurse.account_id)


async def test_each_form_comes_once_in_a_day(scene: Scene) -> None:
    for file in (RecordFile.OWN_PDF, RecordFile.OWN_DATA):
        await scene.own(file)
        with pytest.raises(RateLimited):
            await scene.own(file)
    scene.story.clock.now += timedelta(days=1, seconds=1)
    await scene.own(RecordFile.OWN_PDF)
    assert await scene.story.world.owner.fetchval("select count(*) from ticket where account_id = $1",
                                                  scene.story.cast.nurse.account_id) == 3  # fmt: skip


async def test_of_many_who_ask_at_once_one_gets_it(scene: Scene) -> None:
    answers = await asyncio.gather(*(scene.own(RecordFile.OWN_PDF) for _ in range(8)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["RateLimited"] * 7 + ["str"]


async def test_a_wrong_password_gives_nothing_and_spends_nothing(scene: Scene) -> None:
    with pytest.raises(NotAllowed) as refusal:
        await scene.own(RecordFile.OWN_PDF, WRONG)
    assert reason_of(refusal.value) == "WRONG_CREDENTIALS"
    await scene.own(RecordFile.OWN_PDF)


@pytest.mark.parametrize("who", ["operator", "reviewer"])
async def test_nobody_else_has_such_a_file(scene: Scene, who: str) -> None:
    person = scene.story.person(who)
    await reachable(scene.story.world, person)
    with pytest.raises(NotAllowed):
        await workflow.create_own(scene.story.db, QUICK, person.session, RecordFile.OWN_PDF, PASSWORD)
    assert {one.name for one in FileKind}.isdisjoint(one.name for one in RecordFile)


async def test_a_nurse_whom_nobody_has_vouched_for_has_none(scene: Scene) -> None:
    story = scene.story
    nurse_id = await story.world.nurse(story.cast.hospital, story.cast.district)
    early = await story.world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    await reachable(story.world, early)
    with pytest.raises(NotAllowed) as refusal:
        await workflow.create_own(story.db, QUICK, early.session, RecordFile.OWN_PDF, PASSWORD)
    assert reason_of(refusal.value) == "ACCOUNT_INACTIVE"


# -- near relatives


CLAIM: Final = RelativeClaim(Relation.CHILD, "王小明", "123x", "户口簿，母女关系", "办理抚恤金", papers_seen=True)


async def died(story: Story) -> None:
    sql = "update registration set status = 'DEREGISTERED', deregistration_reason = 'DEATH' where nurse_id = $1"
    await story.world.owner.execute(sql, story.cast.nurse_id)


async def for_relative(story: Story, who: str = "reviewer", claim: RelativeClaim = CLAIM) -> str:
    session = story.person(who).session
    return (await workflow.create_for_relative(story.db, session, story.cast.nurse_id, claim)).token


async def refused(story: Story, who: str = "reviewer", claim: RelativeClaim = CLAIM) -> RegistryError:
    """How it is refused; nothing is kept."""
    with pytest.raises(RegistryError) as refusal:
        await for_relative(story, who, claim)
    for table in ("relative_request", "audit"):
        assert await story.rows(f"select * from {table} where nurse_id = $1", story.cast.nurse_id) == []
    assert await story.rows("select * from ticket where account_id = $1", story.person(who).account_id) == []
    return refusal.value


@pytest.mark.feature("A8")
async def test_a_desk_prints_the_record_of_the_deceased_for_a_near_relative(scene: Scene) -> None:
    story = scene.story
    await died(story)
    redeemed = await tickets.redeem(story.db, await for_relative(story))
    pdf = Pdf(await MAKERS[redeemed.file](story.db, redeemed.viewer, redeemed.subjects))
    assert (redeemed.file, pdf.file.name) == (RecordFile.RELATIVE_PDF, "已故护士个人信息-王护士.pdf")
    assert "个人信息保护法第四十九条" in pdf.text
    titles = {part.name: part.title for part in PARTS}
    assert [name for name in HERS_ALONE if titles[name] in pdf.text.replace("个人信息", "")] == []
    (kept,) = await story.rows("select * from relative_request where nurse_id = $1", story.cast.nurse_id)
    given = ("relation", "relative_name", "document_last4", "proof", "case_note")
    assert [kept[name] for name in given] == ["CHILD", "王小明", "123X", "户口簿，母女关系", "办理抚恤金"]
    assert (kept["authority_id"], kept["issued_by"]) == (story.cast.district, story.cast.reviewer.account_id)
    entries = await story.rows("select action, detail from audit where nurse_id = $1 order by id", story.cast.nurse_id)
    assert [entry["action"] for entry in entries] == ["recordTicketCreateForRelative", "file.download"]
    assert "王小明" not in entries[0]["detail"]


@pytest.mark.feature("A8")
@pytest.mark.parametrize("reason", [None, "EXPIRED", "OTHER"])
async def test_of_the_living_no_relative_gets_anything(scene: Scene, reason: str | None) -> None:
    if reason:
        sql = "update registration set status = 'DEREGISTERED', deregistration_reason = $2 where nurse_id = $1"
        await scene.story.world.owner.execute(sql, scene.story.cast.nurse_id, reason)
    assert reason_of(await refused(scene.story)) == "NOT_DECEASED"


@pytest.mark.feature("A8")
async def test_only_a_reviewer_of_the_desk_where_she_was_registered_gives_it(scene: Scene) -> None:
    await died(scene.story)
    assert isinstance(await refused(scene.story, "operator"), NotFound)
    assert isinstance(await refused(scene.story, "nurse"), NotFound)
    assert isinstance(await refused(scene.story, "decider"), NotAllowed)
    elsewhere = replace(scene.story, cast=replace(await scene.story.world.cast(), nurse_id=scene.story.cast.nurse_id))
    assert isinstance(await refused(elsewhere), NotFound)


@pytest.mark.feature("A8")
async def test_a_claim_without_its_proof_is_refused_with_all_that_is_wrong(scene: Scene) -> None:
    await died(scene.story)
    refusal = await refused(scene.story, claim=RelativeClaim(Relation.CHILD, " ", "12", "", "", papers_seen=False))
    assert isinstance(refusal, Invalid)
    assert [(one.path, one.code) for one in refusal.problems] == [
        ("relativeName", "FIELD_REQUIRED"),
        ("proof", "FIELD_REQUIRED"),
        ("caseNote", "FIELD_REQUIRED"),
        ("documentLast4", "LAST4_FORMAT"),
        ("papersSeen", "NOT_SEEN"),
    ]


# -- over the wire


OWN = """mutation($input: RecordTicketCreateInput!) { recordTicketCreate(input: $input) {
  ... on DownloadTicketPayload { ticket url } ... on Problem { code } } }"""


async def test_it_comes_by_ticket_and_goes_on_where_it_was_broken_off(live: Live, world: World, cast: Cast) -> None:
    await reachable(world, cast.nurse)
    given = {"format": "JSON", "password": PASSWORD}
    made = (await live.as_(cast.nurse).ask(OWN, input=given))["recordTicketCreate"]
    async with httpx.AsyncClient(base_url=live.origin) as client:
        whole = await client.post(made["url"], json={"ticket": made["ticket"]})
        assert (whole.status_code, whole.headers["Content-Type"]) == (200, "application/json")
        part = {"Range": "bytes=10-", "If-Range": whole.headers["ETag"]}
        rest = await client.post(made["url"], json={"ticket": made["ticket"]}, headers=part)
    assert (rest.status_code, rest.content) == (206, whole.content[10:])
    assert whole.json()["record"][0]["name"] == "王护士"
    again = (await live.as_(cast.nurse).ask(OWN, input=given))["recordTicketCreate"]
    assert again == {"code": "RATE_LIMITED"}
