"""Objects by their global ids."""

from __future__ import annotations

from base64 import b64encode
from uuid import uuid4

import pytest

from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.live import Live
from tests.support.world import Cast, World

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
READABLE = ("Account", "Application", "Authority", "Institution", "Nurse", "Registration")
MALFORMED = {
    "nothing": "",
    "not base64": "护士",
    "no colon": b64encode(b"Nurse").decode(),
    "not a uuid": b64encode(b"Nurse:1").decode(),
    "not text": b64encode(b"\xff\xfe:").decode(),
    "an unknown type": b64encode(f"Patient:{uuid4()}".encode()).decode(),
    "a type without a row of its own": b64encode(f"ReviewDecision:{uuid4()}".encode()).decode(),
    "a bare uuid": str(uuid4()),
}


async def test_everything_with_a_row_of_its_own_is_read_again_by_its_id(live: Live, world: World, cast: Cast) -> None:
    keys = {
        "Account": cast.operator.account_id,
        "Application": await put(world, cast, State.INSTITUTION_REVIEW),
        "Authority": cast.district,
        "Institution": cast.hospital,
        "Nurse": cast.nurse_id,
        "Registration": cast.nurse_id,
    }
    assert tuple(keys) == READABLE
    for noun, key in keys.items():
        found = await live.as_(cast.operator).ask(NODE, id=global_id(noun, key))
        assert found["node"] == {"__typename": noun, "id": global_id(noun, key)}


async def test_missing_and_foreign_are_the_same_null_in_the_order_of_the_ids(
    live: Live, world: World, cast: Cast
) -> None:
    other = await world.cast()
    foreign, missing = global_id("Nurse", other.nurse_id), global_id("Nurse", uuid4())
    own, place = global_id("Nurse", cast.nurse_id), global_id("Institution", cast.hospital)
    ids = [place, foreign, own, missing, own, place]
    found = await live.as_(cast.operator).ask(NODES, ids=ids)
    assert found["nodes"] == [{"id": place}, None, {"id": own}, None, {"id": own}, {"id": place}]
    one, none = [(await live.as_(cast.operator).post(NODE, {"id": key})).content for key in (foreign, missing)]
    assert one == none == b'{"data":{"node":null}}'


@pytest.mark.parametrize("text", MALFORMED)
async def test_an_id_that_is_none_is_nothing(live: Live, cast: Cast, text: str) -> None:
    client, given = live.as_(cast.operator), MALFORMED[text]
    assert await client.ask(NODE, id=given) == {"node": None}
    assert await client.ask(NODES, ids=[given]) == {"nodes": [None]}


@pytest.mark.parametrize("field", ["nurse", "institution", "application"])
async def test_an_object_is_not_found_under_the_name_of_another(
    live: Live, world: World, cast: Cast, field: str
) -> None:
    keys = {"Nurse": cast.nurse_id, "Institution": cast.hospital}
    ids = {noun.lower(): global_id(noun, key) for noun, key in keys.items()}
    ids["application"] = global_id("Application", await put(world, cast, State.INSTITUTION_REVIEW))
    asked = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    for noun, key in ids.items():
        expected = {"id": key} if noun == field else None
        assert await live.as_(cast.operator).ask(asked, id=key) == {field: expected}


async def test_a_hundred_ids_at_once_and_no_more(live: Live, cast: Cast) -> None:
    key, client = global_id("Nurse", cast.nurse_id), live.as_(cast.operator)
    assert await client.ask(NODES, ids=[]) == {"nodes": []}
    assert await client.ask(NODES, ids=[key] * 100) == {"nodes": [{"id": key}] * 100}
    body = (await client.post(NODES, {"ids": [key] * 101})).json()
    (error,) = body["errors"]
    assert body["data"] is None
    assert error["extensions"]["code"] == "VALIDATION"
    assert error["extensions"]["fields"] == [
        {"path": "ids", "code": "PAGE_SIZE", "message": "每页最多100条，本次为101"},
    ]


@pytest.mark.feature("N11")
async def test_the_viewer_is_oneself_whoever_that_is(live: Live, world: World, cast: Cast) -> None:
    """Everybody sees her own account, and the one place or person she speaks for."""
    asked = """{ viewer { displayName party roles active account { id userName party state }
      nurse { id } institution { id } authority { id } } }"""
    desk = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    both = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, Role.DECIDER)
    for person in (cast.nurse, cast.operator, cast.reviewer, both, desk, analyst):
        viewer = (await live.as_(person).ask(asked))["viewer"]
        actor, account = person.actor, await world.row("account", person.account_id)
        assert (viewer["displayName"], viewer["party"], viewer["active"]) == (actor.name, actor.party, True)
        assert viewer["roles"] == sorted(actor.roles)
        assert viewer["account"] == {
            "id": global_id("Account", person.account_id),
            "userName": account["user_name"],
            "party": actor.party,
            "state": "ACTIVE",
        }
        for noun in ("Nurse", "Institution", "Authority"):
            mine = actor.party is not None and actor.party.lower() == noun.lower() and actor.party_id
            assert viewer[noun.lower()] == ({"id": global_id(noun, mine)} if mine else None)
    assert await live.as_(None).ask(asked) == {"viewer": None}
