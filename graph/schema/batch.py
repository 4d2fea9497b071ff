"""One step on many applications at once (批量办理): what it takes, what it answers, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

import graph.schema.event  # noqa: F401  it names BatchState and BatchStep for clients
from graph.context import Info
from graph.schema.account import Account
from graph.schema.application import Application
from graph.schema.collective import Kept, worded
from graph.schema.filter import ApplicationWhere
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.page import After, Connection, First, Taken, listed
from graph.schema.problem import FieldProblem
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput, MaterialMarkInput
from rules.batch import BatchOutcome, BatchState, BatchStep
from rules.reasons import Reason

strawberry.enum(BatchOutcome, name="ApplicationBatchOutcome")
OnlyRefused = Annotated[bool, strawberry.argument(description="Only those that were left out.")]


@strawberry.type
class ApplicationBatchItem:
    """One application of a batch."""

    place: int = strawberry.field(description="Its place in the batch, from 1.")
    outcome: BatchOutcome = strawberry.field(description="What came of it, so far.")
    application_key: strawberry.Private[UUID]
    kept_problems: strawberry.Private[Kept]
    application = link(Application, "application_key", "The application as it stands, while you may read it.")

    @strawberry.field
    def problems(self, info: Info) -> list[FieldProblem]:
        """Why it was left out; `path` is a field of the input, or `application`."""
        return worded(self.kept_problems, info.context.language)


@strawberry.type
class ApplicationBatch(Node):
    """One step that somebody takes on many applications at once (批量办理)."""

    step: BatchStep = strawberry.field(description="The step that is taken on each.")
    state: BatchState = strawberry.field(description="Where it stands.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    finished_at: datetime | None = strawberry.field(description="When it was finished.")
    total: int = strawberry.field(description="How many applications it is of.")
    done: int = strawberry.field(description="On how many the step was taken.")
    refused: int = strawberry.field(description="How many were left out.")
    key: strawberry.Private[UUID]
    feed_place: strawberry.Private[str]
    account_key: strawberry.Private[UUID]
    account = link(Account, "account_key", "Who began it, if you may read the account.")
    items = listed(
        "ApplicationBatch.items",
        Connection[ApplicationBatchItem],
        "The applications of the batch, and what came of each, in their order.",
        onlyRefused=Taken(OnlyRefused, False),
    )

    @strawberry.field
    def feed_cursor(self, info: Info) -> str:
        """Follow `applicationBatchFeed` after this, and nothing falls between."""
        scope, _, seq = self.feed_place.partition(":")
        return info.context.services.feed.cursors.write(UUID(scope), int(seq))


@strawberry.type
class ApplicationsCheckItem:
    """The result that the step would have for one application now."""

    place: int = strawberry.field(description="Its place among those chosen, from 1.")
    eligible: bool = strawberry.field(description="Whether the step would be taken on it.")
    problems: list[FieldProblem] = strawberry.field(
        description="Why not; `path` is a field of the input, or `application`."
    )
    application_key: strawberry.Private[UUID]
    application = link(Application, "application_key", "The application, if you may read it.")


@strawberry.type
class ApplicationsCheck:
    """The result of a dry run (预检)."""

    token: str = strawberry.field(
        description="预检凭据: `applicationsCarryOut` takes it within the hour, and takes the step on what would be "
        "done by it, in the versions that it has seen."
    )
    total: int = strawberry.field(description="How many applications are chosen.")
    eligible: int = strawberry.field(description="On how many of them the step would be taken.")
    page: strawberry.Private[Callable[[int | None, str | None, bool], Connection[ApplicationsCheckItem]]]

    @strawberry.field
    def items(
        self, first: First = None, after: After = None, only_refused: OnlyRefused = False
    ) -> Connection[ApplicationsCheckItem]:
        """The applications that are chosen, in their order."""
        return self.page(first, after, only_refused)


@strawberry.input
class ApplicationsCheckInput:
    """A step, what it takes, and on which applications: by a filter of your desk, or by their ids."""

    step: BatchStep = strawberry.field(description="The step.")
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The applications by their global ids, at most 500; instead of a filter."
    )
    where: ApplicationWhere | None = strawberry.field(
        default=None, description="Which of your `pendingReviews`, at most 500; instead of ids."
    )
    opinion: str | None = strawberry.field(
        default=None, description="意见, up to 500 characters, the same for each; TAKE has none."
    )
    agrees: bool | None = strawberry.field(default=None, description="同意 or 不同意; for RECOMMEND, which needs it.")
    reasons: list[Reason] = strawberry.field(
        default_factory=list, description="The coded reasons of the marked fields; for RETURN."
    )
    marked_fields: list[str] = strawberry.field(
        default_factory=list, description="The fields of the form to correct; for RETURN."
    )
    marked_materials: list[MaterialMarkInput] = strawberry.field(
        default_factory=list, description="The materials to hand in (需要补正的材料); for RETURN."
    )


@strawberry.input
class ApplicationsCarryOutInput(ApplicationsCheckInput, IdempotentInput):
    """The same, to be done as a check has found it."""

    token: str = strawberry.field(description="The `token` of that check, of an hour ago at most.")


@strawberry.type
class ApplicationsCarryOutPayload:
    """The batch was begun: up to 50 applications are done by now, more go on as a job."""

    application_batch: ApplicationBatch = strawberry.field(description="The batch as it stands now.")

    query = query_after("Anything else you want to read after the step.")
