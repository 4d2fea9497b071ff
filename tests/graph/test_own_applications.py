"""A nurse's own applications (业务查询, N19): page by page, by kind, state and day; nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.kinds import Kind
from tests.support.application_desk import Desk
from tests.support.kinds import Move, move
from tests.support.live import Client, Live
from tests.support.world import TODAY, World

LIST = """query Mine($first: Int, $after: String, $where: OwnApplicationWhere, $orderBy: [OwnApplicationOrder!]) {
  ownApplications(first: $first, after: $after, where: $where, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage endCursor } nodes { kind state }
  }
}"""


async def mine(client: Client, **given: Any) -> Any:
    return (await client.ask(LIST, **given))["ownApplications"]


async def filed(live: Live, kind: Kind, where: Move, *steps: str) -> None:
    desk = Desk(live, kind, where)
    await desk.begins()
    for step in steps:
        assert "application" in await desk.takes(where.nurse, step)


@pytest.mark.feature("N19")
async def test_a_nurse_pages_through_her_own_applications_and_finds_one_by_kind_and_state(
    live: Live, world: World
) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    for _ in range(3):
        await filed(live, Kind.RENEWAL, where, "applicationWithdraw")
    await filed(live, Kind.DEREGISTRATION, where, "applicationSubmit")
    client = live.as_(where.nurse)
    first = await mine(client, first=3)
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (4, True)
    withdrawn = {"kind": "RENEWAL", "state": "WITHDRAWN"}
    open_one = {"kind": "DEREGISTRATION", "state": "INSTITUTION_REVIEW"}
    assert first["nodes"] == [open_one, withdrawn, withdrawn]
    rest = await mine(client, first=3, after=first["pageInfo"]["endCursor"])
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == ([withdrawn], False)
    assert (await mine(client, where={"state": {"eq": "INSTITUTION_REVIEW"}}))["nodes"] == [open_one]
    assert (await mine(client, where={"not": {"kind": {"eq": "RENEWAL"}}}))["nodes"] == [open_one]
    assert (await mine(client, first=1, orderBy=["CREATED_AT_ASC"]))["nodes"] == [withdrawn]


@pytest.mark.feature("N19")
async def test_a_nurse_orders_her_applications_by_their_end_and_one_without_by_its_last_step(
    live: Live, world: World
) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    await filed(live, Kind.RENEWAL, where, "applicationWithdraw")
    await filed(live, Kind.DEREGISTRATION, where, "applicationSubmit")
    ended = (
        "update application set decided_at = moved_at + $2, moved_at = moved_at + $3 where kind = $1 and nurse_id = $4"
    )
    later = (timedelta(hours=1), timedelta(hours=-1))
    await world.owner.execute(ended, "RENEWAL", *later, where.cast.nurse_id)
    client = live.as_(where.nurse)
    for order, kinds in (
        ("DECIDED_AT_ASC", ["DEREGISTRATION", "RENEWAL"]),
        ("DECIDED_AT_DESC", ["RENEWAL", "DEREGISTRATION"]),
    ):
        assert [one["kind"] for one in (await mine(client, orderBy=[order]))["nodes"]] == kinds
        first = await mine(client, orderBy=[order], first=1)
        rest = await mine(client, orderBy=[order], first=1, after=first["pageInfo"]["endCursor"])
        assert [one["kind"] for page in (first, rest) for one in page["nodes"]] == kinds


@pytest.mark.feature("N19")
async def test_nobody_lists_the_applications_of_somebody_else(live: Live, world: World) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    await filed(live, Kind.RENEWAL, where, "applicationSubmit")
    other = await world.cast()
    assert (await mine(live.as_(other.nurse)))["totalCount"] == 0
    for person in (where.cast.operator, where.cast.reviewer, where.cast.decider):
        assert await live.as_(person).refused(LIST) == ["NOT_ALLOWED"]
    assert await live.as_(None).refused(LIST) == ["UNAUTHENTICATED"]
