"""Feeds at the speed of their sockets: an event is rendered once for all who asked the same, and its bytes shared.

Two subscribers asked the same when their statement and all its parameters are equal and nothing in it is personal:
then there is nothing left by which their answers could differ.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from graphql import GraphQLSchema, OperationDefinitionNode

from db.feed.cursor import FeedLost
from db.read.plan import Unplanned
from db.read.root_feed import ASKED, Pushes, pushed
from db.read.viewer import VIEWER, ViewerKey
from graph.context import Context, Services
from graph.documents import Document
from graph.feed_session import Beat, Broken, FeedSession, Happened, Wanted, wanted
from graph.placeholders import NONCE
from graph.rendering import Pushed, Renderings, SharedFeed, reset
from graph.selection import SelectionReader, Tree
from rules.errors import RegistryError
from rules.people import Actor

FEEDS: Final[Mapping[str, str]] = {
    "pendingReviewFeed": "PendingReviewChange",
    "eventFeed": "Event",
    "collectiveFilingFeed": "Event",
    "applicationBatchFeed": "Event",
    "announcementFeed": "AnnouncementNews",
}
"""The fields that each feed shows of an event."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Prepared:
    """One feed as one kind of viewer asks it."""

    tree: Tree
    pushes: Pushes


class Live:
    """The planned side of watching; one a process."""

    def __init__(self, schema: GraphQLSchema, services: Services) -> None:
        self._schema, self._feed = schema, services.feed
        self._shared: WeakValueDictionary[Hashable, SharedFeed] = WeakValueDictionary()
        self.renderings = Renderings(services)

    def follow(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> AsyncGenerator[Pushed, None] | None:
        """The messages of a feed; None where the ordinary executor must answer."""
        try:
            shared, asked = self._asked(document, operation, given, context)
        except (Unplanned, RegistryError) as why:
            log.debug("left to the executor", why=str(why))
            return None
        return self._messages(shared, FeedSession(context, asked, shared if asked.whole else None))

    def _asked(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> tuple[SharedFeed, Wanted]:
        kept: dict[Hashable, Any] = document.__dict__.setdefault("live", {})
        reader: SelectionReader | Unplanned | None = kept.get(id(operation))
        if reader is None:
            reader = kept[id(operation)] = _reader(self._schema, document, operation)
        if isinstance(reader, Unplanned):
            raise reader
        variables = reader.variables(given)
        who = ViewerKey.of(context.actor)
        key = (id(operation), reader.switches(variables), who)
        if key not in kept:
            kept[key] = _prepared(reader.tree(variables), who)
        prepared: _Prepared = kept[key]
        (root,) = prepared.tree.roots
        arguments = prepared.tree.arguments(variables)
        context.pages(arguments.values())
        asked = wanted(context, root.name, arguments[root.number])
        return self._share(prepared, context.actor, arguments), asked

    def _share(self, prepared: _Prepared, viewer: Actor, arguments: Mapping[int, Mapping[str, Any]]) -> SharedFeed:
        """The feed that all subscribers share who asked the same."""
        pushes, (root,) = prepared.pushes, prepared.tree.roots
        plan = pushes.known
        bound = tuple(plan.bind(viewer, {**arguments, 0: {"nonce": NONCE, **dict.fromkeys(ASKED)}}))
        who = [value(viewer) for name, (_, value) in VIEWER.items() if f"asked.{name}" in plan.sql]
        key = (root.key, plan.sql, bound, *who, viewer if plan.personal else None)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = SharedFeed(root, pushes, viewer, arguments, (plan.sql, bound), self.renderings)
        return shared

    async def _messages(self, shared: SharedFeed, reading: FeedSession) -> AsyncGenerator[Pushed, None]:
        renderings = self.renderings
        try:
            async with aclosing(reading.parts()) as parts:
                async for part in parts:
                    match part:
                        case Happened(place, events):
                            made = renderings.of(shared, place, events)
                            for event, rendering in zip(events, made, strict=True):
                                if not rendering.ready.is_set():
                                    await rendering.ready.wait()  # whoever goes meanwhile takes it from nobody
                                message = rendering.message(event)
                                if reading.changed(event):
                                    await reading.look_again(event)
                                yield message
                        case Beat(place):
                            yield renderings.heartbeat(shared, place)
                        case Broken(place, because):
                            yield reset(shared, place, because)
        except FeedLost as lost:  # what was to be rendered is gone
            yield reset(shared, await self._feed.enter(reading.wanted.scope), lost.because)


def _reader(
    schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode
) -> SelectionReader | Unplanned:
    try:
        return SelectionReader(schema, document.tree, operation)
    except Unplanned as why:
        return why


def _prepared(tree: Tree, key: ViewerKey) -> _Prepared:
    (root,) = tree.roots
    if root.name not in FEEDS:
        raise Unplanned(root.name)
    return _Prepared(tree, pushed(key, FEEDS[root.name], root))
