"""The applications of a batch, taken in chunks of one transaction each: a kill loses nothing, and anybody goes on.

Within a chunk all is read, judged and written together (`workflow/together.py`); what cannot be is gone through one by
one, as if each had been sent alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import structlog

from db import batch as batches
from db import session as sessions
from db.batch import Chunk
from db.collective import WRONG
from db.roster import attempted
from db.session import Session
from db.store.engine import Database, Tx
from db.store.outage import OUTAGE
from rules.batch import FAILED, TOGETHER, Act, may_no_more
from rules.collective import problems_of
from rules.errors import RegistryError
from rules.marks import MaterialMark
from rules.people import Actor
from rules.reasons import Reason
from workflow.application import COMMANDS
from workflow.step import Underway, carry_out
from workflow.together import Alone, located, take_together

_TYPED: Final[Mapping[str, Any]] = {
    "reasons": lambda given: tuple(map(Reason, given)),
    "marked_fields": tuple,
    "marked_materials": lambda given: tuple(
        MaterialMark(one["code"], Reason(one["reason"]), one["note"]) for one in given
    ),
}
log = structlog.get_logger(__name__)


class Failed(RegistryError):
    """A bug: this one is refused, so that the others are not kept waiting."""

    code = "INTERNAL"
    words = FAILED


class _Tried(Exception):
    """The end of a transaction in which something was only tried."""


def passes(failure: Exception) -> bool:
    """True if it is no fault of what was tried, and may be tried again."""
    return isinstance(failure, OUTAGE) and not isinstance(failure, WRONG)


def step_of(tx: Tx, actor: Actor, act: Act, application_id: UUID, version: int) -> Underway[Any]:
    """The step of a batch on one application."""
    given = {name: _TYPED.get(name, lambda value: value)(value) for name, value in act.given.items()}
    return Underway(tx, actor, COMMANDS[act.step](application_id, version, **given), application_id)


async def chunk(db: Database, key: UUID) -> Sequence[int] | None:
    """Take the next chunk of a batch; gives the places that must be taken alone, or None where nothing is left."""
    places: Sequence[int] = ()
    try:
        async with db.begin() as tx:
            found = await batches.lock_next(tx, key, TOGETHER)
            if found is None:
                return None
            places = [item.place for item in found.items]
            return await _together(tx, found)
    except Exception as failure:
        if passes(failure):
            raise
        if not isinstance(failure, (Alone, *WRONG)):
            log.exception("a batch could not be taken together", batch=str(key))
        return places


async def _together(tx: Tx, found: Chunk) -> Sequence[int]:
    places = [item.place for item in found.items]
    if found.actor is None:
        await batches.settle(tx, found.batch_id, dict.fromkeys(places, problems_of(may_no_more())))
        return ()
    steps = [step_of(tx, found.actor, found.act, one.application_id, one.version) for one in found.items]
    taken = await take_together(tx, steps)
    outcomes = {places[nth]: None for nth in taken.done}
    refused = {places[nth]: problems_of(why) for nth, why in taken.refused.items()}
    if outcomes or refused:
        await batches.settle(tx, found.batch_id, {**outcomes, **refused})
    return [places[nth] for nth in taken.left]


async def alone(db: Database, key: UUID, place: int) -> None:
    """Take one application of a batch as if it had been sent alone."""
    async with db.begin() as tx:
        found = await batches.lock_next(tx, key, 1, place)
        if found is None:
            return
        problems = problems_of(may_no_more())
        if found.actor is not None:
            (item,) = found.items
            step = step_of(tx, found.actor, found.act, item.application_id, item.version)
            problems = await _attempt(tx, step)
        await batches.settle(tx, key, {place: problems})


async def _attempt(tx: Tx, step: Underway[Any]) -> Any:
    try:
        async with attempted(tx):
            await carry_out(step)
    except RegistryError as refusal:
        return problems_of(refusal)
    except Exception as bug:
        if passes(bug):
            raise
        log.exception("a batch failed at an application", application=str(step.key))
        return problems_of(Failed())
    return None


async def try_all(
    db: Database, session: Session, act: Act, versions: Mapping[UUID, int]
) -> dict[UUID, RegistryError | None]:
    """The refusals of these applications as of now (预检); writes nothing."""
    keys, found = [*versions], dict[UUID, RegistryError | None]()
    for start in range(0, len(keys), TOGETHER):
        part = {key: versions[key] for key in keys[start : start + TOGETHER]}
        tried = await _try(db, session, act, part)
        left = [key for key in part if key not in tried]
        found |= tried
        for key in left:
            found |= await _try(db, session, act, {key: part[key]})
    return {key: found[key] for key in keys}


async def _try(
    db: Database, session: Session, act: Act, versions: Mapping[UUID, int]
) -> dict[UUID, RegistryError | None]:
    keys, found = [*versions], dict[UUID, RegistryError | None]()
    try:
        async with db.begin() as tx:
            actor = await sessions.require(tx, session)
            steps = [step_of(tx, actor, act, key, version) for key, version in versions.items()]
            if len(steps) == 1:
                found[keys[0]] = await _refusal(steps[0])
            else:
                taken = await take_together(tx, steps, keeps=False)
                found |= {keys[nth]: None for nth in taken.done}
                found |= {keys[nth]: why for nth, why in taken.refused.items()}
            raise _Tried
    except (_Tried, Alone):
        return found


async def _refusal(step: Underway[Any]) -> RegistryError | None:
    try:
        await step.read(*step.command.reads)
        await step.command.take(step)
    except RegistryError as refusal:
        return located(step, refusal)
    return None
