"""A nurse objects to what her institution filed (异议), and the authority answers before it decides."""

from __future__ import annotations

from db import audit
from db import objection as objections
from rules.wording import wording
from workflow.case import Case


async def object_to(case: Case) -> None:
    """The nurse objects, in words (`text`): until she has an answer nobody approves."""
    before, _ = await objections.texts(case.tx, case.application.id)
    case.values = {"objected": True, "objection": _after(before, wording("text", case.order.given["text"]))}
    await _note(case)


async def answer(case: Case) -> None:
    """The authority answers, in words (`text`); what was objected stays."""
    _, before = await objections.texts(case.tx, case.application.id)
    case.values = {"objected": False, "objection_answer": _after(before, wording("text", case.order.given["text"]))}
    await _note(case)


def _after(before: str | None, text: str) -> str:
    """Whoever objects again adds to what she has said."""
    return text if before is None else f"{before}\n{text}"


async def _note(case: Case) -> None:
    told = {"application": case.application.id}
    action = f"application.{case.order.step.lower()}"
    await audit.record(case.tx, action, case.by, told, nurse_id=case.application.nurse_id)
