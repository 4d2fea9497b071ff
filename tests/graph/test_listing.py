"""Lists by plan and by executor: every page, order and condition gives the same bytes, and each row once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.people import resident
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

ROSTER = """query Roster($first: Int, $after: String, $last: Int, $before: String, $where: NurseWhere,
  $orderBy: [NurseOrder!], $within: ID) {
  nurses(first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy, within: $within) {
    __typename totalCount totalCountIsCapped feedCursor
    pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }
    edges { __typename cursor node { id name } }
    nodes { id name education registration { validUntil certificateNumber standing } applications(first: 1) { kind } }
  } }"""
NURSES = 31


@pytest.fixture
def both(services: Services) -> Both:
    return Both(services)


async def roster(world: World, cast: Cast) -> None:
    """Thirty more nurses, four to an expiry day."""
    for n in range(NURSES - 1):
        await world.nurse(cast.hospital, cast.district, valid_until=TODAY + timedelta(days=n // 4 * 100 - 200))


@pytest.mark.feature("I10")
@pytest.mark.parametrize(
    "order",
    [None, ["VALID_UNTIL_DESC"], ["NAME_ASC"], ["NAME_DESC"], ["NAME_ASC", "VALID_UNTIL_DESC"],
     ["VALID_UNTIL_DESC", "CERTIFICATE_NUMBER_ASC"]],
)  # fmt: skip
async def test_paging_both_ways_shows_each_nurse_once(
    both: Both, world: World, cast: Cast, order: list[str] | None
) -> None:
    """Forwards from the start, and backwards from the end, in every order."""
    await roster(world, cast)
    there = await paged(both, cast, orderBy=order, size="first", mark="after", end="endCursor", more="hasNextPage")
    back = await paged(both, cast, orderBy=order, size="last", mark="before", end="startCursor", more="hasPreviousPage")
    assert len(set(there)) == NURSES
    assert len(there) == NURSES
    assert sorted(back) == sorted(there)
    assert [*reversed_pages(back)] == there


async def paged(both: Both, cast: Cast, *, size: str, mark: str, end: str, more: str, **given: Any) -> list[str]:
    """The ids of all pages, in the order of the pages."""
    found, variables = [], {size: 7, **given}
    while True:
        page = (await both.data(ROSTER, cast.operator, **variables))["nurses"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"][more]:
            return found
        variables[mark] = page["pageInfo"][end]


def reversed_pages(ids: list[str]) -> list[str]:
    """Pages read from the end, put in the list's order."""
    pages = [ids[start : start + 7] for start in range(0, len(ids), 7)]
    return [one for page in reversed(pages) for one in page]


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({}, 31), ({"and": []}, 31), ({"or": []}, 0), ({"name": {"eq": "x"}}, 0),
        ({"standing": {"in": ["EXPIRED"]}}, 8), ({"not": {"standing": {"eq": "EXPIRED"}}}, 23),
        ({"name": {"startsWith": "王"}}, 31), ({"name": {"startsWith": "%"}}, 0), ({"name": {"in": ["王护士", "李"]}}, 31),
        ({"validUntil": {"lt": TODAY.isoformat()}}, 8),
        ({"or": [{"standing": {"eq": "EXPIRED"}}, {"sex": {"eq": "MALE"}}]}, 8),
        ({"title": {"in": ["NURSE"]}, "education": {"eq": "COLLEGE"}, "department": {"eq": "WARD"}}, 31),
    ],
)  # fmt: skip
async def test_conditions_combine(both: Both, world: World, cast: Cast, where: dict[str, Any], count: int) -> None:
    await roster(world, cast)
    page = (await both.data(ROSTER, cast.operator, where=where, first=100))["nurses"]
    assert (page["totalCount"], len(page["nodes"])) == (count, count)


async def test_a_nurse_is_found_by_her_whole_id_number_only(both: Both, world: World, cast: Cast) -> None:
    key = await world.nurse(cast.hospital, cast.district)
    row = await world.row("nurse", key)
    number, other = resident(), resident()
    await world.owner.execute(
        "update nurse set id_number_index = $2 where id = $1", key, world.keyring.blind_index(number, "id_number")
    )
    for given, found in ((number, 1), (number.lower(), 1), (other, 0)):
        assert await both.planned(ROSTER, cast.operator, where={"idNumber": {"eq": given}}) is None
        assert both.unplanned.pop()[-1]["nurses"]["totalCount"] == found
    for given in (number[:-1], row["id_number_masked"]):
        assert await both.planned(ROSTER, cast.operator, where={"idNumber": {"eq": given}}) is None
        assert both.unplanned == []


async def test_a_place_within_ones_own_is_reached_and_none_beyond_it(both: Both, world: World, cast: Cast) -> None:
    other = await world.cast()
    for given, found in ((cast.hospital, 1), (other.hospital, 0)):
        place = global_id("Institution", given)
        assert (await both.data(ROSTER, cast.reviewer, within=place))["nurses"]["totalCount"] == found
    place = global_id("Institution", other.hospital)
    assert (await both.data(ROSTER, cast.operator, within=place))["nurses"]["totalCount"] == 0


async def test_an_authoritys_list_is_what_it_counts_all_that_lies_below_it(
    both: Both, world: World, cast: Cast
) -> None:
    """The nation lists and counts the nurses of its district and of another one, and within each its own."""
    above = await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER)
    second = await world.authority(cast.nation)
    nurses = {cast.district: {cast.nurse_id}, second: {await world.nurse(await world.institution(second), second)}}
    nurses[cast.nation] = set().union(*nurses.values())
    counted = "query ($within: ID) { nurseCounts(by: [SEX], within: $within) { count } }"
    everything = [(None, nurses[cast.nation]), *((global_id("Authority", at), hers) for at, hers in nurses.items())]
    for place, hers in everything:
        page = (await both.data(ROSTER, above, within=place))["nurses"]
        assert {node["id"] for node in page["nodes"]} == {global_id("Nurse", one) for one in hers}
        assert (await both.data(counted, above, within=place))["nurseCounts"] == [{"count": len(hers)}]
    outside = await both.data(ROSTER, cast.reviewer, within=global_id("Authority", second))
    assert outside["nurses"]["nodes"] == []


@pytest.mark.parametrize(
    "variables",
    [
        {"first": 101},
        {"first": -1},
        {"first": 1, "last": 1},
        {"after": "x"},
        {"before": "WyJuYW1lIl0="},
        {"within": "x"},
    ],
)
async def test_what_is_refused_is_left_to_the_executor(both: Both, cast: Cast, variables: dict[str, Any]) -> None:
    assert await both.planned(ROSTER, cast.operator, **variables) is None


async def test_a_cursor_of_another_order_is_refused(both: Both, cast: Cast) -> None:
    page = (await both.data(ROSTER, cast.operator))["nurses"]
    after = page["pageInfo"]["endCursor"]
    assert await both.planned(ROSTER, cast.operator, after=after, orderBy=["NAME_ASC"]) is None


@pytest.mark.feature("I4", "I24")
async def test_counts_of_ones_own_nurses_by_what_is_asked(both: Both, world: World, cast: Cast) -> None:
    """The education table of the home page, as the deck shows it."""
    await roster(world, cast)
    await world.owner.execute(
        "update nurse set education = 'BACHELOR' where id in"
        " (select nurse_id from registration where institution_id = $1 order by nurse_id limit 11)", cast.hospital
    )  # fmt: skip
    text = """query ($by: [NurseGroup!]!, $within: ID) {
      nurseCounts(by: $by, within: $within) { education title sex count } }"""
    expected = [
        {"education": "BACHELOR", "title": None, "sex": "FEMALE", "count": 11},
        {"education": "COLLEGE", "title": None, "sex": "FEMALE", "count": 20},
    ]
    for person in (cast.operator, cast.reviewer):
        found = await both.data(text, person, by=["EDUCATION", "SEX", "EDUCATION"])
        assert found["nurseCounts"] == expected
    near = global_id("Authority", cast.district)
    assert (await both.data(text, cast.reviewer, by=["EDUCATION", "SEX"], within=near))["nurseCounts"] == expected
    other = await world.cast()
    for place in (global_id("Authority", other.district), global_id("Institution", other.hospital)):
        assert (await both.data(text, cast.reviewer, by=["SEX"], within=place))["nurseCounts"] == []
    assert await both.planned(text, cast.nurse, by=["SEX"]) is None


NAMES = ("张爱玲", "爱华", "玛依热·爱尼", "王芳", "Maria CRUZ")


@pytest.mark.feature("I10")
@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("爱", ["张爱玲", "爱华", "玛依热·爱尼"]), ("爱尼", ["玛依热·爱尼"]), ("热爱", ["玛依热·爱尼"]), ("尼爱", []),
        ("·爱", ["张爱玲", "爱华", "玛依热·爱尼"]), ("ria c", ["Maria CRUZ"]), ("ＣＲ", ["Maria CRUZ"]), ("%", []),
        ("", [*NAMES]), ("x" * 500, []),
    ],
)  # fmt: skip
async def test_a_hospital_finds_its_nurses_by_any_part_of_their_names(
    both: Both, world: World, part: str, names: list[str]
) -> None:
    """查“爱” found nobody: names were searched from their beginning alone."""
    cast, other = await world.cast(), await world.cast()
    keys = [cast.nurse_id, *[await world.nurse(cast.hospital, cast.district) for _ in NAMES[1:]], other.nurse_id]
    for key, name in zip(keys, [*NAMES, "爱国"], strict=True):
        await world.rename(key, name)
    where = {"name": {"contains": part}}
    page = (await both.data(ROSTER, cast.viewer, where=where))["nurses"]
    assert (sorted(one["name"] for one in page["nodes"]), page["totalCount"]) == (sorted(names), len(names))
    within = {"within": global_id("Institution", cast.hospital)}
    assert (await both.data(ROSTER, cast.reviewer, where=where, **within))["nurses"]["totalCount"] == len(names)
    others = {"where": {"not": where}, "first": 5}
    left = len(NAMES) - len(names)
    assert (await both.data(ROSTER, cast.operator, **others))["nurses"]["totalCount"] == left


@pytest.mark.feature("I10")
async def test_one_character_of_a_name_is_not_searched_through_more_than_one_hospital(
    live: Live, both: Both, cast: Cast
) -> None:
    """Millions of names would be read: an authority names the hospital."""
    part = {"name": {"contains": "爱"}}
    for where in (part, {"or": [{"name": {"eq": "王"}}, {"not": part}]}):
        for within in ({}, {"within": global_id("Authority", cast.district)}):
            answer = (await live.as_(cast.reviewer).post(ROSTER, {"where": where, **within})).json()
            (error,) = answer["errors"]
            (field,) = error["extensions"]["fields"]
            assert (field["path"], field["code"]) == ("where", "TOO_WIDE")
            assert field["message"].startswith("按姓名中的一个字查找，须用within限定到一家机构")
            assert await both.planned(ROSTER, cast.reviewer, where=where, **within) is None
    empty = {"name": {"contains": " "}}
    assert (await both.data(ROSTER, cast.reviewer, where=empty))["nurses"]["totalCount"] >= 1


FILED = """query($where: ApplicationWhere, $within: ID) {
  applications(where: $where, within: $within) { nodes { nurseName } } }"""


@pytest.mark.feature("I19", "I20")
async def test_applications_are_found_by_any_part_of_the_name_too(both: Both, live: Live, world: World) -> None:
    cast = await world.cast()
    key = await put(world, cast, State.AUTHORITY_INTAKE)
    await world.owner.execute("update application set nurse_name = '张爱玲' where id = $1", key)
    where, within = {"nurseName": {"contains": "爱玲"}}, {"within": global_id("Institution", cast.hospital)}
    for who, more in ((cast.operator, {}), (cast.reviewer, within)):
        assert (await both.data(FILED, who, where=where, **more))["applications"]["nodes"] == [{"nurseName": "张爱玲"}]
    assert await live.as_(cast.reviewer).refused(FILED, where=where) == ["VALIDATION"]
