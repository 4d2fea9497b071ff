"""Lists that clients page through: each is declared once, and read the same way by plans and by the executor."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from db.read import filter as conditions
from db.read import scope
from db.read.filter import EVERYTHING, Condition, Value
from db.read.shape import SHAPES, interrupted, last, standing
from db.read.viewer import ScopeViewer, single
from db.store.engine import Reader
from db.store.tables import nurse, registration
from db.store.tables_application import application
from rules import moment
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.people import Actor, Party

COUNTED: Final = 10_000
"""Totals are exact up to here."""
BAD_CURSOR: Final = Words("分页游标无效", "This is not a cursor of this list in this order.")
Of = tuple[str, UUID]


@dataclass(frozen=True)
class Listing:
    """A list of a noun's rows. `owned` says which rows belong to it, for one viewer and what she names with `of`."""

    noun: str
    source: FromClause
    owned: Callable[[ScopeViewer, str | None, ColumnElement[Any] | None], ColumnElement[bool]]
    key: ColumnElement[Any]
    orders: Mapping[str, ColumnElement[Any]]
    order: tuple[tuple[str, bool], ...]
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)


LISTINGS: Final[Mapping[str, Listing]] = {
    "pendingReviews": Listing(
        "Application",
        SHAPES["Application"].source,
        lambda viewer, of, key: scope.desk(viewer),
        application.c.id,
        {"queuedAt": application.c.queued_at},
        (("queuedAt", False),),
        {"kind": application.c.kind},
    ),
    "applications": Listing(
        "Application",
        SHAPES["Application"].source.join(nurse, nurse.c.id == application.c.nurse_id),
        scope.filed,
        application.c.id,
        {
            "submittedAt": application.c.submitted_at,
            # What is undecided stands where it last moved, since a place in a list is never null.
            "decidedAt": func.coalesce(application.c.decided_at, application.c.moved_at),
        },
        (("submittedAt", True),),
        {
            "kind": application.c.kind,
            "state": application.c.state,
            "filedBy": application.c.filed_by,
            "submittedAt": application.c.submitted_at,
            "decidedAt": application.c.decided_at,
            "dueOn": application.c.due_on,
            "receiptNumber": application.c.receipt_number,
            "nurseName": application.c.nurse_name,
            "idNumber": nurse.c.id_number_index,
        },
    ),
    "nurses": Listing(
        "Nurse",
        nurse.join(registration, registration.c.nurse_id == nurse.c.id),
        scope.roster,
        registration.c.nurse_id,
        {
            "validUntil": registration.c.valid_until,
            "name": nurse.c.name,
            "certificateNumber": registration.c.certificate_number,
        },
        (("validUntil", False),),
        {
            "name": nurse.c.name,
            "idNumber": nurse.c.id_number_index,
            "certificateNumber": registration.c.certificate_number,
            "validUntil": registration.c.valid_until,
            "standing": standing,
            "interrupted": interrupted,
            "title": nurse.c.title,
            "department": nurse.c.department,
            "education": nurse.c.education,
            "sex": nurse.c.sex,
        },
    ),
}


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted: what shapes the statement, and the values that fill it."""

    size: int
    order: tuple[tuple[str, bool], ...]
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False
    where: Condition = EVERYTHING
    of: Of | None = None

    def structure(self) -> tuple[Any, ...]:
        """What shapes the statement."""
        bounds = (self.after is not None, self.before is not None, self.backwards)
        return (*bounds, self.order, conditions.structure(self.where), self.of and self.of[0])

    def values(self) -> dict[str, Any]:
        """The values by the names that `rows` gives them."""
        named = {"size": self.size, "of": self.of and self.of[1]}
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
    falling.append(falling[-1])
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
    noun, key = window.of or (None, None)
    owned = listing.owned(viewer, noun, value("of", Uuid(), key) if noun else None)
    return and_(owned, conditions.sql(window.where, listing.filters, value))


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
    plain = func.json_build_array(signature(window), *places).cast(Text())
    return func.translate(func.encode(func.convert_to(plain, "UTF8"), "base64"), "\n", "")


def write_cursor(window: Window, row: Mapping[str, Any]) -> str:
    """The same in Python."""
    places = [_plain(row[f"_{n}"]) for n in range(len(window.order) + 1)]
    return b64encode(json.dumps([signature(window), *places], ensure_ascii=False).encode()).decode()


def read_cursor(listing: Listing, window: Window, name: str, cursor: str | None) -> tuple[Any, ...] | None:
    """The place behind a cursor; Invalid where it is not one of this list in this order."""
    if cursor is None:
        return None
    try:
        order, *places = json.loads(b64decode(cursor.encode(), validate=True))
        kinds = [*(listing.orders[column].type.python_type for column, _ in window.order), UUID]
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


_READ: Final[Mapping[type, Callable[[str], Any]]] = {
    date: date.fromisoformat,
    datetime: moment.read,
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


@dataclass(frozen=True)
class Page:
    """One page in the list's order; `seq` is the feed's position in the same snapshot as the rows."""

    rows: Sequence[Mapping[str, Any]]
    cursors: Sequence[str]
    more: bool
    seq: int


async def page(reader: Reader, actor: Actor, listing: Listing, window: Window) -> Page:
    """One page, for the executor."""
    viewer = single(actor)
    some = rows(listing, window, viewer, SHAPES[listing.noun].columns(viewer), given).subquery("page")
    stand = select(last(scope.feed(viewer)).label("_seq")).subquery("stand")
    query = select(stand.c["_seq"], some).select_from(stand.outerjoin(some, literal(True))).order_by(some.c["_n"])
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    shown = [row for row in found if row["_n"] is not None][: window.size]
    more = len(found) > window.size and found[0]["_n"] is not None
    shown = shown[::-1] if window.backwards else shown
    plain = [{name: value for name, value in row.items() if not name.startswith("_")} for row in shown]
    return Page(plain, [write_cursor(window, row) for row in shown], more, found[0]["_seq"])


async def count(reader: Reader, actor: Actor, listing: Listing, window: Window) -> int:
    """How many rows the list has, up to one more than COUNTED."""
    total: int = (await reader.execute(counted(listing, window, single(actor), given))).scalar_one()
    return total


def require_owner(viewer: Actor) -> None:
    """Refuse whoever has no list of her own: help desk, analysts, nurses, inactive accounts."""
    if not viewer.active or viewer.party not in (Party.INSTITUTION, Party.AUTHORITY):
        raise NotAllowed
