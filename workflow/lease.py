"""Leases: one officer works on an application for half an hour (领取, 放回, 改派); only colleagues see it, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import application as applications
from db import lease as leases
from db import news
from db.feed.event import Addressed
from db.store.engine import Database
from rules.application import Step
from rules.lease import LEASE, require_may_hold
from rules.people import SYSTEM, Actor
from workflow.application_step import ApplicationStep, case
from workflow.case import Case, heard, write
from workflow.step import Lock, Underway, read

BATCH: Final = 50
FREE: Final[Mapping[str, None]] = {"holder_id": None, "held_until": None}
"""The columns of what nobody holds."""


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationTake(ApplicationStep):
    """A reviewer's wish to work on it, or to keep it for another half hour (领取)."""

    step = Step.TAKE

    async def effect(self, step: Underway[ApplicationTake], moving: Case) -> None:
        """Give it to her."""
        moving.values = {"holder_id": moving.actor.account_id, "held_until": step.tx.now + LEASE}


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationPutBack(ApplicationStep):
    """A reviewer's wish to leave it to the others (放回)."""

    step = Step.PUT_BACK

    async def effect(self, step: Underway[ApplicationPutBack], moving: Case) -> None:
        """Take it from her."""
        moving.values = {**FREE}


@read(Lock.NONE, leases.COLLEAGUE_AHEAD)
async def colleague(step: Underway[ApplicationReassign]) -> Actor | None:
    """The colleague who is to work on it, where it is another and there is one."""
    to, actor = step.command.to, step[case].actor
    return None if to is None or to == actor.account_id else await leases.find_colleague(step.tx, actor, to)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationReassign(ApplicationStep):
    """A manager's or supervisor's wish that a colleague, or she herself, works on it, whoever holds it (改派)."""

    to: UUID | None = None
    step = Step.REASSIGN
    reads = (case, colleague)

    async def effect(self, step: Underway[ApplicationReassign], moving: Case) -> None:
        """Give it to the colleague."""
        to = self.to or moving.actor.account_id
        if to != moving.actor.account_id:
            require_may_hold(step[colleague], moving.application, step.tx.now)
        moving.values = {"holder_id": to, "held_until": step.tx.now + LEASE}


async def run_out(db: Database, batch: int = BATCH) -> int:
    """The end of the leases that have run out: put back by the system (SYS), colleagues see it live; gives how many.

    May be run at any time, by several processes at once and again after a crash: whoever puts it back writes that
    nobody holds it, and what another works on at this moment is left to that one or to the next run.
    """
    done = 0
    while True:
        async with db.begin() as tx:
            await tx.ask_time()
            events: list[Addressed] = []
            keys = await leases.run_out(tx, batch)
            for key in keys:
                locked = await applications.lock(tx, key)
                back = Case(tx, SYSTEM, Step.PUT_BACK, locked, locked.state, {**FREE})
                await write(back)
                events += heard(back)
            await news.tell(tx, events)
        done += len(keys)
        if len(keys) < batch:
            return done
