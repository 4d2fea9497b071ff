"""A nurse answers what was marked: what her institution returned, what her authority found missing (补正)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from db import application as applications
from db import eligibility, material, material_mark
from db import law as laws
from db.material import Place
from db.opening import AUTHORITY, SENT_TO, STAYS_OR_NAMED
from db.store.ahead import Said
from rules.application import Step
from rules.errors import FieldProblem, Together
from rules.escalation import PICK_ANOTHER
from rules.form import Form, answer, changed_fields, check
from rules.kinds import form_from_json, in_form
from rules.law import Law
from rules.marks import MarkedMaterial, opened_fields
from rules.material import ChecklistItem
from rules.moves import CLAIMED_KINDS
from rules.other import with_words
from rules.outlook import missing
from rules.record import as_recorded, department_problems
from rules.target import Target, require_no_target, require_target
from workflow.acceptance import Intake, accept, intake
from workflow.application_step import ApplicationStep, case
from workflow.case import AS_BEFORE, AsBefore, Case
from workflow.filing import require_same_kind, revise, said_place
from workflow.pause import corrected, running
from workflow.step import Lock, Underway, read


def _moves(command: AnswerStep) -> bool:
    return command.place is not None


def _named(command: AnswerStep) -> UUID | None:
    return None if command.place is None else command.place.institution_id


@read(Lock.NONE, material.checklist_ahead(moves=_moves, goes_to=Said(_named)))
async def asked(step: Underway[AnswerStep]) -> list[ChecklistItem]:
    """The materials that are asked for where it goes, with the form as it is filed now; by the day of its filing."""
    return await material.checklist(step.tx, step[case].application.id, step.command.place, step.command.form)


@read(Lock.NONE, material_mark.WAITING_AHEAD)
async def marks(step: Underway[AnswerStep]) -> list[MarkedMaterial]:
    """The materials that were marked, and which of them have come; those alone that are asked for where it goes."""
    waiting = await material_mark.waiting(step.tx, step[case].application)
    listed = {item.code for item in step[asked]}
    return waiting if step.command.place is None else [one for one in waiting if one.code in listed]


@read(Lock.NONE, laws.there_ahead(STAYS_OR_NAMED, AUTHORITY))
async def law_there(step: Underway[AnswerStep]) -> Law:
    """The law where it goes, of the day on which it was filed: what is changed is judged by it."""
    its, moves = step[case].application, step.command.place
    assert its.submitted_at is not None
    goes_to = its.institution_id if moves is None else moves.institution_id
    place = {"institution_id": goes_to, "authority_id": its.authority_id}
    return await laws.on(step.tx, step.tx.date_of(its.submitted_at), **place)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AnswerStep(ApplicationStep):
    """The whole form again; only what was marked is open, and each mark is answered.

    A field is changed, or confirmed as it is; a material is handed in.
    """

    form: Form
    confirmed_fields: tuple[str, ...] = ()

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_form(step[case].application.kind, problem)

    def beside(self, step: Underway[Self]) -> list[FieldProblem]:
        """The problems of the rest of the input."""
        return []

    @property
    def place(self) -> Place | None:
        """The place that it goes to from now on; None where it stays with whom it is."""
        return None

    async def answer(self, step: Underway[AnswerStep], answered: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Keep the answer as a revision; `answered` are marks that another field of the input has answered."""
        moving = step[case]
        application = moving.application
        require_same_kind(application.kind, self.form)
        old = form_from_json(application.kind, application.form)
        marked = [name for name in application.marked_fields if name not in answered]
        form, opened = as_recorded(self.form, vars(old)), opened_fields(one.code for one in step[marks])
        beside = missing(application, tuple(step[marks]), tuple(step[asked]))
        law, only = step[law_there], with_words({*marked, *changed_fields(old, form)})
        unlisted = department_problems(form, {"department": getattr(old, "department", None)}, law)
        with Together() as each:
            each.problems += self.beside(step)
            changed = each(lambda: answer(old, marked, form, self.confirmed_fields, opened=opened, beside=beside))
            each(lambda: check(form, step.tx.today, only=only, beside=unlisted, law=law))
        return await revise(moving, form, changed)


def _goes_to(step: Underway[ApplicationResubmit]) -> UUID | None:
    """The institution that has it next: the one that she names now, or that had it before."""
    application, named = step[case].application, step.command.institution_id
    return application.institution_id if named is AS_BEFORE else named


@read(Lock.NONE, eligibility.target_ahead(SENT_TO))
async def goes_to(step: Underway[ApplicationResubmit]) -> Target | None:
    """The institution that has it next, where she chooses it."""
    application, target_id = step[case].application, _goes_to(step)
    if target_id is None or application.kind not in CLAIMED_KINDS:
        return None
    return await eligibility.target(step.tx, target_id, application.nurse_id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationResubmit(AnswerStep):
    """A nurse's wish to file again what was returned to her (重新提交)."""

    institution_id: UUID | AsBefore | None = AS_BEFORE
    """Another institution: the one that returned it may be gone."""
    step = Step.RESUBMIT
    reads = (case, goes_to, asked, marks, law_there)
    writes = frozenset({"application", "application_revision"})

    def said(self) -> Mapping[str, object]:
        """The institution that is to have it."""
        return said_place(self.institution_id)

    def beside(self, step: Underway[Self]) -> list[FieldProblem]:
        """The problems of the institution that has it next."""
        named, kind, target = self.institution_id, step[case].application.kind, step[goes_to]
        each = Together()
        if named is not AS_BEFORE and kind not in CLAIMED_KINDS:
            each(lambda: require_no_target(kind, named))
        if target is not None:
            each(lambda: require_target(kind, target))
        return each.problems

    @property
    def place(self) -> Place | None:
        """The institution that she names now, or none; else the one that had it before."""
        return None if self.institution_id is AS_BEFORE else Place(self.institution_id)

    async def effect(self, step: Underway[ApplicationResubmit], moving: Case) -> None:
        """File it again, with another institution where she picks one."""
        named, kind = self.institution_id, moving.application.kind
        answered = frozenset() if named is AS_BEFORE else frozenset({PICK_ANOTHER})
        moving.values = {"queued_at": step.tx.now, **await self.answer(step, answered)}
        if named is not AS_BEFORE and kind in CLAIMED_KINDS:
            moving.values["claimed"] = False
            moving.readdress(institution=named)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationSupplement(AnswerStep):
    """A wish to supply what was found missing (补正材料); the application counts as accepted."""

    step = Step.SUPPLEMENT
    reads = (case, asked, marks, law_there, intake, running)
    ahead = (applications.RECEIPT_AHEAD,)
    writes = frozenset({"application", "application_revision", "application_pause", "receipt_counter"})

    async def effect(self, step: Underway[ApplicationSupplement], moving: Case) -> None:
        """Keep the answer and take the application in; the days of the correction do not count."""
        answer = await self.answer(step)
        found: Intake = step[intake]
        moving.values = {**answer, **await accept(moving, found)}
        await corrected(moving, step[running])
