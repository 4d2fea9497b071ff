"""The roster beside an institution's own list: four groups, and steps for many that are tried first (I9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from rules.people import Role
from tests.support.lists import xlsx
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.people import form, known, resident
from tests.support.units import belong, limited, put_unit
from tests.support.uploads import send_list
from tests.support.world import TODAY, Cast, World
from workflow.roster import wish
from workflow.step import take

COUNTS = ("equal", "different", "notOnRoster", "notListed", "unreadable")
ROWS = """rows(first: 100) { nodes { place line finding doneAt nurse { id }
  changes { path recorded wanted } problems { path code message } } }"""
COMPARE = f"""mutation($input: RosterCompareInput!) {{ rosterCompare(input: $input) {{ __typename
  ... on RosterComparePayload {{ rosterCheck {{ id {" ".join(COUNTS)} notes {{ message }} {ROWS} }} }}
  ... on Problem {{ code message }} ... on ValidationProblem {{ fields {{ path code }} }} }} }}"""
HEADS = ("姓名", "身份证号", "护士执业证书编号", "所在科室", "职称", "职务")


@dataclass
class Hospital:
    """A hospital whose five nurses have numbers that a list can name; the cast's is one that no list does."""

    world: World
    cast: Cast
    ids: list[UUID]
    numbers: list[str]
    certificates: list[str]

    def shown(self, nth: int) -> dict[str, str]:
        """One of them, as an answer shows her."""
        return {"id": global_id("Nurse", self.ids[nth])}


@pytest_asyncio.fixture
async def hospital(world: World, cast: Cast) -> Hospital:
    """The one of this test."""
    people = [form(name=f"王{name}") for name in "甲乙丙丁戊"]
    ids = [await known(world, cast, one) for one in people]
    found = [await world.row("registration", one, "nurse_id") for one in ids]
    return Hospital(world, cast, ids, [one.id_number for one in people], [one["certificate_number"] for one in found])


async def compare(live: Live, hospital: Hospital, content: bytes, **given: Any) -> Any:
    """What the operator finds."""
    return await send_list(live, hospital.cast.operator, COMPARE, content, **given)


def rows_of(check: Any, finding: str) -> list[Any]:
    """The rows of one finding."""
    return [one for one in check["rows"]["nodes"] if one["finding"] == finding]


@pytest.mark.feature("I9")
async def test_a_workbook_is_compared_row_by_row_with_the_roster_alone(live: Live, hospital: Hospital) -> None:
    numbers, certificates = hospital.numbers, hospital.certificates
    far = form(name="别院护士")
    elsewhere = await hospital.world.institution(hospital.cast.district)
    await known(hospital.world, Cast(**{**vars(hospital.cast), "hospital": elsewhere}), far)
    content = xlsx(
        [
            ["本院护士花名册"],
            [*HEADS, "工号"],
            ["王甲", numbers[0], "", "病区", "护士", "", "0001"],
            ["王乙", "", certificates[1], "其他（体检中心）", "主管护师", "护士长", "0002"],
            ["别院护士", far.id_number, "", "", "", "", "0003"],
            ["无此人", resident(), "", "", "", "", "0004"],
            ["王丙", numbers[2], "", "太空", "", "", "0005"],
            ["李丁", numbers[3], "", "", "", "", "0006"],
            ["王甲", numbers[0], "", "", "", "", "0007"],
        ]
    )
    check = (await compare(live, hospital, content))["rosterCheck"]
    assert {name: check[name] for name in COUNTS} == dict(zip(COUNTS, (1, 1, 2, 2, 3), strict=True))
    assert [one["message"] for one in check["notes"]] == ["G列“工号”未读取"]
    (equal,) = rows_of(check, "EQUAL")
    assert (equal["line"], equal["nurse"], equal["changes"]) == (3, hospital.shown(0), [])
    (different,) = rows_of(check, "DIFFERENT")
    assert (different["line"], different["nurse"], different["changes"]) == (
        4,
        hospital.shown(1),
        [
            {"path": "department", "recorded": "病房", "wanted": "其他：体检中心"},
            {"path": "title", "recorded": "护士", "wanted": "主管护师"},
            {"path": "post", "recorded": "未填写", "wanted": "护士长"},
        ],
    )
    # Who works elsewhere and who does not exist look the same.
    assert [(one["line"], one["nurse"], one["problems"]) for one in rows_of(check, "NOT_ON_ROSTER")] == [
        (5, None, []),
        (6, None, []),
    ]
    unread = rows_of(check, "UNREADABLE")
    assert [(one["line"], one["problems"][0]["code"]) for one in unread] == [
        (7, "FIELD_UNREADABLE"),
        (8, "NAME_DIFFERS"),
        (9, "TWICE"),
    ]
    assert unread[0]["problems"][0]["message"].startswith("第7行“所在科室”列的“太空”：没有这一项，请改为：")
    assert unread[1]["problems"][0]["message"].startswith("第8行“姓名”列的“李丁”：与在册姓名不一致")
    # The cast's own nurse and the fifth; whoever is in a row that cannot be compared is listed all the same.
    left = rows_of(check, "NOT_LISTED")
    assert {one["line"] for one in left} == {None}
    assert {one["nurse"]["id"] for one in left} == {global_id("Nurse", hospital.cast.nurse_id), hospital.shown(4)["id"]}


@pytest.mark.feature("I9")
async def test_only_who_compared_sees_it_and_her_next_one_takes_its_place(live: Live, hospital: Hospital) -> None:
    content = f"身份证号\n{hospital.numbers[0]}\n".encode()
    first = (await compare(live, hospital, content))["rosterCheck"]
    second = (await compare(live, hospital, content))["rosterCheck"]
    asked = "{ rosterChecks { nodes { id } } }"
    operator = live.as_(hospital.cast.operator)
    assert await operator.ask(asked) == {"rosterChecks": {"nodes": [{"id": second["id"]}]}}
    read = "query($id: ID!) { node(id: $id) { id } }"
    assert (await operator.ask(read, id=first["id"]))["node"] is None
    for person in (hospital.cast.manager, hospital.cast.viewer, hospital.cast.reviewer, hospital.cast.nurse):
        assert (await live.as_(person).ask(read, id=second["id"]))["node"] is None
    kept = "select * from roster_check_row r join roster_check c on c.id = r.roster_check_id where c.account_id = $1"
    assert len(await hospital.world.owner.fetch(kept, hospital.cast.operator.account_id)) == 6
    viewer = await send_list(live, hospital.cast.viewer, COMPARE, content)
    assert viewer["code"] == "NOT_ALLOWED"
    audited = "select nurse_id, purpose from audit where account_id = $1 and action = 'identity.found'"
    rows = await hospital.world.owner.fetch(audited, hospital.cast.operator.account_id)
    assert [tuple(row) for row in rows] == [(hospital.ids[0], "ROSTER")] * 2


@pytest.mark.feature("I9")
async def test_who_is_limited_compares_with_her_units_alone(live: Live, hospital: Hospital) -> None:
    ward = await put_unit(hospital.world, hospital.cast.hospital)
    await belong(hospital.world, hospital.ids[0], ward)
    operator = await limited(hospital.world, hospital.cast, Role.OPERATOR, ward)
    content = "\n".join(["身份证号", *hospital.numbers[:2]]).encode()
    check = (await send_list(live, operator, COMPARE, content))["rosterCheck"]
    assert [check[name] for name in COUNTS] == [1, 0, 1, 0, 0]


@pytest.mark.feature("I9")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "LIST_COLUMN_MISSING"),
        ("姓名,科室\n王甲,病房\n".encode(), "LIST_COLUMN_MISSING"),
        ("身份证号\n".encode(), "NOBODY"),
        (b"%PDF-1.7", "LIST_TYPE"),
        (("身份证号\n" + "110101199003070011\n" * 10_001).encode(), "TOO_MANY"),
    ],
)
async def test_a_list_that_cannot_be_read_is_refused_as_a_whole(
    live: Live, hospital: Hospital, content: bytes, code: str
) -> None:
    refused = await compare(live, hospital, content)
    assert refused["fields"] == [{"path": "csv", "code": code}]


@pytest.mark.feature("I9", "I27")
async def test_what_differs_is_edited_for_many_once_it_was_tried(live: Live, hospital: Hospital) -> None:
    world, client = hospital.world, live.as_(hospital.cast.operator)
    rows = [HEADS, *(["", number, "", "急诊科", "", "护士长"] for number in hospital.numbers[:2])]
    rows.append(["", hospital.numbers[2], "", "", "护师", ""])
    check = (await compare(live, hospital, xlsx(rows)))["rosterCheck"]
    assert check["different"] == 3
    shown, places = f"rosterCheck {{ {ROWS} }}", [1, 2, 3]
    tried = await do(client, "rosterEdit", shown, id=check["id"], places=places, dryRun=True)
    assert tried["fields"] == [{"path": "places.2", "code": "NOT_OF_HER_WORK"}]
    departments = "select department from nurse where id = any($1)"
    before = [row["department"] for row in await world.owner.fetch(departments, hospital.ids)]
    refused = await do(client, "rosterEdit", shown, id=check["id"], places=places)
    assert refused["fields"] == [{"path": "places.2", "code": "NOT_OF_HER_WORK"}]
    dry = await do(client, "rosterEdit", shown, id=check["id"], places=[1, 2], dryRun=True)
    assert dry["__typename"] == "RosterEditPayload"
    assert [row["department"] for row in await world.owner.fetch(departments, hospital.ids)] == before
    heard = "select count(*) from event where scope = $1 and type = 'information.edited'"
    assert await world.owner.fetchval(heard, hospital.cast.hospital) == 0
    done = await do(client, "rosterEdit", shown, id=check["id"], places=[1, 2])
    found = {one["place"]: one["doneAt"] is not None for one in done["rosterCheck"]["rows"]["nodes"]}
    assert [found[place] for place in (1, 2, 3)] == [True, True, False]
    for key in hospital.ids[:2]:
        nurse = await world.row("nurse", key)
        assert (nurse["department"], nurse["post"]) == ("EMERGENCY", "HEAD_NURSE")
    assert await world.owner.fetchval(heard, hospital.cast.hospital) == 2
    edits = "select count(*) from audit where action = 'informationEdit' and nurse_id = any($1)"
    assert await world.owner.fetchval(edits, hospital.ids) == 2
    again = await do(client, "rosterEdit", shown, id=check["id"], places=[1])
    assert again["fields"] == [{"path": "places.0", "code": "ROW_DONE"}]


@pytest.mark.feature("I9", "I27")
async def test_whoever_edited_for_many_undoes_it_within_ten_working_days(live: Live, hospital: Hospital) -> None:
    world, client = hospital.world, live.as_(hospital.cast.operator)
    rows = [
        HEADS,
        *(
            ["", number, "", "急诊科", "", post]
            for number, post in zip(hospital.numbers, ("", "", "护士长"), strict=False)
        ),
    ]
    check = (await compare(live, hospital, xlsx(rows)))["rosterCheck"]
    step = {"id": check["id"], "places": [1, 2, 3]}
    unset = await do(client, "rosterUndo", "rosterCheck { id }", **step)
    assert {one["code"] for one in unset["fields"]} == {"ROW_NOT_DONE"}
    assert (await do(client, "rosterEdit", "rosterCheck { id }", **step))["rosterCheck"]
    await world.owner.execute("update nurse set department = 'OUTPATIENT' where id = $1", hospital.ids[1])
    refused = await do(client, "rosterUndo", "rosterCheck { id }", **step)
    assert refused["fields"] == [
        {"path": "places.1", "code": "CHANGED_SINCE"},
        {"path": "places.2", "code": "NOTHING_BEFORE"},
    ]
    departments = "select department from nurse where id = any($1) order by id"
    assert [row["department"] for row in await world.owner.fetch(departments, hospital.ids[:1])] == ["EMERGENCY"]
    undone = await do(client, "rosterUndo", f"rosterCheck {{ {ROWS} }}", **{**step, "places": [1]})
    assert undone["rosterCheck"]["rows"]["nodes"][0]["doneAt"] is None
    assert (await world.row("nurse", hospital.ids[0]))["department"] == "WARD"
    late = "update roster_check_row set done_at = now() - interval '40 days' where roster_check_id = "
    await world.owner.execute(
        late + "(select id from roster_check where account_id = $1)", hospital.cast.operator.account_id
    )
    assert (await do(client, "rosterUndo", "rosterCheck { id }", **{**step, "places": [2]}))["code"] == "UNDO_TOO_LATE"


@pytest.mark.feature("I9")
async def test_who_is_in_no_row_is_reported_to_have_left_and_stays_on_the_register(
    live: Live, hospital: Hospital
) -> None:
    world, client = hospital.world, live.as_(hospital.cast.operator)
    content = "\n".join(["身份证号", *hospital.numbers[:3]]).encode()
    check = (await compare(live, hospital, content))["rosterCheck"]
    places = [one["place"] for one in rows_of(check, "NOT_LISTED")]
    assert len(places) == 3
    step = {"id": check["id"], "places": places, "reason": "RESIGNED", "leftOn": TODAY.isoformat()}
    shown = "rosterCheck { id }"
    ahead = {**step, "leftOn": (TODAY + timedelta(days=1)).isoformat(), "dryRun": True}
    early = await do(client, "rosterReportDepartures", shown, **ahead)
    assert early["fields"] == [{"path": f"places.{nth}", "code": "DATE_IN_FUTURE"} for nth in range(3)]
    entries = "select institution_id, status from registration where nurse_id = any($1)"
    left = [hospital.cast.nurse_id, *hospital.ids[3:]]
    assert (await do(client, "rosterReportDepartures", shown, **step, dryRun=True))["rosterCheck"]
    assert {row["institution_id"] for row in await world.owner.fetch(entries, left)} == {hospital.cast.hospital}
    wrong = await do(client, "rosterReportDepartures", shown, **{**step, "places": [1, *places]})
    assert wrong["fields"] == [{"path": "places.0", "code": "OTHER_FINDING"}]
    assert (await do(client, "rosterReportDepartures", shown, **step))["rosterCheck"]["id"] == check["id"]
    assert {tuple(row) for row in await world.owner.fetch(entries, left)} == {(None, "VALID")}
    heard = "select count(*) from event where scope = $1 and type = 'registration.departed'"
    assert await world.owner.fetchval(heard, hospital.cast.hospital) == 3
    undo = {"id": check["id"], "places": places}
    assert (await do(client, "rosterUndo", shown, **undo))["rosterCheck"]["id"] == check["id"]
    assert {row["institution_id"] for row in await world.owner.fetch(entries, left)} == {hospital.cast.hospital}


@pytest.mark.feature("I9")
async def test_nobody_edits_or_reports_herself_by_a_list(live: Live, hospital: Hospital) -> None:
    world, operator = hospital.world, hospital.cast.operator
    await world.owner.execute(
        "update account set self_nurse_id = $2 where id = $1", operator.account_id, hospital.ids[0]
    )
    rows = [HEADS, ["", hospital.numbers[0], "", "急诊科", "", ""], *(["", one] for one in hospital.numbers[2:])]
    check = (await compare(live, hospital, xlsx(rows)))["rosterCheck"]
    edited = await do(live.as_(operator), "rosterEdit", "rosterCheck { id }", id=check["id"], places=[1])
    assert edited["fields"] == [{"path": "places.0", "code": "ABOUT_YOURSELF"}]
    await world.owner.execute(
        "update account set self_nurse_id = $2 where id = $1", operator.account_id, hospital.ids[1]
    )
    (place,) = [one["place"] for one in rows_of(check, "NOT_LISTED") if one["nurse"] == hospital.shown(1)]
    step = {"id": check["id"], "places": [place], "reason": "RESIGNED", "leftOn": TODAY.isoformat()}
    reported = await do(live.as_(operator), "rosterReportDepartures", "rosterCheck { id }", **step)
    assert reported["fields"] == [{"path": "places.0", "code": "ABOUT_YOURSELF"}]
    entries = [await world.row("registration", one, "nurse_id") for one in hospital.ids[:2]]
    assert {one["institution_id"] for one in entries} == {hospital.cast.hospital}


@pytest.mark.feature("I9")
async def test_nobody_undoes_by_a_list_what_was_done_about_herself(live: Live, hospital: Hospital) -> None:
    """Whom she is becomes known after she did it."""
    world, operator, shown = hospital.world, hospital.cast.operator, "rosterCheck { id }"
    client, is_she = live.as_(operator), "update account set self_nurse_id = $2 where id = $1"
    rows = [HEADS, ["", hospital.numbers[0], "", "急诊科", "", ""], *(["", one] for one in hospital.numbers[2:])]
    check = (await compare(live, hospital, xlsx(rows)))["rosterCheck"]
    (place,) = [one["place"] for one in rows_of(check, "NOT_LISTED") if one["nurse"] == hospital.shown(1)]
    left = {"id": check["id"], "places": [place], "reason": "RESIGNED", "leftOn": TODAY.isoformat()}
    assert (await do(client, "rosterEdit", shown, id=check["id"], places=[1]))["rosterCheck"]
    assert (await do(client, "rosterReportDepartures", shown, **left))["rosterCheck"]
    for nurse_id, done in zip(hospital.ids, (1, place), strict=False):
        await world.owner.execute(is_she, operator.account_id, nurse_id)
        refused = await do(client, "rosterUndo", shown, id=check["id"], places=[done])
        assert refused["fields"] == [{"path": "places.0", "code": "ABOUT_YOURSELF"}]
    assert (await world.row("nurse", hospital.ids[0]))["department"] == "EMERGENCY"
    assert (await world.row("registration", hospital.ids[1], "nurse_id"))["institution_id"] is None
    undone = "select count(*) from roster_check_row where nurse_id = any($1) and done_at is null"
    assert await world.owner.fetchval(undone, hospital.ids[:2]) == 0


@pytest.mark.feature("I9")
async def test_a_list_of_ten_thousand_rows_is_compared_whole(services: Services, hospital: Hospital) -> None:
    rows = [HEADS, *(["", resident(), "", "急诊科", "护师", ""] for _ in range(9_999))]
    rows.append(["", hospital.numbers[0], "", "", "", ""])
    session = hospital.cast.operator.session
    key = await take(services.db, session, await wish(services.db, session, xlsx(rows), None))
    counted = "select finding, count(*) from roster_check_row where roster_check_id = $1 group by 1 order by 1"
    found = [tuple(row) for row in await hospital.world.owner.fetch(counted, key)]
    assert found == [("EQUAL", 1), ("NOT_LISTED", 5), ("NOT_ON_ROSTER", 9_999)]


@pytest.mark.feature("I9")
async def test_a_step_on_anothers_comparison_or_on_a_row_that_is_not_there_finds_nothing(
    live: Live, hospital: Hospital
) -> None:
    check = (await compare(live, hospital, f"身份证号\n{hospital.numbers[0]}\n".encode()))["rosterCheck"]
    for person, places in ((hospital.cast.manager, [1]), (hospital.cast.operator, [99])):
        found = await do(live.as_(person), "rosterEdit", "rosterCheck { id }", id=check["id"], places=places)
        assert found["__typename"] == "NotFoundProblem"
    none = await do(live.as_(hospital.cast.operator), "rosterEdit", "rosterCheck { id }", id=check["id"], places=[])
    assert none["fields"] == [{"path": "places", "code": "WRONG_NUMBER"}]


SORTED = """query($order: [RosterRowOrder!], $where: RosterRowWhere) { rosterChecks { nodes {
  rows(finding: NOT_LISTED, orderBy: $order, where: $where) { totalCount nodes { nurse { name } } } } } }"""


@pytest.mark.feature("I9")
async def test_findings_are_ordered_by_the_pinyin_of_names_and_searched_by_any_part(
    live: Live, hospital: Hospital
) -> None:
    for name in ("曾丽", "单田芳", "李曾"):
        await known(hospital.world, hospital.cast, form(name=name))
    row = ["王甲", hospital.numbers[0], "", "", "", ""]
    await compare(live, hospital, xlsx([HEADS, row]))

    async def names(**given: Any) -> list[str]:
        (check,) = (await live.as_(hospital.cast.operator).ask(SORTED, **given))["rosterChecks"]["nodes"]
        found = [one["nurse"]["name"] for one in check["rows"]["nodes"]]
        assert check["rows"]["totalCount"] == len(found)
        return [name for name in found if not name.startswith("王")]

    # 单 is Shan and 曾 Zeng where they are surnames.
    assert await names() == ["李曾", "单田芳", "曾丽"]
    assert await names(order=["NAME_DESC"]) == ["曾丽", "单田芳", "李曾"]
    assert await names(where={"name": {"contains": "曾"}}) == ["李曾", "曾丽"]
    assert await names(where={"name": {"startsWith": "曾"}}) == ["曾丽"]
    assert await names(order=["NAME_ASC"], where={"not": {"name": {"eq": "单田芳"}}}) == ["李曾", "曾丽"]
