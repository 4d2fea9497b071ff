"""One page of a list as a connection: the executor's answer where there is no plan."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from strawberry.relay import PageInfo

from db.read import page as pages
from db.read.listing import PAGE, Listing, NounKey, Window
from db.read.row_cursor import read_place
from graph.context import Context
from graph.listing import count_look_up, keep_reading, window_of
from graph.schema.page import Connection, Edge


@dataclass(frozen=True)
class Part:
    """The rows of one page as they are shown, each with its cursor, and whether there are more behind them."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    more: bool
    feed_place: str | None


async def read_page(
    context: Context, name: str, given: Mapping[str, Any], owner: NounKey | None, shown: Callable[[str, Any], Any]
) -> Connection[Any]:
    """The page of a list that these arguments ask for."""
    listing, window = window_of(context, name, given, owner)
    await count_look_up(context, name, window.where)
    await keep_reading(context, name, given)
    async with context.db.read() as reader:
        page = await pages.page(reader, context.actor, listing, window)
    nodes = [shown(listing.noun, row) for row in page.rows]
    part = Part(nodes, page.cursors, page.more, page.feed_place)
    return connected(context, window, part, lambda: _count(context, listing, window))


def numbered(context: Context, first: int | None, after: str | None) -> tuple[Window, int]:
    """The part of a list by whose places from 1 its cursors are, and the place before it."""
    window = Window(context.page(PAGE if first is None else first), ())
    window = replace(window, after=read_place([int], window, "after", after))
    (before,) = window.after or (0,)
    return window, before


def connected(context: Context, window: Window, part: Part, count: Callable[[], Awaitable[int]]) -> Connection[Any]:
    """A connection of a page that was read."""
    backwards, cursors = window.backwards, part.cursors
    info = PageInfo(
        has_next_page=window.before is not None if backwards else part.more,
        has_previous_page=part.more if backwards else window.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, part.nodes, strict=True)],
        nodes=list(part.nodes),
        page_info=info,
        feed_cursor=context.cursor_at(part.feed_place),
        counting=_once(count),
    )


async def _count(context: Context, listing: Listing, window: Window) -> int:
    async with context.db.read() as reader:
        return await pages.count(reader, context.actor, listing, window)


def _once(ask: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """Make a function whose first answer is kept."""
    asked: list[asyncio.Future[int]] = []

    def answer() -> Awaitable[int]:
        if not asked:
            asked.append(asyncio.ensure_future(ask()))
        return asked[0]

    return answer
