"""Who looked at a nurse's data, her complaints, and the audit trail of an area (rights 13)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from rules.moment import SHANGHAI
from rules.people import Party, Role
from tests.support.live import Client, Live
from tests.support.looks import a_complaint, a_look
from tests.support.statements import counted
from tests.support.world import TODAY, Cast, Person, World

LOOKS = "{ looks { totalCount nodes { id kind purpose note party placeName roles file } } }"
MINE = "{ looks { totalCount nodes { id } } }"
COMPLAINTS = """{ lookComplaints { nodes { id lookId state words answer upheld officerName officerUserName nurseName
  version authority { id } } } }"""
COMPLAIN = """mutation($input: LookComplainInput!) { lookComplain(input: $input) { __typename
  ... on Problem { code } ... on ValidationProblem { fields { path code } }
  ... on LookComplaintPayload { lookComplaint { id state version } } } }"""
ANSWER = """mutation($input: LookComplaintAnswerInput!) { lookComplaintAnswer(input: $input) { __typename
  ... on Problem { code } ... on ValidationProblem { fields { path code } }
  ... on LookComplaintPayload { lookComplaint { state upheld answer version } } } }"""
TRAIL = """query($since: DateTime!, $until: DateTime!, $within: ID, $where: AuditWhere, $first: Int) {
  auditEntries(since: $since, until: $until, within: $within, where: $where, first: $first) { totalCount nodes {
    at action kind purpose placeName officerName nurseName idNumberMasked memberCount withheldUntil nurse { id } } } }"""
NOW = datetime.now(SHANGHAI)
PERIOD = {"since": (NOW - timedelta(days=30)).isoformat(), "until": (NOW + timedelta(days=2)).isoformat()}


async def supervisor(world: World, of: UUID, **more: Any) -> Person:
    """A supervisor of an authority."""
    return await world.person(Party.AUTHORITY, of, Role.SUPERVISOR, **more)


async def asked(client: Client, text: str, **given: Any) -> Any:
    """The answer of the one step of a mutation."""
    (answer,) = (await client.ask(text, input=given)).values()
    return answer


@pytest.mark.feature("N13")
async def test_she_sees_place_office_purpose_and_time_and_never_a_name(live: Live, world: World, cast: Cast) -> None:
    """Looks at her alone and as one of a list, the newest first; hers, and looks at others, are not among them."""
    hospital = await world.row("institution", cast.hospital)
    said = {"purpose": "OTHER", "detail": {"note": "核对进修名单"}, "at": NOW - timedelta(hours=2)}
    alone = await a_look(world, cast.nurse_id, cast.manager, **said)
    listed = {"members": [uuid7(), cast.nurse_id], "action": "file.download", "purpose": None}
    detail = {"file": "HAND_OUT_LIST"}
    among = await a_look(world, None, cast.decider, **listed, detail=detail, at=NOW - timedelta(hours=1))
    await a_look(world, cast.nurse_id, cast.nurse, action="file.download", purpose=None)
    await a_look(world, uuid7(), cast.operator)
    await a_look(world, cast.nurse_id, cast.operator, action="nurse.not_verified")
    response = await live.as_(cast.nurse).post(LOOKS)
    found = response.json()["data"]["looks"]
    assert found == {
        "totalCount": 2,
        "nodes": [
            {
                "id": global_id("Look", among),
                "kind": "DOWNLOADED",
                "purpose": None,
                "note": None,
                "party": "AUTHORITY",
                "placeName": "西城区卫生健康委员会",
                "roles": ["DECIDER"],
                "file": "HAND_OUT_LIST",
            },
            {
                "id": global_id("Look", alone),
                "kind": "VERIFIED",
                "purpose": "OTHER",
                "note": "核对进修名单",
                "party": "INSTITUTION",
                "placeName": hospital["name"],
                "roles": ["MANAGER"],
                "file": None,
            },
        ],
    }
    for person in (cast.manager, cast.decider):
        assert person.actor.name not in response.text


async def test_a_look_that_is_withheld_is_told_the_day_after(live: Live, world: World, cast: Cast) -> None:
    withheld = await a_look(world, cast.nurse_id, cast.decider, withheld_until=TODAY)
    shown = await a_look(world, cast.nurse_id, cast.decider, withheld_until=TODAY - timedelta(days=1))
    found = (await live.as_(cast.nurse).ask(MINE))["looks"]
    assert found == {"totalCount": 1, "nodes": [{"id": global_id("Look", shown)}]}
    node = "query($id: ID!) { node(id: $id) { __typename id } }"
    assert await live.as_(cast.nurse).ask(node, id=global_id("Look", withheld)) == {"node": None}
    given = {"lookId": global_id("Look", withheld), "words": "何人查阅"}
    assert (await asked(live.as_(cast.nurse), COMPLAIN, **given))["__typename"] == "NotFoundProblem"


async def test_nobody_else_sees_who_looked_at_her(live: Live, world: World, cast: Cast) -> None:
    """Not her employer, not another nurse."""
    key = global_id("Look", await a_look(world, cast.nurse_id, cast.decider))
    other = await world.person(Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE)
    assert (await live.as_(other).ask(MINE))["looks"]["totalCount"] == 0
    node = "query($id: ID!) { node(id: $id) { __typename id } }"
    for person in (cast.operator, cast.manager, cast.reviewer, await supervisor(world, cast.district), other):
        assert await live.as_(person).ask(node, id=key) == {"node": None}
        if person is not other:
            assert await live.as_(person).refused(MINE) == ["NOT_ALLOWED"]


async def test_a_verification_over_http_is_a_look_that_she_sees(live: Live, world: World, cast: Cast) -> None:
    far = await world.cast()
    certificate = (await world.row("registration", cast.nurse_id, "nurse_id"))["certificate_number"]
    text = """query($n: String!) { nurseVerificationByCertificate(certificateNumber: $n, name: "王护士", purpose: TRAINING)
      { name } }"""
    await live.as_(far.operator).ask(text, n=certificate)
    (found,) = (await live.as_(cast.nurse).ask(LOOKS))["looks"]["nodes"]
    place = (await world.row("institution", far.hospital))["name"]
    assert (found["kind"], found["purpose"], found["placeName"]) == ("VERIFIED", "TRAINING", place)


@pytest.mark.feature("N13")
async def test_her_complaint_goes_to_the_supervisor_of_the_place_who_sees_the_officer_and_answers(
    live: Live, world: World, cast: Cast
) -> None:
    """She is told the answer and no name; both hear each step."""
    above = await supervisor(world, cast.district)
    look = global_id("Look", await a_look(world, cast.nurse_id, cast.operator))
    nurse, officer = live.as_(cast.nurse), live.as_(above)
    answer = await asked(nurse, COMPLAIN, lookId=look, words="我不认识该单位")
    filed = answer["lookComplaint"]
    assert (filed["state"], filed["version"]) == ("PENDING", 1)
    (seen,) = (await officer.ask(COMPLAINTS))["lookComplaints"]["nodes"]
    assert (seen["officerName"], seen["nurseName"], seen["lookId"]) == (cast.operator.actor.name, "王护士", look)
    (own,) = (await nurse.ask(COMPLAINTS))["lookComplaints"]["nodes"]
    assert (own["officerName"], own["officerUserName"], own["words"]) == (None, None, "我不认识该单位")
    assert own["authority"] == {"id": global_id("Authority", cast.district)}
    given = {"id": filed["id"], "expectedVersion": 1, "upheld": True, "answer": "查阅无正当理由，已处理"}
    said = (await asked(officer, ANSWER, **given))["lookComplaint"]
    assert said == {"state": "ANSWERED", "upheld": True, "answer": "查阅无正当理由，已处理", "version": 2}
    (own,) = (await nurse.ask(COMPLAINTS))["lookComplaints"]["nodes"]
    assert (own["answer"], own["upheld"], own["officerName"]) == ("查阅无正当理由，已处理", True, None)
    sql = "select type from event where scope = $1 and type like 'look.%' order by seq"
    for scope in (cast.nurse_id, cast.district):
        assert [row["type"] for row in await world.owner.fetch(sql, scope)] == ["look.complained", "look.answered"]
    assert (
        await world.owner.fetchval("select count(*) from event where scope = $1 and type like 'look.%'", cast.hospital)
        == 0
    )
    again = await asked(officer, ANSWER, **{**given, "expectedVersion": 2})
    assert again["code"] == "REQUEST_DECIDED"


async def test_a_look_of_an_authority_is_answered_by_the_one_above(live: Live, world: World, cast: Cast) -> None:
    look = await a_look(world, cast.nurse_id, cast.reviewer)
    own, above = await supervisor(world, cast.district), await supervisor(world, cast.nation)
    await asked(live.as_(cast.nurse), COMPLAIN, lookId=global_id("Look", look), words="何故查阅")
    assert (await live.as_(own).ask(COMPLAINTS))["lookComplaints"]["nodes"] == []
    (seen,) = (await live.as_(above).ask(COMPLAINTS))["lookComplaints"]["nodes"]
    assert seen["officerName"] == cast.reviewer.actor.name


async def test_where_a_place_has_no_supervisor_the_one_above_answers(live: Live, world: World, cast: Cast) -> None:
    look = await a_look(world, cast.nurse_id, cast.operator)
    above = await supervisor(world, cast.nation)
    await asked(live.as_(cast.nurse), COMPLAIN, lookId=global_id("Look", look), words="何故查阅")
    assert len((await live.as_(above).ask(COMPLAINTS))["lookComplaints"]["nodes"]) == 1


async def test_about_one_look_one_complaint_however_often_it_is_sent(live: Live, world: World, cast: Cast) -> None:
    look = await a_look(world, cast.nurse_id, cast.operator)
    nurse = live.as_(cast.nurse)
    given = {"lookId": global_id("Look", look), "words": "何故查阅"}
    answers = await asyncio.gather(*(asked(nurse, COMPLAIN, **given) for _ in range(4)))
    names = sorted(one.get("code", "taken") for one in answers)
    assert names == ["LOOK_COMPLAINED"] * 3 + ["taken"]
    assert await world.owner.fetchval("select count(*) from look_complaint where look_id = $1", look) == 1


@pytest.mark.parametrize(
    ("words", "code"), [("", "FIELD_REQUIRED"), (" \n", "FIELD_REQUIRED"), ("长" * 501, "TEXT_TOO_LONG")]
)
async def test_a_complaint_says_something(live: Live, world: World, cast: Cast, words: str, code: str) -> None:
    look = await a_look(world, cast.nurse_id, cast.operator)
    answer = await asked(live.as_(cast.nurse), COMPLAIN, lookId=global_id("Look", look), words=words)
    assert answer["fields"] == [{"path": "words", "code": code}]
    assert await world.owner.fetchval("select count(*) from look_complaint where look_id = $1", look) == 0


@pytest.mark.parametrize(
    ("who", "answered"),
    [("own look", "NOT_ALLOWED"), ("reviewer", "NOT_ALLOWED"), ("far", "NOT_FOUND"), ("operator", "NOT_FOUND"),
     ("herself", "ABOUT_YOURSELF")],
)  # fmt: skip
async def test_who_does_not_answer_a_complaint(live: Live, world: World, cast: Cast, who: str, answered: str) -> None:
    """And nothing moves."""
    district = await supervisor(world, cast.district)
    person = {
        "own look": district,
        "reviewer": cast.reviewer,
        "far": await supervisor(world, (await world.cast()).district),
        "operator": cast.operator,
        "herself": await supervisor(world, cast.district, self_nurse=cast.nurse_id),
    }[who]
    by = district if who == "own look" else cast.operator
    key = await a_complaint(world, cast.nurse_id, cast.district, by)
    before = await world.row("look_complaint", key)
    given = {"id": global_id("LookComplaint", key), "expectedVersion": 1, "upheld": False, "answer": "系正常查阅"}
    answer = await asked(live.as_(person), ANSWER, **given)
    assert answer["code"] == ("OWN_LOOK" if who == "own look" else answered)
    assert await world.row("look_complaint", key) == before
    if who in ("own look", "herself"):
        assert (await live.as_(person).ask(COMPLAINTS))["lookComplaints"]["nodes"] == []


async def test_a_complaint_is_answered_as_last_seen(live: Live, world: World, cast: Cast) -> None:
    key = await a_complaint(world, cast.nurse_id, cast.district, cast.operator)
    officer = live.as_(await supervisor(world, cast.district))
    given = {"id": global_id("LookComplaint", key), "upheld": False, "answer": "系正常查阅"}
    assert (await asked(officer, ANSWER, **given, expectedVersion=2))["code"] == "VERSION_STALE"
    answers = await asyncio.gather(*(asked(officer, ANSWER, **given, expectedVersion=1) for _ in range(3)))
    assert sorted(one["__typename"] for one in answers) == [
        "ConflictProblem", "ConflictProblem", "LookComplaintAnswerPayload"
    ]  # fmt: skip


@pytest.mark.feature("A1")
async def test_a_supervisor_reads_the_trail_of_her_area_and_of_no_other(live: Live, world: World, cast: Cast) -> None:
    """Of her own authority, of those below it, and of the institutions that they licensed; with names."""
    far = await world.cast()
    for by in (cast.operator, cast.reviewer, far.operator):
        await a_look(world, cast.nurse_id, by, at=NOW - timedelta(hours=1))
    for person in (await supervisor(world, cast.district), await supervisor(world, cast.nation)):
        where = {"action": {"eq": "nurse.verified"}}
        found = (await live.as_(person).ask(TRAIL, **PERIOD, where=where))["auditEntries"]
        assert found["totalCount"] == 2
        names = {one["officerName"] for one in found["nodes"]}
        assert names == {cast.operator.actor.name, cast.reviewer.actor.name}
        assert {one["nurseName"] for one in found["nodes"]} == {"王护士"}
    assert await live.as_(cast.reviewer).refused(TRAIL, **PERIOD) == ["NOT_ALLOWED"]
    assert await live.as_(cast.manager).refused(TRAIL, **PERIOD) == ["NOT_ALLOWED"]


async def test_the_trail_is_narrowed_by_place_person_purpose_nurse_and_action(
    live: Live, world: World, cast: Cast
) -> None:
    other = await world.institution(cast.district)
    operator = await world.person(Party.INSTITUTION, other, Role.OPERATOR)
    second = await world.nurse(other, cast.district)
    await a_look(world, cast.nurse_id, cast.operator, purpose="ROSTER")
    await a_look(world, second, operator, purpose="EMPLOYMENT")
    await a_look(world, None, operator, action="file.download", purpose=None, members=[second, cast.nurse_id])
    client = live.as_(await supervisor(world, cast.district))

    async def rows(**given: Any) -> list[tuple[str, str | None, int]]:
        found = (await client.ask(TRAIL, **PERIOD, **given))["auditEntries"]["nodes"]
        return [(one["action"], one["purpose"], one["memberCount"]) for one in found if one["action"] != "audit.read"]

    roster, hired, listed = (
        ("nurse.verified", "ROSTER", 0),
        ("nurse.verified", "EMPLOYMENT", 0),
        ("file.download", None, 2),
    )
    assert await rows(within=global_id("Nurse", cast.nurse_id)) == [listed, roster]
    assert await rows(within=global_id("Nurse", second)) == [listed, hired]
    assert await rows(within=global_id("Institution", other)) == [listed, hired]
    assert await rows(within=global_id("Authority", cast.district)) == [listed, hired, roster]
    assert await rows(within=global_id("Authority", (await world.cast()).district)) == []
    assert await rows(where={"account": {"eq": global_id("Account", operator.account_id)}}) == [listed, hired]
    assert await rows(where={"purpose": {"in": ["ROSTER"]}}) == [roster]
    assert await rows(where={"action": {"startsWith": "file."}}) == [listed]


async def test_reading_the_trail_is_an_entry_of_it_before_it_is_read(live: Live, world: World, cast: Cast) -> None:
    """Once a request, by plan and by executor; it says which part."""
    person = await supervisor(world, cast.district)
    sql = "select detail, nurse_id from audit where account_id = $1 and action = 'audit.read' order by at"
    where = {"purpose": {"eq": "ROSTER"}}
    await live.as_(person).ask(TRAIL, **PERIOD, within=global_id("Nurse", cast.nurse_id), where=where)
    (row,) = await world.owner.fetch(sql, person.account_id)
    detail = orjson.loads(row["detail"])
    assert (row["nurse_id"], detail["within"], detail["filters"]) == (
        cast.nurse_id,
        f"Nurse:{cast.nurse_id}",
        ["purpose"],
    )
    found = (await live.as_(person).ask(TRAIL, **PERIOD, where={"action": {"eq": "audit.read"}}))["auditEntries"]
    assert found["totalCount"] == 2
    assert found["nodes"][0]["officerName"] == person.actor.name
    assert await live.as_(cast.reviewer).refused(TRAIL, **PERIOD) == ["NOT_ALLOWED"]
    assert await world.owner.fetch(sql, cast.reviewer.account_id) == []


@pytest.mark.parametrize(
    ("since", "until", "path", "code"),
    [(0, -1, "until", "PERIOD_ORDER"), (0, 0, "until", "PERIOD_ORDER"), (0, 93, "since", "PERIOD_LENGTH")],
)
async def test_the_trail_is_read_a_quarter_at_once(
    live: Live, world: World, cast: Cast, since: int, until: int, path: str, code: str
) -> None:
    person = await supervisor(world, cast.district)
    given = {"since": (NOW + timedelta(days=since)).isoformat(), "until": (NOW + timedelta(days=until)).isoformat()}
    (error,) = (await live.as_(person).post(TRAIL, given)).json()["errors"]
    assert [(one["path"], one["code"]) for one in error["extensions"]["fields"]] == [(path, code)]
    assert await world.owner.fetchval("select count(*) from audit where account_id = $1", person.account_id) == 0


async def test_a_supervisor_who_is_a_nurse_reads_nothing_about_herself(live: Live, world: World, cast: Cast) -> None:
    """She would learn who looked at her; neither alone nor as one of a list."""
    await a_look(world, cast.nurse_id, cast.operator)
    await a_look(world, None, cast.operator, members=[cast.nurse_id, uuid7()], action="file.download", purpose=None)
    person = await supervisor(world, cast.district, self_nurse=cast.nurse_id)
    where = {"account": {"eq": global_id("Account", cast.operator.account_id)}}
    assert (await live.as_(person).ask(TRAIL, **PERIOD, where=where))["auditEntries"]["totalCount"] == 0
    other = await supervisor(world, cast.district)
    assert (await live.as_(other).ask(TRAIL, **PERIOD, where=where))["auditEntries"]["totalCount"] == 2


async def test_her_looks_and_the_trail_are_one_statement_each(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """And the entry that the reading leaves."""
    person = await supervisor(world, cast.district)
    await a_look(world, cast.nurse_id, cast.operator)
    plan = """explain (format json) select * from audit where place_id = $1 and at >= $2 and at < $3
      order by at desc, id desc limit 21"""
    async with world.owner.transaction():
        await world.owner.execute("set local enable_seqscan = off")
        shown = await world.owner.fetchval(plan, cast.hospital, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert "audit_place_id" in str(shown) or "place_id_at_idx" in str(shown)
    with counted(services.db) as statements:
        await live.as_(cast.nurse).ask(LOOKS)
    assert statements == []
    with counted(services.db) as statements:
        await live.as_(person).ask(TRAIL, **PERIOD)
    assert sum("INSERT INTO audit" in one for one in statements) == 1
