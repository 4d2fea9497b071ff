"""An institution writes a record itself, she objects, her 注册机关 decides; until then the old value shows (I27)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from db.store.announced_days import working_days
from graph.context import Services
from graph.schema.node import global_id
from rules.message import Template
from rules.verification import Channel
from rules.working_days import due_on
from tests.support.contacts import letters, new_phone, reach
from tests.support.information import PAPER
from tests.support.live import Client, Live
from tests.support.uploads import ASKED
from tests.support.world import TODAY, Cast, Person, World
from workflow.information_lapse import take_effect

SHOWN: Final = """id state version filedBy acceptedFields supersededFields opinion objection objectedAt proofFileName
  dueOn objectionUntil availableSteps decidedAt asked { education title department post otherDepartment }
  recorded { education title department post otherDepartment }"""
PROBLEMS: Final = "... on Problem { code message } ... on ValidationProblem { fields { path code } }"
HERS: Final = "query($id: ID!) { node(id: $id) { ... on Nurse { title education department post disputedFields } } }"
TICKET: Final = """mutation($id: ID!) { downloadTicketCreate(input: { file: INFORMATION_PROOF, ids: [$id] }) {
  ... on DownloadTicketPayload { ticket } ... on Problem { code } } }"""
LATE: Final = """query($today: Date!) { informationChanges(where: { dueOn: { lt: $today } }) { nodes { id state } } }"""
FEED: Final = """subscription { eventFeed(types: [INFORMATION_ANNOUNCED, INFORMATION_DISPUTED, INFORMATION_DECIDED]) {
  __typename ... on NurseEvent { nurseName } } }"""


def text_of(name: str) -> str:
    """A mutation on changes, with all that it shows."""
    title = name[0].upper() + name[1:]
    payload = f"... on InformationChangePayload {{ informationChange {{ {SHOWN} }} }} {PROBLEMS}"
    return f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ {payload} }} }}"


async def do(client: Client, name: str, **input: Any) -> Any:
    """Take a step; gives the change, or the problem."""
    text = text_of(name)
    if name.endswith("Withdraw"):
        text = text.replace("InformationChangeWithdrawInput", "InformationChangeStepInput")
    answer = (await client.ask(text, input=input))[name]
    return answer.get("informationChange", answer)


async def prove(live: Live, who: Person, nurse_id: UUID, content: bytes = PAPER.content, **form: Any) -> Any:
    """Write with a proof paper, as a front end does."""
    given = {"input": {"nurseId": global_id("Nurse", nurse_id), "form": form, "file": None}}
    operations = {"query": text_of("informationEditWithProof"), "variables": given}
    fields = {"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})}
    files = {"0": ("硕士学位证.pdf", content, "application/pdf")}
    signed = {"Authorization": f"Bearer {who.token}", **ASKED}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        body = (await client.post("/graphql", data=fields, files=files, headers=signed)).json()
    assert "errors" not in body, body
    answer = body["data"]["informationEditWithProof"]
    return answer.get("informationChange", answer)


def step(change: Any, **more: Any) -> dict[str, Any]:
    """A step on a change as it was seen."""
    return {"id": change["id"], "expectedVersion": change["version"], **more}


async def shown(live: Live, who: Person, cast: Cast) -> Any:
    """What the register says of her."""
    return (await live.as_(who).ask(HERS, id=global_id("Nurse", cast.nurse_id)))["node"]


async def heard(world: World, scope: UUID) -> list[str]:
    """The events of her changes in one feed."""
    sql = "select type from event where scope = $1 and type like 'information.%' order by seq"
    return [row["type"].removeprefix("information.") for row in await world.owner.fetch(sql, scope)]


async def history(world: World, cast: Cast, *fields: str) -> list[tuple[str, str, str]]:
    """What changed of these fields."""
    sql = "select field, before, after from nurse_change where nurse_id = $1 and field = any($2) order by id"
    return [tuple(row) for row in await world.owner.fetch(sql, cast.nurse_id, list(fields))]


async def states(world: World, cast: Cast) -> list[str]:
    """Where her changes stand, the oldest first."""
    sql = "select state from information_change where nurse_id = $1 order by id"
    return [row["state"] for row in await world.owner.fetch(sql, cast.nurse_id)]


async def aged(world: World, cast: Cast, days: int = 40) -> None:
    """Her changes were made so many days ago."""
    sql = (
        "update information_change set created_at = created_at - $2::interval,"
        " queued_at = queued_at - $2::interval where nurse_id = $1"
    )
    await world.owner.execute(sql, cast.nurse_id, timedelta(days=days))


def last(days: int) -> date:
    """The last of so many working days after today."""
    return due_on(TODAY, days, [*working_days()])


@pytest.mark.feature("I27")
async def test_title_and_schooling_take_effect_with_a_paper_after_five_working_days_and_she_is_told_at_once(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    phone = new_phone()
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    async with live.as_(cast.nurse).watch(FEED) as her_feed:
        assert (await her_feed.next())["__typename"] == "FeedHeartbeat"
        made = await prove(live, cast.operator, cast.nurse_id, title="CHIEF_NURSE", education="MASTER")
        assert await her_feed.next() == {"__typename": "InformationAnnounced", "nurseName": "王护士"}
    assert [one.template for one in await letters(services.db, phone)] == [Template.INFORMATION_ANNOUNCED]
    assert (made["state"], made["proofFileName"], made["objectionUntil"], made["dueOn"]) == (
        *("ANNOUNCED", "硕士学位证.pdf"),
        *(str(last(5)), None),
    )
    assert (made["asked"]["title"], made["recorded"]["title"]) == ("CHIEF_NURSE", "NURSE")
    assert (await shown(live, cast.nurse, cast))["title"] == "NURSE"
    await take_effect(services.db, 1000)
    assert await states(world, cast) == ["ANNOUNCED"]
    await aged(world, cast)
    assert (await take_effect(services.db, 1000))["FAILED"] == 0
    assert await states(world, cast) == ["APPROVED"]
    assert await shown(live, cast.operator, cast) == {
        **{"title": "CHIEF_NURSE", "education": "MASTER", "department": "WARD", "post": None, "disputedFields": []},
    }
    assert await history(world, cast, "title") == [("title", "NURSE", "CHIEF_NURSE")]
    for scope in (cast.nurse_id, cast.hospital):
        assert await heard(world, scope) == ["announced", "decided"]
    late = await do(live.as_(cast.nurse), "informationChangeObject", **step(made, text="不属实"))
    assert late["code"] == "REQUEST_DECIDED"


@pytest.mark.feature("I27")
async def test_what_she_objects_to_shows_the_old_value_marked_until_the_authority_decides(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    desk, she, officer = live.as_(cast.operator), live.as_(cast.nurse), live.as_(cast.reviewer)
    her = {"nurseId": global_id("Nurse", cast.nurse_id)}
    other = {"department": "OTHER", "otherDepartment": "体检中心"}
    assert (await do(desk, "informationEdit", **her, form=other))["state"] == "APPROVED"
    made = await do(desk, "informationEdit", **her, form={"department": "EMERGENCY", "post": "HEAD_NURSE"})
    assert (await shown(live, cast.nurse, cast))["department"] == "EMERGENCY"
    wordless = await do(she, "informationChangeObject", **step(made, text=" "))
    assert wordless["fields"] == [{"path": "text", "code": "FIELD_REQUIRED"}]
    objected = await do(she, "informationChangeObject", **step(made, text="我仍在体检中心"))
    assert (objected["state"], objected["objection"], objected["dueOn"], objected["acceptedFields"]) == (
        *("DISPUTED", "我仍在体检中心", str(last(20))),
        [],
    )
    for who in (cast.nurse, cast.operator, cast.reviewer):
        found = await shown(live, who, cast)
        assert (found["department"], found["post"], found["disputedFields"]) == (
            *("OTHER", None),
            ["department", "post"],
        )
    kept = await world.row("nurse", cast.nurse_id)
    assert kept["other_department"] == "体检中心"
    again = await do(desk, "informationEdit", **her, form={"department": "EMERGENCY", "workHistory": "北京"})
    assert again["fields"] == [{"path": "form.department", "code": "FIELD_IN_DISPUTE"}]
    refused = await do(desk, "informationChangeApprove", **step(objected))
    assert refused["code"] == "CHANGE_WITH_AUTHORITY"
    assert [one["id"] for one in (await officer.ask(LATE, today=str(TODAY)))["informationChanges"]["nodes"]] == []
    await aged(world, cast)
    assert (await officer.ask(LATE, today=str(TODAY)))["informationChanges"]["nodes"] == [
        {"id": made["id"], "state": "DISPUTED"}
    ]
    given = step(objected, acceptedFields=["post"], opinion="科室以本人所述为准")
    done = await do(officer, "informationChangeApprove", **given)
    assert (done["state"], done["acceptedFields"], done["dueOn"]) == ("APPROVED", ["post"], None)
    found = await shown(live, cast.nurse, cast)
    assert (found["department"], found["post"], found["disputedFields"]) == ("OTHER", "HEAD_NURSE", [])
    assert await history(world, cast, "department", "post") == [
        ("department", "WARD", "OTHER"),
        ("department", "OTHER", "EMERGENCY"),
        ("post", None, "HEAD_NURSE"),
        ("department", "EMERGENCY", "OTHER"),
        ("post", "HEAD_NURSE", None),
        ("post", None, "HEAD_NURSE"),
    ]
    for scope, types in (
        (cast.nurse_id, ["edited", "edited", "disputed", "decided"]),
        (cast.hospital, ["edited", "edited", "disputed", "decided"]),
        (cast.district, ["disputed", "decided"]),
    ):
        assert await heard(world, scope) == types


@pytest.mark.feature("I27")
async def test_a_paper_she_objects_to_changes_nothing_where_the_authority_does_not_agree(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    made = await prove(live, cast.operator, cast.nurse_id, title="CHIEF_NURSE")
    objected = await do(live.as_(cast.nurse), "informationChangeObject", **step(made, text="未评聘"))
    assert (await shown(live, cast.viewer, cast))["disputedFields"] == ["title"]
    await aged(world, cast)
    await take_effect(services.db, 1000)
    assert await states(world, cast) == ["DISPUTED"]
    # Nobody is overruled without a word.
    mute = await do(live.as_(cast.reviewer), "informationChangeApprove", **step(objected, originalsSeen=True))
    assert mute["fields"] == [{"path": "opinion", "code": "FIELD_REQUIRED"}]
    given = step(objected, opinion="经核对属实")
    unseen = await do(live.as_(cast.reviewer), "informationChangeApprove", **given)
    assert unseen["fields"] == [{"path": "originalsSeen", "code": "ORIGINALS_UNSEEN"}]
    done = await do(live.as_(cast.reviewer), "informationChangeReject", **step(objected, opinion="证书不是她的"))
    assert (done["state"], done["opinion"]) == ("REJECTED", "证书不是她的")
    found = await shown(live, cast.nurse, cast)
    assert (found["title"], found["disputedFields"]) == ("NURSE", [])
    assert await history(world, cast, "title") == []


@pytest.mark.feature("I27")
async def test_the_paper_is_downloaded_by_whoever_sees_the_change_and_by_nobody_else(
    live: Live, world: World, cast: Cast
) -> None:
    made = await prove(live, cast.operator, cast.nurse_id, title="CHIEF_NURSE")
    for who in (cast.nurse, cast.operator, cast.reviewer):
        ticket = (await live.as_(who).ask(TICKET, id=made["id"]))["downloadTicketCreate"]["ticket"]
        async with httpx.AsyncClient(base_url=live.origin) as client:
            file = await client.post("/files", json={"ticket": ticket})
        assert (file.status_code, file.content) == (200, PAPER.content)
    stranger = (await world.cast()).operator
    assert (await live.as_(stranger).ask(TICKET, id=made["id"]))["downloadTicketCreate"] == {"code": "NOT_FOUND"}
    her = {"nurseId": global_id("Nurse", cast.nurse_id)}
    bare = await do(live.as_(cast.operator), "informationEdit", **her, form={"post": "HEAD_NURSE"})
    assert (await live.as_(cast.nurse).ask(TICKET, id=bare["id"]))["downloadTicketCreate"] == {"code": "NOT_FOUND"}


@pytest.mark.feature("I27")
async def test_what_an_institution_may_not_write_is_refused_and_nothing_moves(
    live: Live, world: World, cast: Cast
) -> None:
    before = await world.row("nurse", cast.nurse_id)
    for form, problems in (
        ({"department": "EMERGENCY"}, [("form.department", "NOT_BY_DIPLOMA")]),
        ({"ethnicity": "回族", "title": "CHIEF_NURSE"}, [("form.ethnicity", "NOT_BY_DIPLOMA")]),
        ({"title": "NURSE"}, [("form", "NOTHING_TO_CHANGE")]),
    ):
        refused = await prove(live, cast.operator, cast.nurse_id, **form)
        assert [(one["path"], one["code"]) for one in refused["fields"]] == problems
    unreadable = await prove(live, cast.operator, cast.nurse_id, b"no paper", title="CHIEF_NURSE")
    assert [one["path"] for one in unreadable["fields"]] == ["file"]
    for who, code in ((cast.viewer, "NOT_ALLOWED"), (cast.reviewer, "NOT_FOUND"), (cast.nurse, "NOT_FOUND")):
        assert (await prove(live, who, cast.nurse_id, title="CHIEF_NURSE"))["code"] == code
    assert await world.owner.fetchval("select count(*) from information_change where nurse_id = $1", cast.nurse_id) == 0
    made = await prove(live, cast.operator, cast.nurse_id, title="CHIEF_NURSE")
    twice = await prove(live, cast.operator, cast.nurse_id, title="SENIOR_NURSE", education="MASTER")
    assert twice["fields"] == [{"path": "form.title", "code": "FIELD_IN_DISPUTE"}]
    hers = await do(live.as_(cast.nurse), "informationChangeWithdraw", **step(made))
    assert hers["code"] == "CHANGE_OF_INSTITUTION"
    waits = await do(live.as_(cast.operator), "informationChangeApprove", **step(made, originalsSeen=True))
    assert waits["code"] == "CHANGE_ANNOUNCED"
    assert await world.row("nurse", cast.nurse_id) == before
    back = await do(live.as_(cast.operator), "informationChangeWithdraw", **step(made))
    assert back["state"] == "WITHDRAWN"
    assert (await prove(live, cast.operator, cast.nurse_id, title="SENIOR_NURSE"))["state"] == "ANNOUNCED"


@pytest.mark.feature("I27")
async def test_an_objection_comes_in_time_and_to_what_the_record_still_has(
    live: Live, world: World, cast: Cast
) -> None:
    she, desk = live.as_(cast.nurse), live.as_(cast.operator)
    her = {"nurseId": global_id("Nurse", cast.nurse_id)}
    first = await do(desk, "informationEdit", **her, form={"department": "EMERGENCY", "workHistory": "北京"})
    await do(desk, "informationEdit", **her, form={"department": "INTENSIVE_CARE"})
    objected = await do(she, "informationChangeObject", **step(first, text="不是我的经历"))
    assert (objected["asked"]["department"], objected["supersededFields"]) == (None, ["department"])
    assert (await shown(live, cast.nurse, cast))["department"] == "INTENSIVE_CARE"
    assert (await shown(live, cast.nurse, cast))["disputedFields"] == ["workHistory"]
    third = await do(desk, "informationEdit", **her, form={"post": "HEAD_NURSE"})
    await aged(world, cast)
    late = await do(she, "informationChangeObject", **step(third, text="未任护士长"))
    assert late["code"] == "OBJECTION_OVER"
    assert (await shown(live, cast.nurse, cast))["post"] == "HEAD_NURSE"
