"""Lists that clients page through: each is declared once, and read the same way by plans and by the executor."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Integer, Select, Text, Uuid, and_, func, literal, or_, select, tuple_
from sqlalchemy.types import TypeEngine

from db.read import filter as conditions
from db.read.filter import EVERYTHING, Condition, Value
from db.read.viewer import EVERYBODY, Readers, ScopeViewer
from rules import moment
from rules.errors import FieldProblem, Invalid, Words

PAGE: Final = 20
"""So many rows where a client does not say how many."""
COUNTED: Final = 10_000
"""Totals are exact up to here."""
BAD_CURSOR: Final = Words("分页游标无效", "This is not a cursor of this list in this order.")
Place = tuple[str, UUID]
"""A noun and its key: what a list is within, or whose it is."""
Owned = Callable[[ScopeViewer, str | None, ColumnElement[Any] | None], ColumnElement[bool]]


@dataclass(frozen=True)
class Owner:
    """The argument that names what a list is within, or whose it is, and the nouns that it may name."""

    argument: str
    nouns: tuple[str, ...]


WITHIN: Final = Owner("within", ("Institution", "Authority"))


@dataclass(frozen=True)
class Listing:
    """A list of a noun's rows, for one viewer and the place that she names.

    `arguments` are conditions with an argument of their own, `filters` those of `where`. Rows that are equal in every
    order keep the order of their keys, as do those of a list without one: falling if `newest_first`.
    """

    noun: str
    source: FromClause
    owned: Owned
    key: ColumnElement[Any]
    orders: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    arguments: Mapping[str, tuple[ColumnElement[Any], str]] = field(default_factory=dict)
    owner: Owner | None = None
    newest_first: bool = False
    readers: Readers = EVERYBODY
    judge: Callable[[Mapping[str, Any]], None] = lambda _: None

    @property
    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """Everything that conditions compare, by its name."""
        return {**self.filters, **{name: column for name, (column, _) in self.arguments.items()}}


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted: what shapes the statement, and the values that fill it."""

    size: int
    order: tuple[tuple[str, bool], ...]
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False
    where: Condition = EVERYTHING
    within: Place | None = None

    def structure(self) -> tuple[Any, ...]:
        """What shapes the statement."""
        bounds = (self.after is not None, self.before is not None, self.backwards)
        return (*bounds, self.order, conditions.structure(self.where), self.within and self.within[0])

    def values(self) -> dict[str, Any]:
        """The values by the names that `rows` gives them."""
        named = {"size": self.size, "within": self.within and self.within[1]}
        for name, bound in (("after", self.after), ("before", self.before)):
            named |= {f"{name}_{n}": value for n, value in enumerate(bound or ())}
        return {**named, **{f"where_{n}": value for n, value in enumerate(conditions.values(self.where))}}


def given(_: str, kind: TypeEngine[Any], value: Any) -> ColumnElement[Any]:
    """A value that stands in the statement for this one request."""
    return literal(value, kind)


def rows(
    listing: Listing, window: Window, viewer: ScopeViewer, columns: Sequence[ColumnElement[Any]], value: Value
) -> Select[Any]:
    """The rows of a page and one more, numbered `_n` in the order they are taken, with their place `_0`, `_1`, …"""
    places = [*(listing.orders[name] for name, _ in window.order), listing.key]
    falling = [descending for _, descending in window.order]
    falling.append(falling[-1] if falling else listing.newest_first)
    turned = [descending != window.backwards for descending in falling]
    order = [place.desc() if down else place.asc() for place, down in zip(places, turned, strict=True)]
    query = (
        select(*columns, *(place.label(f"_{n}") for n, place in enumerate(places)))
        .add_columns(func.row_number().over(order_by=order).label("_n"))
        .select_from(listing.source)
        .where(restricted(listing, window, viewer, value))
        .order_by(*order)
        .limit(value("size", Integer(), window.size) + 1)
    )
    for name, bound, forwards in (("after", window.after, True), ("before", window.before, False)):
        if bound is not None:
            marks = [value(f"{name}_{n}", place.type, bound[n]) for n, place in enumerate(places)]
            query = query.where(_beyond(places, marks, [down != forwards for down in falling]))
    return query


def restricted(listing: Listing, window: Window, viewer: ScopeViewer, value: Value) -> ColumnElement[bool]:
    """Which rows the list has at all."""
    noun, key = window.within or (None, None)
    owned = listing.owned(viewer, noun, value("within", Uuid(), key) if noun else None)
    return and_(owned, conditions.sql(window.where, listing.columns, value))


def _beyond(
    places: Sequence[ColumnElement[Any]], marks: Sequence[ColumnElement[Any]], rising: Sequence[bool]
) -> ColumnElement[bool]:
    """Behind the mark, in an order whose columns may rise and fall."""
    if len(set(rising)) == 1:
        here, there = tuple_(*places), tuple_(*marks)
        return here > there if rising[0] else here < there
    steps = []
    for n, (place, mark, up) in enumerate(zip(places, marks, rising, strict=True)):
        equal = [a == b for a, b in zip(places[:n], marks[:n], strict=True)]
        steps.append(and_(*equal, place > mark if up else place < mark))
    return or_(*steps)


def counted(listing: Listing, window: Window, viewer: ScopeViewer, value: Value) -> Select[Any]:
    """How many rows the list has; one more than COUNTED means more."""
    some = select(listing.key).select_from(listing.source).where(restricted(listing, window, viewer, value))
    return select(func.count()).select_from(some.limit(COUNTED + 1).subquery())


def signature(window: Window) -> str:
    """The order, as cursors name it, so that one of another order is refused."""
    return ",".join(f"{'-' if descending else ''}{name}" for name, descending in window.order)


def cursor_sql(window: Window, places: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """A row's cursor: base64 of a JSON array of the order and the row's place in it."""
    texts = [place.cast(Text()) if isinstance(place.type, Integer) else place for place in places]
    plain = func.json_build_array(signature(window), *texts).cast(Text())
    return func.translate(func.encode(func.convert_to(plain, "UTF8"), "base64"), "\n", "")


def write_cursor(window: Window, places: Sequence[Any]) -> str:
    """The same in Python."""
    return b64encode(json.dumps([signature(window), *map(_plain, places)], ensure_ascii=False).encode()).decode()


def read_cursor(listing: Listing, window: Window, name: str, cursor: str | None) -> tuple[Any, ...] | None:
    """The place behind a cursor; Invalid where it is not one of this list in this order."""
    columns = [*(listing.orders[column] for column, _ in window.order), listing.key]
    return read_place([column.type.python_type for column in columns], window, name, cursor)


def read_place(kinds: Sequence[type], window: Window, name: str, cursor: str | None) -> tuple[Any, ...] | None:
    """The place behind a cursor, whose values are of these kinds; Invalid where it is none."""
    if cursor is None:
        return None
    try:
        order, *places = json.loads(b64decode(cursor.encode(), validate=True))
        if order != signature(window) or len(places) != len(kinds):
            raise ValueError("another order")
        return tuple(_place(kind, place) for kind, place in zip(kinds, places, strict=True))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise Invalid(FieldProblem(name, "CURSOR", BAD_CURSOR)) from None


def _place(kind: type, text: object) -> Any:
    """One value of a row's place; only as we write it, so that nothing reaches the database that it cannot hold."""
    if not isinstance(text, str) or "\0" in text.encode().decode():
        raise TypeError("not a text")
    value = _READ[kind](text)
    if _plain(value) != text:
        raise ValueError("not as we write it")
    return value


def _number(text: str) -> int:
    if len(text) > len("999999999"):
        raise ValueError("more than a column holds")
    return int(text)


_READ: Final[Mapping[type, Callable[[str], Any]]] = {
    date: date.fromisoformat,
    datetime: moment.read,
    int: _number,
    str: str,
    UUID: UUID,
}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return moment.printed(value)
        case date():
            return value.isoformat()
    return str(value)
