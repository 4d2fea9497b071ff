"""One operation, whatever carries it: read, admitted, run."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from graphql import OperationDefinitionNode, OperationType
from strawberry import Schema

from graph.documents import Document, Documents
from graph.limits import Limits
from graph.measure import INTROSPECTION
from rules.errors import Language, Unauthenticated
from rules.people import Actor
from web.answer import Answer, Pushed, answer
from web.negotiate import preferred_language
from web.refusals import TimedOut
from web.request import Ask

_FOR_EVERYONE = INTROSPECTION | {"__typename"}


class OperationContext(Protocol):
    """The part of an operation's context that the web floor uses: the viewer, and the place in a feed."""

    last_event_id: str | None
    """The cursor that a client sends when it reconnects to an event stream."""
    cursor: str | None
    """The place of the operation's feed, once it follows one."""
    address: str
    """The address of the caller, as far as the transport can tell."""
    retry_after: int | None
    """The seconds until what was refused as too much may be tried again."""

    @property
    def viewer(self) -> Actor | None:
        """The signed-in account."""


Planned = Callable[[Document, OperationDefinitionNode, dict[str, Any] | None, Any], Awaitable[bytes | None]]
"""Answers a query, or takes a step, by its plan: the JSON of `data`, or None where the executor must answer."""

Live = Callable[[Document, OperationDefinitionNode, dict[str, Any] | None, Any], AsyncGenerator[Pushed, None] | None]
"""Follows a feed whose messages have a plan; None where they have none."""

OpenContext = Callable[[str | None, str], Awaitable[OperationContext]]
"""Makes the context of one operation from a bearer token and an Accept-Language header; may raise Unauthenticated."""

OpenLate = Callable[[str, str], OperationContext]
"""Makes the context of a planned step, which finds out by itself whether the token is anybody's."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The ways past the ordinary executor: `data` answers queries and takes steps, `live` follows feeds.

    `open_late` opens the context of a step that finds out by itself who takes it.
    """

    data: Mapping[OperationType, Planned] = field(default_factory=dict)
    live: Live | None = None
    open_late: OpenLate | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller, as far as the transport can tell."""

    token: str | None
    accept_language: str
    address: str = ""

    @property
    def language(self) -> Language:
        """The language to be refused in."""
        return preferred_language(self.accept_language)


def bearer(authorization: str) -> str | None:
    """The token of an `Authorization` value; refuses any other scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a document that was read."""

    document: Document
    node: OperationDefinitionNode
    variables: dict[str, Any] | None

    @property
    def name(self) -> str | None:
        """Its name, if it has one."""
        return self.node.name.value if self.node.name else None

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation


class Operations:
    """Reads, admits and runs operations against one schema."""

    def __init__(
        self,
        schema: Schema,
        open_context: OpenContext,
        limits: Limits,
        *,
        public: frozenset[str],
        secrets: frozenset[str],
        plans: Plans,
    ) -> None:
        self.limits, self._plans = limits, plans
        self.open_context = open_context
        self._schema, self._public = schema, public | _FOR_EVERYONE
        self._documents = Documents(schema, limits, secrets)

    def read(self, ask: Ask) -> Operation:
        """Find the operation; raises Rejected, TooComplex or UnknownOperation."""
        document = self._documents.read(ask.query)
        return Operation(document, document.operation(ask.operation_name), ask.variables)

    async def admit(self, operation: Operation, caller: Caller, *, late: bool = False) -> OperationContext:
        """A fresh context for this operation; an anonymous caller gets one only for public operations.

        `late` lets a planned step find out by itself who takes it: its context refuses whoever turns out to be nobody.
        """
        if late and self._plans.open_late and caller.token and operation.kind is OperationType.MUTATION:
            context = self._plans.open_late(caller.token, caller.accept_language)
            context.address = caller.address
            return context
        context = await self.open_context(caller.token, caller.accept_language)
        context.address = caller.address
        if context.viewer is None and not operation.document.roots_of(operation.node) <= self._public:
            raise Unauthenticated
        return context

    async def execute(self, operation: Operation, context: OperationContext) -> Answer:
        """The answer to a query or a mutation, within the deadline."""
        try:
            async with timeout(self.limits.deadline_seconds):
                planned = self._plans.data.get(operation.kind)
                if planned:
                    data = await planned(operation.document, operation.node, operation.variables, context)
                    if data is not None:
                        return {"data": orjson.Fragment(data)}
                result = await self._schema.execute(
                    operation.document, operation.variables, context, operation_name=operation.name
                )
        except TimeoutError:
            raise TimedOut(self.limits.deadline_seconds) from None
        return answer(result)

    def stream(self, operation: Operation, context: OperationContext) -> AsyncGenerator[Pushed, None]:
        """The answers to any operation: one to a query or mutation, as many as come to a subscription."""
        if self._plans.live and operation.kind is OperationType.SUBSCRIPTION:
            live = self._plans.live(operation.document, operation.node, operation.variables, context)
            if live is not None:
                return live
        return self._stream(operation, context)

    async def _stream(self, operation: Operation, context: OperationContext) -> AsyncGenerator[Pushed, None]:
        if operation.kind is not OperationType.SUBSCRIPTION:
            yield Pushed(await self.execute(operation, context))
            return
        source = await self._schema.subscribe(
            operation.document, operation.variables, context, operation_name=operation.name
        )
        async with aclosing(source):
            async for result in source:
                yield Pushed(answer(result), context.cursor)
