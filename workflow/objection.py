"""A nurse objects to what her institution filed (异议), and the authority answers before it decides."""

from __future__ import annotations

from dataclasses import dataclass

from db import audit
from db import objection as objections
from rules.application import Step
from rules.objection import objection
from rules.wording import wording
from workflow.application_step import ApplicationStep, WordsStep, case
from workflow.case import Case
from workflow.step import Lock, Underway, read


@read(Lock.NONE, objections.AHEAD)
async def said(step: Underway[ApplicationStep]) -> tuple[str | None, str | None]:
    """The objections to it so far, and the answer."""
    return await objections.texts(step.tx, step[case].application.id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationObject(WordsStep):
    """A nurse's objection to what was filed for her, or hers at the counter: nobody approves before an answer."""

    identity_seen: bool = False
    guardian_name: str | None = None
    step = Step.OBJECT
    reads = (case, said)
    writes = frozenset({"application"})

    async def effect(self, step: Underway[ApplicationObject], moving: Case) -> None:
        """Keep what she says."""
        before, _ = step[said]
        seen, reason = self.identity_seen, moving.application.form.get("reason")
        text = objection(moving.actor, reason, self.text, identity_seen=seen, guardian=self.guardian_name)
        moving.values = {"objected": True, "objection": _after(before, text)}
        await _note(moving)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationAnswerObjection(WordsStep):
    """An authority's answer (答复异议); what was objected stays."""

    step = Step.ANSWER_OBJECTION
    reads = (case, said)
    writes = frozenset({"application"})

    async def effect(self, step: Underway[ApplicationAnswerObjection], moving: Case) -> None:
        """Keep the answer."""
        _, before = step[said]
        moving.values = {"objected": False, "objection_answer": _after(before, wording("text", self.text))}
        await _note(moving)


def _after(before: str | None, text: str) -> str:
    """The text of both, where she objects again."""
    return text if before is None else f"{before}\n{text}"


async def _note(moving: Case) -> None:
    detail = {"application": moving.application.id}
    action = f"application.{moving.step.lower()}"
    await audit.record(moving.tx, action, moving.by, detail, nurse_id=moving.application.nurse_id)
