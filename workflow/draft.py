"""A nurse begins an application and goes on with it, as far as it is filled (新建申请, 保存草稿)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import application as applications
from db import eligibility, registration
from db.eligibility import Begun
from db.registration import Entry
from rules.application import State, Step, start_state
from rules.draft import in_the_way, require_storable
from rules.errors import FieldProblem
from rules.form import Form, form_to_json
from rules.kinds import Kind, in_form, kind_of
from rules.moves import CLAIMED_KINDS, OPEN, collides
from rules.people import Actor, Party
from rules.record import as_recorded
from rules.target import Target, require_no_target, require_target
from workflow import applicant
from workflow.application_step import ApplicationStep, case, entry
from workflow.case import AS_BEFORE, AsBefore, Case
from workflow.filing import require_same_kind
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
async def begun(step: Underway[ApplicationCreateDraft]) -> list[Begun]:
    """Her drafts and open applications."""
    return await eligibility.begun(step.tx, step[beginner].nurse_id)


@read()
async def named_target(step: Underway[ApplicationCreateDraft]) -> Target | None:
    """The institution where she wants to go, where she names one."""
    target_id = step.command.institution_id
    return None if target_id is None else await eligibility.target(step.tx, target_id, step[beginner].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationCreateDraft(Command):
    """A nurse's wish to begin an application (新建申请); nobody else sees it before she files it (N16)."""

    form: Form
    """As far as it is filled."""
    institution_id: UUID | None = None
    """The institution where she wants to practise."""
    reads = (beginner, own_entry, begun, named_target)
    writes = frozenset({"application", "nurse", "registration", "account"})
    audited = False

    def located(self, step: Underway[ApplicationCreateDraft], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_form(kind_of(self.form), problem)

    async def take(self, step: Underway[ApplicationCreateDraft]) -> None:
        """Keep the draft, where no other application stands in its way."""
        kind, her, entry = kind_of(self.form), step[beginner], step[own_entry]
        require_storable(self.form)
        for one in step[begun]:
            if (one.state is State.DRAFT and one.kind is kind) or (one.state in OPEN and collides(kind, [one.kind])):
                # Before her account is active, what others have filed for her is not hers to see.
                raise in_the_way(one.kind, one.state if step.actor.active else None)
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


@read()
async def other_target(step: Underway[ApplicationSaveDraft]) -> Target | None:
    """The institution where she wants to go, where she names another one."""
    target_id, nurse_id = step.command.institution_id, step[case].application.nurse_id
    return await eligibility.target(step.tx, target_id, nurse_id) if isinstance(target_id, UUID) else None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationSaveDraft(ApplicationStep):
    """A nurse's wish to keep her draft as it is filled now (保存草稿, N16); files nothing."""

    form: Form
    """As far as it is filled."""
    institution_id: UUID | AsBefore | None = AS_BEFORE
    step = Step.SAVE_DRAFT
    reads = (case, entry, other_target)

    def located(self, step: Underway[ApplicationSaveDraft], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_form(kind_of(self.form), problem)

    async def effect(self, step: Underway[ApplicationSaveDraft], moving: Case) -> None:
        """Keep the form, and where it is to go."""
        kind, form, named = moving.application.kind, self.form, self.institution_id
        require_same_kind(kind, form)
        require_storable(form)
        moving.values = {"form": form_to_json(as_recorded(form, step[entry].record))}
        if named is AS_BEFORE:
            return
        if kind not in CLAIMED_KINDS:
            require_no_target(kind, named)
            return
        target = step[other_target]
        if target is not None:
            require_target(kind, target)
        moving.readdress(institution=named)
