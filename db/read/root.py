"""The root fields that have a plan: what each reads, as one cell of the statement.

The arguments come checked and in SQL's terms; what shapes the statement (is there an `after`?) is given when it is
built, everything else is a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Integer,
    Subquery,
    Text,
    Uuid,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import TypeEngine

from db.read import rows as reading
from db.read import statistic
from db.read.listing import Listing, Window
from db.read.plan import Builder, Selected, Unplanned, outer
from db.read.row_cursor import cursor_sql
from db.read.shape import FEED_CURSOR, feed_position
from db.read.shapes import LISTINGS, SHAPES
from db.read.viewer import ScopeViewer


def by_id(builder: Builder, selected: Selected, noun: str | None, argument: str = "key") -> ColumnElement[Any]:
    """`node`, `nurse`, `application`, …: one row by its key; null where there is none."""
    if noun is None:
        return null()
    only = Selected(selected.key, selected.name, selected.number, ((noun, selected.fields(noun)),))
    key, shape = builder.argument(selected, argument, Uuid()), SHAPES[noun]
    return builder.object(
        noun,
        only,
        builder.rows(noun, only)
        .where(shape.key == (shape.stands_for(key) if shape.stands_for else key))
        .subquery(builder.alias()),
    )


def by_ids(builder: Builder, selected: Selected, nouns: Sequence[str | None]) -> ColumnElement[Any]:
    """`nodes`: several rows in the order of their keys, null where there is none."""
    objects = [by_id(builder, selected, noun, f"key_{n}") for n, noun in enumerate(nouns)]
    return func.array_to_json(cast(array(objects), ARRAY(JSON())))


def type_name(name: str) -> ColumnElement[Any]:
    """`__typename` of what is of one type alone."""
    return literal(name, Text())


def viewer(builder: Builder, selected: Selected) -> ColumnElement[Any]:
    """`viewer`: the account that asks; null for nobody."""
    if builder.viewer is None:
        return null()
    return builder.object("Viewer", selected, builder.rows("Viewer", selected).subquery(builder.alias()))


def listing(builder: Builder, selected: Selected, name: str, window: Window) -> ColumnElement[Any]:
    """A page of a list, with the place in the viewer's feed that belongs to it."""
    if builder.viewer is None:
        raise Unplanned("nobody has no lists")
    return _Page(builder, selected, LISTINGS[name], window, builder.viewer).cell()


class _Page:
    """The cells of a connection."""

    def __init__(
        self, builder: Builder, selected: Selected, listing: Listing, window: Window, viewer: ScopeViewer
    ) -> None:
        self.builder, self.selected, self.listing, self.window = builder, selected, listing, window
        self.viewer, self.noun = viewer, listing.noun
        self.fields = selected.fields(f"{listing.noun}Connection")
        self.size = self._value("size", Integer(), None)

    def _value(self, name: str, kind: TypeEngine[Any], _: Any) -> ColumnElement[Any]:
        return self.builder.argument(self.selected, name, kind)

    def cell(self) -> ColumnElement[Any]:
        shown = [child for child in self.fields if child.name == "nodes"]
        shown += [one for edges in self.fields if edges.name == "edges" for one in self._edge(edges, "node")]
        columns = self.builder.needed(self.noun, shown)
        rows = reading.rows(self.listing, self.window, self.viewer, columns, self._value)
        self.page = rows.cte(self.builder.alias())
        return self.builder.record({child.key: self._field(child) for child in self.fields}).scalar_subquery()

    def _edge(self, edges: Selected, name: str) -> list[Selected]:
        return [one for one in edges.fields(f"{self.noun}Edge") if one.name == name]

    def _rows(self) -> Subquery:
        page = self.page
        order = page.c["_n"].desc() if self.window.backwards else page.c["_n"]
        return select(page).where(page.c["_n"] <= self.size).order_by(order).subquery(self.builder.alias())

    def _field(self, child: Selected) -> ColumnElement[Any]:
        cells: dict[str, Callable[[], ColumnElement[Any]]] = {
            "__typename": lambda: literal(f"{self.noun}Connection", Text()),
            "nodes": lambda: self.builder.array(self.noun, child, self._rows()),
            "edges": lambda: self._edges(child),
            "pageInfo": lambda: self._page_info(child),
            "feedCursor": lambda: self.builder.computed(FEED_CURSOR, feed_position(self.viewer)),
            "totalCount": lambda: func.least(self._count(), reading.COUNTED),
            "totalCountIsCapped": lambda: self._count() > reading.COUNTED,
        }
        return cells[child.name]()

    def _edges(self, child: Selected) -> ColumnElement[Any]:
        rows = self._rows()
        cells: dict[str, Callable[[Selected], ColumnElement[Any]]] = {
            "node": lambda one: self.builder.inside(self.noun, one, rows),
            "cursor": lambda _: self._cursor(rows),
            "__typename": lambda _: literal(f"{self.noun}Edge", Text()),
        }
        columns = [cells[one.name](one).label(one.key) for one in child.fields(f"{self.noun}Edge")]
        edges = select(*columns).select_from(rows).subquery(self.builder.alias())
        return func.array_to_json(func.array(select(edges.table_valued()).scalar_subquery()))

    def _page_info(self, child: Selected) -> ColumnElement[Any]:
        page, window = self.page, self.window
        more = select(func.count() > self.size).select_from(page).scalar_subquery()
        cells: dict[str, ColumnElement[Any]] = {
            "__typename": literal("PageInfo", Text()),
            "hasNextPage": _known(window.before is not None) if window.backwards else more,
            "hasPreviousPage": more if window.backwards else _known(window.after is not None),
            "startCursor": self._end(first=not window.backwards),
            "endCursor": self._end(first=window.backwards),
        }
        return self.builder.record({one.key: cells[one.name] for one in child.fields("PageInfo")}).scalar_subquery()

    def _end(self, *, first: bool) -> ColumnElement[Any]:
        """The cursor of the row that was taken first, or last."""
        page = self.page
        kept = select(page).where(page.c["_n"] <= self.size)
        row = kept.order_by(page.c["_n"] if first else page.c["_n"].desc()).limit(1).subquery(self.builder.alias())
        return select(self._cursor(row)).select_from(row).scalar_subquery()

    def _cursor(self, rows: Subquery) -> ColumnElement[Any]:
        return cursor_sql(self.window, [outer(rows.c[f"_{n}"]) for n in range(len(self.window.order) + 1)])

    def _count(self) -> ColumnElement[Any]:
        return reading.counted(self.listing, self.window, self.viewer, self._value).scalar_subquery()


def _known(value: bool) -> ColumnElement[Any]:
    return literal_column("true" if value else "false")


def counts(builder: Builder, selected: Selected, counting: statistic.Counting) -> ColumnElement[Any]:
    """`nurseCounts`: one object a group."""
    if builder.viewer is None:
        raise Unplanned("nobody has no nurses")
    rows = statistic.groups(builder.viewer, counting, lambda name, kind, _: builder.argument(selected, name, kind))
    groups = rows.subquery(builder.alias())
    cells = [
        (literal("NurseCount", Text()) if one.name == "__typename" else groups.c[one.name]).label(one.key)
        for one in selected.fields("NurseCount")
    ]
    shown = select(*cells).select_from(groups).subquery(builder.alias())
    return func.array_to_json(func.array(select(shown.table_valued()).scalar_subquery()))
