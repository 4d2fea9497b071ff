"""One step on many applications at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, Final

import strawberry

from db.read.row_cursor import write_cursor
from graph.context import Context, Info
from graph.dataloaders.page import Part, connected, numbered
from graph.feed_session import BATCH
from graph.listing import condition_of, count_look_up
from graph.resolvers.act import retry_key, shown
from graph.resolvers.collective import FeedAfter
from graph.resolvers.event import event_of, follow
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.batch import (
    ApplicationBatch,
    ApplicationsCarryOutInput,
    ApplicationsCarryOutPayload,
    ApplicationsCheck,
    ApplicationsCheckInput,
    ApplicationsCheckItem,
)
from graph.schema.collective import worded
from graph.schema.event import ApplicationBatchFeedMessage
from graph.schema.node import key_of, parsed
from graph.schema.page import Connection, listed
from rules.application import Step
from rules.batch import Act, require_fitting
from workflow.batch import ApplicationsCarryOut, Wish, carry_out, check

Of = Annotated[strawberry.ID, strawberry.argument(description="The batch's global id.")]
Wanted = Annotated[ApplicationsCheckInput, strawberry.argument(description="The step, and on what.")]


def _act(input: ApplicationsCheckInput) -> Act:
    marks = [{"code": one.code, "reason": one.reason.value, "note": one.note or None} for one in input.marked_materials]
    given: dict[str, tuple[str, Any]] = {
        "opinion": ("opinion", input.opinion),
        "agrees": ("agrees", input.agrees),
        "reasons": ("reasons", [one.value for one in input.reasons] or None),
        "markedFields": ("marked_fields", list(input.marked_fields) or None),
        "markedMaterials": ("marked_materials", marks or None),
    }
    there = {name: one for name, one in given.items() if one[1] is not None}
    step = Step(input.step.value)
    require_fitting(step, there)
    filled = dict(there.values())
    return Act(step, {"reasons": [], **filled} if step is Step.RETURN else filled)


async def _wish(context: Context, input: ApplicationsCheckInput) -> Wish:
    act = _act(input)
    keys = None if input.ids is None else tuple(key_of("Application", one) for one in input.ids)
    where = None if input.where is None else condition_of(context, input.where)
    if where is not None:
        await count_look_up(context, "pendingReviews", where)
    return Wish(act, keys, where)


async def _carry_out(context: Context, input: ApplicationsCarryOutInput) -> Fields:
    command = ApplicationsCarryOut(await _wish(context, input), input.token, idempotency_key=retry_key(input))
    key = await carry_out(context.db, context.signed_in, command)
    return {"application_batch": await shown(context, BATCH, key)}


MUTATIONS: Final = (
    Mutation(
        ApplicationsCarryOut,
        ApplicationsCarryOutInput,
        ApplicationsCarryOutPayload,
        "Take one step on many applications (批量办理) as `applicationsCheck` has found them: each is judged by "
        "itself, and what has changed or joined since is left out and listed. Up to 50 are done when this answers; "
        "more go on as a job: follow it by its feed. The same key goes on with the same batch.",
        _carry_out,
    ),
)


def _page(
    context: Context, found: list[ApplicationsCheckItem], first: int | None, after: str | None, only_refused: bool
) -> Connection[ApplicationsCheckItem]:
    window, before = numbered(context, first, after)
    wanted = [one for one in found if not (only_refused and one.eligible)]
    nodes = [one for one in wanted if one.place > before]
    shown_now, cursors = nodes[: window.size], [write_cursor(window, [one.place]) for one in nodes[: window.size]]

    async def count() -> int:
        return len(wanted)

    return connected(context, window, Part(shown_now, cursors, len(nodes) > window.size, None), count)


@strawberry.type
class BatchQuery:
    """Looking."""

    application_batches = listed(
        "applicationBatches",
        Connection[ApplicationBatch],
        "The batches of your institution or authority (批量办理列表), newest first.",
    )

    @strawberry.field
    async def application_batch(self, info: Info, id: Of) -> ApplicationBatch | None:
        """A batch of your institution or authority, and how far it is."""
        found = parsed(id)
        key = found[1] if found is not None and found[0] == BATCH else None
        batch: ApplicationBatch | None = await info.context.load.one(BATCH, key)
        return batch

    @strawberry.field
    async def applications_check(self, info: Info, input: Wanted) -> ApplicationsCheck | None:
        """The result of `applicationsCarryOut` for each application, as of now (预检); nothing is done."""
        context = info.context
        checked = await check(context.db, context.signed_in, await _wish(context, input))
        found = [
            ApplicationsCheckItem(
                place=nth,
                eligible=one.problems is None,
                problems=worded(one.problems, context.language),
                application_key=one.application_id,
            )
            for nth, one in enumerate(checked.tried, 1)
        ]
        eligible = sum(one.eligible for one in found)
        page = partial(_page, context, found)
        return ApplicationsCheck(token=checked.token, total=len(found), eligible=eligible, page=page)


@strawberry.type
class BatchSubscription:
    """Watching."""

    @strawberry.subscription
    async def application_batch_feed(
        self, info: Info, id: Of, after: FeedAfter = None
    ) -> AsyncIterator[ApplicationBatchFeedMessage]:
        """Progress of a batch of yours, at most once a second; completes with its end (批量办理进度)."""
        given = {"after": after, "id": id}
        async with aclosing(follow(info.context, "applicationBatchFeed", given, event_of)) as messages:
            async for message in messages:
                yield message
