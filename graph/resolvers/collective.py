"""Filing for many nurses at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import strawberry

from db.read.listing import PAGE, Window
from db.read.row_cursor import read_place, write_cursor
from graph.context import Context, Info
from graph.dataloaders.page import Part, connected
from graph.feed_session import FILING
from graph.listing import condition_of
from graph.resolvers.act import mutation, retry_key, shown
from graph.resolvers.event import event_of, follow
from graph.schema.act import Act
from graph.schema.collective import (
    CANCEL,
    START,
    CollectiveFiling,
    CollectiveFilingCheckInput,
    CollectiveFilingCheckItem,
    CollectiveFilingFeedMessage,
    worded,
)
from graph.schema.node import key_of, parsed
from graph.schema.page import After, Connection, First, listed
from workflow import collective as workflow
from workflow.collective_choice import Chosen

Of = Annotated[strawberry.ID, strawberry.argument(description="The filing's global id.")]
Wanted = Annotated[CollectiveFilingCheckInput, strawberry.argument(description="For whom, and what.")]
FeedAfter = Annotated[
    str | None, strawberry.argument(description="A cursor of yours: what you missed since then comes first.")
]


def _wish(context: Context, input: Any, key: str | None = None) -> workflow.Wish:
    form = None if input.form is None else input.form.filled()
    where = None if input.where is None else condition_of(context, input.where)
    csv = None if input.csv is None else input.csv.content
    return workflow.Wish(context.signed_in, input.kind, form, where, csv, key)


async def _start(context: Context, act: Act, input: Any) -> Any:
    return await _payload(context, act, await workflow.start(context.db, _wish(context, input, retry_key(input))))


async def _cancel(context: Context, act: Act, input: Any) -> Any:
    key = key_of(FILING, input.id)
    return await _payload(context, act, await workflow.cancel(context.db, context.signed_in, key, retry_key(input)))


async def _payload(context: Context, act: Act, key: UUID) -> Any:
    return act.payload(collective_filing=await shown(context, FILING, key))


def _tried(context: Context, nth: int, one: Chosen) -> CollectiveFilingCheckItem:
    return CollectiveFilingCheckItem(
        place=nth,
        line=one.line,
        eligible=one.problems is None,
        problems=worded(one.problems, context.language),
        nurse_id=one.nurse_id,
    )


@strawberry.type
class CollectiveQuery:
    """Looking."""

    collective_filings = listed(
        "collectiveFilings",
        Connection[CollectiveFiling],
        "The collective filings of your institution (集体申请列表), newest first.",
    )

    @strawberry.field
    async def collective_filing(self, info: Info, id: Of) -> CollectiveFiling | None:
        """A collective filing of your institution, and how far it is."""
        found = parsed(id)
        key = found[1] if found is not None and found[0] == FILING else None
        filing: CollectiveFiling | None = await info.context.load.one(FILING, key)
        return filing

    @strawberry.field
    async def collective_filing_check(
        self, info: Info, input: Wanted, first: First = None, after: After = None
    ) -> Connection[CollectiveFilingCheckItem] | None:
        """What `collectiveFilingStart` would say of each nurse now (预检), in their order; nothing is filed."""
        context, window = info.context, Window(info.context.page(PAGE if first is None else first), ())
        window = replace(window, after=read_place([int], window, "after", after))
        (start,) = window.after or (0,)
        checked = await workflow.check(context.db, _wish(context, input), window.size, start)
        nodes = [_tried(context, nth, one) for nth, one in checked.found]
        cursors = [write_cursor(window, [node.place]) for node in nodes]
        part = Part(nodes, cursors, start + window.size < checked.total, None)
        return connected(context, window, part, checked.count)


CollectiveMutation: Any = strawberry.type(
    type(
        "CollectiveMutation",
        (),
        {START.name: mutation(START, _start), CANCEL.name: mutation(CANCEL, _cancel), "__doc__": "Acting."},
    )
)


@strawberry.type
class CollectiveSubscription:
    """Watching."""

    @strawberry.subscription
    async def collective_filing_feed(
        self, info: Info, id: Of, after: FeedAfter = None
    ) -> AsyncIterator[CollectiveFilingFeedMessage]:
        """How far a collective filing of your institution is, at most once a second, and its end (集体申请进度)."""
        given = {"after": after, "id": id}
        async with aclosing(follow(info.context, "collectiveFilingFeed", given, event_of)) as messages:
            async for message in messages:
                yield message
