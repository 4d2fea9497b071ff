"""Keyset connections: pages that stay right while rows change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

T = TypeVar("T")
COUNTED = 10_000


@strawberry.type
class Edge(Generic[T]):
    """A row and its place in the list."""

    cursor: str = strawberry.field(description="Give it as `after` or `before`, in the same order.")
    node: T = strawberry.field(description="The row.")


@strawberry.type
class Connection(Generic[T]):
    """One page of a list."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    feed_cursor: str = strawberry.field(
        description="Where your feed stood in the same snapshot: follow it `after` this, and nothing falls between."
    )
    counting: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    async def total_count(self) -> int:
        """How many rows the list has: exact up to 10,000, and 10,000 where there are more (`totalCountIsCapped`)."""
        return min(await self.counting(), COUNTED)

    @strawberry.field
    async def total_count_is_capped(self) -> bool:
        """Whether there are more than `totalCount` says."""
        return await self.counting() > COUNTED


First = Annotated[int | None, strawberry.argument(description="So many from the start, at most 100; 20 unless told.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="So many from the end, at most 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]
