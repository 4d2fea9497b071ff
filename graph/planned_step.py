"""Steps without the ordinary executor: the input is coerced, the step taken by its one opening, the payload rendered by
a plan, byte for byte as the executor would render it.

Whatever has no plan is left to the executor before the step is begun. Once it is begun, the executor is given what has
become of it: it words the refusal, or reads the payload, and never begins the step again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog
from graphql import GraphQLSchema, OperationDefinitionNode

from db.feed.feed import Feed
from db.read.payload import Payload
from db.read.plan import Builder, Plan, Selected, Unplanned
from db.read.viewer import key_of
from db.store.keys import KeyringError
from db.store.outage import is_away
from graph.context import Context
from graph.documents import Document
from graph.inputs import maker
from graph.placeholders import Writer
from graph.planned import Counts, cells, checked, kept
from graph.prepared import Arguments, Asked, Prepared
from graph.resolvers.mutation import Mutation, Step
from rules.errors import RegistryError
from rules.people import Actor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Planned:
    """A step that is to be taken, and the plan of its payload."""

    step: Step[Any]
    input: Any
    name: str
    plan: Callable[[Actor | None], Plan]
    arguments: dict[int, Arguments]

    def statement(self, viewer: Actor | None, key: UUID) -> tuple[str, list[Any]]:
        """The statement that reads the payload of the row with this key; Unplanned where only the executor does."""
        plan = self.plan(viewer)
        return plan.sql, plan.bind(viewer, {**self.arguments, 0: {**self.arguments[0], "key": key}})


class Steps:
    """The planned side of acting; one a process. It knows each mutation whose payload has a plan by itself."""

    def __init__(self, schema: GraphQLSchema, feed: Feed, mutations: Iterable[Mutation[Any]]) -> None:
        self._schema, self._feed = schema, feed
        self._mutations = {one.name: one for one in mutations if one.step is not None}
        self.counts = Counts()

    async def data(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> bytes | None:
        """The JSON of `data`, or None where the executor must answer: of what has become of the step, if any."""
        answer = None
        try:
            planned = await self._planned(document, operation, given, context)
        except (Unplanned, RegistryError) as why:
            log.debug("left to the executor", why=str(why))
        else:
            context.outcome = outcome = await planned.step.outcome(context, planned.input)
            if outcome.key is not None:
                answer = await self._shown(planned, outcome.key, context)
        self.counts.planned += answer is not None
        self.counts.left += answer is None
        if answer is None:
            await context.identify()  # the executor never asks as nobody
        return answer

    async def _planned(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> _Planned:
        """All that can be known before the step is begun; Unplanned, or a refusal, where the executor takes it."""
        prepared: Prepared[Plan] = Prepared.of(self._schema, document, operation)
        asked = prepared.asked(given)
        if len(asked.tree.roots) != 1:
            raise Unplanned("one after the other, each answered before the next")
        (root,) = asked.tree.roots
        mutation = self._mutations.get(root.name)
        if mutation is None or mutation.step is None:
            raise Unplanned(root.name)
        kind: Any = mutation.input
        wish = maker(kind)(asked.arguments[root.number]["input"])
        plan = await _plan(prepared, asked, mutation.answers.__name__, mutation.step, context)
        return _Planned(mutation.step, wish, root.key, plan, asked.arguments)

    async def _shown(self, planned: _Planned, key: UUID, context: Context) -> bytes | None:
        """The answer; None where the viewer does not see what the payload shows, or the plan has failed."""
        viewer = context.viewer
        try:
            sql, values = planned.statement(viewer, key)
            data: bytes | None = await context.db.pool.fetchval(sql, *values)
            if data is None:
                return None
            payload = Writer(self._feed, context.db.keyring, viewer, context.language).filled(data)
        except (Unplanned, KeyringError):
            return None
        except Exception as error:  # the executor reads it again, and has the words for whatever it is
            if not is_away(error):
                log.error("a plan failed", error=type(error).__name__)
            return None
        return b"{%b:%b}" % (orjson.dumps(planned.name), payload)


async def _plan(
    prepared: Prepared[Plan], asked: Asked, payload: str, step: Step[Any], context: Context
) -> Callable[[Actor | None], Plan]:
    """The plan of a payload, with what is read on from its `query`; made at once where it is known who asks."""
    fields = asked.tree.roots[0].fields(payload)
    queries = [one for one in fields if one.name == "query"]
    roots = tuple(read for one in queries for read in one.fields("Query"))
    if len(queries) > 1 or any(kept(one.name) for one in roots):
        raise Unplanned("query")
    hers = [one for one in fields if one.name == "viewer"]
    if hers or queries:
        await context.identify()
    windows = checked(context, (*hers, *roots), asked.arguments)

    def query(builder: Builder, _: Selected) -> Any:
        return builder.record(cells(builder, roots, windows[len(hers) :])).scalar_subquery()

    def plan(viewer: Actor | None) -> Plan:
        who = key_of(viewer)
        made = prepared.plan(
            (asked.switches, who, windows), lambda: step.show.plan(Builder(who), Payload(payload, fields, query))
        )
        if made is None:
            raise Unplanned(payload)
        return made

    if context.unread is None:
        plan(context.viewer)
    return plan
