"""Dead letters, as the authority's admin sees them and puts them back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from db import message
from graph.context import Services
from graph.schema.node import global_id
from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.live import Live
from tests.support.world import Cast, Person, World

LIST = "{ deadLetters(first: 100) { nodes { id channel template recipient tries lastError at } } }"
RETRY = """mutation($input: DeadLetterRetryInput!) { deadLetterRetry(input: $input) { __typename
  ... on DeadLetterRetryPayload { messageId query { viewer { displayName } } } ... on Problem { code } } }"""


async def dead_letter(services: Services, world: World, to: str = "13800138000") -> UUID:
    """A message that was tried 33 times."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        values = {"userName": "h1234567", "password": "Secret-9-Words", "institution": "示范医院"}
        template = Template.INITIAL_CREDENTIALS
        await message.send(tx, channel=Channel.SMS, to=to, template=template, values=values)
    key: UUID = await world.owner.fetchval(
        "update outbox set dead_at = now(), tries = 33, last_error = 'HTTP_503'"
        " where id = (select id from outbox order by id desc limit 1) returning id"
    )
    return key


async def admin(world: World, cast: Cast) -> Person:
    """The province's admin."""
    return await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)


async def listed(live: Live, person: Person, key: UUID) -> list[Any]:
    """This one, where it is among the dead letters."""
    found = (await live.as_(person).ask(LIST))["deadLetters"]["nodes"]
    return [one for one in found if one["id"] == global_id("DeadLetter", key)]


async def retry(live: Live, person: Person, key: str, **more: str) -> Any:
    """What deadLetterRetry answers."""
    return (await live.as_(person).ask(RETRY, input={"id": key, **more}))["deadLetterRetry"]


async def test_the_admin_sees_what_was_given_up_with_its_recipient_masked(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    key = await dead_letter(services, world)
    (one,) = await listed(live, await admin(world, cast), key)
    assert one.pop("at").endswith("+08:00")
    assert one == {
        "id": global_id("DeadLetter", key),
        "channel": "SMS",
        "template": "INITIAL_CREDENTIALS",
        "recipient": "138****8000",
        "tries": 33,
        "lastError": "HTTP_503",
    }


async def test_the_admin_has_it_tried_afresh_once(live: Live, services: Services, world: World, cast: Cast) -> None:
    key, person = await dead_letter(services, world), await admin(world, cast)
    before = await world.row("outbox", key)
    again = {"idempotencyKey": "retry-once-1"}
    answer = await retry(live, person, global_id("DeadLetter", key), **again)
    assert answer == {
        "__typename": "DeadLetterRetryPayload",
        "messageId": global_id("DeadLetter", key),
        "query": {"viewer": {"displayName": person.actor.name}},
    }
    after = await world.row("outbox", key)
    assert (after["dead_at"], after["tries"], after["due_at"] > before["due_at"]) == (None, 0, True)
    assert after["content_sealed"] == before["content_sealed"]
    assert await listed(live, person, key) == []
    assert await retry(live, person, global_id("DeadLetter", key), **again) == answer
    gone = await retry(live, person, global_id("DeadLetter", key))
    assert gone == {"__typename": "NotFoundProblem", "code": "NOT_FOUND"}
    assert await world.row("outbox", key) == after
    rows = await world.owner.fetch("select action, detail from audit where account_id = $1", person.account_id)
    assert [tuple(row) for row in rows] == [("deadLetterRetry", f'{{"message": "{key}"}}')]


async def test_nobody_else_sees_or_moves_a_dead_letter(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    key = await dead_letter(services, world)
    before = await world.row("outbox", key)
    for person in (cast.nurse, cast.operator, cast.manager, cast.viewer, cast.reviewer, cast.decider):
        assert await live.as_(person).refused(LIST) == ["NOT_ALLOWED"]
        answer = await retry(live, person, global_id("DeadLetter", key))
        assert answer == {"__typename": "NotAllowedProblem", "code": "NOT_ALLOWED"}
    assert await live.as_(None).refused(LIST) == ["UNAUTHENTICATED"]
    assert await world.row("outbox", key) == before


async def test_a_message_that_is_not_dead_or_not_there_is_not_found(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    key, person = await dead_letter(services, world), await admin(world, cast)
    await world.owner.execute("update outbox set dead_at = null where id = $1", key)
    before = await world.row("outbox", key)
    for given in (global_id("DeadLetter", key), global_id("DeadLetter", uuid4()), global_id("Nurse", key), "x"):
        assert (await retry(live, person, given))["code"] == "NOT_FOUND"
    assert await world.row("outbox", key) == before


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_has_its_limit(live: Live, world: World, cast: Cast, first: int) -> None:
    query = f"{{ deadLetters(first: {first}) {{ nodes {{ id }} }} }}"
    assert await live.as_(await admin(world, cast)).refused(query) == ["VALIDATION"]
