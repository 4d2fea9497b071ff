"""Looks at people and what follows from them, one after the other, for `bench/steps.py`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final, Protocol
from uuid import UUID

from bench.cast import Case
from bench.stage import Stage
from db import point_in_time
from db.session import Session
from rules.look_up import LookUpPurpose, Why
from workflow import nurse_verification as verification
from workflow.look_complaint import LookComplain
from workflow.step import take

WHO: Final = """select r.nurse_id, r.certificate_number, n.name, current_date as today from account a
  join registration r on r.nurse_id = a.nurse_id join nurse n on n.id = r.nurse_id where a.id = $1"""
LAST: Final = """select id from audit where nurse_id = $1 and action = 'nurse.verified' order by at desc limit 1"""
UNDO: Final = """
delete from look_complaint where nurse_id in (select nurse_id from bench_nurse);
delete from audit where nurse_id in (select nurse_id from bench_nurse) and action in ('nurse.verified', 'lookComplain');
delete from event where type like 'look.%' and (body->>'nurse')::uuid in (select nurse_id from bench_nurse);
delete from attempt
"""
"""The traces of it; the attempts too, since nobody may look so often."""
WHY: Final = Why(LookUpPurpose.ROSTER)


class Timed(Protocol):
    """The keeper of the cost of each step."""

    stage: Stage
    cases: list[Case]

    def session(self, token: str) -> Session:
        """The session of one of the cast."""

    async def timed(self, name: str, work: Awaitable[Any]) -> Any:
        """One result, once its cost is kept."""


async def go(steps: Timed) -> None:
    """Each nurse verified, somebody who is none, a complaint about it, and her registration a year ago."""
    for case in steps.cases:
        await steps.stage.owner.execute(UNDO)
        (her,) = await steps.stage.rows(WHO, case.nurse.account_id)
        await _looked(steps, case, her["certificate_number"], her["name"])
        (look,) = await steps.stage.rows(LAST, her["nurse_id"])
        nurse = steps.session(case.nurse.token)
        complaint = LookComplain(look["id"], "何故查阅")
        await steps.timed(complaint.mutation(), take(steps.stage.db, nurse, complaint))
        await steps.timed("nurseAsOf", _as_of(steps.stage, nurse, her["nurse_id"], her["today"]))
    await steps.stage.owner.execute(UNDO)


async def _looked(steps: Timed, case: Case, number: str, name: str) -> None:
    """By her certificate, and by one of nobody: what takes as long."""
    operator = steps.session(case.operator.token)
    for what, on_it in (("nurseVerification", number), ("nurseVerification of nobody", "20990000000000")):
        asked = verification.by_certificate(steps.stage.db, operator, on_it, name, WHY)
        await steps.timed(what, asked)


async def _as_of(stage: Stage, nurse: Session, nurse_id: UUID, day: Any) -> object:
    async with stage.db.read() as reader:
        return await point_in_time.read(reader, nurse.actor, nurse_id, day, None)
