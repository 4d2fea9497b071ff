"""Keyset connections: pages that stay right while rows change."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import strawberry
from strawberry.relay import PageInfo

from graph.context import Info
from graph.schema.application import Application
from rules.errors import FieldProblem, Invalid, Words
from rules.kinds import Kind

said = strawberry.field
COUNTED = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_BAD = Words("分页游标无效", "This is not a cursor of this list.")


def write_position(at: datetime, key: UUID) -> str:
    """A row's place in a list, as its cursor."""
    return b64encode(f"{(at - EPOCH) // MICROSECOND}|{key}".encode()).decode()


def read_position(argument: str, cursor: str | None) -> tuple[datetime, UUID] | None:
    """The place behind a cursor; Invalid where it is not one of ours."""
    if cursor is None:
        return None
    try:
        at, _, key = b64decode(cursor.encode(), validate=True).decode().partition("|")
        return EPOCH + int(at) * MICROSECOND, UUID(key)
    except (ValueError, OverflowError):
        raise Invalid(FieldProblem(argument, "CURSOR", _BAD)) from None


@strawberry.type
class PendingReviewEdge:
    """One pending review and its place in the list."""

    cursor: str = said(description="Give it as `after` or `before`.")
    node: Application = said(description="The application.")


@strawberry.type
class PendingReviewConnection:
    """What waits on your desk (待办审核), longest waiting first."""

    edges: list[PendingReviewEdge] = said(description="The rows with their cursors.")
    nodes: list[Application] = said(description="The rows.")
    page_info: PageInfo = said(description="Where this page lies.")
    feed_cursor: str = said(
        description="Where your feed stood in the same snapshot: follow `pendingReviewFeed(after:)` from it,"
        " and nothing falls between."
    )
    kinds: strawberry.Private[list[Kind] | None]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        """How many wait: exact up to 10,000, and 10,000 where there are more (see `totalCountIsCapped`)."""
        return min(await info.context.load.pending_count(self.kinds), COUNTED)

    @strawberry.field
    async def total_count_is_capped(self, info: Info) -> bool:
        """Whether there are more than `totalCount` says."""
        return await info.context.load.pending_count(self.kinds) > COUNTED
