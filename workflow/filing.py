"""A nurse files her application, and may take it back (提交, 撤回)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import application as applications
from db import eligibility, material
from db import law as laws
from db.application import Filing
from db.material import Place
from db.opening import FILED_TO, REGISTERED_WITH
from db.store.ahead import always
from rules.application import Step
from rules.draft import require_whole
from rules.errors import FieldProblem, Invalid, Together, Words
from rules.form import Form, form_to_json
from rules.kinds import Kind, form_from_json, in_form, kind_of
from rules.law import Law
from rules.material import ChecklistItem, require_complete
from rules.moves import CLAIMED_KINDS
from rules.record import as_recorded
from rules.target import require_no_target
from workflow.application_step import ApplicationStep, case, entry
from workflow.case import AS_BEFORE, AsBefore, Case
from workflow.eligibility import Grounds, grounds, require_eligible
from workflow.pause import cease
from workflow.step import Lock, Underway, read


def _goes_to(step: Underway[ApplicationSubmit]) -> UUID | None:
    """The institution that has it next: where she is, or where she wants to go; for a new certificate none."""
    application, named = step[case].application, step.command.institution_id
    if application.kind in CLAIMED_KINDS:
        return application.institution_id if named is AS_BEFORE else named
    return None if application.kind is Kind.REISSUE else step[entry].registration.institution_id


@read(Lock.NONE, applications.OTHERS_AHEAD, eligibility.known_ahead(FILED_TO))
async def submitted_on(step: Underway[ApplicationSubmit]) -> Grounds:
    """The facts on which she may file it."""
    return await grounds(step.tx, step[case].application, _goes_to(step))


@read(Lock.NONE, laws.there_ahead(FILED_TO, REGISTERED_WITH))
async def law_there(step: Underway[ApplicationSubmit]) -> Law:
    """The law of today where it goes."""
    registered_with = step[entry].registration.authority_id
    return await laws.on(step.tx, step.tx.today, institution_id=_goes_to(step), authority_id=registered_with)


@read(Lock.NONE, material.checklist_ahead(moves=always, goes_to=FILED_TO))
async def asked_there(step: Underway[ApplicationSubmit]) -> list[ChecklistItem]:
    """The materials that are asked for where it goes."""
    place = Place(_goes_to(step))
    return await material.checklist(step.tx, step[case].application.id, place, step.command.form)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationSubmit(ApplicationStep):
    """A nurse's wish to file her draft (提交); her institution sees it at once (N18, I16)."""

    form: Form | None = None
    """The form as filed, where it is another than the draft's."""
    institution_id: UUID | AsBefore | None = AS_BEFORE
    step = Step.SUBMIT
    reads = (case, entry, submitted_on, asked_there, law_there)
    writes = frozenset({"application", "application_revision"})

    def said(self) -> Mapping[str, object]:
        """The institution that is to have it."""
        return said_place(self.institution_id)

    def located(self, step: Underway[ApplicationSubmit], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_form(step[case].application.kind, problem)

    async def effect(self, step: Underway[ApplicationSubmit], moving: Case) -> None:
        """File it where she may, and all that is asked for has been handed in."""
        application, now = moving.application, step.tx.now
        named = None if self.institution_id is AS_BEFORE else self.institution_id
        form = self.form or form_from_json(application.kind, application.form)
        require_same_kind(application.kind, form)
        form = as_recorded(form, step[entry].record)
        record, life, law = step[entry].record, step[entry].life, step[law_there]
        with Together() as each:
            each(lambda: require_whole(form, record, life, step.tx.today, law))
            if application.kind not in CLAIMED_KINDS and self.institution_id is not AS_BEFORE:
                each(lambda: require_no_target(application.kind, named))
            each(lambda: require_eligible(application, step[entry], form, step.tx.today, step[submitted_on]))
            each(lambda: require_complete(step[asked_there], application.filed_by))
        moving.readdress(institution=_goes_to(step))
        registered = step[entry].registration
        certified = {"certificate_number": registered.certificate_number}
        filed = await revise(moving, form)
        moving.values = {**certified, "submitted_at": now, "queued_at": now, **filed}
        if application.kind is Kind.REISSUE:
            moving.readdress(authority=registered.authority_id)
            moving.values["forwarded_at"] = now


def said_place(named: UUID | AsBefore | None) -> Mapping[str, object]:
    """The parameters of an opening by the institution that a step names, or does not."""
    names = named is not AS_BEFORE
    return {"opening_named": named if names else None, "opening_names": names}


async def revise(moving: Case, form: Form, changed: Sequence[str] = ()) -> dict[str, Any]:
    """Keep the form as a revision of its own, the first with what is on record."""
    its, sent_to = moving.application, moving.addressed.institution_id
    revision, filled = its.revision + 1, form_to_json(form)
    filed = Filing(its.id, revision, filled, moving.actor.account_id, tuple(changed), its.nurse_id, sent_to)
    await applications.insert_revision(moving.tx, filed)
    return {"form": filled, "revision": revision, "marked_fields": []}


def require_same_kind(kind: Kind, form: Form) -> None:
    """Refuse a form that is not the kind's."""
    if kind_of(form) is not kind:
        raise Invalid(FieldProblem("form", "OTHER_KIND", Words("表单与业务类型不符", "The form is of another kind.")))


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationWithdraw(ApplicationStep):
    """A wish to take back what one has filed (撤回)."""

    step = Step.WITHDRAW
    writes = frozenset({"application", "application_pause"})

    async def effect(self, step: Underway[ApplicationWithdraw], moving: Case) -> None:
        """End it, and the pause in which it stands."""
        await withdraw(moving)


async def withdraw(moving: Case) -> None:
    """The effects of a withdrawal on an application."""
    moving.values = {"decided_at": moving.tx.now}
    await cease(moving)
