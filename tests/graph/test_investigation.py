"""An investigation (调查): two officers, a last day, looks that are withheld and then told (rights 13)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from graph.schema.node import global_id, key_of
from rules.people import Party, Role
from rules.working_days import add_months
from tests.support.live import Client, Live
from tests.support.people import form, known
from tests.support.world import TODAY, Cast, Person, World

OPEN = """mutation($input: InvestigationOpenInput!) { investigationOpen(input: $input) { __typename
  ... on Problem { code } ... on ValidationProblem { fields { path code } }
  ... on InvestigationPayload { investigation { id version confirmedAt withheldLooks } } } }"""
CONFIRM = """mutation($input: InvestigationConfirmInput!) { investigationConfirm(input: $input) { __typename
  ... on Problem { code } ... on InvestigationPayload { investigation { confirmedByName version } } } }"""
LOOK = """query($number: String!, $purpose: LookUpPurpose! = INVESTIGATION, $investigation: ID) {
  nurseVerification(documentType: RESIDENT_ID, idNumber: $number, purpose: $purpose, investigation: $investigation) {
    certificateNumber } }"""
SAID = {"caseNumber": "卫查〔2026〕8号", "legalGround": "《护士条例》第四条"}
LOOKS = "{ looks { totalCount nodes { purpose note } } }"
WITHHELD = "{ investigations { nodes { caseNumber withheldLooks authority { id } } } }"


async def asked(client: Client, text: str, **given: Any) -> Any:
    """The answer of the one step of a mutation."""
    (answer,) = (await client.ask(text, input=given)).values()
    return answer


async def opened(live: Live, by: Person) -> str:
    """An investigation of ninety days that nobody has confirmed."""
    until = (TODAY + timedelta(days=90)).isoformat()
    found: str = (await asked(live.as_(by), OPEN, **SAID, withheldUntil=until))["investigation"]["id"]
    return found


async def confirmed(live: Live, by: Person, second: Person) -> str:
    """One that a second officer has confirmed."""
    key = await opened(live, by)
    assert (await asked(live.as_(second), CONFIRM, id=key, expectedVersion=1))["__typename"].endswith("Payload")
    return key


async def nurse_with_number(world: World, cast: Cast) -> tuple[Person, str]:
    """A nurse of the hospital with an account, and the number of her document."""
    given = form()
    nurse_id = await known(world, cast, given)
    return await world.person(Party.NURSE, nurse_id, Role.NURSE), given.id_number


async def supervisor(world: World, of: UUID) -> Person:
    """A supervisor of an authority."""
    return await world.person(Party.AUTHORITY, of, Role.SUPERVISOR)


async def test_a_look_under_it_is_withheld_until_its_day_and_counted_for_those_above(
    live: Live, world: World, cast: Cast
) -> None:
    nurse, number = await nurse_with_number(world, cast)
    second, above = await supervisor(world, cast.district), await supervisor(world, cast.nation)
    key = await confirmed(live, cast.decider, second)
    for person in (cast.decider, second):
        assert (await live.as_(person).ask(LOOK, number=number, investigation=key))["nurseVerification"]
    assert (await live.as_(nurse).ask(LOOKS))["looks"]["totalCount"] == 0
    for person in (above, second, cast.decider):
        (found,) = (await live.as_(person).ask(WITHHELD))["investigations"]["nodes"]
        assert (found["caseNumber"], found["withheldLooks"]) == (SAID["caseNumber"], 2)
    # Its day has gone by: as entries are never changed, by the owner's hand.
    gone = "update audit set withheld_until = $2 where withheld_until is not null and nurse_id = $1"
    await world.owner.execute(gone, nurse.actor.nurse_id, TODAY - timedelta(days=1))
    assert (await live.as_(nurse).ask(LOOKS))["looks"] == {
        "totalCount": 2, "nodes": [{"purpose": "INVESTIGATION", "note": None}] * 2
    }  # fmt: skip
    (found,) = (await live.as_(above).ask(WITHHELD))["investigations"]["nodes"]
    assert found["withheldLooks"] == 0


@pytest.mark.parametrize("who", ["unconfirmed", "colleague", "far", "operator", "over"])
async def test_who_may_not_look_under_it(live: Live, world: World, cast: Cast, who: str) -> None:
    """And nothing is counted or kept."""
    nurse, number = await nurse_with_number(world, cast)
    second = await supervisor(world, cast.district)
    key = await opened(live, cast.decider) if who == "unconfirmed" else await confirmed(live, cast.decider, second)
    if who == "over":
        ended = "update investigation set withheld_until = $2 where id = $1"
        await world.owner.execute(ended, key_of("Investigation", key), TODAY - timedelta(days=1))
    person = {
        "unconfirmed": cast.decider,
        "over": cast.decider,
        "colleague": cast.reviewer,
        "far": (await world.cast()).decider,
        "operator": cast.operator,
    }[who]
    code = {"unconfirmed": "NOT_ALLOWED", "over": "NOT_ALLOWED"}.get(who, "NOT_FOUND")
    (refusal,) = await live.as_(person).refused(LOOK, number=number, investigation=key)
    assert refusal in (code, "INVESTIGATION_UNCONFIRMED", "INVESTIGATION_OVER")
    sql = "select count(*) from audit where account_id = $1 and (action like 'identity.%' or action like 'nurse.%')"
    assert await world.owner.fetchval(sql, person.account_id) == 0
    assert (await live.as_(nurse).ask(LOOKS))["looks"]["totalCount"] == 0


async def test_the_purpose_and_the_investigation_go_together(live: Live, world: World, cast: Cast) -> None:
    _, number = await nurse_with_number(world, cast)
    key = await confirmed(live, cast.decider, await supervisor(world, cast.district))
    for given in ({"investigation": None}, {"investigation": key, "purpose": "SUPERVISION"}):
        (error,) = (await live.as_(cast.decider).post(LOOK, {"number": number, **given})).json()["errors"]
        fields = [(one["path"], one["code"]) for one in error["extensions"]["fields"]]
        assert fields == [("investigation", "INVESTIGATION_NEEDED")]


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"caseNumber": " "}, "caseNumber", "FIELD_REQUIRED"),
        ({"legalGround": ""}, "legalGround", "FIELD_REQUIRED"),
        ({"withheldUntil": TODAY.isoformat()}, "withheldUntil", "WITHHELD_UNTIL"),
        ({"withheldUntil": (add_months(TODAY, 6) + timedelta(days=2)).isoformat()}, "withheldUntil", "WITHHELD_UNTIL"),
    ],
)
async def test_it_needs_a_number_a_ground_and_a_day_within_six_months(
    live: Live, world: World, cast: Cast, given: dict[str, str], path: str, code: str
) -> None:
    whole = {**SAID, "withheldUntil": (TODAY + timedelta(days=9)).isoformat(), **given}
    answer = await asked(live.as_(cast.decider), OPEN, **whole)
    assert answer["fields"] == [{"path": path, "code": code}]
    sql = "select count(*) from investigation where authority_id = $1"
    assert await world.owner.fetchval(sql, cast.district) == 0


async def test_who_opens_none(live: Live, world: World, cast: Cast) -> None:
    until = (TODAY + timedelta(days=9)).isoformat()
    for person in (cast.reviewer, cast.operator, cast.manager, cast.nurse):
        answer = await asked(live.as_(person), OPEN, **SAID, withheldUntil=until)
        assert answer["code"] == "NOT_ALLOWED"


async def test_a_second_officer_of_the_same_authority_confirms_it_once(live: Live, world: World, cast: Cast) -> None:
    key = await opened(live, cast.decider)
    far = (await world.cast()).decider
    for person, code in (
        (cast.decider, "TWO_PERSONS_REQUIRED"),
        (cast.reviewer, "NOT_ALLOWED"),
        (far, "NOT_FOUND"),
        (await supervisor(world, cast.nation), "NOT_FOUND"),
        (cast.operator, "NOT_FOUND"),
    ):
        assert (await asked(live.as_(person), CONFIRM, id=key, expectedVersion=1))["code"] == code
    row = await world.row("investigation", key_of("Investigation", key))
    assert (row["confirmed_by"], row["version"]) == (None, 1)
    seconds = [await supervisor(world, cast.district) for _ in range(3)]
    answers = await asyncio.gather(*(asked(live.as_(one), CONFIRM, id=key, expectedVersion=1) for one in seconds))
    codes = sorted(one.get("code", "taken") for one in answers)
    assert codes == ["REQUEST_DECIDED", "REQUEST_DECIDED", "taken"]


async def test_nobody_beside_reads_that_there_is_one(live: Live, world: World, cast: Cast) -> None:
    key = await opened(live, cast.decider)
    far = await world.cast()
    assert (await live.as_(far.decider).ask(WITHHELD))["investigations"]["nodes"] == []
    assert await live.as_(cast.reviewer).refused(WITHHELD) == ["NOT_ALLOWED"]
    node = "query($id: ID!) { node(id: $id) { id } }"
    for person in (cast.reviewer, cast.operator, cast.nurse, far.decider):
        assert await live.as_(person).ask(node, id=key) == {"node": None}
    for person in (cast.decider, await supervisor(world, cast.district), await supervisor(world, cast.nation)):
        assert await live.as_(person).ask(node, id=key) == {"node": {"id": key}}
    assert global_id("Investigation", key_of("Investigation", key)) == key
