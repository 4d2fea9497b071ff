"""One page of a list, as the executor reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select

from db.read.listing import Listing, Window
from db.read.row_cursor import write_cursor
from db.read.rows import counted, given, rows
from db.read.shape import FEED_PLACE, feed_position
from db.read.shapes import SHAPES
from db.read.viewer import single
from db.store.engine import Reader
from rules.people import Actor


@dataclass(frozen=True)
class Page:
    """One page in the list's order; `feed_place` is where the viewer's feed stood in the same snapshot as the rows."""

    rows: Sequence[Mapping[str, Any]]
    cursors: Sequence[str]
    more: bool
    feed_place: str | None


async def page(reader: Reader, actor: Actor, listing: Listing, window: Window) -> Page:
    """One page of a list."""
    viewer, shape = single(actor), SHAPES[listing.noun]
    some = rows(listing, window, viewer, shape.columns(viewer), given).subquery("page")
    feed = select(feed_position(viewer).label(f"_{FEED_PLACE}")).subquery("stand")
    query = select(*feed.c, some).select_from(feed.outerjoin(some, literal(True))).order_by(some.c["_n"])
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    taken = [row for row in found if row["_n"] is not None]
    shown = taken[: window.size][:: -1 if window.backwards else 1]
    cursors = [write_cursor(window, [row[f"_{n}"] for n in range(len(window.order) + 1)]) for row in shown]
    plain = [{name: value for name, value in row.items() if not name.startswith("_")} for row in shown]
    opened = [shape.opened(reader.keyring, row) for row in plain]
    return Page(opened, cursors, len(taken) > window.size, found[0][f"_{FEED_PLACE}"])


async def count(reader: Reader, actor: Actor, listing: Listing, window: Window) -> int:
    """The number of rows of the list, up to one more than COUNTED."""
    total: int = (await reader.execute(counted(listing, window, single(actor), given))).scalar_one()
    return total
