"""The one way through a step on an application: locked, judged, its own effect, written, told.

Each step is a command, named as its mutation; `workflow/application.py` has the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from db import application as applications
from db import ending as endings
from db import institution as institutions
from db import law as laws
from db import material, material_mark, registration
from db.registration import Entry
from db.store.engine import Tx
from rules import reasons, review
from rules.application import Application, Step
from rules.competence import competent_paths, not_competent
from rules.errors import NotAllowed, RegistryError, WrongState
from rules.form import field_names
from rules.kinds import form_of
from rules.law import LAW, Law
from rules.marks import MaterialMark
from rules.material import ChecklistItem
from rules.moves import unblocks
from rules.reasons import Reason
from workflow import applicant
from workflow.block import unblock
from workflow.case import Case, heard, write
from workflow.recusal import go_on
from workflow.step import USUAL, Command, Lock, Read, Underway, read
from workflow.wrong_state import with_open_steps


@read(Lock.APPLICATION)
async def case(step: Underway[ApplicationStep]) -> Case:
    """The locked application, which this person may move, and has seen as it is."""
    return await judged(step, await applications.lock(step.tx, step.command.application_id))


async def judged(step: Underway[ApplicationStep], application: Application) -> Case:
    """A locked application, where this person may move it and has seen it as it is."""
    command = step.command
    actor = await applicant.acting(step.tx, step.actor, application)
    try:
        moving = Case.judged(step.tx, actor, command.step, application, command.expected_version)
    except NotAllowed as refusal:
        raise await _with_names(step.tx, application, refusal) from None
    except WrongState as refusal:
        raise await with_open_steps(step.tx, actor, application, refusal) from None
    if unblocks(application.kind, application.state, moving.target):
        moving.behind = await _behind(step.tx, application)
    return moving


async def _with_names(tx: Tx, application: Application, refusal: NotAllowed) -> NotAllowed:
    """The refusal; to an authority that may not decide, with the names of those that may."""
    if refusal.reason != "NOT_COMPETENT" or application.places is None:
        return refusal
    paths = competent_paths(application.kind, application.places)
    return not_competent(await institutions.authorities_at(tx, paths))


async def _behind(tx: Tx, application: Application) -> list[Application]:
    """The applications that it has blocked, locked before the nurse is."""
    return [await applications.lock(tx, one) for one in await endings.blocked(tx, application.id)]


@read(Lock.NURSE)
async def entry(step: Underway[ApplicationStep]) -> Entry:
    """The nurse's entry in the register, locked."""
    return await registration.lock(step.tx, step[case].application.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationStep(Command):
    """Somebody's wish to take one step on one application, as last seen (`expected_version`); gives its id."""

    application_id: UUID
    expected_version: int
    step: ClassVar[Step]
    refuses: ClassVar[frozenset[type[RegistryError]]] = USUAL | {WrongState}
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (case,)
    writes: ClassVar[frozenset[str]] = frozenset({"application"})
    audited: ClassVar[bool] = False
    """Revisions, decisions and events keep the steps on applications."""

    @property
    def subject(self) -> UUID:
        """The application."""
        return self.application_id

    async def take(self, step: Underway[Self]) -> None:
        """Take the step: its own effect, what it writes, and what everybody hears of it."""
        moving = step[case]
        await self.effect(step, moving)
        stuck = await write(moving)
        step.news += heard(moving) + await unblock(step.tx, moving.behind, step.actor)
        if stuck:
            step.news += await go_on(step.tx, [moving.application.id])

    async def effect(self, step: Underway[Self], moving: Case) -> None:
        """The step's own part: what it makes of the application."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class OpinionStep(ApplicationStep):
    """A step that may carry an opinion (意见)."""

    opinion: str | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class WordsStep(ApplicationStep):
    """Something to say to the other side."""

    text: str


@read(Lock.NURSE)
async def barred_until(step: Underway[ReasonsStep]) -> date | None:
    """The last day of the bar that a refusal for these reasons brings (许可法 78); with one, her entry is locked."""
    until = reasons.bar_until(step.command.reasons, step.tx.today)
    if until is not None:
        await registration.lock(step.tx, step[case].application.nurse_id)
    return until


@read()
async def law_filed_under(step: Underway[ApplicationStep]) -> Law:
    """The law of the day on which it was filed."""
    filed_at = step[case].application.submitted_at
    return await laws.on(step.tx, step.tx.today if filed_at is None else step.tx.date_of(filed_at))


@read()
async def law_there(step: Underway[ApplicationStep]) -> Law:
    """The law of the day on which it was filed, where it is decided."""
    application = step[case].application
    filed_at, place = application.submitted_at, application.institution_id
    day = step.tx.today if filed_at is None else step.tx.date_of(filed_at)
    return await laws.on(step.tx, day, institution_id=place, authority_id=application.authority_id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ReasonsStep(OpinionStep):
    """A step that needs coded reasons (原因代码)."""

    reasons: tuple[Reason, ...]

    async def refuse(self, moving: Case, stage: str, outcome: str, law: Law = LAW) -> None:
        """Keep the decision with its reasons, where they are reasons for this step, and grounds by the law."""
        kind, opinion = moving.application.kind, self.opinion
        review.require_reasons(self.step, self.reasons, kind=kind, opinion=opinion, law=law)
        await moving.decide(stage, outcome, opinion=self.opinion, reasons=self.reasons)

    async def bar(self, step: Underway[Self], moving: Case) -> None:
        """Keep her from applying again for years, where a reason does."""
        until = step[barred_until]
        if until is not None:
            await registration.bar(step.tx, moving.application.nurse_id, until)


@read()
async def asked_for(step: Underway[MarkStep]) -> list[ChecklistItem]:
    """The materials that may be marked; not asked for where none is."""
    return await material.checklist(step.tx, step[case].application.id) if step.command.marked_materials else []


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class MarkStep(ReasonsStep):
    """A step that asks the nurse to correct marked fields, and to hand in marked materials, each for a reason."""

    marked_fields: tuple[str, ...] = ()
    marked_materials: tuple[MaterialMark, ...] = ()

    def require_marks(self, step: Underway[Self]) -> tuple[Reason, ...]:
        """The reasons of all marks, in the table's order; refuses marks, or reasons, that do not fit."""
        kind = step[case].application.kind
        given = (self.step, self.reasons, self.marked_fields, self.marked_materials)
        listed = {item.code: item.title for item in step[asked_for]}
        markable = review.markable_fields(kind, field_names(form_of(kind)))
        law, opinion = step[law_there], self.opinion
        return review.require_reasons(*given, kind=kind, markable=markable, listed=listed, opinion=opinion, law=law)

    async def mark(self, step: Underway[Self], stage: str, outcome: str) -> None:
        """Keep the decision with its marks; only what is marked is open from now on."""
        moving, marks, reasons = step[case], self.marked_materials, self.require_marks(step)
        marked, opinion = self.marked_fields, self.opinion
        await moving.decide(stage, outcome, opinion=opinion, reasons=reasons, marked_fields=marked)
        if marks:
            titles = {item.code: item.title for item in step[asked_for]}
            await material_mark.insert(step.tx, moving.application, marks, [titles[one.code] for one in marks])
        moving.values["marked_fields"] = list(marked)
