"""The people of the authorization matrix: two hospitals in two provinces, everybody who works there, what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.events import QueueChange
from rules.moment import SHANGHAI
from rules.nurse import Department
from rules.people import Party, Role
from rules.privacy_notice import KNOWN
from rules.reasons import Reason
from tests.support.authority_filings import put_filings
from tests.support.authority_matrix import GROUPS, PEOPLE
from tests.support.authority_people import put_people
from tests.support.authority_stage import FILLED, Stage, Taken, put, tell
from tests.support.world import TODAY, Cast, Person, World

STAFF = (Role.OPERATOR, Role.MANAGER, Role.VIEWER)
OFFICERS = (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)
WHOLE_RECORD: Mapping[str, Any] = {
    "email_masked": "w****@example.com",
    "exam_score": "合格",
    "exam_passed_on": date(2011, 5, 20),
    "exam_year": 2011,
    "school": "示范卫生学校",
    "major": "护理",
    "study_length": "THREE_YEARS",
    "graduated_on": date(2010, 7, 1),
    "study_history": "2007年9月1日至2010年7月1日在示范卫生学校护理专业学习",
    "work_category": "CLINICAL_NURSING",
    "post": "NONE",
    "started_work_on": date(2011, 8, 1),
    "work_history": "2011年至今在示范医院",
    "auxiliary": "无",
    "good_record": "先进工作者",
    "bad_record": "无",
    "delivery_consent_at": datetime(2026, 1, 5, 9).astimezone(),
}


async def build(world: World, services: Services) -> Stage:
    """Everything in its place."""
    nation = await world.authority()
    province, elsewhere = [await world.authority(nation) for _ in range(2)]
    await world.owner.execute("update authority set level = 'PROVINCE' where id = any($1)", [province, elsewhere])
    stage = Stage(world, services, await _place(world, province), await _place(world, elsewhere))
    await _hire(stage, province)
    await _tell_the_story(stage)
    await _put_the_rest(stage)
    await _give_everybody_a_desk(stage, province)
    await put_people(stage)
    await put_filings(stage)
    row = {"account_id": stage.cast.nurse.account_id, "version": KNOWN[-1].version, "sensitive": True}
    await world.insert("privacy_acceptance", **row)
    rows = await world.owner.fetch("select id from application where nurse_id = $1", stage.cast.nurse_id)
    stage.story = frozenset(global_id("Application", row["id"]) for row in rows)
    return stage


async def _place(world: World, province: UUID) -> Cast:
    """A district that promises ten days, its hospital and their people."""
    district = await world.authority(province, promised_days=10)
    hospital = await world.institution(district)
    nurse_id = await world.nurse(hospital, district)
    staff = {role.lower(): await world.person(Party.INSTITUTION, hospital, role) for role in STAFF}
    officers = {role.lower(): await world.person(Party.AUTHORITY, district, role) for role in OFFICERS[:2]}
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE)
    return Cast(province, district, hospital, nurse_id, nurse=nurse, **staff, **officers)


async def _hire(stage: Stage, province: UUID) -> None:
    """The people of the columns, in their order."""
    world, cast, far = stage.world, stage.cast, stage.far
    inactive_id = await world.nurse(cast.hospital, cast.district)
    another = replace(cast, nurse_id=far.nurse_id, nurse=far.nurse)
    hired: list[Person | None] = [
        None,
        await world.person(Party.NURSE, inactive_id, Role.NURSE, state="INACTIVE"),
        cast.nurse,
        another.nurse,
        *(cast.operator, cast.manager, cast.viewer),
        *(far.operator, far.manager, far.viewer),
        *(cast.reviewer, cast.decider),
        *[await world.person(Party.AUTHORITY, cast.district, role) for role in OFFICERS[2:]],
        *[await world.person(Party.AUTHORITY, province, role) for role in OFFICERS],
        *(far.reviewer, far.decider),
        *[await world.person(Party.AUTHORITY, far.district, role) for role in OFFICERS[2:]],
        await world.person(Party.HELP_DESK, None, Role.HELP_DESK),
        await world.person(Party.ANALYST, None, Role.ANALYST),
    ]
    stage.people = dict(zip(PEOPLE, hired, strict=True))
    assert len(hired) == sum(map(len, GROUPS))


async def _tell_the_story(stage: Stage) -> None:
    """One nurse, again and again, until every event has happened; her last application is under decision."""
    cast, world = stage.cast, stage.world
    nurse, operator, reviewer = cast.nurse, cast.operator, cast.reviewer
    forward: Taken = (operator, Step.FORWARD, {})
    mark: dict[str, Any] = {
        "reasons": (Reason.FIELD_INCOMPLETE,),
        "marked_fields": ("department",),
        "opinion": "请核对",
    }
    await stage.file((operator, Step.DECLINE, {"reasons": (Reason.LEAVING,)}))
    await stage.file(forward, (reviewer, Step.REFUSE_INTAKE, {"reasons": (Reason.OUT_OF_COMPETENCE,)}))
    await stage.file((nurse, Step.WITHDRAW, {}))
    refuse = {"reasons": (Reason.CONDITIONS_NOT_MET,), "opinion": "学历不符合规定"}
    rejected = await stage.file(forward, (reviewer, Step.ACCEPT, {}), (cast.decider, Step.REJECT, refuse))
    stage.ids["under decision"] = await stage.file(
        (operator, Step.RETURN, mark),
        (nurse, Step.RESUBMIT, {"form": replace(FILLED, department=Department.WARD)}),
        forward,
        (reviewer, Step.REQUIRE_CORRECTION, mark),
        (nurse, Step.SUPPLEMENT, {"form": FILLED}),
        (reviewer, Step.RECOMMEND, {"opinion": "材料齐全"}),
    )
    await _lease(stage)
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(WHOLE_RECORD, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", cast.nurse_id, *WHOLE_RECORD.values())
    exam = "update nurse set exam_certificate_number = id::text where id = $1"
    await world.owner.execute(exam, cast.nurse_id)
    places = {"institution_id": cast.hospital, "authority_id": cast.district, "application_id": rejected}
    facts = {"kind": "RENEWAL", "reason": "更正", "status": "VALID", "certificate_number": "2011", "valid_until": TODAY}
    await world.insert("registration_history", nurse_id=cast.nurse_id, **facts, **places)


async def _lease(stage: Stage) -> None:
    """The reviewer works on it."""
    cast, key = stage.cast, stage.ids["under decision"]
    until = datetime.now(SHANGHAI) + timedelta(minutes=30)
    sql = "update application set holder_id = $2, held_until = $3 where id = $1"
    await stage.world.owner.execute(sql, key, cast.reviewer.account_id, until)


async def _put_the_rest(stage: Stage) -> None:
    """Applications in other states, and nurses who have moved, come or left."""
    world, cast, far, ids = stage.world, stage.cast, stage.far, stage.ids
    ids["draft"] = await put(world, cast, State.DRAFT)
    for name, state in (("at institution", State.INSTITUTION_REVIEW), ("at authority", State.AUTHORITY_INTAKE)):
        ids[name] = await put(world, await stage.nurse(name, cast.hospital, cast.district), state)
    held = "update application set holder_id = $2, held_until = now() + interval '30 minutes' where id = $1"
    await world.owner.execute(held, ids["at institution"], cast.operator.account_id)
    returned = await stage.nurse("returned", cast.hospital, cast.district)
    # It waited in vain for her institution's word.
    await world.owner.execute(
        "update application set escalated_at = now(), unconfirmed = 'NO_OTHER_PERSON', passed_up_from_id = authority_id"
        " where id = $1",
        ids["at authority"],
    )
    ids["returned"] = await put(world, returned, State.RETURNED, marked_fields=["department"])
    await _mark(world, ids["returned"])
    moved = await stage.nurse("moved", far.hospital, far.district)
    ids["approved"] = await put(world, moved, State.APPROVED, decided_at=datetime.now(SHANGHAI))
    coming = await stage.nurse("coming", far.hospital, far.district)
    ids["coming"] = await put(world, coming, State.INSTITUTION_REVIEW)
    ended = {"status": "DEREGISTERED", "deregistration_reason": "OTHER", "bar_until": TODAY}
    await stage.nurse("ended", None, cast.district, **ended)


async def _mark(world: World, key: UUID) -> None:
    """Her institution wants a paper again."""
    decision = {"id": uuid7(), "stage": "INSTITUTION", "outcome": "RETURNED", "revision": 1}
    await world.insert("review_decision", application_id=key, **decision)
    titles = {"title_zh": "申请表", "title_en": "Form", "note": "缺单位盖章"}
    mark = {"code": "APPLICATION_FORM", "reason": "SEAL_MISSING", **titles}
    await world.insert("material_mark", application_id=key, decision_id=decision["id"], **mark)


async def _give_everybody_a_desk(stage: Stage, province: UUID) -> None:
    """One application that waits, and one event, for those whom the story does not reach."""
    world, far = stage.world, stage.far
    far_desk = await put(world, far, State.INSTITUTION_REVIEW)
    await tell(stage, (far.hospital,), "submitted", far_desk, QueueChange.ADDED)
    await tell(stage, (far.nurse_id,), "submitted", far_desk, None)
    for name, authority in (("far authority", far.district), ("upper authority", province)):
        person = await stage.nurse(name, far.hospital, authority)
        key = await put(world, replace(person, hospital=far.hospital, district=authority), State.AUTHORITY_INTAKE)
        await tell(stage, (authority,), "forwarded", key, QueueChange.ADDED)
