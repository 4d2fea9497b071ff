"""Rooms: institutions in which applications go to and fro before the watchers, while the server is measured."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final
from uuid import UUID

from bench.feed.client import Seat
from db.session import Session
from db.store.engine import Database
from graph.limits import Limits
from rules.kinds import RenewalForm
from rules.reasons import Reason
from workflow.answer import ApplicationResubmit
from workflow.application_step import ApplicationStep
from workflow.filing import ApplicationSubmit
from workflow.institution_review import ApplicationReturn
from workflow.step import take

SOCKETS: Final = Limits().sockets
"""Sockets that one account may have open."""


@dataclass(eq=False)
class Renewal:
    """One application that goes to and fro: filed, returned, filed again; each step is one event."""

    nurse: Session
    operator: Session
    form: RenewalForm
    application_id: UUID
    version: int = 1

    async def move(self, db: Database) -> None:
        """The next step, in the ordinary way."""
        await take(db, *self._order())
        self.version += 1

    def _order(self) -> tuple[Session, ApplicationStep]:
        seen, marked = (self.application_id, self.version), ("department",)
        if self.version == 1:
            return self.nurse, ApplicationSubmit(*seen)
        if self.version % 2 == 0:
            reasons = (Reason.DEPARTMENT_WRONG,)
            return self.operator, ApplicationReturn(*seen, reasons=reasons, marked_fields=marked)
        return self.nurse, ApplicationResubmit(*seen, form=self.form, confirmed_fields=marked)


@dataclass(eq=False)
class Room:
    """One institution: who watches it, and what can happen there."""

    id: UUID
    tokens: list[str]
    renewals: list[Renewal] = field(default_factory=list)
    commits: array[float] = field(default_factory=lambda: array("d"))
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _turn: int = 0

    def seats(self, first: int, count: int) -> list[Seat]:
        """Some of its sockets; an account has ten of them."""
        return [Seat(self.tokens[n // SOCKETS], self.commits) for n in range(first, first + count)]

    async def happen(self, db: Database) -> None:
        """One event: the next application's next step; the moment after its commit is kept."""
        async with self._one_at_a_time:
            self._turn += 1
            await self.renewals[self._turn % len(self.renewals)].move(db)
            self.commits.append(perf_counter())
