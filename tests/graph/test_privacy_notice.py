"""The privacy notice: read by everybody, accepted at registering or later, asked again once it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from graph.context import Services
from rules.errors import Invalid
from rules.people import Party, Role
from rules.privacy_notice import KNOWN, Acceptance
from tests.support.live import Client, Live
from tests.support.people import QUICK, form, request
from tests.support.world import Cast, Person, World
from workflow import account as registering

pytestmark = pytest.mark.feature("N1", "N12")

READ = "query($v: Int) { privacyNotice(version: $v) { version fromDay text due accepted { version sensitive } } }"
ACCEPT = """mutation($input: PrivacyNoticeAcceptInput!) { privacyNoticeAccept(input: $input) { __typename
  ... on PrivacyNoticePayload { notice { version due accepted { version sensitive } } }
  ... on ValidationProblem { fields { path code } } ... on Problem { code } } }"""
FIRST = KNOWN[0]


async def read(client: Client, version: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (await client.ask(READ, v=version))["privacyNotice"]
    return found


async def accept(client: Client, version: int, *, sensitive: bool = False) -> dict[str, Any]:
    answer = await client.ask(ACCEPT, input={"version": version, "sensitive": sensitive})
    found: dict[str, Any] = answer["privacyNoticeAccept"]
    return found


async def kept(world: World, account_id: object) -> list[tuple[int, bool]]:
    """What somebody has accepted, in order."""
    sql = "select version, sensitive from privacy_acceptance where account_id = $1 order by at, id"
    return [(row["version"], row["sensitive"]) for row in await world.owner.fetch(sql, account_id)]


@asynccontextmanager
async def another(world: World, version: int, from_day: date) -> AsyncIterator[None]:
    """Another notice, while it is there."""
    await world.insert("privacy_notice", version=version, from_day=from_day, text_zh="新", text_en="New")
    try:
        yield
    finally:
        await world.owner.execute("delete from privacy_notice where version = $1", version)


async def today(world: World) -> date:
    found: date = await world.owner.fetchval("select (now() at time zone 'Asia/Shanghai')::date")
    return found


@pytest.mark.parametrize("text", [FIRST.text_zh, FIRST.text_en])
async def test_everybody_reads_it_in_her_language_and_nobody_else_is_asked(live: Live, cast: Cast, text: str) -> None:
    language = {"Accept-Language": "en"} if text == FIRST.text_en else {}
    for person in (None, cast.operator, cast.reviewer):
        body = (await live.as_(person).post(READ, {}, **language)).json()
        expected = {"version": 1, "fromDay": "2025-01-01", "text": text, "due": False, "accepted": None}
        assert body["data"]["privacyNotice"] == expected


@pytest.mark.parametrize("state", ["ACTIVE", "INACTIVE"])
async def test_a_nurse_is_asked_until_she_accepts_and_nothing_is_closed_to_her_meanwhile(
    live: Live, world: World, cast: Cast, state: str
) -> None:
    nurse_id = await world.nurse(cast.hospital, cast.district)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE, state=state)
    client = live.as_(nurse)
    assert ((await read(client))["due"], (await read(client))["accepted"]) == (True, None)
    business = await client.ask("{ viewer { displayName nurse { name } } applicationKinds { kind } }")
    assert (business["viewer"]["nurse"] is not None) is (state == "ACTIVE")
    word = {"version": 1, "sensitive": False}
    answer = await accept(client, 1)
    assert answer == {
        "__typename": "PrivacyNoticeAcceptPayload",
        "notice": {"version": 1, "due": False, "accepted": word},
    }
    assert await kept(world, nurse.account_id) == [(1, False)]
    sql = "select action, nurse_id, detail from audit where account_id = $1"
    (entry,) = await world.owner.fetch(sql, nurse.account_id)
    assert tuple(entry) == ("privacyNoticeAccept", nurse_id, '{"version": "1", "sensitive": false}')


async def test_once_it_changes_she_is_asked_again_and_reads_what_she_had_accepted(
    live: Live, world: World, cast: Cast
) -> None:
    client = live.as_(cast.nurse)
    await accept(client, 1, sensitive=True)
    async with another(world, 2, await today(world)):
        found = await read(client)
        assert (found["version"], found["due"], found["accepted"]) == (2, True, {"version": 1, "sensitive": True})
        before = await read(client, 1)
        assert (before["text"], before["due"]) == (FIRST.text_zh, False)
        refusal = await accept(client, 1)
        assert refusal["fields"] == [{"path": "version", "code": "NOTICE_OUTDATED"}]
        assert await kept(world, cast.nurse.account_id) == [(1, True)]
        assert (await accept(client, 2))["notice"]["due"] is False
    assert await kept(world, cast.nurse.account_id) == [(1, True), (2, False)]


async def test_a_notice_that_is_to_come_asks_nobody_yet(live: Live, world: World, cast: Cast) -> None:
    async with another(world, 2, await today(world) + timedelta(days=1)):
        found = await read(live.as_(cast.nurse))
        assert found["version"] == 1
        assert (await accept(live.as_(cast.nurse), 2))["fields"] == [{"path": "version", "code": "NOTICE_OUTDATED"}]
        assert (await read(live.as_(None), 2))["text"] == "新"
    assert await live.as_(None).refused(READ, v=2) == ["NOT_FOUND"]


async def test_her_separate_consent_is_withdrawn_by_her_last_word(live: Live, world: World, cast: Cast) -> None:
    client = live.as_(cast.nurse)
    for sensitive in (True, False):
        answer = await accept(client, 1, sensitive=sensitive)
        assert answer["notice"]["accepted"] == {"version": 1, "sensitive": sensitive}
    assert await kept(world, cast.nurse.account_id) == [(1, True), (1, False)]


@pytest.mark.parametrize("who", ["operator", "reviewer"])
async def test_staff_accept_nothing(live: Live, world: World, cast: Cast, who: str) -> None:
    person: Person = getattr(cast, who)
    assert (await accept(live.as_(person), 1))["code"] == "NOT_ALLOWED"
    assert await kept(world, person.account_id) == []


@pytest.mark.parametrize("accepted", [Acceptance(1, sensitive=True), None])
async def test_what_was_accepted_at_registering_is_kept_with_the_account(
    services: Services, world: World, accepted: Acceptance | None
) -> None:
    given = form()
    wish, captcha = await request(services.db, given)
    await registering.register(services.db, QUICK, replace(wish, accepted=accepted), captcha)
    key = await world.owner.fetchval("select id from account where user_name = $1", given.user_name)
    assert await kept(world, key) == ([] if accepted is None else [(1, True)])


@pytest.mark.parametrize(
    ("accepted", "needed", "code"),
    [(Acceptance(7, sensitive=False), False, "NOTICE_OUTDATED"), (None, True, "NOTICE_NOT_ACCEPTED")],
)
async def test_who_has_not_read_the_notice_in_force_is_told_with_all_else_and_not_registered(
    services: Services, world: World, accepted: Acceptance | None, needed: bool, code: str
) -> None:
    given = form(phone="1")
    wish, captcha = await request(services.db, given)
    with pytest.raises(Invalid) as refusal:
        await registering.register(services.db, QUICK, replace(wish, accepted=accepted), captcha, notice_needed=needed)
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("phone", "PHONE_FORMAT"),
        ("privacyNoticeVersion", code),
    ]
    found = "select count(*) from account where user_name = $1"
    assert await world.owner.fetchval(found, given.user_name) == 0
