"""Pending reviews on a desk, counted, as clients see them."""

from __future__ import annotations

import strawberry

from rules.application import State
from rules.kinds import Kind


@strawberry.type
class PendingReviewCount:
    """The number of pending reviews of one kind in one state."""

    kind: Kind = strawberry.field(description="业务类型.")
    state: State = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")


@strawberry.type
class PendingReviewCounts:
    """The pending reviews on your desk; kept up to date by the `left` and `entered` of each PendingReviewChange."""

    feed_cursor: str = strawberry.field(
        description="Follow `pendingReviewFeed` after this: each change is counted exactly once."
    )
    counts: list[PendingReviewCount] = strawberry.field(
        description="Kinds and states of which nothing waits are not listed."
    )
