"""An institution's units: set up, nurses assigned, and what somebody who is limited to some has to do with (I10)."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.errors import AccessChanged
from rules.people import Role
from tests.support.filed_applications import put
from tests.support.followed_feed import executed, planned
from tests.support.live import Client, Live
from tests.support.mutation_by_name import do
from tests.support.units import belong, limited, put_unit
from tests.support.world import Cast, Person, World

UNIT = "unit { id rowVersion name kind department otherDepartment closedAt parent { name } }"
ROSTER = "{ nurses { totalCount nodes { id registration { unit { name } } } } }"
FEED = "subscription($after: String) { eventFeed(after: $after) { __typename ... on NurseEvent { nurseName } } }"
WARD = """{ wardNurses { totalCount nodes { name standing unit { name }
  applications { applicationId version preReviews { confirmed note by } } } } }"""


@dataclass
class Hospital:
    """Two wards with a nurse each, and a nurse of none; the cast's is in the first."""

    world: World
    cast: Cast
    wards: tuple[UUID, UUID]
    others: tuple[UUID, UUID]

    async def limited(self, role: Role, *units: UUID) -> Person:
        """A colleague limited to these, or to the first ward."""
        return await limited(self.world, self.cast, role, *(units or self.wards[:1]))

    def hers(self, nurse_id: UUID) -> Cast:
        """The cast with another nurse."""
        return replace(self.cast, nurse_id=nurse_id)


@pytest_asyncio.fixture
async def hospital(world: World, cast: Cast) -> Hospital:
    """The one of this test."""
    wards = (await put_unit(world, cast.hospital, name="一病区"), await put_unit(world, cast.hospital, name="二病区"))
    others = (await world.nurse(cast.hospital, cast.district), await world.nurse(cast.hospital, cast.district))
    await belong(world, cast.nurse_id, wards[0])
    await belong(world, others[0], wards[1])
    return Hospital(world, cast, wards, others)


async def set_up(client: Client, **given: Any) -> Any:
    """A new unit, or the problem."""
    return await do(client, "unitCreate", UNIT, **{"kind": "WARD", "department": "WARD", **given})


async def roster(client: Client) -> set[str]:
    """The nurses whom somebody sees."""
    found = (await client.ask(ROSTER))["nurses"]
    assert found["totalCount"] == len(found["nodes"])
    return {one["id"] for one in found["nodes"]}


@pytest.mark.feature("I10")
async def test_the_faults_of_a_unit_are_told_at_once(live: Live, cast: Cast) -> None:
    manager = live.as_(cast.manager)
    ward = (await set_up(manager, name="内科"))["unit"]
    below = (await set_up(manager, name="内科一区", parent=ward["id"]))["unit"]
    wrong = await set_up(manager, name="内科", department=None, parent=below["id"])
    assert wrong["fields"] == [
        {"path": "department", "code": "FIELD_REQUIRED"},
        {"path": "parent", "code": "UNIT_TOO_DEEP"},
        {"path": "name", "code": "TAKEN"},
    ]
    seen = {"id": below["id"], "expectedVersion": below["rowVersion"]}
    changed = await do(manager, "unitChange", UNIT, **seen, name=" ", department=None)
    assert changed["fields"] == [
        {"path": "name", "code": "FIELD_REQUIRED"},
        {"path": "department", "code": "FIELD_REQUIRED"},
    ]


@pytest.mark.feature("I10")
async def test_a_manager_sets_up_a_campus_with_a_ward_renames_and_closes_it(live: Live, cast: Cast) -> None:
    manager = live.as_(cast.manager)
    campus = (await set_up(manager, name="东院区", kind="CAMPUS", department=None))["unit"]
    assert (campus["kind"], campus["department"], campus["parent"]) == ("CAMPUS", None, None)
    other = {"department": "OTHER", "otherDepartment": "体检中心"}
    ward = (await set_up(manager, name="体检区", parent=campus["id"], **other))["unit"]
    assert (ward["parent"], ward["otherDepartment"]) == ({"name": "东院区"}, "体检中心")
    seen = {"id": ward["id"], "expectedVersion": ward["rowVersion"]}
    changed = (await do(manager, "unitChange", UNIT, **seen, name="内科", department="WARD"))["unit"]
    assert (changed["name"], changed["otherDepartment"], changed["rowVersion"]) == ("内科", None, 2)
    stale = await do(manager, "unitClose", UNIT, **seen)
    assert stale["__typename"] == "ConflictProblem"
    below = await do(manager, "unitClose", UNIT, id=campus["id"], expectedVersion=1)
    assert below["code"] == "UNIT_HAS_UNITS"
    closed = (await do(manager, "unitClose", UNIT, id=ward["id"], expectedVersion=2))["unit"]
    assert closed["closedAt"] is not None
    assert (await do(manager, "unitClose", UNIT, id=ward["id"], expectedVersion=3))["code"] == "UNIT_CLOSED"
    again = await set_up(manager, name="内科", parent=ward["id"])
    assert again["fields"] == [{"path": "parent", "code": "UNIT_TOO_DEEP"}]
    assert (await set_up(manager, name="内科"))["unit"]["name"] == "内科"
    listed = await manager.ask("{ units(onlyOpen: true) { totalCount nodes { name } } all: units { totalCount } }")
    assert sorted(one["name"] for one in listed["units"]["nodes"]) == ["东院区", "内科"]
    assert (listed["units"]["totalCount"], listed["all"]["totalCount"]) == (2, 3)


@pytest.mark.feature("I10")
@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"name": " "}, "name", "FIELD_REQUIRED"),
        ({"name": "病" * 51}, "name", "TEXT_TOO_LONG"),
        ({"name": "一病区"}, "name", "TAKEN"),
        ({"name": "三病区", "department": None}, "department", "FIELD_REQUIRED"),
        ({"name": "西院区", "kind": "CAMPUS"}, "department", "CAMPUS_WITHOUT_DEPARTMENT"),
        ({"name": "三病区", "department": "OTHER"}, "otherDepartment", "FIELD_REQUIRED"),
        ({"name": "三病区", "otherDepartment": "体检"}, "otherDepartment", "OTHER_NOT_CHOSEN"),
    ],
)
async def test_a_unit_that_cannot_be_says_which_field_is_wrong(
    live: Live, world: World, hospital: Hospital, given: dict[str, Any], path: str, code: str
) -> None:
    count = "select count(*) from unit where institution_id = $1"
    before = await world.owner.fetchval(count, hospital.cast.hospital)
    refused = await set_up(live.as_(hospital.cast.manager), **given)
    assert refused["fields"] == [{"path": path, "code": code}]
    assert await world.owner.fetchval(count, hospital.cast.hospital) == before


@pytest.mark.feature("I10")
async def test_who_is_limited_lists_counts_and_looks_up_her_units_alone(live: Live, hospital: Hospital) -> None:
    cast = hospital.cast
    here, there = await put(hospital.world, cast, State.INSTITUTION_REVIEW), None
    there = await put(hospital.world, hospital.hers(hospital.others[0]), State.INSTITUTION_REVIEW)
    operator, whole = live.as_(await hospital.limited(Role.OPERATOR)), live.as_(cast.operator)
    hers = global_id("Nurse", cast.nurse_id)
    assert await roster(operator) == {hers}
    assert await roster(whole) == {hers, *(global_id("Nurse", one) for one in hospital.others)}
    asked = """{ pendingReviews { totalCount nodes { id } } pendingReviewCounts { counts { count } }
      applications { totalCount } nurseCounts(by: [DEPARTMENT]) { count } units { nodes { name } } }"""
    assert await operator.ask(asked) == {
        "pendingReviews": {"totalCount": 1, "nodes": [{"id": global_id("Application", here)}]},
        "pendingReviewCounts": {"counts": [{"count": 1}]},
        "applications": {"totalCount": 1},
        "nurseCounts": [{"count": 1}],
        "units": {"nodes": [{"name": "一病区"}]},
    }
    assert (await whole.ask(asked))["pendingReviewCounts"] == {"counts": [{"count": 2}]}
    others = [global_id("Application", there), global_id("Nurse", hospital.others[0])]
    assert await operator.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=others) == {"nodes": [None, None]}
    refused = await do(operator, "applicationTake", "application { id }", id=others[0], expectedVersion=1)
    assert refused["__typename"] == "NotFoundProblem"
    left = {"nurseId": others[1], "reason": "RESIGNED", "leftOn": "2026-01-01"}
    assert (await do(operator, "departureReport", "departure { id }", **left))["__typename"] == "NotFoundProblem"
    # Nothing moved: an answer that shows nothing would look the same.
    assert (await hospital.world.row("application", there))["holder_id"] is None
    entry = await hospital.world.row("registration", hospital.others[0], "nurse_id")
    assert entry["institution_id"] == cast.hospital
    mine = {"id": global_id("Application", here), "expectedVersion": 1}
    assert (await do(operator, "applicationTake", "application { heldBy }", **mine))["application"]["heldBy"]


@pytest.mark.feature("I10")
async def test_a_limit_to_a_campus_holds_for_the_wards_in_it_also_those_to_come(
    live: Live, world: World, hospital: Hospital
) -> None:
    cast, manager = hospital.cast, live.as_(hospital.cast.manager)
    campus = await put_unit(world, cast.hospital, kind="CAMPUS", name="东院区", department=None)
    operator = live.as_(await hospital.limited(Role.OPERATOR, campus))
    assert await roster(operator) == set()
    ward = (await set_up(manager, name="东一病区", parent=global_id("Unit", campus)))["unit"]["id"]
    ids = [global_id("Nurse", cast.nurse_id), global_id("Nurse", hospital.others[1])]
    assigned = await do(manager, "unitAssign", "institution { id }", ids=ids, unit=ward)
    assert assigned["institution"] == {"id": global_id("Institution", cast.hospital)}
    assert await roster(operator) == set(ids)
    assert await roster(live.as_(await hospital.limited(Role.OPERATOR))) == set()
    assert (await do(manager, "unitAssign", "institution { id }", ids=ids[:1], unit=None))["institution"]
    assert await roster(operator) == {ids[1]}


@pytest.mark.feature("I10")
async def test_a_manager_limits_a_colleague_and_what_she_holds_elsewhere_goes_back(
    live: Live, world: World, hospital: Hospital
) -> None:
    cast, manager = hospital.cast, live.as_(hospital.cast.manager)
    there = await put(world, hospital.hers(hospital.others[0]), State.INSTITUTION_REVIEW)
    operator = live.as_(cast.operator)
    held = {"id": global_id("Application", there), "expectedVersion": 1}
    assert (await do(operator, "applicationTake", "application { heldBy }", **held))["application"]["heldBy"]
    ward, account = global_id("Unit", hospital.wards[0]), global_id("Account", cast.operator.account_id)
    limit = {"id": account, "units": [ward]}
    shown = await do(manager, "staffSetUnits", "account { units { name unit { id } } }", **limit)
    assert shown["account"] == {"units": [{"name": "一病区", "unit": {"id": ward}}]}
    assert (await world.row("application", there))["holder_id"] is None
    assert await roster(operator) == {global_id("Nurse", cast.nurse_id)}
    unlimited = await do(manager, "staffSetUnits", "account { units { name } }", id=account, units=[])
    assert unlimited["account"] == {"units": []}
    assert len(await roster(operator)) == 3


@pytest.mark.feature("I10")
async def test_a_nurse_who_leaves_the_institution_leaves_its_unit(live: Live, world: World, hospital: Hospital) -> None:
    cast = hospital.cast
    left = {"nurseId": global_id("Nurse", cast.nurse_id), "reason": "RESIGNED", "leftOn": "2026-01-01"}
    operator = live.as_(await hospital.limited(Role.OPERATOR))
    own = "{ viewer { nurse { registration { unit { name } } } } }"
    assert (await live.as_(cast.nurse).ask(own))["viewer"]["nurse"]["registration"] == {"unit": {"name": "一病区"}}
    done = await do(live.as_(cast.manager), "departureReport", "departure { id }", **left)
    assert (await world.row("registration", cast.nurse_id, "nurse_id"))["unit_id"] is None
    assert await roster(operator) == set()
    back = await do(live.as_(cast.manager), "departureWithdraw", "departure { id }", id=done["departure"]["id"])
    assert back["__typename"] == "DepartureWithdrawPayload"
    assert (await world.row("registration", cast.nurse_id, "nurse_id"))["unit_id"] is None


@pytest.mark.feature("I9")
async def test_who_is_limited_takes_back_her_own_report_of_a_departure(live: Live, hospital: Hospital) -> None:
    world, cast = hospital.world, hospital.cast
    own, other = [live.as_(await hospital.limited(Role.OPERATOR)) for _ in range(2)]
    left = {"nurseId": global_id("Nurse", cast.nurse_id), "reason": "RESIGNED", "leftOn": "2026-01-01"}
    report = (await do(own, "departureReport", "departure { id }", **left))["departure"]
    assert (await other.ask("{ departures { totalCount } }"))["departures"] == {"totalCount": 0}
    refused = await do(other, "departureWithdraw", "departure { id }", **report)
    assert refused["__typename"] == "NotFoundProblem"
    assert (await world.row("registration", cast.nurse_id, "nurse_id"))["institution_id"] is None
    assert (await do(own, "departureWithdraw", "departure { id }", **report))["departure"] == report
    assert (await world.row("registration", cast.nurse_id, "nurse_id"))["institution_id"] == cast.hospital


@pytest.mark.feature("I10")
async def test_the_nurses_of_a_ward_are_ordered_by_pinyin(live: Live, hospital: Hospital) -> None:
    nurses = (hospital.cast.nurse_id, *hospital.others)
    for nurse_id, name in zip(nurses, ("付一", "白一", "邓一"), strict=True):
        await hospital.world.rename(nurse_id, name)
        await belong(hospital.world, nurse_id, hospital.wards[0])
    asked = "query($by: [WardNurseOrder!]) { wardNurses(orderBy: $by) { nodes { name } } }"
    head = live.as_(await hospital.limited(Role.WARD_HEAD))
    for by, names in (("NAME_ASC", ["白一", "邓一", "付一"]), ("NAME_DESC", ["付一", "邓一", "白一"])):
        found = (await head.ask(asked, by=[by]))["wardNurses"]["nodes"]
        assert [one["name"] for one in found] == names


@pytest.mark.feature("I10")
async def test_a_ward_head_sees_names_and_standing_and_pre_reviews_but_reads_and_decides_nothing(
    live: Live, world: World, services: Services, hospital: Hospital
) -> None:
    cast = hospital.cast
    key = await put(world, cast, State.INSTITUTION_REVIEW)
    there = await put(world, hospital.hers(hospital.others[0]), State.INSTITUTION_REVIEW)
    head = await hospital.limited(Role.WARD_HEAD)
    client, mine = live.as_(head), {"id": global_id("Application", key), "expectedVersion": 1}
    assert await client.ask(WARD) == {
        "wardNurses": {
            "totalCount": 1,
            "nodes": [
                {
                    **{"name": "王护士", "standing": "EXPIRING", "unit": {"name": "一病区"}},
                    "applications": [{"applicationId": mine["id"], "version": 1, "preReviews": []}],
                }
            ],
        }
    }
    unsaid = await do(client, "applicationPreReview", "applicationId", **mine, confirmed=False)
    assert unsaid["fields"] == [{"path": "note", "code": "FIELD_REQUIRED"}]
    said = await do(client, "applicationPreReview", "applicationId", **mine, confirmed=False, note="科室有误")
    assert said["applicationId"] == mine["id"]
    again = await do(client, "applicationPreReview", "applicationId", **mine, confirmed=False, note="科室有误")
    assert (again["__typename"], again["code"]) == ("NotAllowedProblem", "PRE_REVIEWED_ALREADY")
    elsewhere = {"id": global_id("Application", there), "expectedVersion": 1}
    strange = await do(client, "applicationPreReview", "applicationId", **elsewhere, confirmed=True)
    assert strange["__typename"] == "NotFoundProblem"
    read = "query($id: ID!) { node(id: $id) { ... on Application { preReviews { confirmed note by } } } }"
    words = {"confirmed": False, "note": "科室有误", "by": head.actor.name}
    assert await live.as_(cast.operator).ask(read, id=mine["id"]) == {"node": {"preReviews": [words]}}
    assert await live.as_(cast.nurse).ask(read, id=mine["id"]) == {"node": {"preReviews": []}}
    assert await client.ask(read, id=mine["id"]) == {"node": None}
    assert await client.refused(ROSTER) == ["WARD_NURSES_ONLY"]
    refused = await do(client, "applicationForward", "application { id }", **mine)
    assert refused["__typename"] == "NotAllowedProblem"
    nothing = await client.ask("{ staff { totalCount nodes { id } } departures { totalCount } }")
    assert nothing["departures"] == {"totalCount": 0}
    for of_records in ("pendingReviews", "applications", "practiceAlerts"):
        assert await client.refused(f"{{ {of_records} {{ totalCount }} }}") == ["WARD_NURSES_ONLY"]
    assert nothing["staff"]["nodes"] == [{"id": global_id("Account", head.account_id)}]
    assert await client.refused("{ events(first: 5) { nodes { id } } }") == ["NOT_ALLOWED"]
    event = await world.owner.fetchrow("select * from event where application_id = $1", key)
    assert (event["type"], event["unit_ids"]) == ("application.pre_reviewed", [hospital.wards[0]])


@pytest.mark.feature("I10")
async def test_a_feed_of_who_is_limited_has_the_events_of_her_units_alone_live_and_later(
    live: Live, services: Services, hospital: Hospital
) -> None:
    cast, whole = hospital.cast, live.as_(hospital.cast.manager)
    first, second = [await hospital.limited(Role.OPERATOR, one) for one in hospital.wards]
    ids = [global_id("Nurse", one) for one in (hospital.others[1], hospital.others[0], cast.nurse_id)]
    feed = "subscription { eventFeed { __typename ... on NurseEvent { nurseId } } }"
    async with AsyncExitStack() as stack:
        watches = [await stack.enter_async_context(live.as_(one).watch(feed)) for one in (first, second, cast.manager)]
        for watch in watches:
            assert (await watch.next())["__typename"] == "FeedHeartbeat"
        for nurse_id, ward in ((ids[0], 1), (ids[1], 0), (ids[2], 1)):
            unit = global_id("Unit", hospital.wards[ward])
            assert (await do(whole, "unitAssign", "institution { id }", ids=[nurse_id], unit=unit))["institution"]
        changed = [{"__typename": "RegistrationUnitChanged", "nurseId": one} for one in ids]
        # The first hears of two, who came and who left; the second of all three.
        assert [await watches[0].next() for _ in range(2)] == changed[1:]
        assert [await watches[1].next() for _ in range(3)] == changed
        assert [await watches[2].next() for _ in range(3)] == changed
    history = "{ events(first: 20, types: [REGISTRATION_UNIT_CHANGED]) { nodes { ... on NurseEvent { nurseId } } } }"
    for person, expected in ((first, ids[1:]), (second, ids), (cast.manager, ids)):
        found = await live.as_(person).ask(history)
        assert [one["nurseId"] for one in found["events"]["nodes"]] == expected
    start = services.feed.cursors.write(cast.hospital, 0)
    plain = FEED.replace("nurseName", "nurseId")
    for way in (planned, executed):
        # After the first message, which says where she stands.
        found = [json.loads(one)["eventFeed"] for one in await way(services, first, plain, 3, after=start)]
        assert [one["nurseId"] for one in found[1:]] == ids[1:]


@pytest.mark.feature("I10")
async def test_the_pending_reviews_of_who_is_limited_come_live_from_her_unit_alone(
    live: Live, hospital: Hospital
) -> None:
    cast, world = hospital.cast, hospital.world
    feed = """subscription { pendingReviewFeed { __typename
      ... on PendingReviewChange { change applicationId application { nurseName } } } }"""
    mine = await put(world, cast, State.INSTITUTION_REVIEW)
    there = await put(world, hospital.hers(hospital.others[0]), State.INSTITUTION_REVIEW)
    async with live.as_(await hospital.limited(Role.VIEWER)).watch(feed) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        for key in (there, mine):
            seen = {"id": global_id("Application", key), "expectedVersion": 1}
            taken = await do(live.as_(cast.operator), "applicationTake", "application { id }", **seen)
            assert taken["__typename"] == "ApplicationTakePayload"
        assert await watch.next() == {
            "__typename": "PendingReviewChange",
            **{"change": "TAKEN", "applicationId": global_id("Application", mine)},
            "application": {"nurseName": "王护士"},
        }


@pytest.mark.feature("I10")
async def test_a_socket_ends_when_its_owner_is_limited_anew(live: Live, hospital: Hospital) -> None:
    cast = hospital.cast
    feed = "subscription { eventFeed { __typename } }"
    async with live.as_(cast.operator).watch(feed) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        limit = {"id": global_id("Account", cast.operator.account_id), "units": [global_id("Unit", hospital.wards[1])]}
        shown = await do(live.as_(cast.manager), "staffSetUnits", "account { id }", **limit)
        assert shown["__typename"] == "StaffSetUnitsPayload"
        changed = {"ids": [global_id("Nurse", cast.nurse_id)], "unit": None}
        assert (await do(live.as_(cast.manager), "unitAssign", "institution { id }", **changed))["institution"]
        await watch.socket.wait_closed()
        assert watch.socket.close_code == 4410
        assert watch.socket.close_reason == AccessChanged.words.en


@pytest.mark.feature("I10")
async def test_who_is_limited_claims_nobody_and_manages_no_units(live: Live, hospital: Hospital) -> None:
    operator = live.as_(await hospital.limited(Role.OPERATOR))
    claim = {"idNumber": "110101199003070038"}
    assert (await do(operator, "applicationClaimByIdNumber", "application { id }", **claim))["code"] == (
        "LIMITED_TO_UNITS"
    )
    ids = [global_id("Nurse", hospital.cast.nurse_id)]
    refused = await do(operator, "unitAssign", "institution { id }", ids=ids, unit=None)
    assert refused["code"] == "LIMITED_TO_UNITS"
    assert (await set_up(operator, name="三病区"))["__typename"] == "NotAllowedProblem"


@pytest.mark.feature("I10")
async def test_work_is_given_only_to_a_colleague_who_sees_the_nurse(live: Live, hospital: Hospital) -> None:
    cast, world, manager = hospital.cast, hospital.world, live.as_(hospital.cast.manager)
    mine = await put(world, cast, State.INSTITUTION_REVIEW)
    here, there = [await hospital.limited(Role.OPERATOR, one) for one in hospital.wards]
    step = {"id": global_id("Application", mine), "expectedVersion": 1}
    refused = await do(
        manager, "applicationReassign", "application { id }", **step, to=global_id("Account", there.account_id)
    )
    assert refused["__typename"] != "ApplicationReassignPayload"
    assert (await world.row("application", mine))["holder_id"] is None
    given = await do(
        manager, "applicationReassign", "application { heldBy }", **step, to=global_id("Account", here.account_id)
    )
    assert given["application"] == {"heldBy": here.actor.name}
