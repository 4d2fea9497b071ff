"""Reads at the speed of the database: an operation that has a plan is answered by one statement, byte for byte as the
ordinary executor would answer it; whatever has none, and every refusal, is left to that executor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from graphql import GraphQLSchema, OperationDefinitionNode

from db.feed.feed import Feed
from db.read import root, root_feed
from db.read.listing import Window
from db.read.plan import Builder, Plan, Selected, Unplanned
from db.read.shapes import LISTINGS
from db.read.statistic import Counting
from db.read.viewer import STAFF, key_of
from db.store.keys import KeyringError
from db.store.outage import is_away
from graph.context import Context
from graph.documents import Document
from graph.feed_session import narrowed, scope_of
from graph.listing import counting_of, keep_reading, looks_up, window_of
from graph.placeholders import Writer
from graph.prepared import Arguments, Prepared
from graph.schema.node import BY_ID, parsed
from rules.errors import RegistryError

log = structlog.get_logger(__name__)


@dataclass
class Counts:
    """The numbers of operations that were answered by a plan, and that were left to the executor."""

    planned: int = 0
    left: int = 0


class Reads:
    """The planned side of reading; one a process."""

    def __init__(self, schema: GraphQLSchema, feed: Feed) -> None:
        self._schema, self._feed = schema, feed
        self.counts = Counts()

    async def data(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> bytes | None:
        """The JSON of `data`, or None where the ordinary executor must answer."""
        try:
            planned = self._planned(document, operation, given, context)
        except (Unplanned, RegistryError) as why:
            log.debug("left to the executor", why=str(why))
            self.counts.left += 1
            return None
        if planned is None:
            self.counts.left += 1
            return None
        plan, arguments, keeping = planned
        for name, asked in keeping:
            await keep_reading(context, name, asked)
        try:
            data: bytes = await context.db.pool.fetchval(plan.sql, *plan.bind(context.viewer, arguments))
        except TimeoutError:  # the executor would only take as long once more
            raise
        except Exception as error:  # the executor tries again, and has the words for whatever it is
            if is_away(error):  # which it would only find too
                raise
            log.error("a plan failed", error=type(error).__name__)
            self.counts.left += 1
            return None
        try:
            writer = Writer(self._feed, context.db.keyring, context.viewer, context.language)
            answer = writer.filled(data)
        except (Unplanned, KeyringError):
            self.counts.left += 1
            return None
        self.counts.planned += 1
        return answer

    def _planned(
        self, document: Document, operation: OperationDefinitionNode, given: dict[str, Any] | None, context: Context
    ) -> tuple[Plan, dict[int, Arguments], list[tuple[str, Arguments]]] | None:
        prepared: Prepared[Plan] = Prepared.of(self._schema, document, operation)
        asked = prepared.asked(given)
        roots, arguments, who = asked.tree.roots, asked.arguments, key_of(context.viewer)
        if all(one.name == "__typename" for one in roots):
            raise Unplanned("nothing to ask the database for")
        keeping = [(one.name, arguments[one.number]) for one in roots if kept(one.name)]
        windows = checked(context, roots, arguments)

        def build() -> Plan:
            builder = Builder(who)
            return builder.plan(cells(builder, roots, windows))

        plan = prepared.plan((asked.switches, who, windows), build)
        return None if plan is None else (plan, arguments, keeping)


def kept(name: str) -> bool:
    """True for a list whose reading is kept in the audit trail."""
    return name in LISTINGS and LISTINGS[name].kept is not None


def checked(context: Context, roots: tuple[Selected, ...], arguments: dict[int, Arguments]) -> tuple[Any, ...]:
    """The shape of the statement of each root field, whose arguments are put in SQL's terms; raises what is refused."""
    if context.viewer and context.viewer.on_behalf_of and any(one.name == "viewer" for one in roots):
        raise Unplanned("her session says who she is, and no row")
    windows = tuple(ROOTS[one.name].check(context, one, arguments) for one in roots if one.name in ROOTS)
    context.pages(arguments.values())
    return windows


def cells(builder: Builder, roots: tuple[Selected, ...], windows: tuple[Any, ...]) -> dict[str, Any]:
    """The cell of each root field, by its key."""
    waiting, made = iter(windows), dict[str, Any]()
    for one in roots:
        if one.name == "__typename":
            made[one.key] = root.type_name("Query")
        elif one.name in ROOTS:
            made[one.key] = ROOTS[one.name].build(builder, one, next(waiting))
        else:
            raise Unplanned(one.name)
    return made


@dataclass(frozen=True)
class _Root:
    """A planned root field: `check` refuses, puts the arguments in SQL's terms, and says what shapes the statement."""

    check: Callable[[Context, Selected, dict[int, Arguments]], Any]
    build: Callable[[Builder, Selected, Any], Any]


def _by_id(noun: str | None = None) -> _Root:
    def check(_: Context, selected: Selected, arguments: dict[int, Arguments]) -> str | None:
        found = parsed(arguments[selected.number]["id"])
        fits = found is not None and (found[0] in BY_ID if noun is None else found[0] == noun)
        arguments[selected.number] = {"key": found[1] if found and fits else None}
        return found[0] if found and fits else None

    return _Root(check, root.by_id)


def _check_nodes(context: Context, selected: Selected, arguments: dict[int, Arguments]) -> tuple[str | None, ...]:
    ids = arguments[selected.number]["ids"]
    context.page(len(ids), "ids")
    found = [parsed(one) for one in ids]
    known = [one if one and one[0] in BY_ID else (None, None) for one in found]
    arguments[selected.number] = {f"key_{n}": key for n, (_, key) in enumerate(known)}
    return tuple(noun for noun, _ in known)


def _listing(name: str) -> _Root:
    def check(context: Context, selected: Selected, arguments: dict[int, Arguments]) -> Shaped[Window]:
        _, window = window_of(context, name, arguments[selected.number])
        if looks_up(window.where):
            raise Unplanned("it is counted first")
        arguments[selected.number] = window.values()
        return Shaped(window)

    return _Root(check, lambda builder, selected, shaped: root.listing(builder, selected, name, shaped.asked))


Asked = TypeVar("Asked", Window, Counting)


class Shaped(Generic[Asked]):
    """A window, or a counting, that is equal to another when it shapes the statement the same way."""

    def __init__(self, asked: Asked) -> None:
        self.asked: Asked = asked
        self._structure = asked.structure()

    def __hash__(self) -> int:
        return hash(self._structure)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shaped) and self._structure == other._structure


def _check_counts(context: Context, selected: Selected, arguments: dict[int, Arguments]) -> Shaped[Counting]:
    counting = counting_of(context, arguments[selected.number])
    if looks_up(counting.where):
        raise Unplanned("it is counted first")
    arguments[selected.number] = counting.values()
    return Shaped(counting)


def _check_events(context: Context, selected: Selected, arguments: dict[int, Arguments]) -> frozenset[str]:
    given, cursors, actor = arguments[selected.number], context.services.feed.cursors, context.actor
    scope, (types, application) = scope_of(actor), narrowed(given)
    filters: dict[str, Any] = {"types": None if types is None else list(types), "application": application}
    bounds = [name for name in ("since", "until") if given[name] is not None]
    places = {name: cursors.read(scope, given[name], name, actor.feed_before) for name in bounds}
    if any(place.scope != scope for place in places.values()):
        raise Unplanned("the feed was another before")
    filters |= {name: place.seq for name, place in places.items()}
    filters |= {f"{name}_mark": place.mark for name, place in places.items()}
    arguments[selected.number] = {**filters, "size": context.page(given["first"])}
    return frozenset(name for name, value in filters.items() if value is not None)


ROOTS: Final[Mapping[str, _Root]] = {
    "viewer": _Root(lambda *_: None, lambda builder, selected, _: root.viewer(builder, selected)),
    "node": _by_id(),
    "nodes": _Root(_check_nodes, root.by_ids),
    "nurse": _by_id("Nurse"),
    "institution": _by_id("Institution"),
    "application": _by_id("Application"),
    "collectiveFiling": _by_id("CollectiveFiling"),
    "applicationBatch": _by_id("ApplicationBatch"),
    **{name: _listing(name) for name in LISTINGS if "." not in name},
    "nurseCounts": _Root(_check_counts, lambda builder, selected, shaped: root.counts(builder, selected, shaped.asked)),
    "events": _Root(_check_events, root_feed.events),
    "pendingReviewCounts": _Root(
        lambda context, *_: STAFF.require(context.actor),
        lambda builder, selected, _: root_feed.pending_counts(builder, selected),
    ),
}
