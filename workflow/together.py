"""Steps on many, taken together: their rows are read as sets, each is judged by herself, and all is written at once.

Whatever is refused leaves the others as they are. A step that can only be taken alone is left (`Alone`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias
from uuid import UUID

from db import application as applications
from db import information_change, material, news, registration
from db.feed.event import Addressed
from db.store.engine import Tx
from db.store.later import LaterTx
from rules.application import Application, Step
from rules.errors import Conflict, Invalid, NotFound, RegistryError
from rules.events import ON_BEHALF_OF
from rules.kinds import Kind
from workflow import acceptance, decision, institution_review, intake
from workflow.application_step import case, entry, judged, law_there
from workflow.command import Read, Underway
from workflow.eligibility import beside
from workflow.recusal import go_on

Found: TypeAlias = Mapping[int, Any]
"""The rows of each step by its place, or the refusal that comes of them."""
Going: TypeAlias = Mapping[int, Underway[Any]]


class Alone(Exception):
    """A step that may not be taken together with others: what it locks, or leaves behind, is not hers alone."""


Refused: TypeAlias = RegistryError | Alone


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome of steps that were taken together, by their places: those done, those refused, those left."""

    done: Mapping[int, Underway[Any]]
    refused: Mapping[int, RegistryError]
    left: tuple[int, ...]


async def take_together(tx: Tx, steps: Sequence[Underway[Any]], *, keeps: bool = True) -> Taken:
    """Take the steps, and tell of them; or only try them.

    Raises Alone where one was refused that had written already: then all of it is to be undone, and gone through one
    by one.
    """
    later = LaterTx.within(tx)
    for step in steps:
        step.tx = later
    going, refused = await _read(dict(enumerate(steps)))
    done: dict[int, Underway[Any]] = {}
    for nth, step in going.items():
        refusal = await _take(later, step)
        if refusal is None:
            done[nth] = step
        else:
            refused[nth] = refusal
    if keeps:
        await _keep(tx, later, done)
    left = tuple(nth for nth, why in refused.items() if isinstance(why, Alone))
    return Taken(done, {nth: why for nth, why in refused.items() if isinstance(why, RegistryError)}, left)


async def _keep(tx: Tx, later: LaterTx, done: Going) -> None:
    await later.write()
    tx.posted |= later.posted
    events = [one for step in done.values() for one in events_of(step)]
    await news.tell(tx, events + await go_on(tx, [step.key for step in done.values()]))


def events_of(step: Underway[Any]) -> list[Addressed]:
    """The events of a step; whatever a deputy does says for whom."""
    absent = step.actor.on_behalf_of
    if absent is None:
        return step.news
    return [replace(one, body={**one.body, ON_BEHALF_OF: str(absent)}) for one in step.news]


async def _take(later: LaterTx, step: Underway[Any]) -> RegistryError | None:
    mark, later.touched = len(later.later), False
    try:
        await step.command.take(step)
    except RegistryError as refusal:
        if later.touched:
            raise Alone from refusal
        later.forget(mark)
        return located(step, refusal)
    return None


def located(step: Underway[Any], refusal: RegistryError) -> RegistryError:
    """A refusal with its problems from the input."""
    if not isinstance(refusal, Invalid):
        return refusal
    return Invalid(*(step.command.located(step, one) for one in refusal.problems))


async def _read(going: dict[int, Underway[Any]]) -> tuple[dict[int, Underway[Any]], dict[int, Refused]]:
    """The rows that the rules of each read, in the order of the locks: all applications before any nurse."""
    refused: dict[int, Refused] = {}
    reads = dict.fromkeys(one for step in going.values() for one in step.command.reads)
    for one in sorted(reads, key=lambda each: each.lock):
        here = {nth: step for nth, step in going.items() if one in step.command.reads}
        found = await _SETS.get(one, _each(one))(here) if here else {}
        for nth, rows in found.items():
            if isinstance(rows, RegistryError | Alone):
                refused[nth] = rows
                del going[nth]
            else:
                going[nth].rows[one] = rows
    return going, refused


def _each(one: Read[Any, Any]) -> Callable[[Going], Awaitable[Found]]:
    async def ask(going: Going) -> Found:
        return {nth: await _asked(one, step) for nth, step in going.items()}

    return ask


async def _asked(one: Read[Any, Any], step: Underway[Any]) -> Any:
    try:
        return await one.ask(step)
    except RegistryError as refusal:
        return refusal


async def _cases(going: Going) -> Found:
    """The applications, locked in the order of their ids; what may not be taken together with others is left.

    Of one nurse one is taken: a step on her change, or on the end of her registration, holds that before the others.
    """
    known = await applications.whose(_tx(going), [step.command.application_id for step in going.values()])
    nurses: set[UUID] = set()
    cases: dict[int, Any] = {}
    for nth, step in going.items():
        nurse_id, kind = known.get(step.command.application_id, (None, None))
        if nurse_id is None:
            cases[nth] = NotFound()
        elif nurse_id in nurses or (step.command.step is Step.APPROVE and kind in _ALONE):
            cases[nth] = Alone()
        else:
            nurses.add(nurse_id)
    left = {nth: step.command.application_id for nth, step in going.items() if nth not in cases}
    found = await applications.lock_all(_tx(going), [*left.values()])
    return {**cases, **{nth: await _judged(going[nth], found[key]) for nth, key in left.items()}}


async def _judged(step: Underway[Any], application: Application) -> Any:
    try:
        return await judged(step, application)
    except RegistryError as refusal:
        return refusal


_ALONE: Final = frozenset({Kind.CHANGE, Kind.DEREGISTRATION})
"""Their approval moves other applications of hers, which are locked before her."""


async def _entries(going: Going) -> Found:
    """The nurses, locked in the order of their ids; whoever has open changes of her record is left."""
    hers = {nth: step[case].application.nurse_id for nth, step in going.items()}
    found = await registration.lock_all(_tx(going), [*hers.values()])
    waiting = await information_change.of_nurses(_tx(going), [*hers.values()])
    return {nth: Alone() if nurse_id in waiting else found[nurse_id] for nth, nurse_id in hers.items()}


async def _grounds(going: Going) -> Found:
    """The facts on which each is decided."""
    cases = {nth: step[case].application for nth, step in going.items()}
    kinds = await applications.all_other_open_kinds(_tx(going), {one.id: one.nurse_id for one in cases.values()})
    return {nth: await beside(_tx(going), one, one.institution_id, kinds[one.id]) for nth, one in cases.items()}


def _alike(one: Read[Any, Any], key: Callable[[Underway[Any]], Any]) -> Callable[[Going], Awaitable[Found]]:
    """Rows that are the same for all with the same key: asked for once."""

    async def ask(going: Going) -> Found:
        known: dict[Any, Any] = {}
        for step in going.values():
            if (like := key(step)) not in known:
                known[like] = await _asked(one, step)
        return {nth: known[key(step)] for nth, step in going.items()}

    return ask


async def _places(going: Going) -> Found:
    """The places that they come to; where one is being changed, each is asked for by itself: that refusal ends it."""
    found = await _alike(decision.place, _its("kind", "institution_id"))(going)
    if any(isinstance(one, Conflict) for one in found.values()):
        raise Alone
    return found


async def _checklists(going: Going) -> Found:
    """The materials that are asked for."""
    keys = {nth: step[case].application.id for nth, step in going.items()}
    found = await material.checklists(_tx(going), [*keys.values()], today=_tx(going).today)
    return {nth: found[key] for nth, key in keys.items()}


def _tx(going: Going) -> Tx:
    return next(iter(going.values())).tx


def _its(*names: str) -> Callable[[Underway[Any]], Any]:
    return lambda step: tuple(getattr(step[case].application, name) for name in names)


def _day(moment: str, *names: str) -> Callable[[Underway[Any]], Any]:
    """The same, with the day of a moment."""

    def key(step: Underway[Any]) -> Any:
        at = getattr(step[case].application, moment)
        return (at and step.tx.date_of(at), *_its(*names)(step))

    return key


_SETS: Final[Mapping[Read[Any, Any], Callable[[Going], Awaitable[Found]]]] = {
    case: _cases,
    entry: _entries,
    decision.decided_on: _grounds,
    decision.place: _places,
    institution_review.route: _alike(institution_review.route, _its("kind", "institution_id")),
    law_there: _alike(law_there, _day("submitted_at", "institution_id", "authority_id")),
    intake.checklist: _checklists,
    acceptance.intake: _alike(acceptance.intake, _day("forwarded_at", "kind", "authority_id")),
}
"""The reads that are made once for all; any other is made for each."""
