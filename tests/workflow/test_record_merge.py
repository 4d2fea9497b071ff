"""Two records of one nurse become one (合并档案): proposed, objected to, confirmed by a second person, undone by two."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
import pytest_asyncio

from db import look_up, self_nurse
from db.store.engine import Database
from graph.context import Context, Services
from graph.root import schema
from graph.schema.node import global_id
from rules.application import State
from rules.conflict import Situation
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError
from rules.identity import DocumentType, identify
from rules.key_fact import KeyFacts
from rules.people import AccountState, Party, Role
from tests.support.authority_stage import put
from tests.support.followed_feed import executed, planned
from tests.support.key_facts import EVIDENCE, Place, new_number, place
from tests.support.plan_and_executor import Both
from tests.support.registration_acts import NUMBER, ROUNDS, race
from tests.support.story import codes_of
from tests.support.world import TODAY, Person, World
from workflow.key_fact import KeyFactApprove, KeyFactRequest
from workflow.proposal import ProposalConfirm, ProposalReject
from workflow.record_merge import RecordMergeObject, RecordMergePropose
from workflow.record_unmerge import RecordUnmergePropose
from workflow.step import take
from workflow.suspension import RegistrationSuspend

__all__ = ["place"]
pytestmark = pytest.mark.feature("A5")

SAID: Final = {"decision_number": NUMBER, "reason": "同一人两份档案", "evidence": "原护照与居民身份证"}
GONE: Final = {
    "status": "DEREGISTERED",
    "institution_id": None,
    "deregistration_reason": "EXPIRED",
    "first_registered_on": date(2010, 1, 1),
    "bar_until": TODAY + timedelta(days=100),
    "valid_until": date(2020, 1, 1),
}
FEED: Final = """subscription($after: String) { eventFeed(after: $after) { __typename
  ... on NurseEvent { nurse { id rowVersion } } ... on RegistrationMerged { mergedNurseId }
  ... on RegistrationUnmerged { mergedNurseId } } }"""
POINTING: Final = (
    *("application", "registration_history", "registration_span", "conduct_record", "certificate", "departure"),
    "delivery",
    *("desk_request", "collective_item", "account"),
)


@dataclass
class Two:
    """Two records of one nurse, in one province: hers that is kept, and the one to be merged into it."""

    db: Database
    services: Services
    world: World
    place: Place
    other: UUID
    second: Person

    @property
    def kept(self) -> UUID:
        """The record that is kept."""
        return self.place.cast.nurse_id

    async def propose(self, who: Person | None = None, key: str | None = None, **changes: Any) -> UUID:
        """Propose the merge."""
        given = {"nurse_id": self.kept, "merged_id": self.other, **SAID, **changes}
        wish = RecordMergePropose(**given, idempotency_key=key)
        return await take(self.db, (who or self.place.admin).session, wish)

    async def time_passes(self) -> None:
        """The nurses may not object any more."""
        await self.world.owner.execute("update desk_request set objections_until = $1", TODAY - timedelta(days=1))

    async def confirm(self, key: UUID, who: Person | None = None, note: str | None = None) -> UUID:
        """Say yes, as the second person."""
        return await take(self.db, (who or self.second).session, ProposalConfirm(key, note))

    async def merged(self) -> UUID:
        """The proposal, carried out."""
        key = await self.propose()
        await self.time_passes()
        return await self.confirm(key)

    async def propose_undoing(self, of: UUID | None = None) -> UUID:
        """Propose to undo the last merge of the record."""
        wish = RecordUnmergePropose(of or self.kept, **SAID)
        return await take(self.db, self.place.admin.session, wish)

    async def unmerged(self) -> None:
        """It is undone."""
        await self.confirm(await self.propose_undoing())

    async def everything(self) -> dict[str, Any]:
        """All that is on record of both, by table; rows count their changes, and time moves on."""
        found: dict[str, Any] = {}
        for table in (*POINTING, "registration", "nurse"):
            column = "id" if table == "nurse" else "nurse_id"
            rows = await self.world.owner.fetch(
                f"select * from {table} where {column} = any($1) order by 1", [self.kept, self.other]
            )
            found[table] = [dict(row) for row in rows]
        for table in ("record_merge", "event"):
            found[table] = await self.world.owner.fetchval(f"select count(*) from {table}")
        return found

    async def refused(self, act: Awaitable[Any]) -> RegistryError:
        """How an act is refused; nothing has moved."""
        before = await self.everything()
        with pytest.raises(RegistryError) as refusal:
            await act
        assert await self.everything() == before
        return refusal.value

    async def heard(self, scope: UUID) -> list[tuple[str, Any, Any]]:
        """The events of a scope: type, nurse, the merged record."""
        rows = await self.world.owner.fetch("select type, body from event where scope = $1 order by seq", scope)
        bodies = [(row["type"], orjson.loads(row["body"])) for row in rows]
        return [(what, body["nurse"], body.get("merged")) for what, body in bodies]

    async def row(self, nurse_id: UUID) -> dict[str, Any]:
        """An entry as it stands."""
        return await self.world.row("registration", nurse_id, "nurse_id")


@pytest_asyncio.fixture
async def two(services: Services, world: World, place: Place) -> Two:
    """A registered nurse, and a record of old that was deregistered elsewhere in the province."""
    elsewhere = await world.authority(place.province)
    other = await world.nurse(None, elsewhere, **GONE)
    second = await world.person(Party.AUTHORITY, place.province, Role.PROVINCIAL_ADMIN)
    return Two(services.db, services, world, place, other, second)


def reason_of(refusal: RegistryError) -> str:
    """Why it is not allowed; said in Chinese without a code."""
    assert isinstance(refusal, NotAllowed), refusal
    assert refusal.reason not in refusal.words.zh
    return refusal.reason


async def documents(two: Two) -> dict[UUID, str]:
    """Both records get a number that can be looked up."""
    found = {}
    for key in (two.kept, two.other):
        number = new_number()
        index = two.world.keyring.blind_index(number, "id_number")
        sealed = two.world.keyring.seal(number, "id_number")
        sql = "update nurse set id_number_index = $2, id_number_key_id = $3, id_number_sealed = $4 where id = $1"
        await two.world.owner.execute(sql, key, index, sealed.key_id, sealed.ciphertext)
        found[key] = number
    return found


async def whose(two: Two, number: str) -> UUID | None:
    """Whom a look-up of the province finds."""
    async with two.db.read() as reader:
        return await look_up.readable(reader, two.place.admin.actor, identify(DocumentType.RESIDENT_ID, number, TODAY))


# -- proposed, told, confirmed


async def test_both_are_told_before_and_the_second_person_merges_after_the_days_of_objection(two: Two) -> None:
    account = await two.world.person(Party.NURSE, two.other, Role.NURSE)
    key = await two.propose(key="proposed-1")
    assert await two.propose(key="proposed-1") == key
    (days,) = await two.world.owner.fetchrow("select objections_until from desk_request where id = $1", key)
    assert days > TODAY + timedelta(days=4)
    # Each of her own record alone: they may be two persons.
    assert await two.heard(two.kept) == [("registration.merge_proposed", str(two.kept), None)]
    assert await two.heard(two.other) == [("registration.merge_proposed", str(two.other), None)]
    assert reason_of(await two.refused(two.confirm(key, two.place.admin))) == "TWO_PERSONS_REQUIRED"
    assert reason_of(await two.refused(two.confirm(key))) == "MERGE_TOO_EARLY"
    await two.time_passes()
    await two.confirm(key)
    kept, other, cast = await two.row(two.kept), await two.row(two.other), two.place.cast
    assert (kept["status"], kept["first_registered_on"], kept["bar_until"]) == (
        *("VALID", GONE["first_registered_on"], GONE["bar_until"]),
    )
    assert (other["status"], other["institution_id"], other["authority_id"]) == ("NEVER", None, None)
    assert (await two.world.row("nurse", two.other))["merged_into"] == two.kept
    elsewhere = await two.world.owner.fetchval(
        "select before->'merged'->>'authority_id' from record_merge where id = $1", key
    )
    event = ("registration.merged", str(two.kept), str(two.other))
    for scope in (cast.hospital, cast.district, UUID(elsewhere)):
        assert (await two.heard(scope))[-1] == event
    history = await two.world.owner.fetchrow(
        "select reason, account_id from registration_history where nurse_id = $1 order by id desc limit 1", two.kept
    )
    assert history["reason"].startswith("合并档案（并入证件号码")
    assert history["account_id"] == two.second.account_id
    actions = await two.world.owner.fetch("select action from audit where nurse_id = $1 order by id", two.kept)
    assert [row["action"] for row in actions] == ["recordMergePropose", "proposalConfirm"]
    assert isinstance(await two.refused(two.confirm(key)), Conflict)
    # Her other account is switched off, since one nurse has one.
    assert (await two.world.row("account", account.account_id))["state"] == AccountState.DISABLED


async def test_everything_of_the_merged_record_is_the_kept_ones_and_comes_back_when_it_is_undone(two: Two) -> None:
    owner, cast = two.world.owner, two.place.cast
    await put(two.world, replace(cast, nurse_id=two.other), State.APPROVED)
    await two.world.insert("registration_history", nurse_id=two.other, status="DEREGISTERED")
    await two.world.insert("registration_span", nurse_id=two.other, kind="INTERRUPTION", starts_on=date(2015, 1, 1))
    record = {
        "kind": "BAD",
        "state": "RECORDED",
        "source": "AUTHORITY",
        "text": "警告",
        "decision_number": "卫罚〔2020〕1号",
    }
    await two.world.insert("conduct_record", nurse_id=two.other, **record)
    exam = {
        "exam_certificate_number": f"E{two.other.hex[:9]}",
        "exam_year": 2009,
        "bad_record": "警告",
        "school": "协和",
    }
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(exam, 2))
    await owner.execute(f"update nurse set {settings} where id = $1", two.other, *exam.values())
    await owner.execute("update nurse set bad_record = '通报', school = '首医' where id = $1", two.kept)
    account = await two.world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=two.other)
    before = await two.everything()
    await two.merged()
    for table in POINTING:
        assert await owner.fetchval(f"select count(*) from {table} where nurse_id = $1", two.other) == 0, table
    assert (await two.world.row("account", account.account_id))["self_nurse_id"] == two.kept
    kept = await two.world.row("nurse", two.kept)
    assert (kept["exam_year"], kept["bad_record"], kept["school"]) == (2009, "通报\n警告", "首医")
    assert kept["exam_certificate_number"] == exam["exam_certificate_number"]
    await two.unmerged()
    after = await two.everything()
    for table in (*POINTING, "registration", "nurse"):
        kept_rows = [row for row in after[table] if row.get("kind") not in ("MERGE", "UNMERGE")]
        if table == "registration_history":
            kept_rows = [row for row in kept_rows if not (row["reason"] or "").startswith(("合并档案", "撤销合并"))]
        changes = ("version", "row_version")
        shown = [
            [{k: v for k, v in row.items() if k not in changes} for row in rows] for rows in (before[table], kept_rows)
        ]
        assert shown[0] == shown[1], table
    assert (await two.world.row("account", account.account_id))["self_nurse_id"] == two.other
    assert (await two.heard(cast.hospital))[-1] == ("registration.unmerged", str(two.kept), str(two.other))


async def test_old_ids_and_both_documents_lead_to_the_kept_record(two: Two) -> None:
    numbers, cast = await documents(two), two.place.cast
    await two.merged()
    for number in numbers.values():
        assert await whose(two, number) == two.kept
    text = "query($id: ID!) { node(id: $id) { id ... on Nurse { registration { id certificateNumber } } } }"
    entry = "query($id: ID!) { node(id: $id) { id ... on Registration { status } } }"
    both = Both(two.services)
    shown = await both.data(text, cast.operator, id=global_id("Nurse", two.other))
    assert shown["node"]["id"] == global_id("Nurse", two.kept)
    shown = await both.data(entry, cast.operator, id=global_id("Registration", two.other))
    assert shown["node"] == {"id": global_id("Registration", two.kept), "status": "VALID"}
    may = "query($id: ID!) { eligibility(kind: RENEWAL, nurseId: $id) { verdicts { code outcome } } }"
    asked = [await executed_once(two, may, cast.operator, global_id("Nurse", key)) for key in (two.kept, two.other)]
    assert asked[0] == asked[1]
    # Somebody else's is nobody's, merged or not.
    stranger = await two.world.cast()
    assert (await both.data(text, stranger.operator, id=global_id("Nurse", two.other)))["node"] is None
    # A step that names the old one is taken on the one that stands for it, and sent again it is the same.
    wish = RegistrationSuspend(two.other, 6, NUMBER, "违反规定", idempotency_key="suspended-1")
    key = await take(two.db, cast.decider.session, wish)
    assert await take(two.db, cast.decider.session, wish) == key
    sql = "select nurse_id from registration_span where nurse_id = any($1)"
    spans = await two.world.owner.fetch(sql, [two.kept, two.other])
    assert [row["nurse_id"] for row in spans] == [two.kept]


async def test_an_old_event_shows_the_record_that_stands_for_it_and_lists_count_her_once(two: Two) -> None:
    cast = two.place.cast
    await two.merged()
    body = {"nurse": str(two.other), "name": "王护士", "by": None}
    await two.world.owner.execute(
        "with s as (update feed_scope set seq = seq + 1 where scope = $1 returning seq) insert into event"
        " (scope, seq, at, id, type, body) select $1, s.seq, now(), uuidv7(), 'registration.lifted', $2 from s",
        *(cast.hospital, orjson.dumps(body).decode()),
    )
    text = """{ events(first: 50) { nodes { __typename ... on NurseEvent { nurseId nurse { id } }
      ... on RegistrationMerged { mergedNurseId } } } }"""
    nodes = (await Both(two.services).data(text, cast.operator))["events"]["nodes"]
    kept = {"id": global_id("Nurse", two.kept)}
    assert [node["nurse"] for node in nodes[-2:]] == [kept, kept]
    assert nodes[-2]["mergedNurseId"] == global_id("Nurse", two.other)
    listed = "{ nurses(first: 10) { totalCount nodes { id } } nurseCounts(by: [STATUS]) { count } }"
    found = await Both(two.services).data(listed, two.place.admin)
    assert (found["nurses"]["totalCount"], [one["count"] for one in found["nurseCounts"]]) == (1, [1])


async def executed_once(two: Two, text: str, person: Person, key: str) -> Any:
    """The data that the ordinary executor answers with."""
    context = Context(two.services, person.session)
    answer = await schema.execute(text, {"id": key}, context)
    assert not answer.errors
    return answer.data


async def test_a_list_that_is_followed_hears_which_record_is_gone_and_which_stands(two: Two) -> None:
    cast = two.place.cast
    await two.merged()
    await two.unmerged()
    start = two.services.feed.cursors.write(cast.hospital, 0)
    ways = [await way(two.services, cast.operator, FEED, 3, after=start) for way in (planned, executed)]
    assert ways[0] == ways[1]
    messages = [orjson.loads(one)["eventFeed"] for one in ways[0]]
    kept, other = global_id("Nurse", two.kept), global_id("Nurse", two.other)
    assert [one.get("mergedNurseId") for one in messages] == [None, other, other]
    assert [one["__typename"] for one in messages[1:]] == ["RegistrationMerged", "RegistrationUnmerged"]
    assert {one["nurse"]["id"] for one in messages[1:]} == {kept}


async def test_staff_known_by_the_merged_document_are_the_kept_nurse(two: Two) -> None:
    await documents(two)
    await two.merged()
    person = await two.world.person(Party.INSTITUTION, two.place.cast.hospital, Role.OPERATOR)
    same = "document_type = n.document_type, id_number_index = n.id_number_index"
    await two.world.owner.execute(
        f"update account set {same} from nurse n where n.id = $2 and account.id = $1", person.account_id, two.other
    )
    async with two.db.begin() as tx:
        await self_nurse.join_account(tx, person.account_id)
    assert (await two.world.row("account", person.account_id))["self_nurse_id"] == two.kept


async def test_an_account_of_the_merged_record_alone_comes_along_and_goes_back(two: Two) -> None:
    sql = "update account set state = 'REVOKED' where nurse_id = $1"
    await two.world.owner.execute(sql, two.kept)
    nurse = await two.world.person(Party.NURSE, two.other, Role.NURSE)
    await two.merged()
    account = await two.world.row("account", nurse.account_id)
    assert (account["nurse_id"], account["state"]) == (two.kept, AccountState.ACTIVE)
    key = await two.propose_undoing(two.other)
    await two.confirm(key)
    assert (await two.world.row("account", nurse.account_id))["nurse_id"] == two.other


async def test_an_objection_is_told_to_the_authority_and_has_to_be_answered(two: Two) -> None:
    nurse = await two.world.person(Party.NURSE, two.other, Role.NURSE)
    refused = two.refused(take(two.db, nurse.session, RecordMergeObject("不是我")))
    assert reason_of(await refused) == "NOTHING_PROPOSED"
    key = await two.propose()
    # Of an account that is not active nothing is proved yet: whoever knows a name and a number has one.
    state = "update account set state = $2 where id = $1"
    await two.world.owner.execute(state, nurse.account_id, "INACTIVE")
    objects = take(two.db, nurse.session, RecordMergeObject("不是我"))
    assert reason_of(await two.refused(objects)) == "ACCOUNT_INACTIVE"
    await two.world.owner.execute(state, nurse.account_id, "ACTIVE")
    assert await take(two.db, nurse.session, RecordMergeObject("那不是我的档案")) == key
    assert (await two.heard(two.place.province))[-1] == ("registration.merge_objected", str(two.other), None)
    await two.time_passes()
    assert codes_of(await two.refused(two.confirm(key, note=" "))) == {"OBJECTION_UNANSWERED"}
    await two.confirm(key, note="已核对两份原件，系同一人")
    assert (await two.world.row("desk_request", key))["reason"] == "已核对两份原件，系同一人"


async def test_a_merge_that_is_rejected_moves_nothing(two: Two) -> None:
    key, before = await two.propose(), await two.row(two.other)
    await take(two.db, two.second.session, ProposalReject(key, "证据不足"))
    assert await two.row(two.other) == before
    assert await two.world.owner.fetchval("select count(*) from record_merge where merged_id = $1", two.other) == 0


# -- who may


async def test_only_an_authority_above_both_records_merges_them(two: Two) -> None:
    cast, world = two.place.cast, two.world
    for person in (cast.nurse, cast.operator, cast.manager):
        assert type(await two.refused(two.propose(person))) is NotFound
    assert reason_of(await two.refused(two.propose(cast.decider))) == "NOT_ALLOWED"
    far = await world.cast()
    stranger = await world.person(Party.AUTHORITY, far.nation, Role.PROVINCIAL_ADMIN)
    assert type(await two.refused(two.propose(stranger))) is NotFound
    beyond = await world.nurse(None, far.district, **GONE)
    assert reason_of(await two.refused(two.propose(merged_id=beyond))) == "MERGE_BEYOND"
    herself = await world.person(Party.AUTHORITY, two.place.province, Role.PROVINCIAL_ADMIN, self_nurse=two.other)
    assert reason_of(await two.refused(two.propose(herself))) == "ABOUT_YOURSELF"
    nation = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)
    key = await two.propose(nation)
    await two.time_passes()
    # Nor does an officer who has either record see what is proposed of it.
    beside = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN, self_nurse=two.other)
    seen = [await Both(two.services).data("{ proposals { totalCount } }", one) for one in (nation, beside)]
    assert [one["proposals"]["totalCount"] for one in seen] == [1, 0]
    # Each proposal stays with the authority in which it was made.
    assert type(await two.refused(two.confirm(key))) is NotFound


# -- what stands in the way


async def test_a_record_is_not_merged_with_itself_nor_into_what_it_is_merged_in(two: Two) -> None:
    assert codes_of(await two.refused(two.propose(merged_id=two.kept))) == {"SAME_RECORD"}
    await two.merged()
    assert codes_of(await two.refused(two.propose())) == {"SAME_RECORD"}


async def test_one_person_has_one_registration_and_the_record_with_it_is_kept(two: Two) -> None:
    cast = two.place.cast
    there = await two.world.nurse(await two.world.institution(cast.district), cast.district)
    assert reason_of(await two.refused(two.propose(merged_id=there))) == "MERGE_BOTH_REGISTERED"
    swapped = two.propose(nurse_id=two.other, merged_id=two.kept)
    assert reason_of(await two.refused(swapped)) == "MERGE_KEEPS_LESS"


async def test_what_is_under_way_for_the_record_to_be_merged_is_ended_first(two: Two) -> None:
    cast = two.place.cast
    key = await put(two.world, replace(cast, nurse_id=two.other), State.INSTITUTION_REVIEW)
    assert reason_of(await two.refused(two.propose())) == "MERGE_APPLICATION_OPEN"
    await two.world.owner.execute("update application set state = 'WITHDRAWN' where id = $1", key)
    nurse = await two.world.person(Party.NURSE, two.other, Role.NURSE)
    waiting = {"id": key, "kind": "KEY_FACT", "state": "PENDING", "nurse_id": two.other, "content_key_id": "-"}
    await two.world.insert("desk_request", **waiting, content_sealed=b"-", account_id=nurse.account_id)
    assert reason_of(await two.refused(two.propose())) == "MERGE_REQUEST_PENDING"
    await two.world.owner.execute("update desk_request set state = 'REJECTED' where id = $1", key)
    await two.world.insert(
        "collective_filing", id=key, institution_id=cast.hospital, kind="RENEWAL", state="RUNNING",
        filed_by=cast.operator.account_id,
    )  # fmt: skip
    await two.world.insert("collective_item", collective_filing_id=key, place=1, nurse_id=two.other, form="{}")
    assert reason_of(await two.refused(two.propose())) == "MERGE_FILING_WAITS"


async def test_what_came_between_the_two_persons_is_seen_by_the_second(two: Two) -> None:
    key = await two.propose()
    await two.time_passes()
    await put(two.world, replace(two.place.cast, nurse_id=two.other), State.INSTITUTION_REVIEW)
    assert reason_of(await two.refused(two.confirm(key))) == "MERGE_APPLICATION_OPEN"


async def test_another_name_sex_or_birth_date_is_merged_only_where_it_is_meant(two: Two) -> None:
    await two.world.rename(two.other, "王洪")
    other = "update nurse set sex = 'MALE', birth_date = '1991-01-01' where id = $1"
    await two.world.owner.execute(other, two.other)
    refusal = await two.refused(two.propose())
    assert codes_of(refusal) == {"RECORDS_DIFFER"}
    assert isinstance(refusal, Invalid)
    assert "姓名、性别、出生日期" in refusal.problems[0].words.zh
    await two.propose(confirmed=True)


async def test_a_second_proposal_about_the_same_record_waits_for_the_first(two: Two) -> None:
    await two.propose()
    assert reason_of(await two.refused(two.propose())) == "MERGE_REQUEST_PENDING"


# -- undone


async def test_what_has_happened_since_stays_with_the_kept_record(two: Two) -> None:
    await two.merged()
    cast = two.place.cast
    since = await put(two.world, cast, State.INSTITUTION_REVIEW)
    assert reason_of(await two.refused(two.propose_undoing())) == "UNMERGE_APPLICATION_OPEN"
    await two.world.owner.execute("update application set state = 'WITHDRAWN' where id = $1", since)
    longer = TODAY + timedelta(days=900)
    await two.world.owner.execute("update registration set bar_until = $2 where nurse_id = $1", two.kept, longer)
    await two.unmerged()
    assert (await two.world.row("application", since))["nurse_id"] == two.kept
    kept, other = await two.row(two.kept), await two.row(two.other)
    assert (kept["bar_until"], kept["first_registered_on"]) == (longer, date(2016, 1, 1))
    assert (other["status"], other["bar_until"], other["valid_until"]) == (
        *("DEREGISTERED", GONE["bar_until"], GONE["valid_until"]),
    )
    assert reason_of(await two.refused(two.propose_undoing())) == "NOTHING_MERGED"


async def test_merges_into_one_record_are_undone_from_the_last_to_the_first(two: Two) -> None:
    await two.merged()
    first, two.other = two.other, await two.world.nurse(None, two.place.cast.district, **GONE)
    await two.merged()
    await two.unmerged()
    owner = two.world.owner
    assert (await two.world.row("nurse", two.other))["merged_into"] is None
    assert (await two.world.row("nurse", first))["merged_into"] == two.kept
    await two.unmerged()
    assert await owner.fetchval("select count(*) from nurse where merged_into = $1", two.kept) == 0


async def test_a_record_that_has_merged_others_takes_them_along(two: Two) -> None:
    old = await two.world.nurse(None, two.place.cast.district, **GONE)
    last, kept = two.other, two.place.cast
    two.place = replace(two.place, cast=replace(kept, nurse_id=last))
    two.other = old
    await two.merged()
    two.place, two.other = replace(two.place, cast=kept), last
    await two.merged()
    assert (await two.world.row("nurse", old))["merged_into"] == two.kept
    await two.unmerged()
    assert (await two.world.row("nurse", old))["merged_into"] == last


async def test_a_registration_by_the_other_records_examination_is_undone_before_the_merge(two: Two) -> None:
    cast, owner = two.place.cast, two.world.owner
    await owner.execute(
        "update registration set status = 'NEVER', certificate_number = null, valid_until = null,"
        " first_registered_on = null, deregistration_reason = null where nurse_id = any($1)",
        [two.kept, two.other],
    )
    await owner.execute("update nurse set exam_certificate_number = $2 where id = $1", two.other, two.other.hex)
    await two.merged()
    registered = (
        "update registration set status = 'VALID', certificate_number = $2, valid_until = $3 where nurse_id = $1"
    )
    await owner.execute(registered, two.kept, two.kept.hex, TODAY)
    assert reason_of(await two.refused(two.propose_undoing())) == "UNMERGE_REGISTERED_SINCE"
    assert cast.nurse_id == two.kept


async def test_the_other_number_may_become_hers_and_both_find_her_still(two: Two) -> None:
    numbers = await documents(two)
    asked = KeyFactRequest(None, KeyFacts(EVIDENCE, None, None, numbers[two.other]))
    key = await take(two.db, two.place.cast.nurse.session, asked)
    approve = KeyFactApprove(key, None, numbers[two.other], confirmed=True)
    refusal = await two.refused(take(two.db, two.place.admin.session, approve))
    assert isinstance(refusal, Conflict)
    assert refusal.situation is Situation.ID_NUMBER_TAKEN
    await two.merged()
    await take(two.db, two.place.admin.session, approve)
    for number in numbers.values():
        assert await whose(two, number) == two.kept
    index = two.world.keyring.blind_index(numbers[two.other], "id_number")
    assert (await two.world.row("nurse", two.kept))["id_number_index"] == index
    assert reason_of(await two.refused(two.propose_undoing())) == "UNMERGE_DOCUMENT_CORRECTED"


# -- at once


async def test_of_many_confirmations_and_steps_at_once_one_merge_is_left_and_nothing_is_lost(two: Two) -> None:
    for _ in range(ROUNDS // 5):
        key = await two.propose()
        await two.time_passes()
        third = await two.world.person(Party.AUTHORITY, two.place.province, Role.PROVINCIAL_ADMIN)
        answers = await race(lambda key=key: two.confirm(key), lambda key=key, third=third: two.confirm(key, third))  # type: ignore[misc]
        assert sum(isinstance(one, UUID) for one in answers) == 1
        assert all(isinstance(one, UUID | Conflict) for one in answers), answers
        await two.unmerged()
    rows = await two.world.owner.fetch("select undone_at from record_merge where merged_id = $1", two.other)
    assert len(rows) == ROUNDS // 5
    assert all(row["undone_at"] is not None for row in rows)
