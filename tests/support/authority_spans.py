"""Interruptions, dispatches and records of conduct in the authorization matrix: those that lie there, and each step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from uuid_utils.compat import uuid7

from graph.schema.node import global_id
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_roster import LIST
from tests.support.authority_stage import Stage
from tests.support.people import form, known, resident
from tests.support.story import NOW
from tests.support.world import TODAY, Cast

NURSE: Final = "on a nurse of the hospital"
INTERRUPTED: Final = "on an interruption of hers"
DISPUTED: Final = "on an interruption that she disputes"
SENT: Final = "on a dispatch of hers"
PROPOSED: Final = "on a record that her institution proposed"
STANDS: Final = "on a record that stands"
ASKED: Final = "on a record that she wants put right"
NUMBER: Final = "卫医罚〔2026〕19号"
BEGAN: Final = TODAY - timedelta(days=30)
DECIDED: Final = {
    **{"decisionNumber": NUMBER, "decidedOn": TODAY.isoformat(), "servedOn": TODAY.isoformat()},
    "issuer": "示范区卫生健康委",
}
OUTSIDE: Final = {"kind": "SUPPORT", "startsOn": TODAY.isoformat(), "place": "石门村卫生室"}
_DISPUTE: Final = {"dispute": "一直在岗", "disputed_at": NOW}


async def put_interruption(stage: Stage, cast: Cast, **more: Any) -> str:
    """An interruption that the hospital has recorded."""
    key = uuid7()
    by = {"institution_id": stage.cast.hospital, "account_id": stage.cast.operator.account_id}
    row = {"id": key, "nurse_id": cast.nurse_id, "kind": "INTERRUPTION", "starts_on": BEGAN, "cause": "LEAVE"}
    await stage.world.insert("registration_span", **{**row, **by, "recorded_at": NOW, **more})
    return global_id("Interruption", key)


async def put_dispatch(stage: Stage, cast: Cast, **more: Any) -> str:
    """A dispatch that the hospital has recorded."""
    key = uuid7()
    by = {"institution_id": stage.cast.hospital, "account_id": stage.cast.operator.account_id}
    row = {"id": key, "nurse_id": cast.nurse_id, "kind": "DISPATCH", "starts_on": BEGAN, "dispatch_kind": "SUPPORT"}
    days = {"recorded_at": NOW, "ends_on": TODAY + timedelta(days=30)}
    await stage.world.insert("registration_span", **{**row, **by, **days, **more})
    stage.ids["dispatch"] = key
    return global_id("Dispatch", key)


async def put_record(stage: Stage, cast: Cast, state: str, **more: Any) -> str:
    """A bad record that the hospital has reported."""
    key = uuid7()
    row = {"id": key, "nurse_id": cast.nurse_id, "kind": "BAD", "state": state, "source": "INSTITUTION"}
    said = {"text": "违反护士条例第三十一条", "decision_number": NUMBER, "created_at": NOW}
    places = {"institution_id": stage.cast.hospital, "authority_id": stage.cast.district}
    await stage.world.insert("conduct_record", **{**row, **said, **places, **more})
    stage.ids["record"] = key
    return global_id("ConductRecord", key)


async def put_spans(stage: Stage) -> None:
    """A nurse who interrupted her practice and is a guest elsewhere, with nothing of it empty, and a record of hers."""
    away = await stage.nurse("away", stage.cast.hospital, stage.cast.district)
    over = {"ends_on": TODAY - timedelta(days=1), "answer": "经核实属实", "answered_at": NOW}
    await put_interruption(stage, away, **_DISPUTE, **over)
    await put_dispatch(stage, away, to_institution_id=stage.far.hospital)
    stands = {"decided_on": TODAY, "served_on": TODAY, "issuer": "示范区卫生健康委", "recorded_at": NOW}
    said = {"statement": "非本人过错", "stated_at": NOW, "asked": "日期有误", "asked_at": NOW}
    await put_record(stage, away, "RECORDED", **stands, **said, answer="已更正", answered_at=NOW)


async def _her(ask: Ask) -> Cast:
    return await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)


def _nurse(**given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        cast = await _her(ask)
        return {"nurseId": global_id("Nurse", cast.nurse_id), "herself": cast.nurse, **given}

    return probe


def _interruption(*, disputed: bool = False, **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        cast = await _her(ask)
        key = await put_interruption(ask.stage, cast, **(_DISPUTE if disputed else {}))
        return {"id": key, "herself": cast.nurse, **given}

    return probe


def _dispatch(**given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        kept, cast = ask.stage.ids["dispatch"], await _her(ask)
        key = await put_dispatch(ask.stage, cast, place="石门村卫生室")
        ask.stage.ids["dispatch"] = kept
        return {"id": key, "herself": cast.nurse, **given}

    return probe


def _record(state: str, *, asked: bool = False, **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        kept, cast = ask.stage.ids["record"], await _her(ask)
        key = await put_record(ask.stage, cast, state, **({"asked": "有误", "asked_at": NOW} if asked else {}))
        ask.stage.ids["record"] = kept
        return {"id": key, "herself": cast.nurse, **given}

    return probe


def _list(heads: str, values: str) -> Probe:
    """A list with a nurse of whoever asks."""

    async def probe(ask: Ask) -> Input:
        far = ask.person is not None and ask.person.actor.party_id == ask.stage.far.hospital
        cast, given = ask.stage.far if far else ask.stage.cast, form(id_number=resident())
        await known(ask.stage.world, cast, given)
        return {"csv": f"身份证号,{heads}\n{given.id_number},{values}\n".encode(), "dryRun": False}

    return probe


_KIND: Final = {"kind": "BAD", "text": "违反护士条例第三十一条"}
SPAN_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (NURSE, "dispatchStart"): _nurse(dispatch=OUTSIDE),
    (NURSE, "conductPropose"): _nurse(**_KIND),
    (NURSE, "conductEnter"): _nurse(**_KIND, decided=DECIDED),
    (INTERRUPTED, "interruptionWithdraw"): _interruption(),
    (INTERRUPTED, "interruptionDispute"): _interruption(text="一直在岗"),
    (DISPUTED, "interruptionAnswer"): _interruption(disputed=True, upheld=True, text="经核实属实"),
    (SENT, "dispatchChange"): _dispatch(dispatch=OUTSIDE),
    (SENT, "dispatchWithdraw"): _dispatch(),
    (PROPOSED, "conductConfirm"): _record("PROPOSED", decided=DECIDED),
    (PROPOSED, "conductDecline"): _record("PROPOSED", reason="没有送达的决定"),
    (PROPOSED, "conductMakeStatement"): _record("PROPOSED", text="非本人过错"),
    (STANDS, "conductAskCorrection"): _record("RECORDED", text="日期有误"),
    (STANDS, "conductWithdraw"): _record("RECORDED", ground="COURT", decisionNumber=NUMBER),
    (ASKED, "conductCorrect"): _record(
        "RECORDED", asked=True, text="违反护士条例第三十二条", decided=DECIDED, answer="已更正"
    ),
    (LIST, "interruptionList"): _list("开始日期", BEGAN.isoformat()),
    (LIST, "dispatchList"): _list("派出类别,开始日期,系统外地点", f"支援,{TODAY},石门村卫生室"),
}
"""By the section of the table and the mutation."""
