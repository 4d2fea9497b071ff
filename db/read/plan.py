"""A read becomes one statement: selection + shapes of the nouns + viewer -> SQL whose only cell is JSON.

Each noun is one subselect over the rows that its scope lets the viewer see; a link is a subselect inside it. What the
shapes do not know is `Unplanned`, and the ordinary executor answers instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from db.read.shape import (
    FEED_CURSOR,
    OPENED,
    Computed,
    FeedPosition,
    JsonObject,
    JsonUnion,
    Many,
    One,
    SameRow,
    Scope,
    Sealed,
    Shape,
    feed_position,
    global_id,
    snake,
)
from db.read.shapes import SHAPES
from db.read.viewer import VIEWER, Shown, ViewerKey, as_parameter, shared
from db.store.statement import compiled
from rules.people import Actor


class Unplanned(Exception):
    """This selection has no plan; the ordinary executor answers it."""


@dataclass(frozen=True)
class Selected:
    """One selected field: its key in the answer, its arguments, and what is selected below it by concrete type."""

    key: str
    name: str
    number: int
    below: tuple[tuple[str, tuple[Selected, ...]], ...] = ()

    def fields(self, type_name: str) -> tuple[Selected, ...]:
        """The selection below it for this concrete type; empty where there is none."""
        return dict(self.below).get(type_name, ())


Value = Callable[[Actor | None, Mapping[int, Mapping[str, Any]]], Any]
"""A parameter's value, from the viewer and the arguments of every field by its number."""


@dataclass(frozen=True)
class Plan:
    """A statement, and where its parameters come from.

    Two people for whom all parameters are equal get the same answer, unless something in it is personal.
    """

    sql: str
    values: tuple[Value, ...]
    personal: bool = False

    def bind(self, viewer: Actor | None, arguments: Mapping[int, Mapping[str, Any]]) -> list[Any]:
        """The parameters for one request."""
        return [value(viewer, arguments) for value in self.values]


class Builder:
    """Builds the statement of one operation for all viewers of one key."""

    def __init__(self, key: ViewerKey | None, shown: Shown = as_parameter) -> None:
        self._values: dict[str, Value] = {name: _of_viewer(value) for name, (_, value) in VIEWER.items()}
        self._aliases = 0
        self._personal = False
        self.viewer = None if key is None else shared(key, shown)

    def parameter(self, name: str, kind: TypeEngine[Any], value: Value) -> ColumnElement[Any]:
        """A parameter that each request fills anew."""
        self._values[name] = value
        return bindparam(name, type_=kind)

    def argument(
        self, selected: Selected, name: str, kind: TypeEngine[Any], read: Callable[[Any], Any] = lambda given: given
    ) -> ColumnElement[Any]:
        """An argument of a field as a parameter."""
        number = selected.number
        return self.parameter(f"a{number}_{name}", kind, lambda _, arguments: read(arguments[number][name]))

    def plan(self, cells: Mapping[str, ColumnElement[Any]]) -> Plan:
        """The finished statement of an operation."""
        return self.finished(self.record(cells))

    def finished(self, statement: Select[Any]) -> Plan:
        """The finished statement."""
        sql, names = compiled(statement, self._values)
        return Plan(sql, tuple(self._values[name] for name in names), self._personal)

    def alias(self) -> str:
        """A name for a subselect."""
        self._aliases += 1
        return f"t{self._aliases}"

    def record(self, cells: Mapping[str, ColumnElement[Any]], rows: Subquery | None = None) -> Select[Any]:
        """A JSON object of cells: the only one, or one for each of these rows."""
        return self._json(_Record([], [cell.label(key) for key, cell in cells.items()]).rows(rows))

    def _json(self, rows: Select[Any]) -> Select[Any]:
        inner = rows.subquery(self.alias())
        return select(func.to_json(inner.table_valued()))

    def object(self, noun: str, selected: Selected, rows: Subquery) -> ColumnElement[Any]:
        """The one row, as an object; null where there is none."""
        records = self._records(noun, selected, rows)
        if len(records) > 1:
            return select(self._by_type(noun, records, rows)).select_from(rows).scalar_subquery()
        return self._json(records[0].rows(rows)).scalar_subquery()

    def inside(self, noun: str, selected: Selected, rows: Subquery) -> ColumnElement[Any]:
        """The row around, as an object."""
        records = self._records(noun, selected, rows)
        if len(records) > 1:
            return self._by_type(noun, records, rows)
        return self._json(records[0].rows(None)).scalar_subquery()

    def array(self, noun: str, selected: Selected, rows: Subquery) -> ColumnElement[Any]:
        """All rows, in their order, as an array of objects."""
        records = self._records(noun, selected, rows)
        if len(records) > 1:
            each: Any = self._by_type(noun, records, rows)
        else:
            rows = records[0].rows(rows).subquery(self.alias())
            each = rows.table_valued()
        return func.array_to_json(func.array(select(each).select_from(rows).scalar_subquery()))

    def _by_type(self, noun: str, records: list[_Record], rows: Subquery) -> ColumnElement[Any]:
        """Objects of several types, whose fields differ."""
        tells = outer(rows.c[SHAPES[noun].tells])
        return case(*((tells.in_(r.values), self._json(r.rows(None)).scalar_subquery()) for r in records))

    def _records(self, noun: str, selected: Selected, rows: Subquery) -> list[_Record]:
        """The cells of a row, for each set of types that have the same selection."""
        shape, groups = SHAPES[noun], dict[tuple[Selected, ...], list[str]]()
        for type_name, fields in selected.below:
            groups.setdefault(fields, []).append(type_name)
        found = []
        for fields, type_names in groups.items():
            values = [value for value, name in shape.types.items() if name in type_names]
            cells = [self._cell(noun, type_names, child, rows).label(child.key) for child in fields]
            found.append(_Record(values, cells))
        return found

    def rows(self, noun: str, *selections: Selected, within: Scope | None = None) -> Select[Any]:
        """The rows of a noun that the viewer may see, with the columns that the selections need."""
        shape = SHAPES[noun]
        source = shape.source if within is None or shape.alone is None else shape.alone
        query = select(*self.needed(noun, selections)).select_from(source)
        return query.where((within or shape.scope)(self.viewer))

    def needed(self, noun: str, selections: Sequence[Selected]) -> list[ColumnElement[Any]]:
        """The columns that the selections of a noun need."""
        shape = SHAPES[noun]
        children = [child for selected in selections for _, fields in selected.below for child in fields]
        names: dict[str, ColumnElement[Any]] = {shape.tells: shape.column(shape.tells)} if shape.tells else {}
        for child in children:
            if child.name in shape.fields:
                names[snake(child.name)] = shape.shown(child.name, self.viewer)
            elif isinstance(link := shape.links.get(child.name), SameRow):
                names |= {column.name: column for column in self.needed(link.noun, [child])}
            elif isinstance(link, FeedPosition):
                continue
            elif link is not None:
                names |= {name: shape.column(name) for name in link.needs}
            elif child.name != "__typename":
                raise Unplanned(f"{noun}.{child.name}")
        return [column.label(name) for name, column in names.items()] or [literal_column("1").label("nothing")]

    def _cell(self, noun: str, type_names: list[str], child: Selected, rows: Subquery) -> ColumnElement[Any]:
        shape = SHAPES[noun]
        if child.name == "__typename":
            return _type_name(shape, type_names, rows)
        if child.name not in shape.fields:
            return self._linked(noun, child, rows)
        column = outer(rows.c[snake(child.name)])
        return global_id(type_names[0], column) if isinstance(column.type, Uuid) else column

    def _linked(self, noun: str, child: Selected, rows: Subquery) -> ColumnElement[Any]:
        match link := SHAPES[noun].links[child.name]:
            case Many():
                return self._many(link, child, outer(rows.c[link.key]))
            case One():
                return self._one(link, child, outer(rows.c[link.key]))
            case JsonUnion():
                return self._variants(link, child, rows)
            case SameRow():
                return self.inside(link.noun, child, rows)
            case FeedPosition():
                return self.computed(FEED_CURSOR, feed_position(self.viewer))
        return self._made(noun, child, link, outer(rows.c[link.key]))

    def _made(
        self, noun: str, child: Selected, link: JsonObject | Computed | Sealed, column: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """The content of a column of the row, or a value that Python makes of it."""
        if isinstance(link, JsonObject):
            return self._content(link.type, child, column)
        if isinstance(link, Sealed):
            return self.computed(OPENED, literal(f"{noun}.{child.name} ", Text()).concat(column))
        self._personal |= link.personal
        return self.computed(link.placeholder, link.facts(column))

    def _one(self, link: One, child: Selected, key: ColumnElement[Any]) -> ColumnElement[Any]:
        rows = self.rows(link.noun, child, within=link.within).where(SHAPES[link.noun].key == key)
        return self.object(link.noun, child, rows.subquery(self.alias()))

    def _many(self, link: Many, child: Selected, key: ColumnElement[Any]) -> ColumnElement[Any]:
        shape = SHAPES[link.noun]
        assert shape.newest_first is not None
        first = self.argument(child, "first", Integer())
        rows = self.rows(link.noun, child, within=link.within).where(shape.key == key)
        rows = rows.order_by(shape.newest_first.desc()).limit(first)
        return self.array(link.noun, child, rows.subquery(self.alias()))

    def _variants(self, link: JsonUnion, child: Selected, rows: Subquery) -> ColumnElement[Any]:
        """An object whose type another column tells, with its fields inside one JSON column."""
        content, tells = outer(rows.c[link.key]), outer(rows.c[link.tells])
        objects = []
        for value, type_name in link.types.items():
            objects.append((tells == value, self._content(type_name, child, content)))
        return case(*objects)

    def _content(self, type_name: str, child: Selected, content: ColumnElement[Any]) -> ColumnElement[Any]:
        """An object of what a JSON column holds."""
        cells = {
            one.key: literal(type_name, Text()) if one.name == "__typename" else content.op("->>")(one.name)
            for one in child.fields(type_name)
        }
        return self.record(cells).scalar_subquery()

    def computed(self, placeholder: str, facts: ColumnElement[Any]) -> ColumnElement[Any]:
        """A value that Python makes of these facts (a text without quotes), in place of a placeholder in the answer."""
        nonce = self.parameter("nonce", String(), lambda _, arguments: arguments[0]["nonce"])
        return nonce.concat(literal(placeholder)).concat(facts)


def _of_viewer(value: Callable[[Actor | None], Any]) -> Value:
    return lambda viewer, _: value(viewer)


def outer(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the select around this one, named and not joined."""
    table = cast("Any", column).table.name
    return literal_column(f"{table}.{cast('Any', column).key}", column.type)


def _type_name(shape: Shape, type_names: list[str], rows: Subquery) -> ColumnElement[Any]:
    if len(type_names) == 1:
        return literal(type_names[0], Text())
    return case(shape.types, value=outer(rows.c[shape.tells]))


@dataclass(frozen=True)
class _Record:
    """The cells of one set of types; `values` are what tells them from the others."""

    values: list[str]
    cells: list[Any]

    def rows(self, source: Subquery | None) -> Select[Any]:
        """The cells of each row of a source, or of the row around."""
        query = select(*self.cells)
        return query if source is None else query.select_from(source)
