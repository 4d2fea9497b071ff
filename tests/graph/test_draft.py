"""A front end draws the form from its definition, keeps it half filled, and is told what it lacks (N16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.schema.node import global_id
from rules.kinds import Kind
from tests.support.kinds import move
from tests.support.live import Live
from tests.support.world import TODAY, Cast, World

DEFINE = """query($kind: ApplicationKind!, $there: ID) { formDefinition(kind: $kind, institutionId: $there) {
  kind title fields { name label help article type choices { value label } required requiredWhen { field values }
    requiredTogether keptOnRecord maxLength earliest latest } } }"""
SHOWN = """id version state formProblems { path code message }
  form { ... on ChangeForm { department changeReason healthStatus healthExaminedOn }
         ... on RenewalForm { healthStatus healthExaminedOn department title remarks } }"""
BEGIN = """mutation($input: ApplicationCreateDraftInput!) { applicationCreateDraft(input: $input) {
  ... on ApplicationCreateDraftPayload { application { SHOWN } }
  ... on Problem { code message } ... on ValidationProblem { fields { path code } } } }""".replace("SHOWN", SHOWN)
SAVE = BEGIN.replace("CreateDraft", "SaveDraft").replace("applicationCreate", "applicationSave")
FILE = BEGIN.replace("CreateDraft", "Submit")
READ = f"query($id: ID!) {{ application(id: $id) {{ {SHOWN} availableSteps }} }}"


@pytest.mark.feature("N16")
async def test_a_form_is_data_for_everybody_also_before_they_have_signed_in(live: Live, cast: Cast) -> None:
    found = (await live.as_(None).ask(DEFINE, kind="DEREGISTRATION"))["formDefinition"]
    assert (found["kind"], found["title"]) == ("DEREGISTRATION", "注销注册")
    reason, remarks, proof = found["fields"]
    assert reason == {
        "name": "reason",
        "label": "注销理由",
        "help": "护士本人申请的，选择注册有效期届满或其他",
        "article": "《中华人民共和国行政许可法》第七十条",
        "type": "CHOICE",
        "choices": [
            {"value": "EXPIRED", "label": "注册有效期届满未延续注册"},
            {"value": "OTHER", "label": "其他"},
        ],
        "required": True,
        "requiredWhen": None,
        "requiredTogether": [],
        "keptOnRecord": False,
        "maxLength": None,
        "earliest": None,
        "latest": None,
    }
    assert (remarks["requiredWhen"], remarks["maxLength"]) == ({"field": "reason", "values": ["OTHER"]}, 500)
    assert proof["requiredWhen"]["values"] == ["DEATH", "INCAPACITY", "LICENCE_REVOKED"]
    theirs = (await live.as_(cast.operator).ask(DEFINE, kind="DEREGISTRATION"))["formDefinition"]["fields"][0]
    assert len(theirs["choices"]) == 5
    there = global_id("Institution", cast.hospital)
    answer = await live.as_(None).post(DEFINE, {"kind": "RENEWAL", "there": there}, **{"Accept-Language": "en"})
    health, examined, department, *_ = answer.json()["data"]["formDefinition"]["fields"]
    assert (health["label"], health["choices"][1]) == ("Health", {"value": "FAIR", "label": "Fair"})
    assert (examined["type"], examined["latest"]) == ("DATE", str(TODAY))
    assert (department["required"], department["keptOnRecord"]) == (False, True)
    assert (await live.as_(None).ask(DEFINE, kind="RENEWAL", there=global_id("Nurse", cast.nurse_id))) == {
        "formDefinition": None
    }


@pytest.mark.feature("N16", "N18")
async def test_a_draft_is_begun_half_filled_saved_again_and_filed_when_nothing_is_missing(
    live: Live, world: World
) -> None:
    where = await move(world, Kind.CHANGE, TODAY)
    she = live.as_(where.nurse)

    async def ask(query: str, **input: Any) -> Any:
        (answer,) = (await she.ask(query, input=input)).values()
        return answer.get("application", answer)

    begun = await ask(BEGIN, form={"change": {"healthStatus": "GOOD"}})
    key = begun["id"]
    empty = {"department": None, "changeReason": None, "healthStatus": "GOOD", "healthExaminedOn": None}
    assert (begun["state"], begun["version"], begun["form"]) == ("DRAFT", 1, empty)
    assert [(one["path"], one["code"]) for one in begun["formProblems"]] == [
        ("department", "FIELD_REQUIRED"),
        ("changeReason", "FIELD_REQUIRED"),
    ]
    assert (await she.ask(READ, id=key))["application"] == {
        **begun,
        "availableSteps": ["SAVE_DRAFT", "SUBMIT", "WITHDRAW"],
    }
    refused = await ask(FILE, id=key, expectedVersion=1)
    missing = [{"path": f"form.change.{name}", "code": "FIELD_REQUIRED"} for name in ("department", "changeReason")]
    assert (refused["code"], refused["fields"]) == ("VALIDATION", missing)

    later = str(TODAY + timedelta(days=1))
    saved = await ask(
        SAVE, id=key, expectedVersion=1, form={"change": {"department": "WARD", "healthExaminedOn": later}}
    )
    assert (saved["version"], saved["form"]) == (
        2,
        {"department": "WARD", "changeReason": None, "healthStatus": None, "healthExaminedOn": later},
    )
    assert [(one["path"], one["code"]) for one in saved["formProblems"]] == [
        ("changeReason", "FIELD_REQUIRED"),
    ]
    stale = await ask(SAVE, id=key, expectedVersion=1, form={"change": {"department": "EMERGENCY"}})
    assert stale["code"] == "VERSION_STALE"
    whole = {"change": {"department": "WARD", "changeReason": "工作调动"}}
    there = global_id("Institution", where.target.hospital)
    saved = await ask(SAVE, id=key, expectedVersion=2, form=whole, institutionId=there)
    assert (saved["version"], saved["formProblems"]) == (3, [])
    filed = await ask(FILE, id=key, expectedVersion=3)
    assert (filed["state"], filed["formProblems"]) == ("INSTITUTION_REVIEW", [])
    row = await world.row("application", where.target.hospital, "institution_id")
    assert row["revision"] == 1


@pytest.mark.feature("N16")
async def test_what_a_renewal_leaves_out_stays_as_on_record_and_is_asked_for_only_where_nothing_is(
    live: Live, world: World, cast: Cast
) -> None:
    she = live.as_(cast.nurse)
    record = await world.row("nurse", cast.nurse_id)
    begun = (await she.ask(BEGIN, input={"form": {"renewal": {}}}))["applicationCreateDraft"]["application"]
    assert (begun["form"]["department"], begun["form"]["title"]) == (record["department"], record["title"])
    assert [one["path"] for one in begun["formProblems"]] == ["healthStatus", "healthExaminedOn"]
    await world.owner.execute("update nurse set department = null where id = $1", cast.nurse_id)
    await world.owner.execute("update application set form = '{}' where nurse_id = $1", cast.nurse_id)
    found = (await she.ask(READ, id=begun["id"]))["application"]
    assert [one["path"] for one in found["formProblems"]] == ["healthStatus", "healthExaminedOn", "department"]


@pytest.mark.feature("N16")
async def test_nobody_else_saves_her_draft_and_a_text_that_no_form_may_have_is_not_kept(
    live: Live, world: World, cast: Cast
) -> None:
    she = live.as_(cast.nurse)
    begun = (await she.ask(BEGIN, input={"form": {"renewal": {}}}))["applicationCreateDraft"]["application"]
    before = dict(await world.row("application", cast.nurse_id, "nurse_id"))
    other = await world.cast()

    async def refused(who: Any, form: dict[str, Any]) -> Any:
        given = {"id": begun["id"], "expectedVersion": 1, "form": form}
        return (await live.as_(who).ask(SAVE, input=given))["applicationSaveDraft"]

    for who in (other.nurse, cast.operator, cast.reviewer):
        assert (await refused(who, {"renewal": {}}))["code"] in {"NOT_FOUND", "NOT_ALLOWED"}
    long = await refused(cast.nurse, {"renewal": {"remarks": "长" * 501}})
    assert long["fields"] == [{"path": "form.renewal.remarks", "code": "TEXT_TOO_LONG"}]
    foreign = await refused(cast.nurse, {"change": {}})
    assert foreign["fields"] == [{"path": "form", "code": "OTHER_KIND"}]
    assert dict(await world.row("application", cast.nurse_id, "nurse_id")) == before
