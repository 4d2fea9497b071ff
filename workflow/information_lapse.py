"""Changes of information as time goes by: one unanswered lapses, an edit that she lets stand takes effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from db import information_change as changes
from db import registration
from db.read.information import Seen
from db.registration import Entry
from db.store.engine import Database, Tx
from db.store.outage import OUTAGE
from rules.errors import RegistryError
from rules.information_change import ChangeState, lapses
from rules.information_form import values_of
from rules.information_step import takes_effect
from rules.people import SYSTEM
from workflow.information_carry import carry
from workflow.information_step import heard
from workflow.step import Command, Lock, Underway, carry_out, read

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeDue(Command):
    """The system's wish to do with a change what is due because time went by."""

    change_id: UUID
    writes = frozenset({"information_change"})

    @property
    def subject(self) -> UUID:
        """The change."""
        return self.change_id


@read(Lock.NURSE)
async def due_entry(step: Underway[InformationChangeDue]) -> Entry:
    """The entry of the nurse whom it is about, locked."""
    return await registration.lock(step.tx, await changes.nurse_of(step.tx, step.command.change_id))


@read()
async def due_change(step: Underway[InformationChangeDue]) -> Seen:
    """The change, locked with the nurse, and what its steps hang on besides."""
    return await changes.seen(step.tx, step.command.change_id)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeLapse(InformationChangeDue):
    """The system's wish to end what was returned and is not answered for thirty days (逾期失效)."""

    reads = (due_entry, due_change)

    async def take(self, step: Underway[InformationChangeLapse]) -> None:
        """The end of the change, unless she has answered meanwhile."""
        if lapses(step[due_change].change, step.tx.now):
            await _end(step, ChangeState.LAPSED, "information.lapsed")


@dataclass(frozen=True, slots=True, repr=False)
class InformationEditTakeEffect(InformationChangeDue):
    """The system's wish to have the record say what her institution announced, and she let stand (异议期满生效)."""

    reads = (due_entry, due_change)
    writes = frozenset({"information_change", "nurse"})

    async def take(self, step: Underway[InformationEditTakeEffect]) -> None:
        """The record says so from now on, unless she has objected meanwhile."""
        found, around = step[due_change].change, step[due_change].around
        if takes_effect(found, around):
            await _end(step, ChangeState.APPROVED, "information.decided", accepted_fields=[*found.asked])
            step.news += await carry(step.tx, step[due_entry], values_of(found.asked, found.asked), step.actor)


async def _end(step: Underway[Any], state: ChangeState, type: str, **values: Any) -> None:
    found = step[due_change].change
    await changes.move(step.tx, found, state, None, **values)
    step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": state}
    escalated, filed_by = found.escalated_at is not None, found.filed_by
    step.news = heard(type, step[due_entry], step.actor, escalated=escalated, filed_by=filed_by)


async def lapse(db: Database, size: int) -> Counter[str]:
    """End what was returned and is not answered; gives how many, and how many could not be."""
    return await _each(db, size, changes.stale, InformationChangeLapse, "INFORMATION_LAPSE")


async def take_effect(db: Database, size: int) -> Counter[str]:
    """Have the record say what she let stand; gives how many, and how many could not be."""
    return await _each(db, size, changes.unopposed, InformationEditTakeEffect, "INFORMATION_EFFECT")


async def _each(
    db: Database,
    size: int,
    due: Callable[[Tx, int], Awaitable[Sequence[UUID]]],
    command: type[InformationChangeDue],
    name: str,
) -> Counter[str]:
    """Do what is due, each by itself: one that fails keeps no other."""
    async with db.begin() as tx:
        await tx.ask_time()
        keys = await due(tx, size)
    done = Counter[str]()
    for key in keys:
        try:
            async with db.begin() as tx:
                await tx.ask_time()
                await carry_out(Underway(tx, SYSTEM, command(key), key))
            done[name] += 1
        except (RegistryError, *OUTAGE) as error:
            log.warning("a change of information was not ended", change=str(key), error=type(error).__name__)
            done["FAILED"] += 1
    return done
