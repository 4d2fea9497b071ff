"""A nurse answers what was marked: what her institution returned, what her authority found missing (补正)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import eligibility, material
from rules.application import Step
from rules.escalation import PICK_ANOTHER
from rules.form import Form, answer, check
from rules.institution import InstitutionState
from rules.kinds import form_from_json
from rules.material import ChecklistItem, require_complete
from rules.moves import CLAIMED_KINDS
from rules.people import Party
from rules.reasons import MATERIALS
from rules.record import as_recorded
from rules.target import require_no_target, require_target
from workflow.acceptance import Intake, accept, intake
from workflow.application_step import ApplicationStep, case
from workflow.case import AS_BEFORE, AsBefore, Case
from workflow.filing import require_same_kind, revise
from workflow.pause import corrected, running
from workflow.step import Underway, read


@read()
async def asked(step: Underway[AnswerStep]) -> list[ChecklistItem] | None:
    """The materials that are asked for, where files can be handed in: what others filed for her came on paper."""
    application = step[case].application
    if application.filed_by is not Party.NURSE and MATERIALS not in application.marked_fields:
        return None
    return await material.checklist(step.tx, application.id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AnswerStep(ApplicationStep):
    """The whole form again; only what was marked is open, and each mark is answered: changed, or confirmed as it is."""

    form: Form
    confirmed_fields: tuple[str, ...] = ()

    async def answer(self, step: Underway[AnswerStep], answered: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Keep the answer as a revision; `answered` are marks that another field of the input has answered."""
        moving = step[case]
        application = moving.application
        require_same_kind(application.kind, self.form)
        old = form_from_json(application.kind, application.form)
        marked = [name for name in application.marked_fields if name not in answered]
        form = as_recorded(self.form, vars(old))
        changed = answer(old, marked, form, self.confirmed_fields)
        check(form, step.tx.today, only=marked)
        items = step[asked]
        if items is not None:
            require_complete(items, application.filed_by)
        return await revise(moving, form, changed)


@read()
async def picked(step: Underway[ApplicationResubmit]) -> InstitutionState | None:
    """The state of the institution that she picks, where she picks one."""
    target_id = step.command.institution_id
    if target_id is AS_BEFORE or target_id is None or step[case].application.kind not in CLAIMED_KINDS:
        return None
    return await eligibility.target_state(step.tx, target_id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationResubmit(AnswerStep):
    """A nurse's wish to file again what was returned to her (重新提交)."""

    institution_id: UUID | AsBefore | None = AS_BEFORE
    """Another institution: the one that returned it may be gone."""
    step = Step.RESUBMIT
    reads = (case, picked, asked)
    writes = frozenset({"application", "application_revision"})

    async def effect(self, step: Underway[ApplicationResubmit], moving: Case) -> None:
        """File it again, with another institution where she picks one."""
        named, kind = self.institution_id, moving.application.kind
        answered = frozenset() if named is AS_BEFORE else frozenset({PICK_ANOTHER})
        moving.values = {"queued_at": step.tx.now, **await self.answer(step, answered)}
        if named is AS_BEFORE:
            return
        if kind not in CLAIMED_KINDS:
            require_no_target(kind, named)
            return
        if named is not None:
            require_target(step[picked])
        moving.values["claimed"] = False
        moving.readdress(institution=named)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationSupplement(AnswerStep):
    """A wish to supply what was found missing (补正材料); the application counts as accepted."""

    step = Step.SUPPLEMENT
    reads = (case, asked, intake, running)
    writes = frozenset({"application", "application_revision", "application_pause", "receipt_counter"})

    async def effect(self, step: Underway[ApplicationSupplement], moving: Case) -> None:
        """Keep the answer and take the application in; the days of the correction do not count."""
        answer = await self.answer(step)
        found: Intake = step[intake]
        moving.values = {**answer, **await accept(moving, found)}
        await corrected(moving, step[running])
