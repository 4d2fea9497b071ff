"""The cursor of a row: its place in a list in one order, written alike by SQL and by Python."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, func

from db.read.listing import Listing, Window
from rules import moment
from rules.errors import FieldProblem, Invalid, Words

BAD_CURSOR: Final = Words("分页游标无效", "This is not a cursor of this list in this order.")


def signature(window: Window) -> str:
    """The order, as cursors name it, so that one of another order is refused."""
    return ",".join(f"{'-' if descending else ''}{name}" for name, descending in window.order)


def cursor_sql(window: Window, places: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """A row's cursor: base64 of a JSON array of the order and the row's place in it."""
    texts = [place.cast(Text()) if isinstance(place.type, Integer) else place for place in places]
    plain = func.json_build_array(signature(window), *texts).cast(Text())
    return func.translate(func.encode(func.convert_to(plain, "UTF8"), "base64"), "\n", "")


def write_cursor(window: Window, places: Sequence[Any]) -> str:
    """The cursor of `cursor_sql`, written by Python."""
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
