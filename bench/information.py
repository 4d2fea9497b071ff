"""Changes of nurses' information on their ways, one step after the other, for `bench/steps.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol
from uuid import UUID, uuid4

from bench.cast import Case
from bench.stage import Stage
from db.session import Session
from rules.information_form import InformationForm
from workflow.information_change import InformationChangeAnswer, InformationChangeRequest, InformationChangeWithdraw
from workflow.information_edit import InformationChangeObject, InformationEdit
from workflow.information_review import InformationChangeApprove, InformationChangeReject, InformationChangeReturn
from workflow.step import Command, take

UNDO: Final = """
delete from information_change where nurse_id in (select nurse_id from bench_nurse);
delete from nurse_change where nurse_id in (select nurse_id from bench_nurse);
delete from event where type like 'information.%'
  and (body->>'nurse')::uuid in (select nurse_id from bench_nurse)
"""


class Timed(Protocol):
    """The keeper of the cost of each step."""

    stage: Stage
    cases: list[Case]

    def session(self, token: str) -> Session:
        """The session of one of the cast."""

    async def timed(self, name: str, work: Awaitable[UUID]) -> UUID:
        """One step's result, once its cost is kept."""


Take = Callable[[str, Command], Awaitable[UUID]]


async def go(steps: Timed) -> None:
    """All cases along every way, one at a time; then nothing is left of it but the words in the records."""
    await steps.stage.owner.execute(UNDO)
    for case in steps.cases:
        (nurse_id,) = await steps.stage.rows("select nurse_id from account where id = $1", case.nurse.account_id)

        async def step(role: str, command: Command, case: Case = case) -> UUID:
            session = steps.session(getattr(case, role).token)
            return await steps.timed(command.mutation(), take(steps.stage.db, session, command))

        await _along(step, nurse_id["nurse_id"])
    await steps.stage.owner.execute(UNDO)
    await steps.stage.undo()


async def _along(step: Take, nurse_id: UUID) -> None:
    """Asked for, returned, answered and agreed to; refused; taken back; written, objected to and decided."""
    key = await step("nurse", InformationChangeRequest(_school()))
    await step("operator", InformationChangeReturn(key, 1, ("school",), "请核对校名"))
    await step("nurse", InformationChangeAnswer(key, 2, _school()))
    await step("operator", InformationChangeApprove(key, 3, originals_seen=True))
    key = await step("nurse", InformationChangeRequest(_school()))
    await step("operator", InformationChangeReject(key, 1, "与证书不符"))
    key = await step("nurse", InformationChangeRequest(_school()))
    await step("nurse", InformationChangeWithdraw(key, 1))
    edit = await step("operator", InformationEdit(nurse_id, InformationForm(work_history=f"{uuid4()}")))
    await step("nurse", InformationChangeObject(edit, 1, "不属实"))
    await step("reviewer", InformationChangeApprove(edit, 2, opinion="经核对属实"))


def _school() -> InformationForm:
    return InformationForm(school=f"学校{uuid4()}")
