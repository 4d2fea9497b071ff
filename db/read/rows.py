"""The statements of a list: the rows of one page, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from db.read import filter as conditions
from db.read.filter import Value
from db.read.listing import Listing, Wide, Window
from db.read.viewer import ScopeViewer

COUNTED: Final = 10_000
"""Totals are exact up to here."""


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
    placed = [place.label(f"_{n}") for n, place in enumerate(places)]
    numbered = [] if listing.wide else [*columns, func.row_number().over(order_by=order).label("_n")]
    query = (
        select(*numbered, *placed)
        .select_from(_source(listing, window))
        .where(restricted(listing, window, viewer, value))
        .order_by(*order)
        .limit(value("size", Integer(), window.size) + 1)
    )
    for name, bound, forwards in (("after", window.after, True), ("before", window.before, False)):
        if bound is not None:
            bounds = [value(f"{name}_{n}", place.type, bound[n]) for n, place in enumerate(places)]
            query = query.where(_beyond(places, bounds, [down != forwards for down in falling]))
    return query if listing.wide is None else _widened(listing.wide, query.subquery("taken"), turned, columns)


def _widened(
    wide: Wide, taken: Subquery, falling: Sequence[bool], columns: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """The rows whose keys and places were taken, in the same order; the key is the last of a row's places."""
    order = [place.desc() if down else place.asc() for place, down in zip(taken.c, falling, strict=True)]
    number = func.row_number().over(order_by=order).label("_n")
    joined = wide.source.join(taken, wide.key == list(taken.c)[-1])
    return select(*columns, *taken.c, number).select_from(joined).order_by(*order)


def _source(listing: Listing, window: Window) -> FromClause:
    """The source of the rows: no more tables than the orders and conditions name."""
    if listing.wide is None:
        return listing.source
    named = [listing.orders[name] for name, _ in window.order]
    named += [listing.columns[name] for name in conditions.names(window.where)]
    tables = {part.table for column in named for part in iterate(column) if isinstance(part, Column)}
    return listing.source if listing.wide.beside in tables else listing.wide.alone


def restricted(listing: Listing, window: Window, viewer: ScopeViewer, value: Value) -> ColumnElement[bool]:
    """The condition of all rows of the list, before it is cut into pages."""
    noun, key = window.within or (None, None)
    owned = listing.owned(viewer, noun, value("within", Uuid(), key) if noun else None)
    return and_(owned, conditions.sql(window.where, listing.columns, value))


def _beyond(
    places: Sequence[ColumnElement[Any]], bounds: Sequence[ColumnElement[Any]], rising: Sequence[bool]
) -> ColumnElement[bool]:
    """The condition that a row lies behind a place in the order, whose columns may rise and fall."""
    if len(set(rising)) == 1:
        here, there = tuple_(*places), tuple_(*bounds)
        return here > there if rising[0] else here < there
    steps = []
    for n, (place, bound, up) in enumerate(zip(places, bounds, rising, strict=True)):
        equal = [a == b for a, b in zip(places[:n], bounds[:n], strict=True)]
        steps.append(and_(*equal, place > bound if up else place < bound))
    return or_(*steps)


def counted(listing: Listing, window: Window, viewer: ScopeViewer, value: Value) -> Select[Any]:
    """The statement for the number of rows; one more than COUNTED means more."""
    some = select(listing.key).select_from(_source(listing, window)).where(restricted(listing, window, viewer, value))
    return select(func.count()).select_from(some.limit(COUNTED + 1).subquery())
