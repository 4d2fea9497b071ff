"""A step in two halves, what is done and what its payload shows, so that either is done apart from the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable
from uuid import UUID

from db.read.payload import Payload
from db.read.plan import Builder, Plan
from db.session import Session
from graph.context import Context, Outcome
from rules.people import Actor
from workflow.step import Command, take, taken

Input = TypeVar("Input")
Fields: TypeAlias = Mapping[str, object]
Show: TypeAlias = Callable[[Context, UUID], Awaitable[Fields]]
"""The fields that a payload shows of the row that a step has made or moved."""
Act: TypeAlias = Callable[[Context, Input], Awaitable[UUID]]
"""The step: it gives the key of what its payload shows."""


@runtime_checkable
class PlannedShow(Protocol):
    """The contents of a payload, which have a plan besides."""

    async def __call__(self, context: Context, key: UUID) -> Fields:
        """The fields, as the executor reads them."""

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The statement of what is selected of the payload."""


@dataclass(frozen=True)
class Step(Generic[Input]):
    """A mutation in its two halves: what is done, and what its payload shows, for which there is a plan."""

    act: Act[Input]
    show: PlannedShow

    wish: Callable[[Input], Command] | None = None  # where it is one command, made of the input alone

    async def outcome(self, context: Context, given: Input) -> Outcome:
        """Carry it out; what it raises is for the executor to word."""
        try:
            if self.wish is None:
                await context.identify()
                return Outcome(await self.act(context, given))
            return Outcome(await _taken(context, self.wish(given)))
        except Exception as raised:
            return Outcome(raised=raised)


async def _taken(context: Context, command: Command) -> UUID:
    """A command taken; who takes it is read by the step alone, where that is the first thing it does."""
    if command.idempotency_key is not None or type(command).lock_first is not Command.lock_first:
        await context.identify()
    if context.unread is None:
        return await take(context.db, context.signed_in, command)
    step = await taken(context.db, Session(context.unread, _UNKNOWN, _NEVER), command)
    context.become(Session(context.unread, step.actor, step.tx.now))
    return step.key


_UNKNOWN: Final = Actor(UUID(int=0), None, None, frozenset(), active=False)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""A session that nobody has read yet has nobody's rights, and is good for nothing but to be read."""
