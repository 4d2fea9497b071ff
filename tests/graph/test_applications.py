"""The list of what was filed: 正在申办, 已完成审批, 注销申请; by plan and by executor, each row once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.application import State
from rules.decision import DecisionOutcome, DecisionStage, counts
from tests.support.authority_stage import put
from tests.support.people import resident
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, World

LIST = """query($first: Int, $after: String, $last: Int, $before: String, $where: ApplicationWhere,
  $orderBy: [ApplicationOrder!], $within: ID) {
  applications(first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy, within: $within) {
    totalCount feedCursor pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor } nodes { id kind state nurseName submittedAt decidedAt } } }"""
NOON = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
FILED: list[tuple[State, dict[str, Any]]] = [
    (State.INSTITUTION_REVIEW, {}),
    (State.ACCEPTED, {"due_on": NOON.date()}),
    (State.APPROVED, {"decided_at": NOON + timedelta(days=9)}),
    (State.APPROVED, {"decided_at": NOON + timedelta(days=5)}),
    (State.REJECTED, {"decided_at": NOON + timedelta(days=7)}),
    (State.WITHDRAWN, {"decided_at": NOON - timedelta(hours=1)}),
    (State.AUTHORITY_INTAKE, {"kind": "DEREGISTRATION", "filed_by": "INSTITUTION", "nurse_name": "赵护士"}),
]


@pytest.fixture
def both(services: Services) -> Both:
    """Each question by plan and by executor."""
    return Both(services)


async def file(world: World, cast: Cast) -> list[str]:
    """What was filed with the hospital, an hour apart; and a draft, which nobody has filed."""
    keys = []
    for n, (state, more) in enumerate(FILED):
        number = {"receipt_number": f"LIST-{uuid7()}"} if state is State.REJECTED else {}
        nurse_id = await world.nurse(cast.hospital, cast.district)
        at = NOON + timedelta(hours=n)
        key = await put(world, replace(cast, nurse_id=nurse_id), state, submitted_at=at, moved_at=at, **more, **number)
        keys.append(global_id("Application", key))
    await put(world, cast, State.DRAFT)
    return keys


@pytest.mark.feature("I19", "I20", "I22")
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, [6, 5, 4, 3, 2, 1, 0]),
        ({"state": {"in": ["INSTITUTION_REVIEW", "AUTHORITY_INTAKE", "ACCEPTED"]}}, [6, 1, 0]),
        ({"state": {"in": ["APPROVED", "REJECTED"]}}, [4, 3, 2]),
        ({"decidedAt": {"gte": (NOON + timedelta(days=5)).isoformat(), "lt": "2026-03-10T00:00:00+08:00"}}, [4, 3]),
        ({"kind": {"eq": "DEREGISTRATION"}, "filedBy": {"eq": "INSTITUTION"}}, [6]),
        ({"nurseName": {"startsWith": "赵"}}, [6]),
        ({"receiptNumber": {"startsWith": "LIST-"}}, [4]),
        ({"dueOn": {"lte": "2026-03-02"}}, [1]),
        ({"submittedAt": {"gt": NOON.isoformat()}, "not": {"kind": {"in": ["RENEWAL"]}}}, [6]),
        ({"or": [{"state": {"eq": "WITHDRAWN"}}, {"state": {"eq": "REJECTED"}}]}, [5, 4]),
    ],
)
async def test_conditions_find_what_was_filed_the_latest_first(
    both: Both, world: World, cast: Cast, where: dict[str, Any], found: list[int]
) -> None:
    keys = await file(world, cast)
    page = (await both.data(LIST, cast.operator, where=where))["applications"]
    assert [node["id"] for node in page["nodes"]] == [keys[n] for n in found]
    assert page["totalCount"] == len(found)


@pytest.mark.feature("I20")
async def test_by_the_whole_id_number(both: Both, world: World, cast: Cast) -> None:
    keys, number = await file(world, cast), resident()
    nurse_id = (await world.row("application", _uuid(keys[2])))["nurse_id"]
    index = world.keyring.blind_index(number, "id_number")
    await world.owner.execute("update nurse set id_number_index = $2 where id = $1", nurse_id, index)
    for given, found in ((number, [keys[2]]), (resident(), [])):
        assert await both.planned(LIST, cast.operator, where={"idNumber": {"eq": given}}) is None
        page = both.unplanned.pop()[-1]["applications"]
        assert [node["id"] for node in page["nodes"]] == found


def _uuid(key: str) -> UUID:
    return key_of("Application", key)


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("SUBMITTED_AT_ASC", [0, 1, 2, 3, 4, 5, 6]),
        ("DECIDED_AT_DESC", [2, 4, 3, 6, 1, 0, 5]),  # what is undecided by its last move
        ("DECIDED_AT_ASC", [5, 0, 1, 6, 3, 4, 2]),
    ],
)
async def test_paging_both_ways_shows_each_once(
    both: Both, world: World, cast: Cast, order: str, found: list[int]
) -> None:
    keys = await file(world, cast)
    for size, mark, end, more in (("first", "after", "endCursor", 1), ("last", "before", "startCursor", -1)):
        seen: list[str] = []
        variables: dict[str, Any] = {size: 2, "orderBy": [order]}
        for _ in range(4):
            page = (await both.data(LIST, cast.operator, **variables))["applications"]
            seen += [node["id"] for node in page["nodes"]][::more]
            variables[mark] = page["pageInfo"][end]
        assert seen == [keys[n] for n in found][::more]


async def test_each_sees_what_was_filed_with_her_and_below_her(both: Both, world: World, cast: Cast) -> None:
    keys, far = await file(world, cast), await world.cast()
    asked = [
        (cast.operator, None, {*keys}),
        (cast.viewer, None, {*keys}),
        # Before it is forwarded, and where it ended there, the authority knows nothing of it.
        (cast.reviewer, None, {keys[n] for n in (1, 2, 3, 4, 5, 6)}),
        (cast.reviewer, global_id("Institution", cast.hospital), {keys[n] for n in (1, 2, 3, 4, 5, 6)}),
        (far.reviewer, global_id("Institution", cast.hospital), set()),
        (far.reviewer, global_id("Authority", cast.district), set()),
        (far.operator, global_id("Institution", cast.hospital), set()),
        (far.operator, None, set()),
    ]
    for person, place, expected in asked:
        page = (await both.data(LIST, person, within=place))["applications"]
        assert {node["id"] for node in page["nodes"]} == expected


SEX_OF = """query($where: ApplicationWhere) { applications(where: $where) {
  nodes { state nurseName nurseSex nurseBirthDate documentType nurse { sex } } } }"""


@pytest.mark.feature("I20", "I22")
async def test_lists_keep_the_sex_and_birth_date_of_who_has_left(both: Both, world: World, cast: Cast) -> None:
    """Her registration has ended: her old hospital reads her record no more, and its lists show who she was."""
    filed = {"kind": "DEREGISTRATION", "filed_by": "INSTITUTION", "decided_at": NOON}
    await put(world, cast, State.APPROVED, **filed)
    gone = (
        "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER', institution_id = null"
        " where nurse_id = $1"
    )
    await world.owner.execute(gone, cast.nurse_id)
    where = {"kind": {"eq": "DEREGISTRATION"}, "filedBy": {"eq": "INSTITUTION"}}
    for person in (cast.operator, cast.viewer):
        page = (await both.data(SEX_OF, person, where=where))["applications"]
        assert page["nodes"] == [
            {
                "state": "APPROVED",
                "nurseName": "王护士",
                "nurseSex": "FEMALE",
                "nurseBirthDate": "1990-01-01",
                "documentType": "RESIDENT_ID",
                "nurse": None,
            }
        ]


BOTH_RESULTS = "{ applications { nodes { id state institutionOutcome } } }"
SAID = (DecisionOutcome.AGREED, DecisionOutcome.RETURNED, DecisionOutcome.REFUSED, DecisionOutcome.NO_OTHER_PERSON)
"""What is written at an institution's desk."""


@pytest.mark.feature("I20")
@pytest.mark.parametrize("state", ["INSTITUTION_REVIEW", "RETURNED", "INSTITUTION_REJECTED", "APPROVED", "WITHDRAWN"])
@pytest.mark.parametrize("revision", [1, 2])
async def test_the_institutions_result_is_its_last_word_that_still_counts(
    both: Both, world: World, cast: Cast, state: str, revision: int
) -> None:
    """机构审核结果, as the printed form has it: rules.decision says which words count."""
    expected = {}
    for first, last in product((None, DecisionOutcome.AGREED), SAID):
        own = replace(cast, nurse_id=await world.nurse(cast.hospital, cast.district))
        key = await put(world, own, State[state], revision=2)
        words = [(one, at) for one, at in ((first, 1), (last, revision)) if one is not None]
        for outcome, at in words:
            row = {"application_id": key, "stage": "INSTITUTION", "outcome": outcome, "revision": at}
            await world.insert("review_decision", id=uuid7(), **row)
        stage, stands = DecisionStage.INSTITUTION, State[state]
        held = [one for one, at in words if counts(stage, one, state=stands, current=at == 2)]
        expected[global_id("Application", key)] = held[-1] if held else None
    page = (await both.data(BOTH_RESULTS, cast.operator))["applications"]
    assert {node["id"]: node["institutionOutcome"] for node in page["nodes"]} == expected


@pytest.mark.parametrize("variables", [{"first": 101}, {"after": "x"}, {"within": "x"}])
async def test_what_is_refused_is_left_to_the_executor(both: Both, cast: Cast, variables: dict[str, Any]) -> None:
    assert await both.planned(LIST, cast.operator, **variables) is None
