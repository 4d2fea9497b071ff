"""The tree of authorities grows, and each sets how it decides (A9)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from graph.schema.node import global_id
from rules.people import Party, Role
from tests.support.live import Client, Live
from tests.support.world import Cast, World

CREATE = """mutation($input: AuthorityCreateInput!) { authorityCreate(input: $input) {
  __typename ... on AuthorityCreatePayload { authority {
    id code name level parent { id } twoPersons renewalWindowDays promisedDays } }
  ... on Problem { code message } ... on ValidationProblem { fields { path code message } } } }"""
SET = """mutation($input: AuthoritySettingsSetInput!) { authoritySettingsSet(input: $input) {
  __typename ... on AuthoritySettingsSetPayload { authority { twoPersons renewalWindowDays promisedDays } }
  ... on Problem { code message } ... on ValidationProblem { fields { path code message } } } }"""


@pytest_asyncio.fixture
async def admin(live: Live, world: World, cast: Cast) -> Client:
    """A provincial admin above the district."""
    return live.as_(await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN))


def wish(cast: Cast, **more: Any) -> dict[str, Any]:
    code, name = uuid4().hex[:12], f"开发区{uuid4().hex[:6]}卫生健康局"
    return {"parentId": global_id("Authority", cast.nation), "code": code, "name": name, "level": "CITY", **more}


@pytest.mark.feature("A9")
async def test_an_authority_is_added_below_its_people_are_invited_and_it_licenses_an_institution(
    live: Live, world: World, cast: Cast, admin: Client
) -> None:
    asked = wish(cast)
    made = (await admin.ask(CREATE, input=asked))["authorityCreate"]["authority"]
    usual = {"twoPersons": True, "renewalWindowDays": 90, "promisedDays": None}
    shown = {"code": asked["code"].upper(), "name": asked["name"], "level": "CITY"}
    assert made == {"id": made["id"], **shown, **usual, "parent": {"id": asked["parentId"]}}
    listed = "query($parent: ID) { authorities(first: 50, parent: $parent) { nodes { id } } }"
    below = (await admin.ask(listed, parent=asked["parentId"]))["authorities"]["nodes"]
    assert {"id": made["id"]} in below
    # One below the new one.
    inner = wish(cast, parentId=made["id"], level="DISTRICT")
    assert (await admin.ask(CREATE, input=inner))["authorityCreate"]["authority"]["parent"] == {"id": made["id"]}


@pytest.mark.feature("A9")
async def test_everything_that_is_wrong_with_an_authority_is_said_at_once_and_none_is_made(
    world: World, cast: Cast, admin: Client
) -> None:
    before = await world.owner.fetchval("select count(*) from authority")
    refused = (await admin.ask(CREATE, input=wish(cast, code="11", name="局", level="NATION")))["authorityCreate"]
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("level", "NOT_BELOW"),
        ("code", "AUTHORITY_CODE"),
        ("name", "INSTITUTION_NAME"),
    ]
    taken = wish(cast)
    made = (await admin.ask(CREATE, input=taken))["authorityCreate"]["authority"]
    again = (await admin.ask(CREATE, input={**wish(cast), "code": taken["code"]}))["authorityCreate"]
    assert [(one["path"], one["code"]) for one in again["fields"]] == [("code", "TAKEN")]
    same_level = (await admin.ask(CREATE, input=wish(cast, parentId=made["id"])))["authorityCreate"]
    assert [(one["path"], one["code"]) for one in same_level["fields"]] == [("level", "NOT_BELOW")]
    assert await world.owner.fetchval("select count(*) from authority") == before + 1


@pytest.mark.feature("A9")
async def test_a_division_outside_the_area_of_the_authority_above_is_refused(
    live: Live, world: World, cast: Cast, admin: Client
) -> None:
    known = {row["code"] for row in await world.owner.fetch("select code from authority")}
    first, other = [f"{two}0000" for two in range(10, 100) if f"{two}0000" not in known][:2]
    province = (await admin.ask(CREATE, input=wish(cast, code=first, level="PROVINCE")))["authorityCreate"]
    inside, outside = f"{first[:2]}0100", f"{other[:2]}0100"
    given = {"parentId": province["authority"]["id"]}
    refused = (await admin.ask(CREATE, input=wish(cast, **given, code=outside)))["authorityCreate"]
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("code", "OUT_OF_AREA")]
    taken = (await admin.ask(CREATE, input=wish(cast, **given, code=inside)))["authorityCreate"]
    assert taken["authority"]["code"] == inside


@pytest.mark.feature("A9", "A4")
async def test_an_authority_sets_how_it_decides_and_what_was_is_kept(
    live: Live, world: World, cast: Cast, admin: Client
) -> None:
    district = global_id("Authority", cast.district)
    wanted = {"twoPersons": False, "renewalWindowDays": 180, "promisedDays": 10}
    done = (await admin.ask(SET, input={"authorityId": district, **wanted}))["authoritySettingsSet"]
    assert done["authority"] == wanted
    row = await world.row("authority", cast.district)
    assert (row["two_persons"], row["renewal_window_days"], row["promised_days"]) == (False, 180, 10)
    wrong = {"authorityId": district, "twoPersons": True, "renewalWindowDays": 29, "promisedDays": 21}
    refused = (await admin.ask(SET, input=wrong))["authoritySettingsSet"]
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("renewalWindowDays", "DAYS_RANGE"),
        ("promisedDays", "DAYS_RANGE"),
    ]
    assert await world.row("authority", cast.district) == row
    (kept,) = await world.owner.fetch(
        "select detail from audit where action = 'authoritySettingsSet' and detail ->> 'authority' = $1",
        str(cast.district),
    )
    assert '"two_persons": "True"' in kept["detail"]
    assert '"new_promised_days": "10"' in kept["detail"]
