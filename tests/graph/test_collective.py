"""Filing together as clients ask for it: tried, begun, followed, cancelled."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from graph.context import Context, Services
from graph.documents import Documents
from graph.limits import Limits
from graph.live import Live as Planned
from graph.root import schema
from graph.schema.node import global_id
from tests.support.collective_group import Group
from tests.support.lists import xlsx
from tests.support.live import Client, Live
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, Person, World
from workflow.collective_job import run

pytestmark = pytest.mark.feature("I16")
FORM = {"healthStatus": "GOOD", "healthExaminedOn": str(TODAY), "department": "WARD", "title": "NURSE"}
RENEWAL = {"kind": "RENEWAL", "form": {"renewal": FORM}}
EVERYBODY = {**RENEWAL, "where": {}}
CHECK = """query($input: CollectiveFilingCheckInput!, $first: Int, $after: String) {
  collectiveFilingCheck(input: $input, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { place line eligible nurse { id } problems { path code message } } } }"""
SHOWN = "id kind state total filed refused finishedAt createdAt feedCursor"
ONE = "query($id: ID!) { collectiveFiling(id: $id) { %s } }"
ITEMS = """items(first: %d, after: %s, onlyRefused: %s) { pageInfo { endCursor hasNextPage } nodes {
  place line outcome nurse { id } application { state } problems { path code message } } }"""
FEED = """subscription($id: ID!, $after: String) { collectiveFilingFeed(id: $id, after: $after) { __typename
  cursor ... on CollectiveFilingEvent { collectiveFilingId filingState total filed refused } } }"""


@pytest.fixture
def group(services: Services, world: World, cast: Cast) -> Group:
    """The hospital of this test; its one nurse is in every filing."""
    return Group(services.db, world, cast)


async def do(client: Client, name: str, **given: Any) -> Any:
    """One mutation."""
    title = name[0].upper() + name[1:]
    text = f"""mutation($input: {title}Input!) {{ {name}(input: $input) {{ __typename
      ... on {title}Payload {{ collectiveFiling {{ {SHOWN} }} query {{ viewer {{ party }} }} }}
      ... on Problem {{ code }} ... on ValidationProblem {{ fields {{ path code }} }} }} }}"""
    return (await client.ask(text, input=given))[name]


async def upload(
    live: Live, person: Person, query: str, given: dict[str, Any], content: bytes, name: str = "名单.csv", **more: str
) -> Any:
    """Send a list with a request, as a front end does; the data. `more` are headers."""
    fields = {
        "operations": json.dumps({"query": query, "variables": {"input": {**given, "csv": None}}}),
        "map": json.dumps({"0": ["variables.input.csv"]}),
    }
    headers = {"Authorization": f"Bearer {person.token}", "apollo-require-preflight": "1", **more}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        files = {"0": (name, content, "text/csv")}
        body = (await client.post("/graphql", data=fields, files=files, headers=headers)).json()
    assert "errors" not in body, body
    (found,) = body["data"].values()
    return found


async def test_a_dry_run_is_read_page_by_page(live: Live, group: Group) -> None:
    await group.nurses(2)
    early = (await group.nurses(1, valid_until=TODAY + timedelta(days=200)))[0]
    client = live.as_(group.cast.operator)
    first = (await client.ask(CHECK, input=EVERYBODY, first=3))["collectiveFilingCheck"]
    end = first["pageInfo"]["endCursor"]
    rest = (await client.ask(CHECK, input=EVERYBODY, first=3, after=end))["collectiveFilingCheck"]
    assert (first["totalCount"], [one["place"] for one in first["nodes"]]) == (4, [1, 2, 3])
    assert (rest["totalCount"], [one["place"] for one in rest["nodes"]]) == (4, [4])
    assert [one["pageInfo"]["hasNextPage"] for one in (first, rest)] == [True, False]
    assert [node["eligible"] for node in first["nodes"]] == [True] * 3
    (node,) = rest["nodes"]
    day = TODAY + timedelta(days=110)
    problem = {"path": "kind", "code": "WINDOW_OPEN", "message": f"请于{day}起申请"}
    assert node == {
        "place": 4,
        "line": None,
        "eligible": False,
        "nurse": {"id": global_id("Nurse", early)},
        "problems": [problem],
    }
    assert await live.as_(group.cast.viewer).refused(CHECK, input=EVERYBODY) == ["NOT_ALLOWED"]
    assert await live.as_(group.cast.nurse).refused(CHECK, input=EVERYBODY) == ["NOT_ALLOWED"]
    assert await live.as_(None).refused(CHECK, input=EVERYBODY) == ["UNAUTHENTICATED"]


async def test_a_list_is_tried_and_filed_as_a_file(live: Live, group: Group) -> None:
    _, name, number = await group.known()
    content = f"证件号,姓名,技术职称\n{number},{name},主管护师\n{number[:-1]}0,,\n".encode("gb18030")
    checked = await upload(live, group.cast.operator, CHECK, RENEWAL, content)
    assert [(one["line"], one["eligible"]) for one in checked["nodes"]] == [(2, True), (3, False)]
    start = """mutation($input: CollectiveFilingStartInput!) { collectiveFilingStart(input: $input) {
      ... on CollectiveFilingStartPayload { collectiveFiling { id total refused } } ... on Problem { code } } }"""
    filing = (await upload(live, group.cast.operator, start, RENEWAL, content))["collectiveFiling"]
    assert (filing["total"], filing["refused"]) == (2, 1)
    await run(group.db)
    text = ONE % (ITEMS % (10, "null", "false"))
    nodes = (await live.as_(group.cast.viewer).ask(text, id=filing["id"]))["collectiveFiling"]["items"]["nodes"]
    assert [(one["line"], one["outcome"], one["application"]) for one in nodes] == [
        (2, "FILED", {"state": "AUTHORITY_INTAKE"}),
        (3, "REFUSED", None),
    ]


NOTED = """query($input: CollectiveFilingCheckInput!) { collectiveFilingCheck(input: $input) {
  nodes { line eligible notes { path code message } problems { path code message } } } }"""


@pytest.mark.parametrize("name", ["名单.xlsx", "名单.xls", "名单.csv", "名单"])
async def test_a_workbook_is_tried_as_a_file_whatever_its_name_is(live: Live, group: Group, name: str) -> None:
    _, who, number = await group.known()
    rows = [["某某医院"], ["序号", "*姓名", "*身份证号码", "科室", "工号"], [1, who, number, "急诊（科）室", "A7"]]
    rows += [[2, who, int("110101199003070011"), "太空"], [3, "", f"{number[:-1]}?", "病房"], [4, who, number]]
    node, *others = (await upload(live, group.cast.operator, NOTED, RENEWAL, xlsx(rows), name))["nodes"]
    note = {"path": "csv", "code": "LIST_COLUMN_UNKNOWN", "message": "E列“工号”未读取"}
    assert node == {"line": 3, "eligible": True, "notes": [note], "problems": []}
    assert [(one["line"], one["eligible"], one["notes"]) for one in others] == [(n, False, []) for n in (4, 5, 6)]
    assert [[problem["code"] for problem in one["problems"]] for one in others] == [
        ["ID_NUMBER_ROUNDED", "FIELD_UNREADABLE"],
        ["ID_NUMBER_FORMAT"],
        ["TWICE"],
    ]
    assert others[1]["problems"][0]["message"].startswith("第5行“*身份证号码”列的“")
    assert others[2]["problems"][0]["message"].startswith("第6行：名单中已有该护士")
    english = await upload(live, group.cast.operator, NOTED, RENEWAL, xlsx(rows), name, **{"Accept-Language": "en"})
    message = english["nodes"][1]["problems"][1]["message"]
    assert message.startswith("Row 4, column “科室”, “太空”: It is none of WARD, OUTPATIENT, ")


async def test_what_the_form_or_the_law_refuses_is_said_in_the_words_of_the_list_too(live: Live, group: Group) -> None:
    _, who, number = await group.known()
    rows = [["身份证号", "姓名", "体检时间"], [number, who, "2020年1月5日"]]
    (node,) = (await upload(live, group.cast.operator, NOTED, RENEWAL, xlsx(rows)))["nodes"]
    ((code, message),) = [(one["code"], one["message"]) for one in node["problems"]]
    assert code == "EXAMINATION_TOO_OLD"
    assert message.startswith("第2行“体检时间”列：体检日期2020-01-05已超过6个月")


async def test_no_whole_number_of_a_list_is_kept_with_a_refusal(live: Live, group: Group) -> None:
    _, who, number = await group.known()
    start = """mutation($input: CollectiveFilingStartInput!) { collectiveFilingStart(input: $input) {
      ... on CollectiveFilingStartPayload { collectiveFiling { id total refused } } } }"""
    rows = [["身份证号", "姓名", "科室"], [f"{number}1", who, "病房"], [number, who, number]]
    filing = (await upload(live, group.cast.operator, start, RENEWAL, xlsx(rows)))["collectiveFiling"]
    assert (filing["total"], filing["refused"]) == (2, 2)
    kept = await group.world.owner.fetchval(
        "select string_agg(problems::text, ' ') from collective_item i join collective_filing f on "
        "f.id = i.collective_filing_id where f.institution_id = $1",
        group.cast.hospital,
    )
    assert number not in kept
    assert f"{number[:3]}***********{number[-2:]}" in kept


async def test_a_list_that_cannot_be_read_is_refused_as_a_whole(live: Live, group: Group) -> None:
    start = """mutation($input: CollectiveFilingStartInput!) { collectiveFilingStart(input: $input) {
      ... on ValidationProblem { fields { path code } } } }"""
    for content, code in ((b"x" * (1024 * 1024 + 1), "LIST_SIZE"), ("工号\n1\n".encode(), "LIST_COLUMN_MISSING")):
        found = await upload(live, group.cast.operator, start, RENEWAL, content)
        assert found == {"fields": [{"path": "csv", "code": code}]}
    assert (
        await group.world.owner.fetchval(
            "select count(*) from collective_filing where institution_id = $1", group.cast.hospital
        )
        == 0
    )


async def test_a_filing_is_begun_followed_and_read(live: Live, group: Group) -> None:
    await group.nurses(3)
    await group.nurses(1, valid_until=TODAY + timedelta(days=200))
    client = live.as_(group.cast.operator)
    begun = await do(client, "collectiveFilingStart", **EVERYBODY, idempotencyKey="together-02")
    filing = begun["collectiveFiling"]
    counts = {"total": 5, "filed": 0, "refused": 0}
    assert {name: filing[name] for name in (*counts, "state", "kind")} == {
        **counts,
        "state": "RUNNING",
        "kind": "RENEWAL",
    }
    assert begun["query"] == {"viewer": {"party": "INSTITUTION"}}
    async with live.as_(group.cast.viewer).watch(FEED, id=filing["id"], after=filing["feedCursor"]) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        await run(group.db)
        message = await watch.next()
        assert {name: message[name] for name in message if name != "cursor"} == {
            "__typename": "CollectiveProgressed",
            "collectiveFilingId": filing["id"],
            "filingState": "FINISHED",
            "total": 5,
            "filed": 4,
            "refused": 1,
        }
        assert await watch.message() == {"id": "1", "type": "complete"}
    again = await do(client, "collectiveFilingStart", **EVERYBODY, idempotencyKey="together-02")
    assert again["collectiveFiling"]["id"] == filing["id"]
    begun = (await client.ask(ONE % (ITEMS % (1, "null", "false")), id=filing["id"]))["collectiveFiling"]["items"]
    after = json.dumps(begun["pageInfo"]["endCursor"])
    text = ONE % f"{SHOWN} {ITEMS % (2, after, 'false')}"
    shown = (await client.ask(text, id=filing["id"]))["collectiveFiling"]
    assert [shown[name] for name in ("state", "total", "filed", "refused")] == ["FINISHED", 5, 4, 1]
    assert shown["finishedAt"] is not None
    assert [one["place"] for one in shown["items"]["nodes"]] == [2, 3]
    assert shown["items"]["pageInfo"]["hasNextPage"] is True
    refused = (await client.ask(ONE % (ITEMS % (10, "null", "true")), id=filing["id"]))["collectiveFiling"]["items"]
    assert [(one["outcome"], [p["code"] for p in one["problems"]]) for one in refused["nodes"]] == [
        ("REFUSED", ["WINDOW_OPEN"])
    ]


async def test_its_feed_is_rendered_once_for_all_who_ask_the_same(services: Services, group: Group) -> None:
    given = {"id": global_id("CollectiveFiling", group.cast.hospital)}
    document = Documents(schema, Limits()).read(FEED)
    context = Context(services, group.cast.operator.session)
    followed = Planned(schema._schema, services).follow(document, document.operation(None), given, context)
    assert followed is not None
    await followed.aclose()


async def test_the_feeds_of_an_institution_tell_the_same(live: Live, services: Services, group: Group) -> None:
    filing = (await do(live.as_(group.cast.operator), "collectiveFilingStart", **EVERYBODY))["collectiveFiling"]
    await run(group.db)
    shown = "__typename type actor ... on CollectiveFilingEvent { collectiveFilingId filingState total filed refused }"
    text = f"{{ events(types: [COLLECTIVE_PROGRESSED]) {{ nodes {{ {shown} }} }} }}"
    found = (await Both(services).data(text, group.cast.manager))["events"]["nodes"]
    base = {"__typename": "CollectiveProgressed", "type": "COLLECTIVE_PROGRESSED", "collectiveFilingId": filing["id"]}
    assert found == [
        {**base, "actor": "INSTITUTION", "filingState": "RUNNING", "total": 1, "filed": 0, "refused": 0},
        {**base, "actor": None, "filingState": "FINISHED", "total": 1, "filed": 1, "refused": 0},
    ]
    assert (await live.as_(group.cast.reviewer).ask(text))["events"]["nodes"] == []


async def test_the_filings_of_an_institution_are_listed_newest_first(live: Live, group: Group, world: World) -> None:
    client, ids = live.as_(group.cast.operator), []
    for _ in range(3):
        ids.append((await do(client, "collectiveFilingStart", **EVERYBODY))["collectiveFiling"]["id"])
    text = "query($a: String) { collectiveFilings(first: 2, after: $a) { pageInfo { endCursor hasNextPage } nodes { id } } }"
    first = (await client.ask(text))["collectiveFilings"]
    assert ([one["id"] for one in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (ids[:0:-1], True)
    rest = (await client.ask(text, a=first["pageInfo"]["endCursor"]))["collectiveFilings"]
    assert ([one["id"] for one in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (ids[:1], False)
    far = await world.cast()
    for stranger in (group.cast.nurse, group.cast.reviewer, far.operator):
        assert (await live.as_(stranger).ask(text))["collectiveFilings"]["nodes"] == []
        assert await live.as_(stranger).ask(ONE % "id", id=ids[0]) == {"collectiveFiling": None}


async def test_a_cancelled_filing_answers_so_and_strangers_find_none(live: Live, group: Group, world: World) -> None:
    client = live.as_(group.cast.operator)
    filing = (await do(client, "collectiveFilingStart", **EVERYBODY))["collectiveFiling"]
    far = await world.cast()
    assert (await do(live.as_(far.operator), "collectiveFilingCancel", id=filing["id"]))["code"] == "NOT_FOUND"
    assert (await do(live.as_(group.cast.viewer), "collectiveFilingCancel", id=filing["id"]))["code"] == "NOT_ALLOWED"
    async with client.watch(FEED, id=filing["id"], after=filing["feedCursor"]) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        done = await do(client, "collectiveFilingCancel", id=filing["id"])
        assert done["collectiveFiling"]["state"] == "CANCELLED"
        assert (await watch.next())["filingState"] == "CANCELLED"
        assert await watch.message() == {"id": "1", "type": "complete"}
    assert (await do(client, "collectiveFilingCancel", id=filing["id"]))["code"] == "FILING_ENDED"
