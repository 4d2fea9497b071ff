"""Eligibility as clients read it, before the form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.schema.node import global_id
from rules.application import State
from rules.eligibility import RULES
from rules.kinds import Kind
from rules.people import Party, Role
from rules.working_days import add_years
from tests.support.activation import id_number
from tests.support.application_desk import Desk
from tests.support.authority_stage import put
from tests.support.kinds import move
from tests.support.live import Live
from tests.support.newcomer import Newcomer
from tests.support.world import TODAY, Cast, Person, World

ASK = """query($kind: ApplicationKind!, $nurse: ID) { eligibility(kind: $kind, nurseId: $nurse) {
  kind eligible verdicts { code outcome title article whatToDo earliest } openApplications { id kind state } } }"""


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


async def test_before_her_account_is_active_she_hears_every_rule_and_nothing_of_the_record(
    live: Live, world: World
) -> None:
    where = await move(world, Kind.RENEWAL, TODAY)
    nurse_id = await world.nurse(where.cast.hospital, where.cast.district)
    inactive = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    found = await ask(live, inactive, Kind.RENEWAL)
    rules = {one["code"]: (one["outcome"], one["whatToDo"]) for one in found["verdicts"]}
    later = ("UNKNOWN", "账户激活后按注册信息核实")
    assert (found["eligible"], found["openApplications"]) == (False, [])
    assert rules == {
        "ACCOUNT_ACTIVE": ("FAIL", "请先激活账户，下一步：进行护士信息验证"),
        "VALID_ON_FILING": later,
        "WINDOW_OPEN": later,
        "LEGAL_LINE": later,
        "NOT_SUSPENDED": later,
        "HEALTH": ("UNKNOWN", "请填报6个月内的体检结论"),
        "HAS_INSTITUTION": later,
        "NO_OTHER_OPEN": ("PASS", None),
    }
    for outcome, step in (
        ("PRE_2008", "到省级卫生健康行政部门登记"),
        ("MULTIPLE", "请省级卫生健康行政部门核对合并记录"),
    ):
        await world.owner.execute(
            "update account set identity_outcome = $2 where id = $1", inactive.account_id, outcome
        )
        (first, *_) = (await ask(live, inactive, Kind.RENEWAL))["verdicts"]
        assert first["whatToDo"] == f"请先激活账户，下一步：{step}"
    await world.owner.execute("update account set identity_outcome = null where id = $1", inactive.account_id)
    # What others have filed for her is not hers to see yet.
    where.cast.nurse_id = nurse_id
    await put(world, where.cast, State.INSTITUTION_REVIEW)
    assert await ask(live, inactive, Kind.RENEWAL) == found
    # The number of her certificate opens the change, and nothing else.
    sql = """update account set identity_outcome = 'REGISTERED', identity_verified = true, contact_verified = true,
        certificate_verified = true where id = $1"""
    await world.owner.execute(sql, inactive.account_id)
    assert (await ask(live, inactive, Kind.CHANGE))["eligible"] is True
    assert (await ask(live, inactive, Kind.REISSUE))["eligible"] is False


@pytest.mark.feature("N16")
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_draft_of_the_kind_is_gone_on_with_and_none_but_she_hears_of_it(
    live: Live, world: World, kind: Kind
) -> None:
    where = await move(world, kind, TODAY)
    desk = Desk(live, kind, where)
    await desk.begins()
    found = await ask(live, where.nurse, kind)
    (failed,) = [one for one in found["verdicts"] if one["outcome"] == "FAIL"]
    assert (failed["code"], failed["whatToDo"]) == ("NO_OTHER_OPEN", "该业务已有草稿，请继续填报或撤回")
    mine = {"id": desk.application["id"], "kind": kind, "state": "DRAFT"}
    assert (found["eligible"], found["openApplications"]) == (False, [mine])
    # What eligibility says is what the beginning says.
    assert (await desk.begins())["code"] == "APPLICATION_OPEN"
    seen = await ask(live, where.cast.operator, kind, where.cast.nurse_id)
    if seen is not None:  # she is registered there
        outcomes = {one["code"]: one["outcome"] for one in seen["verdicts"]}
        assert (seen["openApplications"], outcomes["NO_OTHER_OPEN"]) == ([], "PASS")


async def test_what_is_open_is_named_to_those_who_may_read_it(live: Live, world: World) -> None:
    where = await move(world, Kind.CHANGE, TODAY)
    desk = Desk(live, Kind.CHANGE, where)
    await desk.begins()
    # A draft of another kind stands in nobody's way.
    found = await ask(live, where.nurse, Kind.REISSUE)
    assert (found["eligible"], found["openApplications"]) == (True, [])
    await desk.takes(where.nurse, "applicationSubmit")
    shown = [{"id": desk.application["id"], "kind": "CHANGE", "state": "INSTITUTION_REVIEW"}]
    for who, readable in ((where.nurse, shown), (where.target.operator, shown), (where.cast.operator, [])):
        found = await ask(live, who, Kind.REISSUE, where.cast.nurse_id)
        failed = [one["code"] for one in found["verdicts"] if one["outcome"] == "FAIL"]
        assert (failed, found["openApplications"]) == (["NO_OTHER_OPEN"], readable)
    assert (await ask(live, where.nurse, Kind.RENEWAL))["openApplications"] == []


async def test_before_activation_what_she_says_herself_is_judged(live: Live, world: World) -> None:
    born = TODAY - timedelta(days=15 * 365)
    newcomer = await Newcomer.registered(live, world, "赵小", id_number(born))
    asked = (await newcomer.client.ask(ASK, kind="FIRST"))["eligibility"]
    verdicts = {one["code"]: one for one in asked["verdicts"]}
    assert list(verdicts) == [rule.code for rule, _ in RULES[Kind.FIRST]]
    assert (verdicts["FULL_CAPACITY"]["outcome"], verdicts["FULL_CAPACITY"]["earliest"]) == (
        "FAIL",
        str(add_years(born, 16)),
    )
    await newcomer.does("accountVerifyIdentity")
    await newcomer.does("accountDeclareMilitarySource")
    await newcomer.confirms_her_phone()
    desk = Desk(live, Kind.MILITARY_TRANSFER, await move(world, Kind.MILITARY_TRANSFER, TODAY))
    desk.move.cast.nurse = desk.move.target.nurse = await newcomer.person()
    assert (await newcomer.client.ask(ASK, kind="MILITARY_TRANSFER"))["eligibility"]["eligible"] is True
    await desk.begins()
    for kind, mine in (("MILITARY_TRANSFER", [desk.application["id"]]), ("FIRST", [])):
        asked = (await newcomer.client.ask(ASK, kind=kind))["eligibility"]
        assert (asked["eligible"], [one["id"] for one in asked["openApplications"]]) == (False, mine)
