"""Lists: the pending reviews and the roster, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from strawberry.relay import PageInfo

from db.read import listing as listings
from db.read import statistic
from db.read.listing import Listing, Window
from graph.context import Context, Info
from graph.dataloaders.loaders import SHOWN
from graph.listing import counted_of, window_of
from graph.schema.application import Application
from graph.schema.filter import ApplicationOrder, ApplicationWhere, NurseCount, NurseGroup, NurseOrder, NurseWhere
from graph.schema.nurse import Nurse
from graph.schema.page import After, Before, Connection, Edge, First, Last
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
OfPlace = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Another institution or authority below yours, by its global id."),
]

By = Annotated[list[NurseGroup], strawberry.argument(description="One group for each combination that occurs.")]


@strawberry.type
class ListingQuery:
    """Looking."""

    @strawberry.field
    async def pending_reviews(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        kinds: Kinds = None,
    ) -> Connection[Application] | None:
        """What waits on your desk, longest waiting first (护士申请业务办理, I16)."""
        given = {"first": first, "after": after, "last": last, "before": before, "kinds": kinds}
        return await page_of(info.context, *window_of(info.context, "pendingReviews", given))

    @strawberry.field
    async def applications(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Applied = None,
        order_by: ApplicationOrderBy = None,
        of: OfPlace = None,
    ) -> Connection[Application] | None:
        """What was filed with you, or with a place below yours, in every state, the latest first.

        正在申办 (I19), 已完成审批列表 (I20) and 注销申请列表 (I22) are conditions on it.
        """
        page = {"first": first, "after": after, "last": last, "before": before}
        given = {**page, "where": where, "orderBy": order_by, "of": of}
        return await page_of(info.context, *window_of(info.context, "applications", given))

    @strawberry.field
    async def nurses(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Where = None,
        order_by: OrderBy = None,
        of: OfPlace = None,
    ) -> Connection[Nurse] | None:
        """The roster (本院护士信息, I10): your own, or that of an institution or authority below yours."""
        page = {"first": first, "after": after, "last": last, "before": before}
        given = {**page, "where": where, "orderBy": order_by, "of": of}
        return await page_of(info.context, *window_of(info.context, "nurses", given))

    @strawberry.field
    async def nurse_counts(self, info: Info, by: By, of: OfPlace = None) -> list[NurseCount] | None:
        """How many nurses there are (统计信息, I4, I24): of your own, or of a place below your authority."""
        context = info.context
        names, place = counted_of(context, {"by": by, "of": of})
        async with context.db.read() as reader:
            rows = await statistic.count(reader, context.actor, names, place)
        return [NurseCount(**row) for row in rows]


async def page_of(context: Context, listing: Listing, window: Window) -> Connection[Any]:
    """One page of a list."""
    async with context.db.read() as reader:
        page = await listings.page(reader, context.actor, listing, window)
    nodes = [SHOWN[listing.noun](row) for row in page.rows]
    backwards, cursors = window.backwards, page.cursors
    info = PageInfo(
        has_next_page=window.before is not None if backwards else page.more,
        has_previous_page=page.more if backwards else window.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    scope = context.actor.party_id
    assert scope is not None
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=info,
        feed_cursor=context.services.feed.cursors.write(scope, page.seq),
        counting=_once(lambda: _count(context, listing, window)),
    )


async def _count(context: Context, listing: Listing, window: Window) -> int:
    async with context.db.read() as reader:
        return await listings.count(reader, context.actor, listing, window)


def _once(ask: Callable[[], Any]) -> Callable[[], Awaitable[int]]:
    """Ask the first time only."""
    asked: list[asyncio.Future[int]] = []

    def answer() -> Awaitable[int]:
        if not asked:
            asked.append(asyncio.ensure_future(ask()))
        return asked[0]

    return answer
