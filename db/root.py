"""The root fields that have a plan: what each reads, as one cell of the statement.

The arguments come checked and in SQL's terms; what shapes the statement (is there an `after`?) is given when it is
built, everything else is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Subquery,
    Text,
    Uuid,
    func,
    literal,
    literal_column,
    null,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db import pending
from db.plan import Builder, Selected, Unplanned, outer
from db.shape import FEED_CURSOR, SHAPES
from db.tables import application, event, feed_scope


def by_id(builder: Builder, selected: Selected, noun: str | None) -> ColumnElement[Any]:
    """`node`, `nurse`, `application`, …: one row by its key; null where there is none."""
    if noun is None:
        return null()
    only = Selected(selected.key, selected.name, selected.number, ((noun, selected.fields(noun)),))
    key = builder.argument(selected, "key", Uuid())
    return builder.object(noun, only, builder.rows(noun, only).where(SHAPES[noun].key == key).subquery(builder.alias()))


def viewer(builder: Builder, selected: Selected) -> ColumnElement[Any]:
    """`viewer`: the account that asks; null for nobody."""
    if builder.viewer is None:
        return null()
    return builder.object("Viewer", selected, builder.rows("Viewer", selected).subquery(builder.alias()))


@dataclass(frozen=True)
class Window:
    """Which of the bounds of a page are given, and from which end it is taken."""

    after: bool = False
    before: bool = False
    backwards: bool = False
    kinds: bool = False


def pending_reviews(builder: Builder, selected: Selected, window: Window) -> ColumnElement[Any]:
    """`pendingReviews`: a page of the viewer's desk, with the place in the feed that belongs to it."""
    return _PendingReviews(builder, selected, window).cell()


class _PendingReviews:
    def __init__(self, builder: Builder, selected: Selected, window: Window) -> None:
        if builder.viewer is None:
            raise Unplanned("nobody has no desk")
        self.builder, self.selected, self.window = builder, selected, window
        self.viewer = builder.viewer
        self.fields = selected.fields("PendingReviewConnection")
        self.size = builder.argument(selected, "size", Integer())

    def cell(self) -> ColumnElement[Any]:
        self.page = self._page()
        return self.builder.record({child.key: self._field(child) for child in self.fields}).scalar_subquery()

    def _page(self) -> CTE:
        """The rows and one more, numbered in the order they are taken."""
        shown = [child for child in self.fields if child.name == "nodes"]
        shown += [one for edges in self.fields if edges.name == "edges" for one in _node(edges)]
        columns = (application.c.queued_at, application.c.id)
        order = [column.desc() if self.window.backwards else column.asc() for column in columns]
        rows = (
            self.builder.rows("Application", *shown)
            .add_columns(
                application.c.queued_at.label("_at"),
                application.c.id.label("_id"),
                func.row_number().over(order_by=order).label("_n"),
            )
            .where(pending.desk(self.viewer), *self._bounds())
            .order_by(*order)
            .limit(self.size + 1)
        )
        return rows.cte(self.builder.alias())

    def _bounds(self) -> list[ColumnElement[bool]]:
        place = tuple_(application.c.queued_at, application.c.id)
        bounds: list[ColumnElement[bool]] = []
        if self.window.after:
            bounds.append(place > self._place("after"))
        if self.window.before:
            bounds.append(place < self._place("before"))
        return [*bounds, *self._kinds()]

    def _kinds(self) -> list[ColumnElement[bool]]:
        if not self.window.kinds:
            return []
        kinds = self.builder.argument(self.selected, "kinds", ARRAY(Text()))
        return [application.c.kind == func.any(kinds)]

    def _place(self, name: str) -> Any:
        at = self.builder.argument(self.selected, f"{name}_at", DateTime(timezone=True))
        return tuple_(at, self.builder.argument(self.selected, f"{name}_id", Uuid()))

    def _rows(self) -> Subquery:
        page = self.page
        order = page.c["_n"].desc() if self.window.backwards else page.c["_n"]
        kept = select(page).where(page.c["_n"] <= self.size).order_by(order)
        return kept.subquery(self.builder.alias())

    def _field(self, child: Selected) -> ColumnElement[Any]:
        match child.name:
            case "__typename":
                return literal("PendingReviewConnection", Text())
            case "nodes":
                return self.builder.array("Application", child, self._rows())
            case "edges":
                return self._edges(child)
            case "pageInfo":
                return self._page_info(child)
            case "feedCursor":
                return self.builder.computed(FEED_CURSOR, _stand(self.viewer.party_id))
            case "totalCount":
                return func.least(self._count(), pending.COUNTED)
            case "totalCountIsCapped":
                return self._count() > pending.COUNTED
        raise Unplanned(f"PendingReviewConnection.{child.name}")

    def _edges(self, child: Selected) -> ColumnElement[Any]:
        rows, cells = self._rows(), []
        for one in child.fields("PendingReviewEdge"):
            match one.name:
                case "node":
                    cell = self.builder.inside("Application", one, rows)
                case "cursor":
                    cell = _position(rows)
                case _:
                    cell = literal("PendingReviewEdge", Text())
            cells.append(cell.label(one.key))
        edges = select(*cells).select_from(rows).subquery(self.builder.alias())
        return func.array_to_json(func.array(select(edges.table_valued()).scalar_subquery()))

    def _page_info(self, child: Selected) -> ColumnElement[Any]:
        page, backwards = self.page, self.window.backwards
        more = select(func.count() > self.size).select_from(page).scalar_subquery()
        cells: dict[str, ColumnElement[Any]] = {
            "__typename": literal("PageInfo", Text()),
            "hasNextPage": _known(self.window.before) if backwards else more,
            "hasPreviousPage": more if backwards else _known(self.window.after),
            "startCursor": self._end(first=not backwards),
            "endCursor": self._end(first=backwards),
        }
        return self.builder.record({one.key: cells[one.name] for one in child.fields("PageInfo")}).scalar_subquery()

    def _end(self, *, first: bool) -> ColumnElement[Any]:
        """The cursor of the row that was taken first, or last."""
        page = self.page
        kept = select(page).where(page.c["_n"] <= self.size)
        row = kept.order_by(page.c["_n"] if first else page.c["_n"].desc()).limit(1).subquery(self.builder.alias())
        return select(_position(row)).select_from(row).scalar_subquery()

    def _count(self) -> ColumnElement[Any]:
        limited = select(application.c.id).where(pending.desk(self.viewer), *self._kinds()).limit(pending.COUNTED + 1)
        return select(func.count()).select_from(limited.subquery()).scalar_subquery()


def _node(edges: Selected) -> list[Selected]:
    return [one for one in edges.fields("PendingReviewEdge") if one.name == "node"]


def _known(value: bool) -> ColumnElement[Any]:
    return literal_column("true" if value else "false")


def _position(rows: Subquery) -> ColumnElement[Any]:
    """A row's cursor, as graph.schema.page writes it."""
    micros = (func.extract("epoch", outer(rows.c["_at"])) * 1_000_000).cast(BigInteger).cast(Text())
    plain = micros.concat("|").concat(outer(rows.c["_id"]).cast(Text()))
    return func.encode(func.convert_to(plain, "UTF8"), "base64")


def _stand(scope: Any) -> ColumnElement[Any]:
    """Where a scope's feed stands, in the snapshot of the statement."""
    seq = select(feed_scope.c.seq).where(feed_scope.c.scope == scope).scalar_subquery()
    return _text(scope).concat(":").concat(_text(func.coalesce(seq, 0)))


def events(builder: Builder, selected: Selected) -> ColumnElement[Any]:
    """`events`: what happened in the viewer's feed after a place, oldest first."""
    if builder.viewer is None:
        raise Unplanned("nobody has no feed")
    since = builder.argument(selected, "since", BigInteger())
    size = builder.argument(selected, "size", Integer())
    fields = selected.fields("EventPage")
    shown = [child for child in fields if child.name == "nodes"]
    number = func.row_number().over(order_by=event.c.seq).label("_n")
    rows = builder.rows("Event", *shown).add_columns(event.c.seq.label("_seq"), number)
    page = rows.where(event.c.seq > since).order_by(event.c.seq).limit(size + 1).cte(builder.alias())
    last = select(func.max(page.c["_seq"])).where(page.c["_n"] <= size).scalar_subquery()
    place = _text(builder.viewer.party_id).concat(":").concat(func.coalesce(last, since).cast(Text()))

    def cell(child: Selected) -> ColumnElement[Any]:
        match child.name:
            case "nodes":
                kept = select(page).where(page.c["_n"] <= size).order_by(page.c["_n"]).subquery(builder.alias())
                return builder.array("Event", child, kept)
            case "cursor":
                return builder.computed(FEED_CURSOR, place)
            case "hasMore":
                return select(func.count() > size).select_from(page).scalar_subquery()
        return literal("EventPage", Text())

    return builder.record({child.key: cell(child) for child in fields}).scalar_subquery()


def _text(value: Any) -> ColumnElement[Any]:
    text: ColumnElement[Any] = value.cast(Text())
    return text
