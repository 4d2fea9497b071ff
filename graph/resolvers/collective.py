"""Filing for many nurses at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final
from uuid import UUID

import strawberry

from db.read.row_cursor import write_cursor
from graph.context import Context, Info
from graph.dataloaders.page import Part, connected, numbered
from graph.feed_session import FILING
from graph.listing import condition_of, count_look_up
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.event import event_of, follow
from graph.resolvers.shown import Shows
from graph.schema.collective import (
    CollectiveFiling,
    CollectiveFilingCancelInput,
    CollectiveFilingCheckInput,
    CollectiveFilingCheckItem,
    CollectiveFilingPayload,
    CollectiveFilingStartInput,
    RecordChange,
    worded,
)
from graph.schema.event import CollectiveFilingFeedMessage
from graph.schema.node import key_of, parsed
from graph.schema.page import After, Connection, First, listed
from rules import record
from rules.errors import Language
from workflow.collective import CollectiveFilingCancel, CollectiveFilingStart, check, start
from workflow.collective_choice import Chosen, Wish

Of = Annotated[strawberry.ID, strawberry.argument(description="The filing's global id.")]
Wanted = Annotated[CollectiveFilingCheckInput, strawberry.argument(description="For whom, and what.")]
FeedAfter = Annotated[
    str | None, strawberry.argument(description="A cursor of yours: what you missed since then comes first.")
]


async def _wish(context: Context, input: CollectiveFilingCheckInput) -> Wish:
    form = None if input.form is None else input.form.filled()
    where = None if input.where is None else condition_of(context, input.where)
    if where is not None:
        await count_look_up(context, "collectiveFiling", where)
    csv = None if input.csv is None else input.csv.content
    return Wish(input.kind, form, where, csv, input.changes_record)


async def _start(context: Context, input: CollectiveFilingStartInput) -> UUID:
    wish = CollectiveFilingStart(await _wish(context, input), idempotency_key=retry_key(input))
    return await start(context.db, context.signed_in, wish)


def _cancel(input: CollectiveFilingCancelInput) -> CollectiveFilingCancel:
    return CollectiveFilingCancel(key_of(FILING, input.id), idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.acting(
        CollectiveFilingStart,
        CollectiveFilingStartInput,
        CollectiveFilingPayload,
        "File for many nurses at once (集体申请): one after the other, straight to the authority; follow it by its "
        "feed.",
        _start,
        Shows(FILING),
    ),
    mutation.of(
        CollectiveFilingCancel,
        CollectiveFilingCancelInput,
        CollectiveFilingPayload,
        "File for nobody more (取消集体申请); what is filed stays filed.",
        _cancel,
        Shows(FILING),
    ),
)


def _tried(context: Context, nth: int, one: Chosen) -> CollectiveFilingCheckItem:
    return CollectiveFilingCheckItem(
        place=nth,
        line=one.line,
        eligible=one.problems is None,
        problems=worded(one.problems, context.language),
        notes=worded(one.notes, context.language),
        changes=[_record_change(change, context.language) for change in one.changes],
        nurse_id=one.nurse_id,
    )


def _record_change(change: record.RecordChange, language: Language) -> RecordChange:
    recorded, wanted = change.recorded.within(language), change.wanted.within(language)
    return RecordChange(path=change.path, recorded=recorded, wanted=wanted)


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
        """The result of `collectiveFilingStart` for each nurse, as of now (预检), in their order; nothing is filed."""
        context, (window, before) = info.context, numbered(info.context, first, after)
        checked = await check(context.db, context.signed_in, await _wish(context, input), window.size, before)
        nodes = [_tried(context, nth, one) for nth, one in checked.found]
        cursors = [write_cursor(window, [node.place]) for node in nodes]
        part = Part(nodes, cursors, before + window.size < checked.total, None)
        return connected(context, window, part, checked.count)


@strawberry.type
class CollectiveSubscription:
    """Watching."""

    @strawberry.subscription
    async def collective_filing_feed(
        self, info: Info, id: Of, after: FeedAfter = None
    ) -> AsyncIterator[CollectiveFilingFeedMessage]:
        """Progress of a collective filing of yours, at most once a second; completes with its end (集体申请进度)."""
        given = {"after": after, "id": id}
        async with aclosing(follow(info.context, "collectiveFilingFeed", given, event_of)) as messages:
            async for message in messages:
                yield message
