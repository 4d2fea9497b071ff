"""Lists: the pending reviews and the roster, page by page."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db.read import statistic
from graph.context import Info
from graph.listing import counted_of
from graph.schema.application import Application
from graph.schema.filter import (
    ApplicationOrder,
    ApplicationWhere,
    NurseCount,
    NurseGroup,
    NurseOrder,
    NurseWhere,
    OwnApplicationOrder,
    OwnApplicationWhere,
)
from graph.schema.nurse import Nurse
from graph.schema.page import Connection, Taken, listed
from rules.kinds import Kind

Kinds = Annotated[list[Kind] | None, strawberry.argument(description="Only these kinds (业务类型).")]
Where = Annotated[NurseWhere | None, strawberry.argument(description="Only nurses like these.")]
OrderBy = Annotated[
    list[NurseOrder] | None, strawberry.argument(description="By which columns; by 有效期至 unless told.")
]
Applied = Annotated[ApplicationWhere | None, strawberry.argument(description="Only applications like these.")]
ApplicationOrderBy = Annotated[
    list[ApplicationOrder] | None, strawberry.argument(description="By which columns; the latest first unless told.")
]
OwnApplied = Annotated[OwnApplicationWhere | None, strawberry.argument(description="Only applications like these.")]
OwnApplicationOrderBy = Annotated[
    list[OwnApplicationOrder] | None,
    strawberry.argument(description="By which columns; the newest first unless told."),
]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Only within this institution, or this authority and all below it, by global id: all of your own "
        "unless told."
    ),
]

By = Annotated[list[NurseGroup], strawberry.argument(description="One group for each combination that occurs.")]


@strawberry.type
class ListingQuery:
    """Looking."""

    pending_reviews = listed(
        "pendingReviews",
        Connection[Application],
        "The applications that wait on your desk, longest waiting first (护士申请业务办理, I16).",
        kinds=Taken(Kinds),
    )
    applications = listed(
        "applications",
        Connection[Application],
        """The applications filed with your institution, or with your authority and all below it, in every state, the
        latest first.

        正在申办 (I19), 已完成审批列表 (I20) and 注销申请列表 (I22) are conditions on it.
        """,
        where=Taken(Applied),
        orderBy=Taken(ApplicationOrderBy),
        within=Taken(Within),
    )
    own_applications = listed(
        "ownApplications",
        Connection[Application],
        """Your own applications, drafts too (业务查询, N19), for nurses; before your account is active those that you
        filed with it.
        """,
        where=Taken(OwnApplied),
        orderBy=Taken(OwnApplicationOrderBy),
    )
    nurses = listed(
        "nurses",
        Connection[Nurse],
        "The roster (本院护士信息, I10): of your institution, or of your authority and all below it.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
        within=Taken(Within),
    )

    @strawberry.field
    async def nurse_counts(self, info: Info, by: By, within: Within = None) -> list[NurseCount] | None:
        """Numbers of nurses (统计信息, I4, I24): the groups of the roster of the same place."""
        context = info.context
        names, place = counted_of(context, {"by": by, "within": within})
        async with context.db.read() as reader:
            rows = await statistic.count(reader, context.actor, names, place)
        return [NurseCount(**row) for row in rows]
