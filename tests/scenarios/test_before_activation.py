"""What a nurse may file before her account is active: the change of one who gets no code, and the military's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from db.feed import event
from graph.context import Services
from graph.schema.node import global_id, key_of
from papers import paper
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.activation import id_number
from tests.support.activation_requests import ACTIVATE
from tests.support.application_desk import Desk
from tests.support.kinds import Move, move
from tests.support.live import Client, Live, Watch
from tests.support.newcomer import Newcomer
from tests.support.pdf import Pdf
from tests.support.world import TODAY, Person, World

OWN = """query($id: ID!) { viewer { active } application(id: $id) {
  state availableSteps form { __typename } nurse { name } revisions { revision } } }"""


@pytest.mark.feature("N6", "N17", "I7")
async def test_from_the_military_to_an_active_account(live: Live, world: World) -> None:
    number = id_number()
    nurse = await Newcomer.registered(live, world, "赵军护", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    where = await move(world, Kind.MILITARY_TRANSFER, TODAY)
    desk = Desk(live, Kind.MILITARY_TRANSFER, with_nurse(where, await nurse.person()))
    # Not before her phone is proved.
    assert (await desk.begins())["code"] == "ACCOUNT_INACTIVE"
    await nurse.confirms_her_phone()
    begun = await desk.begins()
    assert (begun["__typename"], begun["application"]["availableSteps"]) == (
        "ApplicationCreateDraftPayload",
        ["SAVE_DRAFT", "SUBMIT", "WITHDRAW"],
    )
    await desk.reaches_the_decision()
    answer = await nurse.client.ask(OWN, id=desk.application["id"])
    assert answer["viewer"] == {"active": False}
    assert answer["application"] == {
        "state": "ACCEPTED",
        "availableSteps": ["WITHDRAW"],
        "form": {"__typename": "MilitaryTransferForm"},
        "nurse": None,
        "revisions": [{"revision": 1}],
    }
    cast = where.target
    done = await desk.takes(cast.decider, "applicationApprove")
    assert done["application"]["state"] == "APPROVED", done
    assert await nurse.stands() == ("REGISTERED", ["ACTIVATE", "FILE_CHANGE"])
    kinds = [one["type"] for one in await desk.heard(cast.operator)]
    assert kinds[-2:] == ["ACCOUNT_AWAITING_CODE", "REGISTRATION_MOVED_IN"]
    entry = await world.owner.fetchrow(
        "select r.*, n.name from registration r join nurse n on n.id = nurse_id join account a on a.nurse_id = n.id"
        " where a.id = $1",
        desk.move.nurse.account_id,
    )
    assert (entry["status"], entry["name"], entry["institution_id"]) == ("VALID", "赵军护", cast.hospital)
    assert entry["valid_until"] == TODAY + timedelta(days=700)


async def printed(services: Services, who: Person, application: str) -> str:
    """Her official form, as she prints it."""
    session = await services.sessions.find(who.session.token_hash)
    assert session is not None
    return Pdf(await paper.application_form(services.db, session.actor, [key_of("Application", application)])).text


ROW = "id state kind availableSteps nurseName"
LIST = (
    f"{{ viewer {{ active nurse {{ name }} applications(first: 5) {{ {ROW} }} }}"
    f" ownApplications(first: 5) {{ nodes {{ {ROW} }} }} }}"
)


async def listed(client: Client) -> list[dict[str, Any]]:
    """Her applications, as both lists have them."""
    found = await client.ask(LIST)
    rows: list[dict[str, Any]] = found["ownApplications"]["nodes"]
    assert rows == found["viewer"]["applications"]
    return rows


@pytest.mark.feature("N19", "N17")
async def test_she_finds_what_she_filed_again_after_a_reload_and_answers_a_return(
    live: Live, services: Services, world: World
) -> None:
    """F9: 沈雪 came from the military; after a reload the id was gone, and a returned application with it."""
    number = id_number()
    nurse = await Newcomer.registered(live, world, "沈雪", number)
    nobody_yet = {"active": False, "nurse": None, "applications": []}
    assert await nurse.client.ask(LIST) == {"viewer": nobody_yet, "ownApplications": {"nodes": []}}
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    where = with_nurse(await move(world, Kind.MILITARY_TRANSFER, TODAY), await nurse.person())
    desk = Desk(live, Kind.MILITARY_TRANSFER, where)
    await desk.begins()
    (mine,) = await listed(nurse.client)
    own = {"id": desk.application["id"], "kind": "MILITARY_TRANSFER", "nurseName": "沈雪"}
    assert mine == {**own, "state": "DRAFT", "availableSteps": ["SAVE_DRAFT", "SUBMIT", "WITHDRAW"]}
    await desk.takes(where.cast.nurse, "applicationSubmit")
    marked = {"reasons": ["DEPARTMENT_WRONG"], "markedFields": ["department"]}
    assert "application" in await desk.takes(where.target.operator, "applicationReturn", **marked)
    (mine,) = await listed(nurse.client)
    assert (mine["state"], "RESUBMIT" in mine["availableSteps"]) == ("RETURNED", True)
    page = await printed(services, where.cast.nurse, desk.application["id"])
    for text in (number, "内地居民身份证", "女"):
        assert text in page


def with_nurse(where: Move, nurse: Person) -> Move:
    """The same places for somebody else."""
    where.cast.nurse = where.target.nurse = nurse
    return where


@pytest.fixture
async def stranded(world: World) -> tuple[Move, Person]:
    """A nurse who proved her certificate's number, and whose hospital gives her no code."""
    where = await move(world, Kind.CHANGE, TODAY)
    nurse_id = await world.nurse(where.cast.hospital, where.cast.district)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    sql = "update account set identity_outcome = 'REGISTERED', identity_verified = true, contact_verified = true"
    await world.owner.execute(f"{sql}, certificate_verified = true where id = $1", nurse.account_id)
    where.cast.nurse_id = where.target.nurse_id = nurse_id
    return with_nurse(where, nurse), nurse


@pytest.mark.feature("N10", "N16")
async def test_who_moved_changes_first_and_gets_her_code_from_the_new_hospital(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    desk = Desk(live, Kind.CHANGE, where)
    assert (await desk.begins())["__typename"] == "ApplicationCreateDraftPayload"
    await desk.reaches_the_decision()
    await desk.takes(where.target.decider, "applicationApprove")
    assert (await desk.heard(where.target.operator))[-2:] == [
        {"__typename": "AccountAwaitingCode", "type": "ACCOUNT_AWAITING_CODE"},
        {
            "__typename": "RegistrationMovedIn",
            "type": "REGISTRATION_MOVED_IN",
            "nurseName": "王护士",
            "nurse": {"name": "王护士"},
        },
    ]
    issued = """mutation($id: ID!) { activationIssueCode(input: {accountId: $id}) {
      __typename } }"""
    key = global_id("Account", nurse.account_id)
    answer = (await live.as_(where.target.operator).ask(issued, id=key))["activationIssueCode"]
    assert answer["__typename"] == "ActivationIssueCodePayload"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CHANGE])
async def test_she_files_nothing_else(live: Live, stranded: tuple[Move, Person], kind: Kind) -> None:
    where, _ = stranded
    refused = await Desk(live, kind, where).begins()
    assert (refused["code"], refused["message"]) == ("ACCOUNT_INACTIVE", "请先激活账户")


async def test_without_her_certificates_number_she_files_nothing_at_all(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    await world.owner.execute("update account set certificate_verified = false where id = $1", nurse.account_id)
    assert (await Desk(live, Kind.CHANGE, where).begins())["code"] == "ACCOUNT_INACTIVE"


async def test_she_sees_nothing_that_was_filed_before_this_account(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    desk = Desk(live, Kind.CHANGE, where)
    await desk.begins()
    await desk.takes(nurse, "applicationSubmit")
    other = await world.person(Party.NURSE, await world.nurse(None, where.cast.district), Role.NURSE)
    for table, column in (("application_revision", "account_id"), ("application", "moved_by")):
        await world.owner.execute(
            f"update {table} set {column} = $1 where {column} = $2", other.account_id, nurse.account_id
        )
    assert (await live.as_(nurse).ask(OWN, id=desk.application["id"]))["application"] is None


async def test_of_two_first_drafts_at_once_one_makes_her_record(live: Live, world: World) -> None:
    nurse = await Newcomer.registered(live, world, "钱军护", id_number())
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    where = with_nurse(await move(world, Kind.MILITARY_TRANSFER, TODAY), await nurse.person())
    desks = [Desk(live, Kind.MILITARY_TRANSFER, where) for _ in range(4)]
    answers = await asyncio.gather(*(desk.begins() for desk in desks))
    names = sorted(answer["__typename"] for answer in answers)
    assert names == ["ApplicationCreateDraftPayload", *["ConflictProblem"] * 3]
    assert await world.owner.fetchval("select count(*) from nurse where name = '钱军护'") == 1


FEED = """subscription($after: String) { eventFeed(after: $after) { __typename ... on FeedMessage { cursor }
  ... on ApplicationEvent { id application { state } } ... on NurseEvent { id nurseName nurse { name } } } }"""
EVENTS = """query($since: String) { events(since: $since) { cursor hasMore nodes { __typename id cursor type } } }"""


async def following(watch: Watch, count: int) -> list[Any]:
    """The next events of a feed, after the heartbeat with which it begins."""
    assert (await watch.next())["__typename"] == "FeedHeartbeat"
    return [await watch.next(3) for _ in range(count)]


@pytest.mark.feature("N19", "N10")
async def test_her_feed_goes_from_the_first_draft_through_her_activation_without_gap_or_double(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    """F9: `eventFeed` and `events` were refused to who filed before her account was active."""
    where, nurse = stranded
    desk, own = Desk(live, Kind.CHANGE, where), live.as_(nurse)
    start = (await own.ask(EVENTS))["events"]
    assert (start["nodes"], start["hasMore"]) == ([], False)
    async with own.watch(FEED, after=start["cursor"]) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        await desk.begins()
        await desk.takes(nurse, "applicationSubmit")
        filed = await watch.next(3)
        assert (filed["__typename"], filed["application"]) == ("ApplicationSubmitted", {"state": "INSTITUTION_REVIEW"})
        await desk.takes(where.target.operator, "applicationForward")
        assert (await watch.next(3))["__typename"] == "ApplicationForwarded"
    await desk.takes(where.target.reviewer, "applicationAccept")
    await desk.takes(where.target.reviewer, "applicationRecommend", agrees=True)
    await desk.takes(where.target.decider, "applicationApprove")
    async with own.watch(FEED, after=filed["cursor"]) as watch:
        missed = await following(watch, 3)
    names = ["ApplicationForwarded", "ApplicationAccepted", "ApplicationDecided"]
    assert [one["__typename"] for one in missed] == names
    before = (await own.ask(EVENTS))["events"]
    assert [one["id"] for one in before["nodes"]] == [filed["id"], *(one["id"] for one in missed)]

    issued = """mutation($id: ID!) { activationIssueCode(input: {accountId: $id}) {
      ... on ActivationIssueCodePayload { plainCode } } }"""
    key = global_id("Account", nurse.account_id)
    code = (await live.as_(where.target.operator).ask(issued, id=key))["activationIssueCode"]["plainCode"]
    done = (await own.ask(ACTIVATE, input={"code": code}))["activationActivate"]
    assert done["viewer"]["active"] is True
    # Whatever cursor she kept, from before the first event to the last: what comes is what she has not seen.
    seen = [one["id"] for one in before["nodes"]]
    for stood, cursor in enumerate([start["cursor"], *(one["cursor"] for one in before["nodes"])]):
        page = (await own.ask(EVENTS, since=cursor))["events"]
        assert [one["id"] for one in page["nodes"][:-1]] == seen[stood:]
        assert page["nodes"][-1]["type"] == "ACCOUNT_ACTIVATED"
        async with own.watch(FEED, after=cursor) as watch:
            live_too = await following(watch, len(page["nodes"]))
        assert [one["id"] for one in live_too] == [one["id"] for one in page["nodes"]]
    assert live_too[-1]["nurse"] == {"name": "王护士"}
    at_the_end = (await own.ask(EVENTS, since=page["cursor"]))["events"]
    assert (at_the_end["nodes"], at_the_end["cursor"]) == ([], page["cursor"])


async def test_a_feed_that_is_open_at_the_activation_ends_and_is_taken_up_again_at_its_cursor(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    own, desk = live.as_(nurse), Desk(live, Kind.CHANGE, where)
    await desk.begins()
    await desk.takes(nurse, "applicationSubmit")
    async with own.watch(FEED) as watch:
        cursor = (await watch.next())["cursor"]
        issued = """mutation($id: ID!) { activationIssueCode(input: {accountId: $id}) {
          ... on ActivationIssueCodePayload { plainCode } } }"""
        key = global_id("Account", nurse.account_id)
        code = (await live.as_(where.cast.operator).ask(issued, id=key))["activationIssueCode"]["plainCode"]
        await own.ask(ACTIVATE, input={"code": code})
        with pytest.raises(ConnectionClosed) as closed:
            await watch.next(15)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4410
    async with own.watch(FEED, after=cursor) as watch:
        assert [one["__typename"] for one in await following(watch, 1)] == ["AccountActivated"]


async def test_before_activation_she_hears_nothing_of_what_others_do_with_the_record(
    live: Live, services: Services, world: World, stranded: tuple[Move, Person]
) -> None:
    """Nobody has vouched for her: the record may be another's, and its numbers alone would tell that it moves."""
    where, nurse = stranded
    own, desk = live.as_(nurse), Desk(live, Kind.CHANGE, where)
    start = (await own.ask(EVENTS))["events"]["cursor"]
    nurse_id = where.target.nurse_id
    about = {"nurse": str(nurse_id), "name": "王护士", "by": "INSTITUTION"}
    async with services.db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, [event.Addressed(nurse_id, "registration.suspended", None, None, None, about)])
    assert (await own.ask(EVENTS))["events"] == {"cursor": start, "hasMore": False, "nodes": []}
    await desk.begins()
    await desk.takes(nurse, "applicationSubmit")
    assert [one["type"] for one in (await own.ask(EVENTS))["events"]["nodes"]] == ["APPLICATION_SUBMITTED"]


async def test_a_cursor_of_another_account_is_refused_before_activation_and_after(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    where, nurse = stranded
    other = await world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE")
    foreign = (await live.as_(other).ask(EVENTS))["events"]["cursor"]
    active = where.target.operator
    for who in (nurse, active):
        assert await live.as_(who).refused(EVENTS, since=foreign) == ["VALIDATION"]
    await world.owner.execute("update account set state = 'ACTIVE' where id = $1", nurse.account_id)
    assert await live.as_(nurse).refused(EVENTS, since=foreign) == ["VALIDATION"]


@pytest.mark.feature("N19")
async def test_who_comes_from_the_military_follows_her_feed_from_before_her_record_is_made(
    live: Live, world: World
) -> None:
    nurse = await Newcomer.registered(live, world, "赵军护", id_number())
    await nurse.does("accountVerifyIdentity")
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    where = with_nurse(await move(world, Kind.MILITARY_TRANSFER, TODAY), await nurse.person())
    desk = Desk(live, Kind.MILITARY_TRANSFER, where)
    cursor = (await nurse.client.ask(EVENTS))["events"]["cursor"]
    await desk.begins()
    async with nurse.client.watch(FEED, after=cursor) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        await desk.takes(where.cast.nurse, "applicationSubmit")
        submitted = await watch.next(3)
    assert (submitted["__typename"], submitted["application"]) == (
        "ApplicationSubmitted",
        {"state": "INSTITUTION_REVIEW"},
    )


CORRECT = """mutation($input: KeyFactRequestInput!) { done: keyFactRequest(input: $input) {
  __typename ... on Problem { code message } ... on KeyFactPayload { requestId } } }"""
ASKED = "{ keyFactRequests { nodes { id state newName evidence nurse { name } } } }"
NAME = {"name": "王小雨", "evidence": "户口簿"}


@pytest.mark.feature("A5", "N5")
async def test_who_cannot_correct_herself_any_more_asks_the_province_and_sees_what_she_asked(
    live: Live, world: World, stranded: tuple[Move, Person]
) -> None:
    """A verified identity was sent to keyFactRequest, which found nobody before the activation."""
    where, nurse = stranded
    page = live.as_(nurse)
    sent = await world.person(Party.AUTHORITY, where.province, Role.PROVINCIAL_ADMIN)
    done = (await page.ask(CORRECT, input=NAME))["done"]
    assert done["__typename"] == "KeyFactRequestPayload", done
    mine = {"id": done["requestId"], "state": "PENDING", "newName": "王小雨", "evidence": "户口簿", "nurse": None}
    assert (await page.ask(ASKED))["keyFactRequests"]["nodes"] == [mine]
    assert [one["id"] for one in (await live.as_(sent).ask(ASKED))["keyFactRequests"]["nodes"]] == [mine["id"]]
    # What her institution asked for stays with it until she is known for sure.
    await world.owner.execute("update desk_request set account_id = $1", where.cast.operator.account_id)
    assert (await page.ask(ASKED))["keyFactRequests"]["nodes"] == []


@pytest.mark.feature("A5", "N5")
async def test_who_is_not_known_yet_hears_what_comes_before_a_correction(live: Live, world: World) -> None:
    nurse = await Newcomer.registered(live, world, "沈雪", id_number())
    refused = {"__typename": "NotAllowedProblem", "code": "IDENTITY_UNVERIFIED"}
    for step in ("", "accountVerifyIdentity", "accountDeclareMilitarySource"):
        if step:
            await nurse.does(step)
        done = (await nurse.client.ask(CORRECT, input=NAME))["done"]
        assert {**done, "message": ""} == {**refused, "message": ""}
        assert done["message"].startswith("身份信息尚未验证：您填写有误的，请更正姓名或证件号码后重新验证")
    assert (await nurse.client.ask(ASKED))["keyFactRequests"]["nodes"] == []
    sql = "update account set identity_verified = true, identity_outcome = 'REGISTERED' where id = $1"
    await world.owner.execute(sql, (await nurse.person()).account_id)
    for sql, first in (("", "验证手机或邮箱"), ("contact_verified = true", "填写护士执业证书编号")):
        if sql:
            await world.owner.execute(f"update account set {sql} where id = $1", (await nurse.person()).account_id)
        done = (await nurse.client.ask(CORRECT, input=NAME))["done"]
        assert (done["code"], done["message"]) == ("STEP_NOT_OPEN", f"请先{first}，再申请关键信息修改")
    assert (
        await world.owner.fetchval(
            "select count(*) from desk_request where account_id = $1", (await nurse.person()).account_id
        )
        == 0
    )
