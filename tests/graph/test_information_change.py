"""A nurse has her information changed, her institution reviews it, and the record says so (N13, N14, I14, I15, I27)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from graph.schema.node import global_id
from tests.support.live import Client, Live
from tests.support.world import TODAY, Cast, World
from workflow.information_lapse import lapse

SHOWN = """id state version filedBy nurseName idNumberMasked acceptedFields markedFields supersededFields opinion
  originalsSeen escalatedAt decidedAt nurse { id }
  asked { school education title department studyHistory ethnicity }
  recorded { school education title department studyHistory ethnicity }"""
PROBLEMS = "... on Problem { code message } ... on ValidationProblem { fields { path code } }"
LIST = (
    "query($where: InformationChangeWhere, $order: [InformationChangeOrder!]) {"
    f" informationChanges(first: 10, where: $where, orderBy: $order) {{ totalCount nodes {{ {SHOWN} }} }} }}"
)
HISTORY = "2020年09月01日至2023年06月30日在北京护士学校护理学专业学习"


async def do(client: Client, name: str, **input: Any) -> Any:
    """Take a step; gives the change, or the problem."""
    title = name[0].upper() + name[1:]
    kind = "InformationChangeStepInput" if name.endswith(("Withdraw", "Escalate")) else f"{title}Input"
    text = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{"
        f" ... on {title}Payload {{ informationChange {{ {SHOWN} }} }} {PROBLEMS} }} }}"
    )
    answer = (await client.ask(text, input=input))[name]
    return answer.get("informationChange", answer)


async def ask(live: Live, cast: Cast, **form: Any) -> Any:
    """Ask for a change."""
    return await do(live.as_(cast.nurse), "informationChangeRequest", form=form)


async def record(world: World, nurse_id: UUID) -> dict[str, Any]:
    """What the register says of her."""
    row = await world.row("nurse", nurse_id)
    return {name: row[name] for name in ("school", "education", "title", "department", "study_history", "ethnicity")}


async def heard(world: World, scope: UUID) -> list[str]:
    """The events of her changes in one feed."""
    rows = await world.owner.fetch(
        "select type from event where scope = $1 and type like 'information.%' order by seq", scope
    )
    return [row["type"] for row in rows]


def step(change: Any, **more: Any) -> dict[str, Any]:
    """A step on a change as it was seen."""
    return {"id": change["id"], "expectedVersion": change["version"], **more}


@pytest.mark.feature("N13", "N14", "I14", "I15")
async def test_a_change_takes_effect_when_her_institution_agrees_and_both_hear_of_it(
    live: Live, world: World, cast: Cast
) -> None:
    before = await record(world, cast.nurse_id)
    asked = await ask(
        live, cast, education="MASTER", school="北京大学", studyHistory=HISTORY, department=before["department"]
    )
    assert (asked["state"], asked["version"], asked["filedBy"]) == ("PENDING", 1, "NURSE")
    assert asked["asked"] == {
        **dict.fromkeys(("title", "department", "ethnicity")),
        **{"education": "MASTER", "school": "北京大学", "studyHistory": HISTORY},
    }
    assert (asked["recorded"]["education"], asked["recorded"]["department"]) == (before["education"], None)
    assert await record(world, cast.nurse_id) == before
    desk = live.as_(cast.operator)
    day = {"gte": f"{TODAY - timedelta(days=2)}T00:00:00Z"}
    found = await desk.ask(
        LIST, where={"state": {"eq": "PENDING"}, "nurseName": {"startsWith": "王"}, "createdAt": day}
    )
    assert found["informationChanges"] == {"totalCount": 1, "nodes": [asked]}
    unseen = await do(desk, "informationChangeApprove", **step(asked))
    assert unseen["fields"] == [{"path": "originalsSeen", "code": "ORIGINALS_UNSEEN"}]
    done = await do(desk, "informationChangeApprove", **step(asked, originalsSeen=True))
    assert (done["state"], done["version"], done["originalsSeen"]) == ("APPROVED", 2, True)
    assert sorted(done["acceptedFields"]) == ["education", "school", "studyHistory"]
    new = {"education": "MASTER", "school": "北京大学", "study_history": HISTORY}
    assert await record(world, cast.nurse_id) == {**before, **new}
    kept = await world.owner.fetch(
        "select field, before, after, valid_from from nurse_change where nurse_id = $1 order by field", cast.nurse_id
    )
    assert [tuple(row) for row in kept] == [(name, before[name], new[name], TODAY) for name in sorted(new)]
    for scope in (cast.nurse_id, cast.hospital):
        assert await heard(world, scope) == ["information.requested", "information.decided"]
    mine = await live.as_(cast.nurse).ask(LIST)
    assert mine["informationChanges"]["nodes"] == [done]


@pytest.mark.feature("I15")
async def test_fields_are_agreed_to_one_by_one_and_the_others_are_refused_in_words(
    live: Live, world: World, cast: Cast
) -> None:
    before = await record(world, cast.nurse_id)
    asked = await ask(live, cast, title="CHIEF_NURSE", department="EMERGENCY")
    desk = live.as_(cast.operator)
    wordless = await do(desk, "informationChangeApprove", **step(asked, acceptedFields=["department"]))
    assert wordless["fields"] == [{"path": "opinion", "code": "FIELD_REQUIRED"}]
    strange = await do(desk, "informationChangeApprove", **step(asked, acceptedFields=["school"], opinion="无"))
    assert [one["code"] for one in strange["fields"]] == ["FIELD_NOT_ASKED", "FIELD_REQUIRED"]
    assert await record(world, cast.nurse_id) == before
    given = step(asked, acceptedFields=["department"], opinion="职称证书未提供")
    done = await do(desk, "informationChangeApprove", **given)
    assert (done["state"], done["acceptedFields"], done["opinion"]) == ("APPROVED", ["department"], "职称证书未提供")
    assert await record(world, cast.nurse_id) == {**before, "department": "EMERGENCY"}
    again = await do(desk, "informationChangeApprove", **given)
    assert again["code"] == "REQUEST_DECIDED"


@pytest.mark.feature("N14", "I15")
async def test_a_return_opens_the_marked_fields_alone_and_a_refusal_gives_its_reason(
    live: Live, world: World, cast: Cast
) -> None:
    she, desk = live.as_(cast.nurse), live.as_(cast.operator)
    asked = await ask(live, cast, school="北京大学", department="EMERGENCY")
    unmarked = await do(desk, "informationChangeReturn", **step(asked, markedFields=[], opinion="请核对"))
    assert unmarked["fields"] == [{"path": "markedFields", "code": "FIELD_REQUIRED"}]
    back = await do(desk, "informationChangeReturn", **step(asked, markedFields=["school"], opinion="校名有误"))
    assert (back["state"], back["markedFields"], back["opinion"]) == ("RETURNED", ["school"], "校名有误")
    waits = await do(desk, "informationChangeApprove", **step(back, originalsSeen=True))
    assert waits["code"] == "CHANGE_RETURNED"
    other = {"school": "北京协和医学院", "department": "WARD"}
    locked = await do(she, "informationChangeAnswer", **step(back, form=other))
    assert locked["fields"] == [{"path": "form.department", "code": "FIELD_LOCKED"}]
    same = {"school": "北京大学", "department": "EMERGENCY"}
    unanswered = await do(she, "informationChangeAnswer", **step(back, form=same))
    assert unanswered["fields"] == [{"path": "form.school", "code": "FIELD_UNANSWERED"}]
    right = {"school": "北京协和医学院", "department": "EMERGENCY"}
    stale = await do(she, "informationChangeAnswer", **step(asked, form=right))
    assert stale["code"] == "VERSION_STALE"
    answered = await do(she, "informationChangeAnswer", **step(back, form=right))
    assert (answered["state"], answered["asked"]["school"]) == ("PENDING", "北京协和医学院")
    silent = await do(desk, "informationChangeReject", **step(answered, opinion=" "))
    assert silent["fields"] == [{"path": "opinion", "code": "FIELD_REQUIRED"}]
    refused = await do(desk, "informationChangeReject", **step(answered, opinion="与毕业证书不符"))
    assert (refused["state"], refused["opinion"]) == ("REJECTED", "与毕业证书不符")
    assert (await record(world, cast.nurse_id))["school"] != "北京协和医学院"


@pytest.mark.feature("N14")
@pytest.mark.parametrize(
    ("form", "problems"),
    [
        ({}, [("form", "NOTHING_TO_CHANGE")]),
        ({"studyHistory": "2020年至2023年在校学习"}, [("form.studyHistory", "STUDY_HISTORY_UNREADABLE")]),
        (
            {"studyHistory": f"{HISTORY}\n2023年07月01日至2023年06月30日在北京大学护理学专业学习"},
            [("form.studyHistory", "ENDS_BEFORE_START")],
        ),
        ({"ethnicity": "火星族"}, [("form.ethnicity", "ETHNIC_GROUP_UNKNOWN")]),
        (
            {"ethnicity": "火星族", "nationality": "XXX"},
            [("form.ethnicity", "ETHNIC_GROUP_UNKNOWN"), ("form.nationality", "NATIONALITY_OF_DOCUMENT")],
        ),
        ({"post": "OTHER"}, [("form.otherPost", "FIELD_REQUIRED")]),
        ({"department": "WARD", "otherDepartment": "体检中心"}, [("form.otherDepartment", "OTHER_NOT_CHOSEN")]),
        ({"graduatedOn": str(TODAY + timedelta(days=1))}, [("form.graduatedOn", "DATE_IN_FUTURE")]),
        (
            {"school": "长" * 101, "major": "\u200b"},
            [("form.school", "TEXT_TOO_LONG"), ("form.major", "TEXT_HIDDEN_CHARACTER")],
        ),
    ],
)
async def test_what_cannot_be_is_refused_with_every_problem_at_once(
    live: Live, world: World, cast: Cast, form: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    refused = await ask(live, cast, **form)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == problems
    assert await world.owner.fetchval("select count(*) from information_change where nurse_id = $1", cast.nurse_id) == 0


@pytest.mark.feature("N14")
async def test_one_change_at_a_time_is_open_also_of_two_that_are_sent_at_once(
    live: Live, world: World, cast: Cast
) -> None:
    found = await asyncio.gather(ask(live, cast, school="北京大学"), ask(live, cast, school="清华大学"))
    assert sorted(one.get("code", one.get("state")) for one in found) == ["PENDING", "REQUEST_PENDING"]
    (refused,) = [one for one in found if "code" in one]
    assert refused["message"] == "您的信息修改正在审核，请等待结果，或撤回后重新提交"
    (pending,) = [one for one in found if "state" in one]
    back = await do(live.as_(cast.nurse), "informationChangeWithdraw", **step(pending))
    assert back["state"] == "WITHDRAWN"
    assert (await ask(live, cast, school="清华大学"))["state"] == "PENDING"


@pytest.mark.feature("I14", "I15")
async def test_strangers_find_nothing_and_nobody_reviews_who_may_not(live: Live, world: World, cast: Cast) -> None:
    far = await world.cast()
    asked = await ask(live, cast, school="北京大学")
    for who, code in (
        (far.operator, "NOT_FOUND"),
        (cast.viewer, "NOT_ALLOWED"),
        (cast.reviewer, "CHANGE_WITH_INSTITUTION"),
    ):
        assert (await do(live.as_(who), "informationChangeApprove", **step(asked, originalsSeen=True)))["code"] == code
    for who in (far.operator, far.nurse, far.reviewer):
        assert (await live.as_(who).ask(LIST))["informationChanges"]["nodes"] == []
    assert (await do(live.as_(far.nurse), "informationChangeWithdraw", **step(asked)))["code"] == "NOT_FOUND"
    assert (await world.row("information_change", cast.nurse_id, "nurse_id"))["state"] == "PENDING"


@pytest.mark.feature("N14", "A5")
async def test_where_nobody_else_may_review_it_the_authority_does_at_once_and_after_ten_days_of_silence_by_her_wish(
    live: Live, world: World, cast: Cast
) -> None:
    she = live.as_(cast.nurse)
    asked = await ask(live, cast, school="北京大学")
    early = await do(she, "informationChangeEscalate", **step(asked))
    assert early["code"] == "INSTITUTION_HAS_TIME"
    long_ago = "update information_change set queued_at = queued_at - interval '40 days' where nurse_id = $1"
    await world.owner.execute(long_ago, cast.nurse_id)
    gone = await do(she, "informationChangeEscalate", **step(asked))
    assert gone["state"] == "PENDING"
    assert gone["escalatedAt"] is not None
    late = await do(live.as_(cast.operator), "informationChangeApprove", **step(gone, originalsSeen=True))
    assert late["code"] == "CHANGE_WITH_AUTHORITY"
    done = await do(live.as_(cast.reviewer), "informationChangeApprove", **step(gone, originalsSeen=True))
    assert done["state"] == "APPROVED"
    assert await heard(world, cast.district) == ["information.requested", "information.decided"]
    await world.owner.execute(
        "update account set state = 'DISABLED' where institution_id = $1 and party = 'INSTITUTION'", cast.hospital
    )
    alone = await ask(live, cast, school="清华大学")
    assert alone["escalatedAt"] is not None


@pytest.mark.feature("I27")
async def test_an_institution_writes_her_work_at_once_and_she_is_told_and_nothing_but_her_work(
    live: Live, world: World, cast: Cast
) -> None:
    before = await record(world, cast.nurse_id)
    asked = await ask(live, cast, department="EMERGENCY", school="北京大学")
    desk, her = live.as_(cast.operator), {"nurseId": global_id("Nurse", cast.nurse_id)}
    refused = await do(desk, "informationEdit", **her, form={"education": "DOCTOR", "post": "HEAD_NURSE"})
    assert refused["fields"] == [{"path": "form.education", "code": "NOT_OF_HER_WORK"}]
    done = await do(desk, "informationEdit", **her, form={"department": "INTENSIVE_CARE", "post": "HEAD_NURSE"})
    assert (done["state"], done["filedBy"], sorted(done["acceptedFields"])) == (
        *("APPROVED", "INSTITUTION"),
        ["department", "post"],
    )
    assert await record(world, cast.nurse_id) == {**before, "department": "INTENSIVE_CARE"}
    rest = await world.owner.fetchrow(
        "select * from information_change where nurse_id = $1 and state = 'PENDING'", cast.nurse_id
    )
    assert (json.loads(rest["asked"]), rest["superseded_fields"], rest["version"]) == (
        *({"school": "北京大学"}, ["department"]),
        asked["version"] + 1,
    )
    assert await heard(world, cast.nurse_id) == [
        "information.requested",
        "information.edited",
        "information.superseded",
    ]
    stranger = live.as_((await world.cast()).operator)
    assert (await do(stranger, "informationEdit", **her, form={"department": "WARD"}))["code"] == "NOT_FOUND"


@pytest.mark.feature("N14")
async def test_what_is_returned_and_not_answered_for_thirty_days_lapses(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    asked = await ask(live, cast, school="北京大学")
    await do(
        live.as_(cast.operator), "informationChangeReturn", **step(asked, markedFields=["school"], opinion="请核对")
    )
    assert (await lapse(services.db, 10)).total() == 0
    long_ago = "update information_change set queued_at = queued_at - interval '31 days' where nurse_id = $1"
    await world.owner.execute(long_ago, cast.nurse_id)
    assert (await lapse(services.db, 10))["INFORMATION_LAPSE"] == 1
    assert (await world.row("information_change", cast.nurse_id, "nurse_id"))["state"] == "LAPSED"
    assert (await heard(world, cast.nurse_id))[-1] == "information.lapsed"


@pytest.mark.feature("N14")
async def test_that_of_a_record_merged_into_another_keeps_no_other_from_lapsing(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    other = await world.cast()
    for her in (cast, other):
        asked = await ask(live, her, school="北京大学")
        returned = step(asked, markedFields=["school"], opinion="请核对")
        assert (await do(live.as_(her.operator), "informationChangeReturn", **returned))["state"] == "RETURNED"
        long_ago = "update information_change set queued_at = queued_at - interval '31 days' where nurse_id = $1"
        await world.owner.execute(long_ago, her.nurse_id)
    await world.owner.execute("update nurse set merged_into = $2 where id = $1", cast.nurse_id, other.nurse_id)
    assert dict(await lapse(services.db, 10)) == {"INFORMATION_LAPSE": 1}
    states = [(await world.row("information_change", her.nurse_id, "nurse_id"))["state"] for her in (cast, other)]
    assert states == ["RETURNED", "LAPSED"]


@pytest.mark.feature("N14", "I27")
async def test_all_that_was_superseded_is_kept_of_a_change_also_in_two_turns(
    live: Live, world: World, cast: Cast
) -> None:
    await ask(live, cast, department="EMERGENCY", workHistory="北京", school="北京大学")
    desk, her = live.as_(cast.operator), {"nurseId": global_id("Nurse", cast.nurse_id)}
    for form in ({"department": "INTENSIVE_CARE"}, {"workHistory": "上海"}):
        assert (await do(desk, "informationEdit", **her, form=form))["state"] == "APPROVED"
    sql = "select * from information_change where nurse_id = $1 and filed_by = 'NURSE'"
    left = await world.owner.fetchrow(sql, cast.nurse_id)
    assert (left["state"], left["superseded_fields"]) == ("PENDING", ["department", "workHistory"])
    assert json.loads(left["asked"]) == {"school": "北京大学"}


@pytest.mark.feature("N14")
async def test_the_fields_of_a_change_are_data_for_everybody(live: Live) -> None:
    fields = await live.as_(None).ask("{ informationDefinition { name label help type required maxLength } }")
    found = {one["name"]: one for one in fields["informationDefinition"]}
    assert found["studyHistory"] == {
        "name": "studyHistory",
        "label": "专业学习经历",
        "help": "每行一段：2020年09月01日至2023年06月30日在××学校××专业学习",
        "type": "TEXT",
        "required": False,
        "maxLength": 2000,
    }
    assert {"school", "major", "education", "degree", "studyLength", "graduatedOn", "department", "title"} <= {*found}
