"""A change that was returned to a nurse, and that she does not answer, lapses after thirty days (逾期失效)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import structlog

from db import information_change as changes
from db import registration
from db.registration import Entry
from db.store.engine import Database
from db.store.outage import OUTAGE
from rules.errors import RegistryError
from rules.information_change import ChangeState, lapses
from rules.people import SYSTEM
from workflow.information_change import heard
from workflow.step import Command, Lock, Underway, carry_out, read

log = structlog.get_logger(__name__)


@read(Lock.NURSE)
async def lapsing_entry(step: Underway[InformationChangeLapse]) -> Entry:
    """The entry of the nurse who has not answered, locked."""
    return await registration.lock(step.tx, await changes.nurse_of(step.tx, step.command.change_id))


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeLapse(Command):
    """The system's wish to end what was returned and is not answered for thirty days (逾期失效)."""

    change_id: UUID
    reads = (lapsing_entry,)
    writes = frozenset({"information_change"})

    @property
    def subject(self) -> UUID:
        """The change."""
        return self.change_id

    async def take(self, step: Underway[InformationChangeLapse]) -> None:
        """The end of the change, unless she has answered meanwhile."""
        found = await changes.get(step.tx, self.change_id)
        if not lapses(found, step.tx.now):
            return
        await changes.move(step.tx, found, ChangeState.LAPSED, None)
        step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": ChangeState.LAPSED}
        escalated = found.escalated_at is not None
        step.news = heard("information.lapsed", step[lapsing_entry], step.actor, escalated=escalated)


async def lapse(db: Database, size: int) -> Counter[str]:
    """End what was returned and is not answered, each by itself; gives how many, and how many could not be."""
    async with db.begin() as tx:
        await tx.ask_time()
        keys = await changes.stale(tx, size)
    done = Counter[str]()
    for key in keys:
        try:
            async with db.begin() as tx:
                await tx.ask_time()
                await carry_out(Underway(tx, SYSTEM, InformationChangeLapse(key), key))
            done["INFORMATION_LAPSE"] += 1
        except (RegistryError, *OUTAGE) as error:
            log.warning("a change of information did not lapse", change=str(key), error=type(error).__name__)
            done["FAILED"] += 1
    return done
