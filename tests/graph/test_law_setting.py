"""The law as data, as clients read and set it: everybody reads it, and what is cited follows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from graph.context import Services
from rules.law import ORDER_OF_2021, LawSubject
from rules.law_setting import NOTICE
from rules.people import Party, Role
from tests.support.live import Client, Live
from tests.support.world import TODAY, Cast, Person, World

pytestmark = pytest.mark.feature("A4")
SETTINGS = """query($subject: LawSubject) { lawSettings(subject: $subject) {
  subject title place fromDay untilDay value inForce } }"""
SET = """mutation($input: LawSettingSetInput!) { lawSettingSet(input: $input) { __typename
  ... on LawSettingSetPayload { setting { subject place fromDay untilDay value inForce } }
  ... on Problem { code message } ... on ValidationProblem { fields { path code message } } } }"""
REASON = "{ reviewReasons { code article } }"
ELIGIBLE = "{ eligibility(kind: RENEWAL) { verdicts { code article } } }"
BEGINS = TODAY + NOTICE


@pytest_asyncio.fixture
async def admin(services: Services, world: World, cast: Cast) -> AsyncIterator[Person]:
    """The nation's administrator; what she sets is gone afterwards."""
    nation = await world.authority()
    yield await world.person(Party.AUTHORITY, nation, Role.PROVINCIAL_ADMIN)
    await world.owner.execute("delete from law_setting where set_by is not null")
    services.db.kept.clear()


async def put(client: Client, subject: LawSubject, *value: str, day: Any = BEGINS) -> Any:
    """Set a value."""
    given = {"subject": subject, "fromDay": day.isoformat(), "value": [*value]}
    return (await client.ask(SET, input=given))["lawSettingSet"]


async def test_everybody_reads_what_holds_what_held_and_what_will(live: Live, admin: Person) -> None:
    health = LawSubject.HEALTH_ARTICLE
    done = await put(live.as_(admin), health, "《护士执业注册管理办法》第八条")
    setting = {"subject": health, "place": None, "fromDay": BEGINS.isoformat(), "untilDay": None}
    expected = {**setting, "value": ["《护士执业注册管理办法》第八条"], "inForce": False}
    assert done == {"__typename": "LawSettingSetPayload", "setting": expected}
    found = (await live.as_(None).ask(SETTINGS, subject=health))["lawSettings"]
    title, before = {"title": "健康标准的依据条文"}, BEGINS - timedelta(days=1)
    law = "《护士执业注册管理办法》"
    assert found == [
        {**expected, **title},
        {
            **(setting | title | {"fromDay": ORDER_OF_2021.isoformat(), "untilDay": before.isoformat()}),
            **{"value": [f"{law}第七条"], "inForce": True},
        },
        {
            **(setting | title | {"fromDay": "2008-05-12", "untilDay": "2021-01-07"}),
            **{"value": [f"{law}第六条"], "inForce": False},
        },
    ]


async def test_all_subjects_are_there_and_one_of_each_holds_today(live: Live, cast: Cast) -> None:
    found = (await live.as_(cast.nurse).ask(SETTINGS))["lawSettings"]
    assert {one["subject"] for one in found} == set(LawSubject)
    assert sorted(one["subject"] for one in found if one["inForce"]) == sorted(LawSubject)


async def test_what_is_cited_follows_the_law_of_today(live: Live, world: World, admin: Person, cast: Cast) -> None:
    await put(live.as_(admin), LawSubject.TERM_ARTICLE, "《护士条例》第十一条")
    person = live.as_(cast.nurse)

    async def cited() -> set[Any]:
        reasons = {one["code"]: one["article"] for one in (await live.as_(None).ask(REASON))["reviewReasons"]}
        verdicts = (await person.ask(ELIGIBLE))["eligibility"]["verdicts"]
        return {reasons["OUTSIDE_WINDOW"], next(one["article"] for one in verdicts if one["code"] == "WINDOW_OPEN")}

    assert await cited() == {"《护士条例》第十条"}
    # Its day comes.
    await world.owner.execute("update law_setting set from_day = current_date where set_by is not null")
    assert await cited() == {"《护士条例》第十一条"}


async def test_wrong_values_are_told_with_their_field(live: Live, admin: Person, cast: Cast) -> None:
    client = live.as_(admin)
    answerer = await put(client, LawSubject.DEPARTMENTS, "ATTIC", day=TODAY)
    assert answerer["__typename"] == "ValidationProblem"
    assert [(one["path"], one["code"]) for one in answerer["fields"]] == [
        ("value", "CODE_UNKNOWN"),
        ("fromDay", "DATE_TOO_NEAR"),
    ]
    assert answerer["fields"][0]["message"].startswith("没有“ATTIC”，可用：病房、门诊")
    answerer = await put(live.as_(cast.decider), LawSubject.DEPARTMENTS, "WARD")
    assert answerer["__typename"] == "NotAllowedProblem"
