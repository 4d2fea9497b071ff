"""Filing for many nurses at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from db import collective_progress as progress
from graph.context import Context, Info
from graph.feed_session import FILING
from graph.listing import condition_of
from graph.resolvers.act import mutation, place, retry_key
from graph.resolvers.event import event_of, follow
from graph.schema.act import Act
from graph.schema.collective import (
    CANCEL,
    START,
    AfterPlace,
    CollectiveFiling,
    CollectiveFilingCheck,
    CollectiveFilingCheckInput,
    CollectiveFilingCheckItem,
    CollectiveFilingFeedMessage,
    CollectiveFilingItem,
    CollectiveFilingItems,
    CollectiveFilingPage,
)
from graph.schema.node import global_id, key_of, parsed
from graph.schema.page import After, First
from graph.schema.problem import FieldProblem
from rules.collective import ItemOutcome
from rules.errors import NotFound, Words
from workflow import collective as workflow

PAGE: Final = 20
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
    context.forget()
    found = await _find(context, key)
    if found is None:
        raise NotFound
    return act.payload(collective_filing=found)


async def _find(context: Context, key: UUID) -> CollectiveFiling | None:
    async with context.db.read() as reader:
        found = await progress.find(reader, context.actor, key)
    return None if found is None else _shown(context, found)


def _shown(context: Context, one: progress.Filing) -> CollectiveFiling:
    plain = {
        name: getattr(one, name) for name in progress.Filing.__slots__ if not name.endswith("id") and name != "seq"
    }
    cursor = context.services.feed.cursors.write(one.institution_id, one.seq)
    return CollectiveFiling(id=global_id(FILING, one.id), feed_cursor=cursor, reading=partial(_items, one.id), **plain)


async def _items(key: UUID, info: Info, first: int | None, after: int | None, only_refused: bool) -> Any:
    context, size = info.context, info.context.page(PAGE if first is None else first)
    wanted = [ItemOutcome.REFUSED] if only_refused else list(ItemOutcome)
    async with context.db.read() as reader:
        found = await progress.items(reader, key, size + 1, after or 0, wanted)
    nodes = [_item(context, one) for one in found[:size]]
    return CollectiveFilingItems(nodes=nodes, end_place=_end(nodes), has_more=len(found) > size)


def _item(context: Context, one: progress.Item) -> CollectiveFilingItem:
    return CollectiveFilingItem(
        place=one.place,
        line=one.line,
        outcome=one.outcome,
        problems=_problems(context, one.problems),
        nurse_key=one.nurse_id,
        application_key=one.application_id,
    )


def _problems(context: Context, kept: list[dict[str, Any]] | None) -> list[FieldProblem]:
    told = [(one, Words(one["zh"], one["en"]).within(context.language)) for one in kept or ()]
    return [FieldProblem(path=one["path"], code=one["code"], message=message) for one, message in told]


def _end(nodes: list[Any]) -> int | None:
    return nodes[-1].place if nodes else None


@strawberry.type
class CollectiveQuery:
    """Looking."""

    @strawberry.field
    async def collective_filing(self, info: Info, id: Of) -> CollectiveFiling | None:
        """A collective filing of your institution, and how far it is."""
        found = parsed(id)
        return await _find(info.context, found[1]) if found is not None and found[0] == FILING else None

    @strawberry.field
    async def collective_filings(self, info: Info, first: First = None, after: After = None) -> CollectiveFilingPage:
        """The collective filings of your institution (集体申请列表), newest first."""
        context, size = info.context, info.context.page(PAGE if first is None else first)
        before = None if after is None else place(FILING, after)
        async with context.db.read() as reader:
            found = await progress.page(reader, context.actor, size + 1, before)
        nodes = [_shown(context, one) for one in found[:size]]
        end = nodes[-1].id if nodes else None
        return CollectiveFilingPage(nodes=nodes, end_cursor=end, has_more=len(found) > size)

    @strawberry.field
    async def collective_filing_check(
        self, info: Info, input: Wanted, first: First = None, after: AfterPlace = None
    ) -> CollectiveFilingCheck | None:
        """What `collectiveFilingStart` would say of each nurse now (预检); nothing is filed."""
        context, size = info.context, info.context.page(PAGE if first is None else first)
        checked = await workflow.check(context.db, _wish(context, input), size, after or 0)
        nodes = [
            CollectiveFilingCheckItem(
                place=nth,
                line=one.line,
                eligible=one.problems is None,
                problems=_problems(context, one.problems),
                nurse_key=one.nurse_id,
            )
            for nth, one in checked.found
        ]
        more = (after or 0) + size < checked.total
        return CollectiveFilingCheck(total=checked.total, nodes=nodes, end_place=_end(nodes), has_more=more)


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
