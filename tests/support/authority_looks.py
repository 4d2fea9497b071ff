"""Looks at somebody's data in the authorization matrix: those that lie there, and what each step needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from graph.schema.node import global_id
from rules.moment import SHANGHAI
from rules.people import Party, Role
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.looks import a_complaint, a_look, an_investigation
from tests.support.world import TODAY

LOOKED: Final = "on a look at the nurse"
NOW: Final = datetime.now(SHANGHAI)
INVESTIGATES: Final = "for an authority that investigates"
OPENED: Final = "on an investigation that another officer of the district opened"
COMPLAINED: Final = "on a complaint about a look from the hospital"


async def put_looks(stage: Stage) -> None:
    """An operator's look at the nurse with nothing of it empty, and a complaint about another one, answered."""
    world, cast = stage.world, stage.cast
    said = {"purpose": "OTHER", "detail": {"note": "核对进修名单", "file": "CERTIFICATE"}}
    # Later than all that the tests of the matrix look at.
    await a_look(
        world,
        cast.nurse_id,
        cast.operator,
        **said,
        withheld_until=TODAY - timedelta(days=1),
        at=NOW + timedelta(days=1),
    )
    answered = {"state": "ANSWERED", "upheld": True, "answer": "查阅无正当理由，已处理", "answered_at": NOW}
    await a_complaint(world, cast.nurse_id, cast.district, cast.operator, **answered)
    supervisor = stage.people["supervisor"]
    assert supervisor is not None
    await an_investigation(world, cast.district, cast.decider, supervisor)


async def _look(ask: Ask) -> Input:
    her = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    key = await a_look(ask.stage.world, her.nurse_id, ask.stage.cast.operator)
    return {"lookId": global_id("Look", key), "words": "我不认识该单位", "herself": her.nurse}


async def _complaint(ask: Ask) -> Input:
    her = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    key = await a_complaint(ask.stage.world, her.nurse_id, ask.stage.cast.district, ask.stage.cast.operator)
    given = {"id": global_id("LookComplaint", key), "expectedVersion": 1, "herself": her.nurse}
    return {**given, "upheld": False, "answer": "系办理入职核验"}


async def _open(ask: Ask) -> Input:
    until = (TODAY + timedelta(days=9)).isoformat()
    return {"caseNumber": "卫查〔2026〕9号", "legalGround": "《护士条例》第四条", "withheldUntil": until}


async def _opened(ask: Ask) -> Input:
    world, district = ask.stage.world, ask.stage.cast.district
    other = await world.person(Party.AUTHORITY, district, Role.DECIDER)
    return {"id": global_id("Investigation", await an_investigation(world, district, other)), "expectedVersion": 1}


LOOK_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (LOOKED, "lookComplain"): _look,
    (COMPLAINED, "lookComplaintAnswer"): _complaint,
    (INVESTIGATES, "investigationOpen"): _open,
    (OPENED, "investigationConfirm"): _opened,
}
"""By the section of the table and the mutation."""
