"""An application that somebody else files for a nurse: it goes straight to the authority, as its first revision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import direct_filing as filings
from db import ending as endings
from db import law as laws
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Application, State, Step, start_state
from rules.chronology import life_problems
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Together, WrongState
from rules.form import Form, check, form_to_json
from rules.kinds import in_form, kind_of
from rules.moves import blocks_the_rest, collides
from rules.own_nurse import require_not_herself
from rules.people import Actor
from rules.record import as_recorded, department_problems
from workflow.block import block_the_rest
from workflow.case import Case, heard
from workflow.eligibility import grounds, require_eligible
from workflow.nurse_case import NurseCommand, entry
from workflow.recusal import go_on
from workflow.step import USUAL, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class FiledForm:
    """An application filed for a nurse; `institution_id` is where she wants to practise, for kinds that move her."""

    nurse_id: UUID
    form: Form
    institution_id: UUID | None = None


Route: TypeAlias = Callable[[Tx, Actor, Entry, FiledForm], Awaitable[tuple[UUID | None, UUID]]]
"""Judges who files for whom; gives the institution that has to do with it, and the authority that decides."""


@dataclass(frozen=True, slots=True, repr=False)
class DirectFiling(NurseCommand):
    """A wish to file this form for a nurse; gives the application."""

    form: Form
    refuses = USUAL | {WrongState}

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_form(kind_of(self.form), problem)


@read(Lock.APPLICATION)
async def behind(step: Underway[DirectFiling]) -> list[UUID]:
    """Her drafts and open applications, held before her, where what is filed blocks them."""
    form = step.command.form
    blocks = blocks_the_rest(kind_of(form), form_to_json(form))
    return await endings.lock_open(step.tx, step.command.nurse_id) if blocks else []


async def file(step: Underway[DirectFiling], filing: FiledForm, of: Step, route: Route) -> None:
    """File it, where every rule lets it pass."""
    case = await judged(step.tx, step.actor, step[entry], filing, step=of, route=route, key=step.key)
    await filings.insert(step.tx, case.application, case.target, step[entry], by=step.actor.account_id)
    step.nurse_id, step.detail = filing.nurse_id, {"application": step.key, "kind": case.application.kind}
    step.news = heard(case) + await go_on(step.tx, [step.key])


async def judged(
    tx: Tx, actor: Actor, entry: Entry, filing: FiledForm, *, step: Step, route: Route, key: UUID | None = None
) -> Case:
    """The filing as a step under way, where every rule lets it pass; writes nothing but what stands behind it."""
    places = await route(tx, actor, entry, filing)
    filing = replace(filing, form=(form := as_recorded(filing.form, entry.record)))
    require_not_herself(actor, filing.nurse_id)
    case = Case(tx, actor, step, *_new(key or uuid7(), filing, step, actor, places))
    new = case.application
    if blocks_the_rest(new.kind, new.form):
        case.also += await block_the_rest(tx, new.nurse_id, new.id, actor)
    if collides(new.kind, await applications.other_open_kinds(tx, new.nurse_id, new.id)):
        raise Conflict(Situation.APPLICATION_OPEN)
    law = await laws.on(tx, tx.today, institution_id=new.institution_id, authority_id=new.authority_id)
    beside = (*life_problems(form, entry.life), *department_problems(form, entry.record, law))
    on = await grounds(tx, new, new.institution_id)
    with Together() as each:
        each(lambda: check(form, tx.today, beside=beside, law=law))
        each(lambda: require_eligible(new, entry, form, tx.today, on))
    case.body = {"from": None}
    return case


def _new(
    key: UUID, filing: FiledForm, step: Step, actor: Actor, places: tuple[UUID | None, UUID]
) -> tuple[Application, State]:
    """The application before it is there, and where it begins."""
    kind, form = kind_of(filing.form), form_to_json(filing.form)
    target = start_state(actor, step, kind)
    assert actor.party is not None
    before = Application(key, kind, State.DRAFT, 0, 0, filing.nurse_id, *places, form, filed_by=actor.party)
    return before, target
