"""What hangs on applications, registrations and institutions, on the stage of the authorization matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from uuid_utils.compat import uuid7

from db import proposal
from rules.application import State
from rules.form import Form, form_to_json
from rules.kinds import Kind
from rules.moment import SHANGHAI
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from rules.proposal import Proposal, VoidGround
from rules.verification import RequestKind, RequestState
from tests.support.authority_events import tell_everything
from tests.support.authority_help import put_help
from tests.support.authority_information import put_changes
from tests.support.authority_looks import put_looks
from tests.support.authority_photos import put_photos
from tests.support.authority_roster import put_roster
from tests.support.authority_spans import put_spans
from tests.support.authority_stage import Stage, put
from tests.support.authority_stock import put_stock
from tests.support.authority_units import put_units
from tests.support.kinds import forms
from tests.support.papers import a_blob
from tests.support.people import form as person_form
from tests.support.people import known
from tests.support.world import TODAY

NOW: Final = datetime.now(SHANGHAI)
TRAINING: Final = {
    "training_institution": "示范教学医院",
    "trained_from": TODAY - timedelta(days=200),
    "trained_until": TODAY - timedelta(days=100),
}
WHOLE: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.FIRST: TRAINING,
    Kind.REREGISTRATION: {**TRAINING, "recovery_judgment": "（2025）京0102民特12号"},
    Kind.MILITARY_TRANSFER: TRAINING,
    Kind.DEREGISTRATION: {"proof": "死亡医学证明"},
}
"""What a form has besides, so that nothing of it is empty."""


async def put_filings(stage: Stage) -> None:
    """One of each thing that an application, a registration or an institution has besides itself."""
    await _put_forms(stage)
    await _put_papers(stage)
    await _put_spans(stage)
    await _put_early(stage)
    await _put_unaddressed(stage)
    await _put_departure(stage)
    await put_changes(stage)
    await put_photos(stage)
    await put_spans(stage)
    await put_looks(stage)
    await _put_proposals(stage)
    await _put_collective(stage)
    await _put_batch(stage)
    await _put_places(stage)
    await put_stock(stage)
    await put_units(stage)
    await put_roster(stage)
    await put_help(stage)
    await tell_everything(stage)


def _json(form: Form) -> str:
    return orjson.dumps(form_to_json(form)).decode()


async def _put_forms(stage: Stage) -> None:
    """An application of each kind, at the authority; the deregistration is her institution's, and she objects."""
    for kind, form in forms(TODAY).items():
        own = await stage.nurse(f"files {kind}", stage.cast.hospital, stage.cast.district)
        filed = {"filed_by": "INSTITUTION", "objected": True, "objection": "并未离职", "objection_answer": "已核实"}
        more: dict[str, Any] = filed if kind is Kind.DEREGISTRATION else {}
        whole = _json(replace(form, **WHOLE.get(kind, {})))
        stage.ids[f"files {kind}"] = await put(stage.world, own, State.AUTHORITY_INTAKE, kind=kind, form=whole, **more)
    own = await stage.nurse("filed for", stage.cast.hospital, stage.cast.district)
    stage.ids["filed for"] = await put(stage.world, own, State.AUTHORITY_INTAKE, filed_by="INSTITUTION")


async def _put_papers(stage: Stage) -> None:
    """Under decision: a file, an original that was seen, a period that stood still once and was extended."""
    world, cast, key = stage.world, stage.cast, stage.ids["under decision"]
    content = b"%PDF-1.7 " + key.bytes
    kept_as = await a_blob(world, content)
    file = {"file_name": "体检证明.pdf", "media_type": "application/pdf", "size": len(content), "blob_id": kept_as}
    of = {"application_id": key, "uploaded_by": cast.nurse.account_id}
    await world.insert("material", id=uuid7(), code="HEALTH_REPORT", **of, **file)
    await world.insert("material_check", application_id=key, code="APPLICATION_FORM", seen_by=cast.reviewer.account_id)
    stood = {"started_at": NOW - timedelta(days=3), "ended_at": NOW, "working_days": 2, "reason": "专家评审"}
    await world.insert("application_pause", id=uuid7(), application_id=key, kind="EXPERT_REVIEW", **stood)
    extended = "update application set extended = true, extension_reason = '案情复杂' where id = $1"
    await world.owner.execute(extended, key)
    needed = {"kind": "REISSUE", "code": "LOCAL_PROOF", "title_zh": "遗失声明", "title_en": "Statement of loss"}
    days = {"valid_from": TODAY, "valid_until": TODAY + timedelta(days=365)}
    await world.insert("material_requirement", id=uuid7(), authority_id=cast.nation, **needed, **days)


async def _put_spans(stage: Stage) -> None:
    """A suspension that has ended, and one of a colleague that runs."""
    days = {"starts_on": TODAY - timedelta(days=900), "ends_on": TODAY - timedelta(days=700)}
    why = {"kind": "SUSPENSION", "decision_number": "卫罚〔2023〕7号", "reason": "违反护士条例第三十一条"}
    await stage.world.insert("registration_span", id=uuid7(), nurse_id=stage.cast.nurse_id, **why, **days)
    await stage.nurse("suspended", stage.cast.hospital, stage.cast.district, valid_until=TODAY + timedelta(days=900))
    runs = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=200)}
    key = stage.ids["nurse suspended"]
    await stage.world.insert("registration_span", id=uuid7(), nurse_id=key, **why, **runs)


async def _put_early(stage: Stage) -> None:
    """A nurse who may not renew yet, and one who files a change before her account is active."""
    cast, world = stage.cast, stage.world
    await stage.nurse("early", cast.hospital, cast.district, valid_until=TODAY + timedelta(days=300))
    nurse_id = await world.nurse(cast.hospital, cast.district)
    stage.nurses["not active"] = inactive = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    own = replace(cast, nurse_id=nurse_id, nurse=inactive)
    form = _json(forms(TODAY)[Kind.CHANGE])
    key = await put(world, own, State.INSTITUTION_REVIEW, kind=Kind.CHANGE, form=form, moved_by=inactive.account_id)
    stage.ids["before activation"] = key
    by_her = "update application_revision set account_id = $2 where application_id = $1"
    await world.owner.execute(by_her, key, inactive.account_id)


async def _put_unaddressed(stage: Stage) -> None:
    """A change that a nurse has filed for whoever claims it."""
    number = known(stage.world, stage.cast, person_form(id_number=stage.unaddressed), institution_id=None)
    own = replace(stage.cast, nurse_id=await number)
    await put(stage.world, own, State.INSTITUTION_REVIEW, kind=Kind.CHANGE, institution_id=None, authority_id=None)


async def _put_departure(stage: Stage) -> None:
    """Her institution says that she has left; she disputes it."""
    cast = stage.cast
    left = await stage.nurse("left", None, cast.district)
    columns = {
        "reason": "RESIGNED",
        "remarks": "已办理离职手续",
        "left_on": TODAY,
        "reported_by": cast.operator.account_id,
    }
    said = {"dispute": "仍在本院工作", "disputed_at": NOW}
    row = {"nurse_id": left.nurse_id, "institution_id": cast.hospital, **columns, **said}
    await stage.world.insert("departure", id=uuid7(), **row)


async def _put_proposals(stage: Stage) -> None:
    """A decider of the district, and an administrator of the province, each wait for a second person."""
    cast, upper = stage.cast, stage.people["upper provincial admin"]
    assert upper is not None
    end = (RequestKind.DEREGISTRATION, RequestState.PENDING, stage.ids["nurse early"], cast.district)
    undo = (RequestKind.VOID, RequestState.PENDING, stage.ids["nurse moved"], cast.nation)
    async with stage.services.db.begin() as tx:
        await tx.ask_time()
        by = (cast.decider.account_id, tx.now, "卫注销〔2025〕3号")
        reason = DeregistrationReason.ANNULLED
        await proposal.insert(tx, Proposal(uuid7(), *end, *by, remarks="材料虚假", reason=reason, fraud=True))
        by = (upper.account_id, tx.now, "卫撤〔2025〕4号")
        about = {"application_id": stage.ids["approved"], "ground": VoidGround.FRAUD}
        await proposal.insert(tx, Proposal(uuid7(), *undo, *by, remarks="骗取注册", **about))
        merge = (RequestKind.MERGE, *undo[1:2], stage.ids["nurse early"], cast.nation)
        both = {"merged_id": stage.ids["nurse ended"], "objections_until": tx.today, "evidence": "居民身份证"}
        await proposal.insert(tx, Proposal(uuid7(), *merge, *by, remarks="一人两份档案", **both))


async def _put_collective(stage: Stage) -> None:
    """A collective filing that is finished: one nurse was filed for, another line of the list was refused."""
    cast, world = stage.cast, stage.world
    stage.ids["filing"] = key = uuid7()
    ended = {"state": "FINISHED", "told_at": NOW, "finished_at": NOW}
    row = {"id": key, "institution_id": cast.hospital, "kind": "RENEWAL", "filed_by": cast.operator.account_id}
    await world.insert("collective_filing", **row, **ended)
    item = {"collective_filing_id": key, "form": _json(forms(TODAY)[Kind.RENEWAL]), "done_at": NOW}
    filed = {"nurse_id": cast.nurse_id, "application_id": stage.ids["under decision"]}
    await world.insert("collective_item", place=1, line=2, **item, **filed)
    problems = [{"path": "nurse", "code": "NOT_FOUND", "zh": "没有该护士", "en": "No such nurse."}]
    await world.insert("collective_item", place=2, line=3, **item, problems=orjson.dumps(problems).decode())


async def _put_batch(stage: Stage) -> None:
    """A batch that is finished: one application was forwarded, another was left out."""
    cast, world = stage.cast, stage.world
    stage.ids["batch"] = key = uuid7()
    row = {"id": key, "institution_id": cast.hospital, "account_id": cast.operator.account_id, "step": "FORWARD"}
    await world.insert("application_batch", **row, given="{}", state="FINISHED", told_at=NOW, finished_at=NOW)
    item = {"application_batch_id": key, "version": 1, "done_at": NOW}
    await world.insert("application_batch_item", place=1, application_id=stage.ids["under decision"], **item)
    problems = [{"path": "application", "code": "NOT_CHECKED", "zh": "请重新预检", "en": "Check again."}]
    bad = {"application_id": stage.ids["returned"], "problems": orjson.dumps(problems).decode()}
    await world.insert("application_batch_item", place=2, **item, **bad)


async def _put_places(stage: Stage) -> None:
    """A hospital that was merged into another one."""
    more = {"state": "CLOSED", "merged_into": stage.cast.hospital, "route": False}
    stage.ids["merged"] = await stage.world.institution(stage.cast.district, **more)
