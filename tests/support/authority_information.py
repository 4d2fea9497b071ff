"""Changes of a nurse's information in the authorization matrix: those that lie there, and what each step needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db import blob
from graph.schema.node import global_id
from rules.form import form_to_json
from rules.form_field import fields_of
from rules.information_form import InformationForm
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.papers import PDF
from tests.support.story import NOW
from tests.support.world import Cast

OWN: Final = "on her own information"
WAITING: Final = "on a change of her information that waits for her institution"
ANNOUNCED: Final = "on an edit of her institution that she may object to"
DISPUTED: Final = "on an edit of her institution that she objects to"
RETURNED: Final = "on a change of her information that was returned to her"
FILLED: Final = {
    **{"school": "北京大学", "major": "护理学", "education": "OTHER", "degree": "MASTER", "studyLength": "FIVE_YEARS"},
    **{"graduatedOn": "2020-07-01", "studyHistory": "2015年09月01日至2020年07月01日在北京大学护理学专业学习"},
    **{"department": "OTHER", "title": "CHIEF_NURSE", "post": "OTHER", "workCategory": "NURSING_ADMINISTRATION"},
    **{
        "startedWorkOn": "2020-08-01",
        "workHistory": "北京",
        "auxiliary": "双语",
        "ethnicity": "回族",
        "nationality": "中国",
    },
    **{"otherDepartment": "体检中心", "otherEducation": "进修", "otherPost": "干事"},
}
"""A value of every field."""


async def put_change(stage: Stage, cast: Cast, state: str = "PENDING", **more: Any) -> UUID:
    """A change of a nurse's information."""
    key, nothing = uuid7(), form_to_json(InformationForm())
    row = {"id": key, "nurse_id": cast.nurse_id, "state": state}
    values = {
        "filed_by": "NURSE",
        "account_id": cast.nurse.account_id,
        "asked": "{}",
        "recorded": orjson.dumps(nothing).decode(),
        **more,
    }
    await stage.world.insert("information_change", **row, **values)
    return key


async def put_changes(stage: Stage) -> None:
    """A change that was reviewed, with nothing of it empty."""
    assert set(FILLED) == set(fields_of(InformationForm))
    filled = orjson.dumps(FILLED).decode()
    said = {"opinion": "部分同意", "originals_seen": True, "decided_at": NOW, "escalated_at": NOW}
    async with stage.services.db.begin() as tx:
        kept = await blob.keep(tx, PDF, "application/pdf")
    edit = {"filed_by": "INSTITUTION", "proof_id": kept, "proof_file_name": "学位证.pdf"}
    said |= {**edit, "objection": "不属实", "objected_at": NOW}
    lists = {"accepted_fields": ["school"], "marked_fields": ["major"], "superseded_fields": ["title"]}
    await put_change(stage, stage.cast, "APPROVED", **said, **lists, asked=filled, recorded=filled)


def _on(state: str = "PENDING", **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        her = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
        asked = orjson.dumps({"school": "北京大学"}).decode()
        key = await put_change(ask.stage, her, state, asked=asked, marked_fields=["school"])
        if "queued_at" in given:
            sql = "update information_change set queued_at = queued_at - interval '60 days' where id = $1"
            await ask.stage.world.owner.execute(sql, key)
        more = {name: value for name, value in given.items() if name != "queued_at"}
        return {"id": global_id("InformationChange", key), "expectedVersion": 1, "herself": her.nurse, **more}

    return probe


def _edited(state: str, **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        stage = ask.stage
        her = await stage.nurse("in question", stage.cast.hospital, stage.cast.district)
        async with stage.services.db.begin() as tx:
            kept = await blob.keep(tx, PDF, "application/pdf")
        proof = {"filed_by": "INSTITUTION", "proof_id": kept, "proof_file_name": "学位证.pdf"}
        when = {"escalated_at": NOW, "objected_at": NOW} if state == "DISPUTED" else {}
        asked = orjson.dumps({"school": "北京大学"}).decode()
        shown = global_id("InformationChange", await put_change(stage, her, state, asked=asked, **proof, **when))
        return {"id": shown, "ids": [shown], "expectedVersion": 1, "herself": her.nurse, **given}

    return probe


async def _own(ask: Ask) -> Input:
    return {"form": {"school": f"学校{uuid7()}"}}


INFORMATION_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (OWN, "informationChangeRequest"): _own,
    (WAITING, "informationChangeApprove"): _on(originalsSeen=True),
    (WAITING, "informationChangeReject"): _on(opinion="与证书不符"),
    (WAITING, "informationChangeReturn"): _on(markedFields=["school"], opinion="请核对校名"),
    (WAITING, "informationChangeWithdraw"): _on(),
    (WAITING, "informationChangeEscalate"): _on(queued_at=True),
    (ANNOUNCED, "informationChangeObject"): _edited("ANNOUNCED", text="不属实"),
    (ANNOUNCED, "informationChangeWithdraw"): _edited("ANNOUNCED"),
    (ANNOUNCED, "downloadTicketCreate"): _edited("ANNOUNCED", file="INFORMATION_PROOF"),
    (DISPUTED, "informationChangeApprove"): _edited("DISPUTED", originalsSeen=True, opinion="经核对属实"),
    (DISPUTED, "informationChangeReject"): _edited("DISPUTED", opinion="与证书不符"),
    (RETURNED, "informationChangeAnswer"): _on("RETURNED", form={"school": "清华大学"}),
}
"""By the section of the table and the mutation."""
