"""The working calendar (工作日历): the shape of a day, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Shape, plain
from db.store.tables_application import calendar_day
from rules.calendar import require_view

SHAPES: Final[Mapping[str, Shape]] = {
    "CalendarDay": Shape(
        calendar_day, calendar_day.c.day, scope.signed_in, plain(calendar_day, "day", "working", "note", "basis")
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "calendar": Listing(
        "CalendarDay",
        calendar_day,
        lambda viewer, *_: scope.signed_in(viewer),
        calendar_day.c.day,
        arguments={"from": (calendar_day.c.day, "gte"), "until": (calendar_day.c.day, "lte")},
        judge=lambda given: require_view(given["from"], given["until"]),
    ),
}
