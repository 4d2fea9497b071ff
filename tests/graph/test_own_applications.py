"""A nurse's own applications (业务查询, N19): page by page, by kind, state and day; nobody else's."""

from __future__ import annotations

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
async def test_nobody_lists_the_applications_of_somebody_else(live: Live, world: World) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    await filed(live, Kind.RENEWAL, where, "applicationSubmit")
    other = await world.cast()
    assert (await mine(live.as_(other.nurse)))["totalCount"] == 0
    for person in (where.cast.operator, where.cast.reviewer, where.cast.decider):
        assert await live.as_(person).refused(LIST) == ["NOT_ALLOWED"]
    assert await live.as_(None).refused(LIST) == ["UNAUTHENTICATED"]
