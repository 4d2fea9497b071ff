"""A role that a place needs is left by the last who held it (岗位空缺): the place and the level above are told."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.errors import NotAllowed
from rules.people import Party, Role
from rules.staff import StaffStep
from rules.verification import Channel
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import change_colleague, sent_to, supervisor
from tests.support.live import Live
from tests.support.rounds import ROUNDS
from tests.support.story import Story
from tests.support.world import Cast, World

FEED = """subscription { eventFeed(types: [STAFF_UNATTENDED]) { __typename
  ... on StaffUnattended { placeName missingRoles actor institution { id } authority { id } account { id } } } }"""


async def bodies(world: World, scope: UUID) -> list[dict[str, Any]]:
    """Which roles a feed says to be left, and of what place."""
    sql = "select body from event where scope = $1 and type = 'staff.unattended' order by seq"
    return [orjson.loads(row["body"]) for row in await world.owner.fetch(sql, scope)]


async def missing(world: World, scope: UUID) -> list[list[str]]:
    """Only the roles."""
    return [one["missing"] for one in await bodies(world, scope)]


async def test_the_last_reviewer_of_an_authority_is_missed_there_and_above(
    services: Services, world: World, cast: Cast
) -> None:
    chief, above = await supervisor(world, cast), await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR)
    phones = {person.account_id: new_phone() for person in (chief, above, cast.decider)}
    for key, phone in phones.items():
        await reach(world, key, Channel.SMS, phone, verified=True)
    await change_colleague(services, chief, StaffStep.DISABLE, cast.reviewer.account_id)
    name = (await world.row("authority", cast.district))["name"]
    body = {"authority": str(cast.district), "placeName": name, "missing": ["REVIEWER"], "by": "AUTHORITY"}
    assert await bodies(world, cast.district) == [body] == await bodies(world, cast.nation)
    letter = ("PLACE_UNATTENDED", {"place": name, "roles": Role.REVIEWER.label})
    assert await sent_to(services.db, phones[chief.account_id]) == [letter]
    assert await sent_to(services.db, phones[above.account_id]) == [letter]
    assert await sent_to(services.db, phones[cast.decider.account_id]) == []


async def test_nothing_is_told_while_another_is_left_or_where_she_was_not_there_before(
    services: Services, world: World, cast: Cast
) -> None:
    chief = await supervisor(world, cast)
    await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, Role.DECIDER)
    invited = await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR, state="INVITED")
    for key in (cast.reviewer.account_id, cast.decider.account_id, invited.account_id):
        await change_colleague(services, chief, StaffStep.DISABLE, key)
    with pytest.raises(NotAllowed):
        await change_colleague(services, cast.operator, StaffStep.DISABLE, cast.manager.account_id)
    await change_colleague(services, cast.manager, StaffStep.DISABLE, cast.operator.account_id)
    for scope in (cast.district, cast.nation, cast.hospital):
        assert await bodies(world, scope) == []


async def test_a_role_that_is_taken_from_the_last_who_has_it_is_missed(
    services: Services, world: World, cast: Cast
) -> None:
    chief = await supervisor(world, cast)
    await change_colleague(services, chief, StaffStep.SET_ROLES, cast.decider.account_id, Role.REVIEWER, Role.DECIDER)
    assert await missing(world, cast.district) == []
    await change_colleague(services, chief, StaffStep.SET_ROLES, cast.decider.account_id, Role.REVIEWER)
    assert await missing(world, cast.district) == [["DECIDER"]] == await missing(world, cast.nation)


async def test_the_level_above_hears_of_it_live(live: Live, services: Services, world: World, cast: Cast) -> None:
    chief, above = await supervisor(world, cast), await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER)
    async with live.as_(above).watch(FEED) as feed:
        assert (await feed.next())["__typename"] == "FeedHeartbeat"
        await change_colleague(services, chief, StaffStep.DISABLE, cast.decider.account_id)
        assert await feed.next() == {
            "__typename": "StaffUnattended",
            "placeName": (await world.row("authority", cast.district))["name"],
            "missingRoles": ["DECIDER"],
            "actor": "AUTHORITY",
            "institution": None,
            "authority": {"id": global_id("Authority", cast.district)},
            "account": None,
        }


async def test_of_the_last_two_who_go_at_once_the_second_is_seen_to_be_the_last(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        cast = await world.cast()
        chiefs = [await supervisor(world, cast) for _ in range(2)]
        second = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
        both = zip(chiefs, (cast.reviewer, second), strict=True)
        await asyncio.gather(*(change_colleague(services, by, StaffStep.DISABLE, whom.account_id) for by, whom in both))
        assert await missing(world, cast.district) == [["REVIEWER"]]


async def test_what_she_may_do_no_more_goes_back_with_her_roles(services: Services, story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    cast = story.cast
    held = (story.id, cast.operator.account_id)
    await story.world.owner.execute(
        "update application set holder_id = $2, held_until = now() + interval '20 minutes' where id = $1", *held
    )
    roles = (services, cast.manager, StaffStep.SET_ROLES, cast.operator.account_id)
    await change_colleague(*roles, Role.OPERATOR, Role.VIEWER)
    assert (await story.row())["holder_id"] == cast.operator.account_id
    await change_colleague(*roles, Role.VIEWER)
    assert (await story.row())["holder_id"] is None
    last = (await story.heard(Party.INSTITUTION))[-1]
    assert (last["type"], last["body"]["by"]) == ("application.put_back", "INSTITUTION")
