"""The outlook of a step (前景): what it would meet besides the application itself, so that no button promises too much.

Every refusal that does not hang on what is sent along is asked here with the very rules that the step asks later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from rules.application import Application, Step, steps_open_to
from rules.competence import competent_paths
from rules.eligibility import require_eligible
from rules.errors import FieldProblem, RegistryError
from rules.facts import Facts
from rules.marks import UNNAMED, MarkedMaterial, unanswered
from rules.material import ChecklistItem, missing_problems, require_complete, require_proof
from rules.moves import CLAIMED_KINDS
from rules.people import Actor, Party
from rules.target import Target, require_target


@dataclass(frozen=True, slots=True)
class Outlook:
    """The facts besides an application that decide whether a step would be refused, as far as its state needs them."""

    today: date
    facts: Facts | None = None
    """The nurse as a filing or a decision would find her; a draft's without its form, which may come with the step."""
    filed_on: date | None = None
    items: tuple[ChecklistItem, ...] = ()
    marks: tuple[MarkedMaterial, ...] = ()
    correction_until: date | None = None
    """The last day on which corrections may be asked for (许可法 32)."""
    silence_until: date | None = None
    """The last of the institution's working days."""


def open_steps(actor: Actor, application: Application, now: datetime, outlook: Outlook) -> list[Step]:
    """The steps that would not be refused to this person now, whatever right values are sent along."""
    steps = steps_open_to(actor, application, now)
    return [step for step in steps if not _refuses(actor, application, step, outlook)]


def missing(
    application: Application, marks: tuple[MarkedMaterial, ...], items: tuple[ChecklistItem, ...]
) -> Iterator[FieldProblem]:
    """A problem for each material that an answer needs and that has not come: marked, or needed where files come in.

    What others filed for her came on paper, so without a marked material nothing is missing there.
    """
    yield from unanswered(marks)
    if application.filed_by is Party.NURSE or marks or UNNAMED in application.marked_fields:
        codes = {one.code for one in marks}
        yield from missing_problems([item for item in items if item.code not in codes], application.filed_by)


_Bars: TypeAlias = Callable[[Actor, Application, Outlook], bool]


def _refuses(actor: Actor, application: Application, step: Step, outlook: Outlook) -> bool:
    try:
        return step in _BARS and _BARS[step](actor, application, outlook)
    except RegistryError:
        return True


def _filing(by: Actor, it: Application, on: Outlook) -> bool:
    if on.facts is not None:
        require_eligible(it.kind, on.facts, on.today)
    require_complete(on.items, it.filed_by)
    return False


def _answer(by: Actor, it: Application, on: Outlook) -> bool:
    return any(missing(it, on.marks, on.items))


def _intake(by: Actor, it: Application, on: Outlook) -> bool:
    require_proof(it.kind, it.form, on.items, [item.code for item in on.items])
    return False


def _decision(by: Actor, it: Application, on: Outlook) -> bool:
    if on.facts is not None and on.filed_on is not None:
        require_eligible(it.kind, on.facts, on.filed_on)
        if it.kind in CLAIMED_KINDS:
            require_target(it.kind, Target(on.facts.target_state))
    require_proof(it.kind, it.form, on.items)
    return False


def _nowhere(by: Actor, it: Application, on: Outlook) -> bool:
    """True if no other authority may decide it."""
    return it.places is not None and not {*competent_paths(it.kind, it.places)} - {it.places.deciding}


def _waits(by: Actor, it: Application, on: Outlook) -> bool:
    """True if the institution still has working days left, and can use them."""
    hers = by.party is Party.NURSE and it.institution_id is not None and not it.stranded
    return hers and on.silence_until is not None and on.today <= on.silence_until


_BARS: Final[Mapping[Step, _Bars]] = {
    Step.SUBMIT: _filing,
    Step.RESUBMIT: _answer,
    Step.FORWARD: lambda by, it, on: it.stranded,
    Step.ESCALATE: _waits,
    Step.REQUIRE_CORRECTION: lambda by, it, on: on.correction_until is not None and on.today > on.correction_until,
    Step.SUPPLEMENT: _answer,
    Step.ACCEPT: _intake,
    Step.TRANSFER: _nowhere,
    Step.EXTEND: lambda by, it, on: it.on_hold or (it.due_on is not None and on.today > it.due_on),
    Step.APPROVE: _decision,
}
"""The bars of each step besides the table of moves and its guards; the other steps meet nothing else."""
