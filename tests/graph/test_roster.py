"""The roster as the deck shows it: colours, accounts, serials, names in order; by plan and by executor alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

ROSTER = """query($where: NurseWhere, $orderBy: [NurseOrder!], $within: ID, $first: Int, $after: String) {
  nurses(where: $where, orderBy: $orderBy, within: $within, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { name accountStatus registration { standing expiry suspended firstRegistration certificateSerial } } } }"""
TO_RENEW = {"expiry": {"in": ["EXPIRING", "EXPIRED"]}}


@pytest.fixture
def both(services: Services) -> Both:
    return Both(services)


async def names(both: Both, cast: Cast, **variables: Any) -> list[str]:
    """The names of a roster, in its order."""
    return [one["name"] for one in (await both.data(ROSTER, cast.operator, **variables))["nurses"]["nodes"]]


async def entry(both: Both, cast: Cast, **variables: Any) -> dict[str, Any]:
    """What the roster shows of the one nurse."""
    (found,) = (await both.data(ROSTER, cast.operator, **variables))["nurses"]["nodes"]
    return {"accountStatus": found["accountStatus"], **found["registration"]}


async def suspend(world: World, nurse_id: UUID) -> None:
    """Forbid her to practise for some weeks."""
    days = {"starts_on": TODAY - timedelta(days=3), "ends_on": TODAY + timedelta(days=30)}
    await world.insert("registration_span", id=uuid7(), nurse_id=nurse_id, kind="SUSPENSION", **days)


@pytest.mark.feature("I12", "I10")
async def test_a_suspended_nurse_keeps_her_blue_and_stays_among_those_to_renew(
    both: Both, world: World, cast: Cast
) -> None:
    """F23: she had vanished from 待延续 until she expired."""
    assert (await entry(both, cast))["standing"] == "EXPIRING"
    await suspend(world, cast.nurse_id)
    for where in (TO_RENEW, {"suspended": {"eq": True}}, {"and": [TO_RENEW, {"suspended": {"eq": True}}]}):
        found = await entry(both, cast, where=where)
        assert (found["standing"], found["expiry"], found["suspended"]) == ("SUSPENDED", "EXPIRING", True)
    nobody = ({"suspended": {"eq": False}}, {"not": {"suspended": {"eq": True}}}, {"expiry": {"eq": "EXPIRED"}})
    for where in nobody:
        assert await names(both, cast, where=where) == []
    assert await names(both, cast, where={"not": {"suspended": {"eq": False}}}) == ["王护士"]


@pytest.mark.feature("I12", "I13")
@pytest.mark.parametrize(
    ("days", "colour"), [(366, "NONE"), (365, "EXPIRING"), (0, "EXPIRING"), (-1, "EXPIRED"), (-900, "EXPIRED")]
)
async def test_the_colour_of_every_border_day(both: Both, world: World, cast: Cast, days: int, colour: str) -> None:
    until = "update registration set valid_until = $2 where nurse_id = $1"
    await world.owner.execute(until, cast.nurse_id, TODAY + timedelta(days=days))
    assert (await entry(both, cast, where={"expiry": {"eq": colour}}))["expiry"] == colour


@pytest.mark.feature("I10")
async def test_the_account_status_of_each_nurse_stands_in_the_roster(both: Both, world: World, cast: Cast) -> None:
    """尚未注册账户, 未激活, 已激活; an account that was revoked is none."""
    made = {"赵一": "INACTIVE", "钱二": "REVOKED", "孙三": None}
    for name, state in made.items():
        nurse_id = await world.nurse(cast.hospital, cast.district)
        await world.rename(nurse_id, name)
        if state:
            await world.person(Party.NURSE, nurse_id, Role.NURSE, state=state)
    expected = {"ACTIVE": ["王护士"], "INACTIVE": ["赵一"], "NOT_REGISTERED": ["钱二", "孙三"]}
    for status, found in expected.items():
        assert await names(both, cast, where={"accountStatus": {"eq": status}}, orderBy=["NAME_ASC"]) == found
        rows = (await both.data(ROSTER, cast.reviewer, where={"accountStatus": {"in": [status]}}))["nurses"]["nodes"]
        assert {one["accountStatus"] for one in rows} == {status}


@pytest.mark.feature("N11", "I10")
async def test_the_serial_of_the_certificate_in_force_is_shown_and_a_void_one_is_not(
    both: Both, world: World, cast: Cast
) -> None:
    assert (await entry(both, cast))["certificateSerial"] is None
    made = {"nurse_id": cast.nurse_id, "number": "2011", "issued_on": TODAY, "authority_id": cast.district}
    await world.insert("certificate", id=uuid7(), serial=f"{cast.nurse_id}-1", voided_at=None, **made)
    assert (await entry(both, cast))["certificateSerial"] == f"{cast.nurse_id}-1"
    await world.owner.execute("update certificate set voided_at = now() where nurse_id = $1", cast.nurse_id)
    await world.insert("certificate", id=uuid7(), serial=f"{cast.nurse_id}-2", voided_at=None, **made)
    hers = "{ viewer { nurse { registration { certificateSerial firstRegistration } } } }"
    shown = (await both.data(hers, cast.nurse))["viewer"]["nurse"]["registration"]
    assert shown == {"certificateSerial": f"{cast.nurse_id}-2", "firstRegistration": True}


@pytest.mark.feature("N11")
async def test_an_entry_is_the_first_until_she_is_registered_again(both: Both, world: World, cast: Cast) -> None:
    """是否首次注册; a re-registration that was annulled never was."""
    stage = {"nurse_id": cast.nurse_id, "status": "VALID", "certificate_number": "2011", "valid_until": TODAY}
    await world.insert("registration_history", id=uuid7(), kind="RENEWAL", **stage)
    assert (await entry(both, cast))["firstRegistration"] is True
    key = await put(world, cast, State.APPROVED, Kind.REREGISTRATION)
    await world.insert("registration_history", id=uuid7(), kind="REREGISTRATION", application_id=key, **stage)
    assert (await entry(both, cast))["firstRegistration"] is False
    await world.owner.execute("update application set state = 'VOIDED' where id = $1", key)
    assert (await entry(both, cast))["firstRegistration"] is True
    never = "update registration set status = 'NEVER' where nurse_id = $1"
    await world.owner.execute(never, cast.nurse_id)
    assert (await entry(both, cast))["firstRegistration"] is None


@pytest.mark.feature("I10")
async def test_names_are_ordered_by_pinyin_page_by_page_both_ways(both: Both, world: World, cast: Cast) -> None:
    """曾 is Zeng: behind 王, not beside 曹."""
    ordered = ["曹丽", "单于红", "李爱", "单雄信", "王护士", "解珍", "曾丽"]
    for name in ordered[:4] + ordered[5:]:
        await world.rename(await world.nurse(cast.hospital, cast.district), name)
    for order, expected in (("NAME_ASC", ordered), ("NAME_DESC", ordered[::-1])):
        found, after = [], None
        while True:
            page = (await both.data(ROSTER, cast.operator, orderBy=[order], first=2, after=after))["nurses"]
            found += [one["name"] for one in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert found == expected
    for person in (cast.operator, cast.reviewer):
        where = {"name": {"startsWith": "单"}}
        page = (await both.data(ROSTER, person, where=where, orderBy=["NAME_ASC"]))["nurses"]
        assert ([one["name"] for one in page["nodes"]], page["totalCount"]) == (["单于红", "单雄信"], 2)
        nobody = {"or": [{"name": {"startsWith": "单x"}}, {"not": {"name": {"startsWith": ""}}}]}
        assert (await both.data(ROSTER, person, where=nobody, orderBy=["NAME_DESC"]))["nurses"]["nodes"] == []


@pytest.mark.feature("I10")
async def test_a_cursor_of_the_order_of_before_is_refused(live: Live, cast: Cast) -> None:
    """It named a place by characters."""
    before = "WyJuYW1lIiwgIueOi+aKpOWjqyIsICIwMTliMmIwOS1lMDkxLTcwZWItOTZiMy0yMTkzYTQ1MTIxODMiXQ=="
    assert await live.as_(cast.operator).refused(ROSTER, orderBy=["NAME_ASC"], after=before) == ["VALIDATION"]


@pytest.mark.feature("I10")
async def test_an_authority_finds_two_characters_of_a_name_in_all_its_hospitals(
    both: Both, live: Live, world: World, cast: Cast
) -> None:
    """One character is in too many names: for that it names the hospital."""
    second = await world.nurse(await world.institution(cast.district), cast.district)
    await world.rename(cast.nurse_id, "张爱玲")
    await world.rename(second, "李爱玲")
    for part, found in (("爱玲", 2), ("玲爱", 0), ("张爱", 1)):
        page = (await both.data(ROSTER, cast.reviewer, where={"name": {"contains": part}}))["nurses"]
        assert page["totalCount"] == found
    one = {"name": {"contains": "爱"}}
    answer = (await live.as_(cast.reviewer).post(ROSTER, {"where": {"not": one}})).json()
    (field,) = answer["errors"][0]["extensions"]["fields"]
    assert (field["code"], field["message"][:9]) == ("TOO_WIDE", "按姓名中的一个字查")
    within = {"within": global_id("Institution", cast.hospital)}
    assert (await both.data(ROSTER, cast.reviewer, where=one, **within))["nurses"]["totalCount"] == 1


@pytest.mark.feature("I24")
@pytest.mark.parametrize(
    "where",
    [
        {"post": {"eq": "HEAD_NURSE"}},
        {"workCategory": {"in": ["NURSING_ADMINISTRATION"]}},
        {"birthDate": {"lt": "1980-01-01"}},
    ],
)
async def test_the_slices_of_the_pies_lead_to_the_nurses(
    both: Both, world: World, cast: Cast, where: dict[str, Any]
) -> None:
    head = await world.nurse(cast.hospital, cast.district)
    await world.rename(head, "李护士长")
    more = "post = 'HEAD_NURSE', work_category = 'NURSING_ADMINISTRATION', birth_date = '1970-05-01'"
    await world.owner.execute(f"update nurse set {more} where id = $1", head)
    assert await names(both, cast, where=where) == ["李护士长"]
