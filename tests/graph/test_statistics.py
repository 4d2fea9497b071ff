"""Numbers of nurses for the home page and the pies: every group, also of nobody, of those one asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.nurse import AgeGroup, Education
from rules.people import Party, Role
from tests.support.live import Live
from tests.support.people import form, known
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, World

COUNTS = """query($by: [NurseGroup!]!, $where: NurseWhere, $within: ID, $zeros: Boolean! = false) {
  nurseCounts(by: $by, where: $where, within: $within, zeros: $zeros) { education title department sex status ageGroup
    standing expiry accountStatus post workCategory count } }"""
HOME = """{
  viewer { account { userName lastSignInAt } institution { name } }
  all: nurseCounts(by: [EDUCATION], zeros: true) { education count }
  activated: nurseCounts(by: [EDUCATION], zeros: true, where: {accountStatus: {eq: ACTIVE}}) { education count }
  states: nurseCounts(by: [ACCOUNT_STATUS], zeros: true) { accountStatus count } }"""


@pytest.fixture
def both(services: Services) -> Both:
    return Both(services)


async def counted(both: Both, person: Any, *by: str, **variables: Any) -> dict[Any, int]:
    """The counts by the values of their groups."""
    rows = (await both.data(COUNTS, person, by=[*by], **variables))["nurseCounts"]
    shown = [{name: value for name, value in row.items() if value is not None and name != "count"} for row in rows]
    keys = [next(iter(one.values()), None) if len(by) == 1 else tuple(one.values()) for one in shown]
    assert len({*keys}) == len(rows)
    return dict(zip(keys, (row["count"] for row in rows), strict=True))


@pytest.mark.feature("I4")
async def test_the_home_page_counts_all_nurses_and_those_with_an_active_account_by_every_education(
    both: Both, world: World, cast: Cast
) -> None:
    """The deck shows 其它 0: a row for each, also of nobody."""
    other = await world.nurse(cast.hospital, cast.district)
    await world.owner.execute("update nurse set education = 'MASTER' where id = $1", other)
    signed_in = "update account set last_sign_in_at = now() where id = $1"
    await world.owner.execute(signed_in, cast.operator.account_id)
    home = await both.data(HOME, cast.operator)
    assert home["viewer"]["account"]["lastSignInAt"] is not None
    rows = {name: {row["education"]: row["count"] for row in home[name]} for name in ("all", "activated")}
    nobody = dict.fromkeys(sorted(Education), 0)
    assert rows == {"all": {**nobody, "COLLEGE": 1, "MASTER": 1}, "activated": {**nobody, "COLLEGE": 1}}
    assert [*rows["all"]] == sorted(Education)
    states = {row["accountStatus"]: row["count"] for row in home["states"]}
    assert states == {"ACTIVE": 1, "INACTIVE": 0, "NOT_REGISTERED": 1}


@pytest.mark.feature("I24")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("AGE_GROUP", {"FROM_35": 1, "FROM_55": 1}),
        ("STANDING", {"EXPIRED": 1, "SUSPENDED": 1}),
        ("EXPIRY", {"EXPIRED": 1, "EXPIRING": 1}),
        ("ACCOUNT_STATUS", {"ACTIVE": 1, "NOT_REGISTERED": 1}),
        ("POST", {"HEAD_NURSE": 1, None: 1}),
        ("WORK_CATEGORY", {"CLINICAL_NURSING": 1, None: 1}),
        ("STATUS", {"VALID": 2}),
    ],
)
async def test_a_pie_of_each_column_for_the_hospital_and_its_authority(
    both: Both, world: World, cast: Cast, by: str, expected: dict[str, int]
) -> None:
    head = await world.nurse(cast.hospital, cast.district, valid_until=TODAY - timedelta(days=1))
    more = "post = 'HEAD_NURSE', work_category = 'CLINICAL_NURSING', birth_date = $2"
    await world.owner.execute(
        f"update nurse set {more} where id = $1", head, TODAY.replace(year=TODAY.year - 56, day=1)
    )
    days = {"starts_on": TODAY, "kind": "SUSPENSION", "nurse_id": cast.nurse_id}
    await world.insert("registration_span", **days)
    for person in (cast.operator, cast.viewer, cast.reviewer):
        assert await counted(both, person, by) == expected
        zeros = await counted(both, person, by, zeros=True)
        assert {value: count for value, count in zeros.items() if count} == expected
        assert len(zeros) > len(expected)


@pytest.mark.feature("I24")
@pytest.mark.parametrize(
    ("years", "days", "group"),
    [(25, 1, "FROM_0"), (25, 0, "FROM_25"), (35, 1, "FROM_25"), (35, 0, "FROM_35"), (45, 0, "FROM_45"),
     (55, 0, "FROM_55"), (60, 1, "FROM_55"), (60, 0, "FROM_60")],
)  # fmt: skip
async def test_a_nurse_is_in_the_next_age_group_from_her_birthday_on(
    both: Both, world: World, cast: Cast, years: int, days: int, group: str
) -> None:
    born = birthday(TODAY, years) + timedelta(days=days)
    await world.owner.execute("update nurse set birth_date = $2 where id = $1", cast.nurse_id, born)
    assert await counted(both, cast.operator, "AGE_GROUP") == {group: 1}
    assert [*await counted(both, cast.operator, "AGE_GROUP", zeros=True)] == [*AgeGroup]


def birthday(today: date, years: int) -> date:
    """The day so many years ago; on 29 February the day before."""
    return (today - timedelta(days=(today.month, today.day) == (2, 29))).replace(year=today.year - years)


@pytest.mark.feature("I24")
async def test_two_columns_cross_and_the_empty_corners_are_told(both: Both, world: World, cast: Cast) -> None:
    other = await world.nurse(cast.hospital, cast.district)
    await world.owner.execute("update nurse set sex = 'MALE', education = 'BACHELOR' where id = $1", other)
    found = await counted(both, cast.operator, "EDUCATION", "SEX")
    assert found == {("BACHELOR", "MALE"): 1, ("COLLEGE", "FEMALE"): 1}
    zeros = await counted(both, cast.operator, "EDUCATION", "SEX", zeros=True)
    assert len(zeros) == 12
    assert {key: count for key, count in zeros.items() if count} == found
    men = {"where": {"sex": {"eq": "MALE"}}}
    assert await counted(both, cast.operator, "EDUCATION", "SEX", **men) == {("BACHELOR", "MALE"): 1}
    assert await counted(both, cast.operator, **men) == {(): 1}
    assert await counted(both, cast.operator, zeros=True, where={"name": {"eq": "x"}}) == {(): 0}


@pytest.mark.feature("I24")
async def test_conditions_of_the_roster_are_conditions_of_its_counts(both: Both, world: World, cast: Cast) -> None:
    """And those of a place, whose zeros are told to whoever may not read it, too."""
    far = await world.cast()
    part, whole = {"name": {"contains": "护士"}}, {"not": {"accountStatus": {"eq": "NOT_REGISTERED"}}}
    for where in (part, whole, {"or": [{"expiry": {"eq": "EXPIRING"}}, {"title": {"eq": "CHIEF_NURSE"}}]}):
        assert await counted(both, cast.reviewer, "SEX", where=where) == {"FEMALE": 1}
    place = {"within": global_id("Institution", far.hospital)}
    assert await counted(both, cast.reviewer, "SEX", zeros=True, **place) == {"FEMALE": 0, "MALE": 0}
    assert await counted(both, cast.reviewer, "SEX", **place) == {}


@pytest.mark.feature("I24")
async def test_four_columns_are_too_many(live: Live, both: Both, cast: Cast) -> None:
    by = ["SEX", "TITLE", "POST", "STANDING"]
    answer = (await live.as_(cast.operator).post(COUNTS, {"by": by})).json()
    (field,) = answer["errors"][0]["extensions"]["fields"]
    assert (field["path"], field["code"], field["message"]) == ("by", "TOO_MUCH", "一次最多按3项交叉统计")
    assert await both.planned(COUNTS, cast.operator, by=by) is None
    assert await counted(both, cast.operator, "SEX", "TITLE", "SEX") == {("NURSE", "FEMALE"): 1}


@pytest.mark.feature("I24")
async def test_counting_by_an_id_number_is_a_look_up_like_every_other(live: Live, world: World, cast: Cast) -> None:
    """Else a count would tell who is registered where, and nobody would hear of it."""
    given = form()
    nurse_id = await known(world, cast, given)
    where = {"idNumber": {"eq": given.id_number}}
    found = (await live.as_(cast.operator).ask(COUNTS, by=[], where=where))["nurseCounts"]
    assert [row["count"] for row in found] == [1]
    entries = "select action, nurse_id from audit where account_id = $1 order by at, action desc"
    kept = [tuple(row) for row in await world.owner.fetch(entries, cast.operator.account_id)]
    assert kept == [("identity.looked_up", None), ("identity.found", nurse_id)]
    assert await live.as_(cast.viewer).refused(COUNTS, by=[], where=where) == ["NOT_FOR_VIEWERS"]
    far = await world.cast()
    assert (await live.as_(far.operator).ask(COUNTS, by=["SEX"], where=where))["nurseCounts"] == []


@pytest.mark.feature("I4")
async def test_nurses_count_nobody(live: Live, world: World, cast: Cast) -> None:
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    for person in (cast.nurse, analyst):
        assert await live.as_(person).refused(COUNTS, by=["SEX"], zeros=True) == ["NOT_ALLOWED"]
