"""One step on a nurse's entry in the register: session, retry key, locks, rules, change, audit, news.

The same way for every such step; what is the step's own is its effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, registration
from db import ending as endings
from db import session as sessions
from db.feed import event
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules.people import Actor
from rules.registration import Registration


@dataclass(frozen=True, slots=True, repr=False)
class NurseOrder:
    """Somebody's wish to take one step on a nurse's entry; `given` is what the step asks for, by name."""

    session: Session
    nurse_id: UUID
    given: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None

    def content(self) -> dict[str, str]:
        """What makes two requests the same request."""
        return {"nurse": str(self.nurse_id), **{name: str(value) for name, value in self.given.items()}}


@dataclass(slots=True)
class NurseCase:
    """A step under way: the locked entry, and the id of what the step makes."""

    tx: Tx
    actor: Actor
    given: Mapping[str, Any]
    registration: Registration
    name: str
    key: UUID
    noted: dict[str, Any] = field(default_factory=dict)  # for the audit trail


Effect: TypeAlias = Callable[[NurseCase], Awaitable[list[Addressed]]]


async def act(db: Database, order: NurseOrder, step: str, effect: Effect, *, ends: bool = False) -> UUID:
    """Take the step; the id of what it has made. One that `ends` a registration holds her applications first."""
    key = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, step, order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), key):
            return await idempotency.result(tx, retry)
        if ends:
            await endings.hold(tx, order.nurse_id)
        entry = await registration.lock(tx, order.nurse_id)
        case = NurseCase(tx, actor, order.given, entry.registration, entry.name, key)
        told = await effect(case)
        await audit.record(tx, step, actor.account_id, case.noted, nurse_id=order.nurse_id)
        await event.record(tx, told)
    return key
