"""A nurse begins an application, files it, and may take it back (新建申请, 提交, 撤回)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import application as applications
from db import eligibility, material, registration
from db import law as laws
from db.material import Place
from db.registration import Entry
from rules.application import State, Step, start_state
from rules.chronology import life_problems
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, Words
from rules.form import Form, check, form_to_json
from rules.kinds import Kind, form_from_json, kind_of
from rules.law import Law
from rules.material import ChecklistItem, require_complete
from rules.moves import CLAIMED_KINDS, collides
from rules.people import Actor, Party
from rules.record import as_recorded, department_problems
from rules.target import Target, require_no_target, require_target
from workflow import applicant
from workflow.application_step import ApplicationStep, case, entry
from workflow.case import AS_BEFORE, AsBefore, Case
from workflow.eligibility import Grounds, grounds, require_eligible
from workflow.pause import cease
from workflow.step import Command, Lock, Underway, read


@dataclass(frozen=True, slots=True)
class Beginner:
    """A nurse who begins an application, and the state in which it begins."""

    actor: Actor
    nurse_id: UUID
    state: State


@read(Lock.NURSE)
async def beginner(step: Underway[ApplicationCreateDraft]) -> Beginner:
    """The nurse, where she may begin this kind; who comes from the military gets her record now."""
    kind = kind_of(step.command.form)
    actor = await applicant.beginning(step.tx, step.actor, kind)
    state = start_state(actor, Step.CREATE_DRAFT, kind)
    assert actor.party_id is not None
    return Beginner(actor, actor.party_id, state)


@read(Lock.NURSE)
async def own_entry(step: Underway[ApplicationCreateDraft]) -> Entry:
    """Her own entry in the register, locked."""
    return await registration.lock(step.tx, step[beginner].nurse_id)


@read()
async def open_kinds(step: Underway[ApplicationCreateDraft]) -> frozenset[Kind]:
    """The kinds of her open applications."""
    return await applications.other_open_kinds(step.tx, step[beginner].nurse_id, step.key)


@read()
async def named_target(step: Underway[ApplicationCreateDraft]) -> Target | None:
    """The institution where she wants to go, where she names one."""
    target_id = step.command.institution_id
    return None if target_id is None else await eligibility.target(step.tx, target_id, step[beginner].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationCreateDraft(Command):
    """A nurse's wish to begin an application (新建申请); nobody else sees it before she files it (N16)."""

    form: Form
    institution_id: UUID | None = None
    """The institution where she wants to practise."""
    reads = (beginner, own_entry, open_kinds, named_target)
    writes = frozenset({"application", "nurse", "registration", "account"})
    audited = False

    async def take(self, step: Underway[ApplicationCreateDraft]) -> None:
        """Keep the draft, where no other application stands in its way."""
        kind, her, entry = kind_of(self.form), step[beginner], step[own_entry]
        if collides(kind, step[open_kinds]):
            raise Conflict(Situation.APPLICATION_OPEN)
        values = {
            "id": step.key,
            "kind": kind,
            "state": her.state,
            "nurse_id": her.nurse_id,
            "institution_id": self._place(kind, step),
            "filed_by": Party.NURSE,
            **entry.copied,
            "form": form_to_json(as_recorded(self.form, entry.record)),
            "moved_by": her.actor.account_id,
        }
        await applications.insert_draft(step.tx, values)

    def _place(self, kind: Kind, step: Underway[ApplicationCreateDraft]) -> UUID | None:
        """The institution that will have it, as far as it is known when it is begun."""
        if kind not in CLAIMED_KINDS:
            require_no_target(kind, self.institution_id)
            return None if kind is Kind.REISSUE else step[own_entry].registration.institution_id
        target = step[named_target]
        if target is not None:
            require_target(kind, target)
        return self.institution_id


def _goes_to(step: Underway[ApplicationSubmit]) -> UUID | None:
    """The institution that has it next: where she is, or where she wants to go; for a new certificate none."""
    application, named = step[case].application, step.command.institution_id
    if application.kind in CLAIMED_KINDS:
        return application.institution_id if named is AS_BEFORE else named
    return None if application.kind is Kind.REISSUE else step[entry].registration.institution_id


@read()
async def submitted_on(step: Underway[ApplicationSubmit]) -> Grounds:
    """The facts on which she may file it."""
    return await grounds(step.tx, step[case].application, _goes_to(step))


@read()
async def law_there(step: Underway[ApplicationSubmit]) -> Law:
    """The law of today where it goes."""
    registered_with = step[entry].registration.authority_id
    return await laws.on(step.tx, step.tx.today, institution_id=_goes_to(step), authority_id=registered_with)


@read()
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

    async def effect(self, step: Underway[ApplicationSubmit], moving: Case) -> None:
        """File it where she may, and all that is asked for has been handed in."""
        application, now = moving.application, step.tx.now
        form = self.form or form_from_json(application.kind, application.form)
        require_same_kind(application.kind, form)
        form = as_recorded(form, step[entry].record)
        law, record = step[law_there], step[entry].record
        beside = (*life_problems(form, step[entry].life), *department_problems(form, record, law))
        check(form, step.tx.today, beside=beside, law=law)
        if application.kind not in CLAIMED_KINDS and self.institution_id is not AS_BEFORE:
            require_no_target(application.kind, self.institution_id)
        require_eligible(application, step[entry], form, step.tx.today, step[submitted_on])
        require_complete(step[asked_there], application.filed_by)
        moving.readdress(institution=_goes_to(step))
        registered = step[entry].registration
        certified = {"certificate_number": registered.certificate_number}
        moving.values = {**certified, "submitted_at": now, "queued_at": now, **await revise(moving, form)}
        if application.kind is Kind.REISSUE:
            moving.readdress(authority=registered.authority_id)
            moving.values["forwarded_at"] = now


async def revise(moving: Case, form: Form, changed: Sequence[str] = ()) -> dict[str, Any]:
    """Keep the form as a revision of its own."""
    revision, filled = moving.application.revision + 1, form_to_json(form)
    application_id, by = moving.application.id, moving.actor.account_id
    await applications.insert_revision(
        moving.tx, application_id=application_id, revision=revision, form=filled, changed=changed, by=by
    )
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
