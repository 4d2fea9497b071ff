"""The weekly summary (每周工作提示) of one's own account."""

from __future__ import annotations

import strawberry

from graph.schema.account import Viewer
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput


@strawberry.input
class AccountSetWeeklySummaryInput(IdempotentInput):
    """Your wish to be written to each week, or not."""

    wanted: bool = strawberry.field(
        description="True: by mail, each week. False: no summary; notices by law still come."
    )


@strawberry.type
class AccountSetWeeklySummaryPayload:
    """Your wish is recorded."""

    viewer: Viewer = strawberry.field(description="You, as you are now.")

    query = query_after("Anything else you want to read after the step.")
