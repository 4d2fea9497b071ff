"""The planned root fields that have to do with feeds: events of the past, pushed events, and counts of waiting work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    any_,
    case,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from db.feed.cursor import MARK_BYTES
from db.feed.statements import PAGE
from db.read import scope
from db.read.plan import Builder, Plan, Selected, Unplanned
from db.read.shape import FEED_CURSOR, feed_position, last, last_id, place
from db.read.shapes import SHAPES
from db.read.viewer import VIEWER, ViewerKey
from db.store.tables import event, feed_epoch, feed_scope
from db.store.tables_application import application

UNPLANNED: Final = "x"
"""The placeholder of an answer that only the ordinary executor can word."""


def events(builder: Builder, selected: Selected, given: frozenset[str]) -> ColumnElement[Any]:
    """`events`: a page of the viewer's feed; `given` names the arguments that were given."""
    if builder.viewer is None:
        raise Unplanned("nobody has no feed")
    return _History(builder, selected, given).cell()


class _History:
    """The cells of a page of events."""

    def __init__(self, builder: Builder, selected: Selected, given: frozenset[str]) -> None:
        assert builder.viewer is not None
        self.builder, self.selected, self.given, self.own = builder, selected, given, scope.feed(builder.viewer)
        self.fields = selected.fields("EventPage")
        self.size = builder.argument(selected, "size", Integer())
        self.end = last(self.own)
        if "until" in given:
            self.end = func.least(self.end, builder.argument(selected, "until", BigInteger()))
        self.start = self._start()

    def _start(self) -> ColumnElement[Any]:
        if "since" in self.given:
            return self.builder.argument(self.selected, "since", BigInteger())
        oldest = select(func.min(event.c.seq) - 1).where(event.c.scope == self.own).scalar_subquery()
        return func.coalesce(oldest, last(self.own))

    def cell(self) -> ColumnElement[Any]:
        builder = self.builder
        shown = [child for child in self.fields if child.name == "nodes"]
        number = func.row_number().over(order_by=event.c.seq).label("_n")
        rows = builder.rows("Event", *shown).add_columns(event.c.seq.label("_seq"), number)
        rows = rows.where(event.c.seq > self.start, event.c.seq <= self.end)
        if "types" in self.given:
            rows = rows.where(event.c.type == any_(builder.argument(self.selected, "types", ARRAY(Text()))))
        if "application" in self.given:
            rows = rows.where(event.c.application_id == builder.argument(self.selected, "application", Uuid()))
        self.page = rows.order_by(event.c.seq).limit(self.size + 1).cte(builder.alias())
        cells = {child.key: self._field(child) for child in self.fields}
        shown_page = builder.record(cells).scalar_subquery()
        return case((self._kept(), shown_page), else_=func.to_json(builder.computed(UNPLANNED, literal("", Text()))))

    def _kept(self) -> ColumnElement[Any]:
        """The condition that this history holds both places, and that no event between the start and now was removed:
        the first after the start is there.
        """
        kept = (self.start == last(self.own)) & self._marked("since", last_id(self.own))
        kept |= self._next(self.start, self._marked("since", event.c.previous_id)).exists()
        if "until" not in self.given:
            return kept
        until = self.builder.argument(self.selected, "until", BigInteger())
        other = self._next(until, ~self._marked("until", event.c.previous_id)).exists()
        at_end = (until == last(self.own)) & self._marked("until", last_id(self.own))
        return kept & (at_end | ((until < last(self.own)) & ~other))

    def _next(self, seq: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
        """The event after a place, where it is kept."""
        return select(event.c.previous_id).where(event.c.scope == self.own, event.c.seq == seq + 1, *conditions)

    def _marked(self, bound: str, event_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that this event is the one whose mark a bound has, as `Cursors.mark` makes it."""
        if f"{bound}_mark" not in self.given:
            return true()
        birth = select(func.uuid_send(feed_epoch.c.epoch)).scalar_subquery()
        content = birth.op("||")(func.coalesce(func.uuid_send(event_id), literal(b"", LargeBinary())))
        mark = self.builder.argument(self.selected, f"{bound}_mark", LargeBinary())
        return func.substr(func.sha256(content), 1, MARK_BYTES) == mark

    def _id_at(self, seq: ColumnElement[Any]) -> ColumnElement[Any]:
        """The event at a place that was found good: the scope's last, or the one that the next names."""
        return case((seq == last(self.own), last_id(self.own)), else_=self._next(seq).scalar_subquery())

    def _field(self, child: Selected) -> ColumnElement[Any]:
        page, size = self.page, self.size
        more = select(func.count() > size).select_from(page).scalar_subquery()
        match child.name:
            case "nodes":
                kept = select(page).where(page.c["_n"] <= size).order_by(page.c["_n"]).subquery(self.builder.alias())
                return self.builder.array("Event", child, kept)
            case "cursor":
                seen = select(func.max(page.c["_seq"])).where(page.c["_n"] <= size).scalar_subquery()
                reached = func.greatest(self.start, self.end)
                here = case((more, func.coalesce(seen, self.start)), else_=reached)
                return self.builder.computed(FEED_CURSOR, place(self.own, here, self._id_at(here)))
            case "hasMore":
                return more
        return literal("EventPage", Text())


def pending_counts(builder: Builder, selected: Selected) -> ColumnElement[Any]:
    """`pendingReviewCounts`: the waiting applications by kind and state, and the feed's position at that moment."""
    viewer = builder.viewer
    if viewer is None:
        raise Unplanned("nobody has no desk")

    def cell(child: Selected) -> ColumnElement[Any]:
        match child.name:
            case "counts":
                shown = [_count_cell(one).label(one.key) for one in child.fields("PendingReviewCount")]
                query = select(*shown).where(scope.desk(viewer)).group_by(application.c.kind, application.c.state)
                rows = query.order_by(application.c.kind, application.c.state).subquery(builder.alias())
                return func.array_to_json(func.array(select(rows.table_valued()).scalar_subquery()))
            case "feedCursor":
                return builder.computed(FEED_CURSOR, feed_position(viewer))
        return literal("PendingReviewCounts", Text())

    return builder.record({one.key: cell(one) for one in selected.fields("PendingReviewCounts")}).scalar_subquery()


def _count_cell(child: Selected) -> ColumnElement[Any]:
    match child.name:
        case "kind":
            return application.c.kind
        case "state":
            return application.c.state
        case "count":
            return func.count(application.c.id)
    return literal("PendingReviewCount", Text())


ASKED: Final[Mapping[str, TypeEngine[Any]]] = {
    **{name: kind for name, (kind, _) in VIEWER.items()},
    "seq": BigInteger(),
    "at": DateTime(timezone=True),
}
"""The parameters of `pushed`, a list of each: viewer, an event's number, and its moment, which names its partition."""


NEWS: Final[Mapping[str, TypeEngine[Any]]] = {
    **{name: kind for name, (kind, _) in VIEWER.items()},
    "followed": Uuid(),
    "last": BigInteger(),
    "since": DateTime(timezone=True),
}
"""The parameters of what is new, a list of each: viewer, scope, its last event that is known, a moment before that."""


def asked(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """One of these, for the event at hand."""
    return literal_column(f"asked.{name}", kind)


@dataclass(frozen=True)
class Pushes:
    """The two statements of one kind of feed: for events that are at hand, and for those that are new in a scope."""

    known: Plan
    news: Plan


def pushed(key: ViewerKey, noun: str, selected: Selected) -> Pushes:
    """Events of the feeds of several viewers of one key, each with its JSON as one kind of feed shows it."""
    types = SHAPES[noun].types.values() or [noun]
    selected = Selected(selected.key, selected.name, 0, tuple(one for one in selected.below if one[0] in types))
    return Pushes(_known(key, noun, selected), _news(key, noun, selected))


def _known(key: ViewerKey, noun: str, selected: Selected) -> Plan:
    """Each of ASKED is an array, with a cell for each event; the answer names an event by its place in them, from 1."""
    builder = Builder(key, asked)
    source = _event_asked(builder, noun, selected).lateral(builder.alias())
    table = _listed(builder, ASKED, "asked")
    shown = select(table.c.place, builder.inside(noun, selected, cast("Any", source)))
    return builder.finished(shown.select_from(table.join(source, true())))


def _news(key: ViewerKey, noun: str, selected: Selected) -> Plan:
    """Each of NEWS is an array, with a cell for each scope: what is new in it, as the feed's reader keeps it, rendered
    for one viewer; null for what she is not shown.
    """
    builder = Builder(key, asked)
    given, fresh, stand = _listed(builder, NEWS, "given"), event.alias("fresh"), feed_scope.alias("stand")
    new = select(fresh).where(fresh.c.scope == given.c.followed, fresh.c.seq > given.c.last)
    new = new.where(fresh.c.at >= given.c.since).order_by(fresh.c.seq).limit(PAGE).lateral("new")
    stood = (func.coalesce(stand.c.access, 0).label("access"), func.coalesce(stand.c.seq, 0).label("stands"))
    of_viewer = [given.c[name] for name in VIEWER]
    found = select(given.c.place, given.c.followed, *of_viewer, *stood, stand.c.last_id, *new.c).select_from(
        given.outerjoin(stand, stand.c.scope == given.c.followed).outerjoin(new, true())
    )
    each = found.subquery("asked")
    rows = _event_asked(builder, noun, selected)
    if noun == "PendingReviewChange":
        rows = rows.where(event.c.queue.is_not(None))
    rendered = builder.object(noun, selected, rows.subquery(builder.alias()))
    kept = [column for column in each.c if column.name not in VIEWER]
    return builder.finished(select(*kept, rendered.label("rendered")).order_by(each.c.place, each.c.seq))


def _event_asked(builder: Builder, noun: str, selected: Selected) -> Select[Any]:
    """The event at hand, if its viewer may see it."""
    rows = builder.rows(noun, selected)
    return rows.where(event.c.seq == asked("seq", BigInteger()), event.c.at == asked("at", ASKED["at"]))


def _listed(builder: Builder, kinds: Mapping[str, TypeEngine[Any]], name: str) -> TableValuedAlias:
    """A table of lists of the same length, which each request fills."""
    lists = [
        builder.parameter(one, ARRAY(kind), lambda _, arguments, one=one: arguments[0][one])  # type: ignore[misc]
        for one, kind in kinds.items()
    ]
    return func.unnest(*lists).table_valued(*kinds, with_ordinality="place").render_derived(name=name)
