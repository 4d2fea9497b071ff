"""Her words on a good or bad record (陈述、申请更正), the answer to them, and its withdrawal (撤除)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from db import conduct as conducts
from rules.conduct import (
    ConductState,
    Decided,
    WithdrawalGround,
    require_asked,
    require_may_ask,
    require_may_state,
    require_state,
)
from rules.errors import FieldProblem, Together
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.wording import decision_number, wording
from workflow.conduct import ConductStep, announce, found, her_entry, officer
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class ConductMakeStatement(ConductStep):
    """The nurse's own statement beside a record (本人陈述), which everybody reads who reads the record."""

    text: str
    reads = (her_entry, found)

    async def take(self, step: Underway[ConductMakeStatement]) -> None:
        """Keep it."""
        require_may_state(step.actor, step[found])
        await conducts.write(step.tx, self.record_id, statement=wording("text", self.text), stated_at=step.tx.now)
        announce(step, "conduct.answered")


@dataclass(frozen=True, slots=True, repr=False)
class ConductAskCorrection(ConductStep):
    """The nurse's request that a record be put right (申请更正)."""

    text: str
    reads = (her_entry, found)

    async def take(self, step: Underway[ConductAskCorrection]) -> None:
        """Keep it for her 注册机关; an earlier answer gives way."""
        require_may_ask(step.actor, step[found])
        values = {"asked": wording("text", self.text), "asked_at": step.tx.now, "answer": None, "answered_at": None}
        await conducts.write(step.tx, self.record_id, **values)
        announce(step, "conduct.answered")


@dataclass(frozen=True, slots=True, repr=False)
class ConductCorrect(ConductStep):
    """A decider's answer to a request for correction: another text and decision, or the same with the reason why."""

    text: str
    decided: Decided
    answer: str
    reads = (her_entry, found, officer)

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.decided.located(problem)

    async def take(self, step: Underway[ConductCorrect]) -> None:
        """Write all of it as it is right."""
        require_own_nurse(step[officer], step[her_entry].registration, Role.DECIDER)
        require_asked(step[found])
        with Together() as each:
            text = each(lambda: wording("text", self.text))
            answer = each(lambda: wording("answer", self.answer))
            columns = each(lambda: self.decided.checked(step[found].kind, step.tx.today))
        values = {"text": text, "answer": answer, "answered_at": step.tx.now}
        await conducts.write(step.tx, self.record_id, **values, **columns)
        announce(step, "conduct.changed")


@dataclass(frozen=True, slots=True, repr=False)
class ConductWithdraw(ConductStep):
    """A decider's withdrawal of a record from view (撤除), by a decision with a number; the trace stays."""

    ground: WithdrawalGround
    decision_number: str
    reads = (her_entry, found, officer)

    async def take(self, step: Underway[ConductWithdraw]) -> None:
        """Hide it from all but herself and her authority."""
        require_own_nurse(step[officer], step[her_entry].registration, Role.DECIDER)
        require_state(step[found], ConductState.RECORDED)
        number = decision_number(self.decision_number, step.tx.today)
        await conducts.undo(step.tx, self.record_id, self.ground, number)
        announce(step, "conduct.changed")
