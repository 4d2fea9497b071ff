"""The list of institutions: whoever is signed in finds where to file; an authority lists what it has licensed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio

from graph.schema.node import global_id
from rules.institution import name_part
from rules.people import Party, Role
from tests.support.live import Live
from tests.support.world import Cast, Person, World

SEARCH = """query($where: InstitutionWhere, $orderBy: [InstitutionOrder!], $within: ID, $first: Int, $after: String) {
  institutions(where: $where, orderBy: $orderBy, within: $within, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id name division state authority { id } } } }"""


@dataclass
class Town:
    """A town with a name that no other test has: two hospitals that work, one that is closed."""

    name: str
    district: UUID
    east: UUID
    west: UUID
    closed: UUID


@pytest_asyncio.fixture
async def town(world: World, cast: Cast) -> Town:
    name = f"青{cast.district.hex[-8:]}"
    district = await world.authority(cast.nation)
    east = await world.institution(district, name=f"{name}市人民医院（东院）", division="990201")
    west = await world.institution(district, name=f"{name}市第一人民医院", division="990202")
    closed = await world.institution(district, name=f"{name}市红旗医院", division="990202", state="CLOSED")
    return Town(name, district, east, west, closed)


async def found(live: Live, person: Person | None, **given: object) -> list[str]:
    return [node["id"] for node in (await live.as_(person).ask(SEARCH, **given))["institutions"]["nodes"]]


def ids(*keys: UUID) -> list[str]:
    return [global_id("Institution", key) for key in keys]


@pytest.mark.feature("N16")
@pytest.mark.parametrize("who", ["inactive", "nurse", "operator", "viewer", "help desk", "analyst"])
async def test_whoever_is_signed_in_finds_the_institutions_that_work(
    live: Live, world: World, cast: Cast, town: Town, who: str
) -> None:
    """Also before her account is active: 变更 and 军转 are filed then."""
    person = {
        "inactive": await world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE"),
        "help desk": await world.person(Party.HELP_DESK, None, Role.HELP_DESK),
        "analyst": await world.person(Party.ANALYST, None, Role.ANALYST),
        **{name: getattr(cast, name) for name in ("nurse", "operator", "viewer")},
    }[who]
    page = (await live.as_(person).ask(SEARCH, where={"name": {"contains": town.name}}))["institutions"]
    assert page["totalCount"] == 2
    assert page["nodes"] == [
        {
            "id": global_id("Institution", key),
            "name": name,
            "division": division,
            "state": "ACTIVE",
            "authority": {"id": global_id("Authority", town.district)},
        }
        for key, name, division in (
            (town.east, f"{town.name}市人民医院（东院）", "990201"),
            (town.west, f"{town.name}市第一人民医院", "990202"),
        )
    ]


async def test_nobody_who_is_not_signed_in_lists_institutions(live: Live) -> None:
    assert await live.as_(None).refused(SEARCH) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "part",
    ["人民医院（东院）", "人民医院(东院)", "人民医院东院", "人民 医院　东院", "医院（东", "市人民医院〔东院〕", "东院"],
)
async def test_a_name_is_found_by_any_part_however_it_is_typed(live: Live, cast: Cast, town: Town, part: str) -> None:
    where = {"and": [{"name": {"contains": town.name.upper()}}, {"name": {"contains": part}}]}
    assert await found(live, cast.nurse, where=where) == ids(town.east)


async def test_characters_in_another_order_are_another_name(live: Live, cast: Cast, town: Town) -> None:
    where = {"and": [{"name": {"contains": town.name}}, {"name": {"contains": "院医民人"}}]}
    assert await found(live, cast.nurse, where=where) == []


async def test_a_part_of_nothing_asks_for_nothing(live: Live, cast: Cast, town: Town) -> None:
    """An empty box of a search form, or a bracket and no more yet."""
    for part in ("", " ", "（"):
        where = {"name": {"contains": part}, "division": {"startsWith": "9902"}}
        within = global_id("Authority", town.district)
        assert await found(live, cast.nurse, where=where, within=within) == ids(town.east, town.west)


async def test_signs_of_sql_are_letters(live: Live, cast: Cast, town: Town) -> None:
    for part in ("%", "_", "青%", "'"):
        where = {"and": [{"name": {"contains": town.name}}, {"name": {"contains": part}}]}
        assert await found(live, cast.nurse, where=where) == []


async def test_institutions_are_found_by_place_state_and_code(live: Live, world: World, cast: Cast, town: Town) -> None:
    named = {"name": {"contains": town.name}}
    assert await found(live, cast.nurse, where={**named, "division": {"eq": "990202"}}) == ids(town.west)
    assert await found(live, cast.nurse, where={**named, "state": {"eq": "CLOSED"}}) == []
    code = (await world.row("institution", town.east))["code"]
    for typed in (code, f" {code.lower()[:8]} {code[8:]}"):
        assert await found(live, cast.nurse, where={"code": {"eq": typed}}) == ids(town.east)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert await live.as_(cast.nurse).refused(SEARCH, where={"code": {"eq": wrong}}) == ["VALIDATION"]


async def test_institutions_come_page_by_page_in_either_order(live: Live, cast: Cast, town: Town) -> None:
    named = {"where": {"name": {"contains": town.name}}, "first": 1}
    first = (await live.as_(cast.nurse).ask(SEARCH, **named, orderBy=["NAME_DESC"]))["institutions"]
    assert ([one["id"] for one in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (ids(town.west), True)
    after = first["pageInfo"]["endCursor"]
    assert await found(live, cast.nurse, **named, orderBy=["NAME_DESC"], after=after) == ids(town.east)


@pytest.mark.feature("A7")
async def test_an_authority_lists_what_it_and_those_below_it_have_licensed(
    live: Live, world: World, cast: Cast, town: Town
) -> None:
    """In every state: what is closed is looked up as well, and another authority's is none of hers."""
    district = await world.person(Party.AUTHORITY, town.district, Role.SUPERVISOR)
    nation = await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR)
    everything = sorted(ids(town.east, town.west, town.closed))
    assert sorted(await found(live, district)) == everything
    assert await found(live, district, where={"state": {"eq": "CLOSED"}}) == ids(town.closed)
    assert sorted(await found(live, nation)) == sorted([*everything, *ids(cast.hospital)])
    within = global_id("Authority", town.district)
    assert sorted(await found(live, nation, within=within)) == everything
    assert await found(live, cast.reviewer, where={"name": {"contains": town.name}}) == []
    assert await found(live, cast.reviewer, within=within) == []


def test_a_part_is_folded_as_names_are_and_more() -> None:
    assert name_part(" 首都Ａ、Ｂ（东—院）·〔X-1〕 ") == "首都ab东院x1"
    assert name_part(name_part("（协和） 医院")) == "协和医院"
