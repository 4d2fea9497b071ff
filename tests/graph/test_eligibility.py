"""Eligibility as clients read it, before the form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.schema.node import global_id
from rules.eligibility import RULES
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.kinds import move
from tests.support.live import Live
from tests.support.world import TODAY, Cast, Person, World

ASK = """query($kind: ApplicationKind!, $nurse: ID) { eligibility(kind: $kind, nurseId: $nurse) {
  kind eligible verdicts { code outcome title article whatToDo earliest } } }"""


async def ask(live: Live, who: Person, kind: Kind, nurse_id: Any = None, **headers: str) -> Any:
    given = {"kind": kind, "nurse": nurse_id and global_id("Nurse", nurse_id)}
    answer = (await live.as_(who).post(ASK, given, **headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]["eligibility"]


@pytest.mark.feature("N16")
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_nurse_sees_every_rule_of_every_kind(live: Live, world: World, kind: Kind) -> None:
    where = await move(world, kind, TODAY)
    found = await ask(live, where.nurse, kind)
    assert [one["code"] for one in found["verdicts"]] == [rule.code for rule, _ in RULES[kind]]
    assert (found["kind"], found["eligible"]) == (kind, True)
    assert {one["outcome"] for one in found["verdicts"]} <= {"PASS", "UNKNOWN"}


async def test_what_fails_says_what_to_do_and_when_in_her_language(live: Live, world: World, cast: Cast) -> None:
    last = TODAY + timedelta(days=100)
    opens = last - timedelta(days=90)
    await world.owner.execute("update registration set valid_until = $2 where nurse_id = $1", cast.nurse_id, last)
    found = await ask(live, cast.nurse, Kind.RENEWAL)
    assert found["eligible"] is False
    (failed,) = [one for one in found["verdicts"] if one["outcome"] == "FAIL"]
    assert failed == {
        "code": "WINDOW_OPEN",
        "outcome": "FAIL",
        "title": "已到可申请日期",
        "article": "《护士条例》第十条",
        "whatToDo": f"请于{opens}起申请",
        "earliest": str(opens),
    }
    answer = await ask(live, cast.nurse, Kind.RENEWAL, **{"Accept-Language": "en"})
    (failed,) = [one for one in answer["verdicts"] if one["outcome"] == "FAIL"]
    assert (failed["title"], failed["whatToDo"]) == ("The window is open", f"Apply from {opens} on.")


async def test_staff_ask_about_whom_they_may_read_and_nobody_about_others(live: Live, world: World, cast: Cast) -> None:
    other = await world.cast()
    asked = {"operator": True, "viewer": True, "reviewer": True, "nurse": True}
    for name in asked:
        found = await ask(live, getattr(cast, name), Kind.RENEWAL, cast.nurse_id)
        assert found["eligible"] is True, name
        assert await ask(live, getattr(other, name), Kind.RENEWAL, cast.nurse_id) is None
    assert await ask(live, cast.operator, Kind.RENEWAL) is None
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    assert await ask(live, analyst, Kind.RENEWAL, cast.nurse_id) is None
    assert (await live.as_(cast.operator).ask(ASK, kind="RENEWAL", nurse="nonsense"))["eligibility"] is None


async def test_nobody_asks_who_is_not_signed_in(live: Live) -> None:
    assert await live.as_(None).refused(ASK, kind="RENEWAL") == ["UNAUTHENTICATED"]


async def test_before_her_account_is_active_she_hears_nothing_of_the_record(live: Live, world: World) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    nurse_id = await world.nurse(where.cast.hospital, where.cast.district)
    inactive = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    found = await ask(live, inactive, Kind.RENEWAL)
    assert (found["eligible"], [one["code"] for one in found["verdicts"]]) == (False, ["ACCOUNT_ACTIVE"])
    # The number of her certificate opens the change, and nothing else.
    sql = """update account set identity_outcome = 'REGISTERED', identity_verified = true, contact_verified = true,
        certificate_verified = true where id = $1"""
    await world.owner.execute(sql, inactive.account_id)
    assert (await ask(live, inactive, Kind.CHANGE))["eligible"] is True
    assert (await ask(live, inactive, Kind.REISSUE))["eligible"] is False
