"""Filing for many nurses at once (集体申请): what it takes, what it answers, and how far it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.act import Act
from graph.schema.application import Application
from graph.schema.event import EVENT_TYPES, FeedHeartbeat, FeedReset
from graph.schema.filter import NurseWhere
from graph.schema.form import ApplicationFormInput
from graph.schema.link import link
from graph.schema.nurse import Nurse
from graph.schema.page import First
from graph.schema.problem import FieldProblem
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.collective import FilingState, ItemOutcome
from rules.kinds import Kind
from rules.material import UploadedFile

strawberry.enum(ItemOutcome, name="CollectiveFilingOutcome")
AfterPlace = Annotated[int | None, strawberry.argument(description="Only those after this place.")]
OnlyRefused = Annotated[bool, strawberry.argument(description="Only those who were refused.")]


@strawberry.type
class CollectiveFilingItem:
    """One nurse of a collective filing, or one row of its list."""

    place: int = strawberry.field(description="Her place in the filing, from 1.")
    line: int | None = strawberry.field(description="Her line in the list; null where a filter chose her.")
    outcome: ItemOutcome = strawberry.field(description="What came of it, so far.")
    problems: list[FieldProblem] = strawberry.field(description="Why nothing was filed; `path` is a column or `nurse`.")
    nurse_key: strawberry.Private[UUID | None]
    application_key: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_key", "Who it is, while you may read her record.")
    application = link(Application, "application_key", "What was filed for her.")


@strawberry.type
class CollectiveFilingItems:
    """Nurses of a filing in their order."""

    nodes: list[CollectiveFilingItem] = strawberry.field(description="The nurses.")
    end_place: int | None = strawberry.field(
        description="Give it as `after` for the next page; null where there is nothing."
    )
    has_more: bool = strawberry.field(description="Whether there are more.")


Items = Callable[[Info, int | None, int | None, bool], Awaitable[CollectiveFilingItems]]


@strawberry.type
class CollectiveFiling:
    """Applications that an institution files for many of its nurses at once (集体申请)."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    kind: Kind = strawberry.field(description="业务类型: 首次 or 延续.")
    state: FilingState = strawberry.field(description="Where it stands.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    finished_at: datetime | None = strawberry.field(description="When it was finished or cancelled.")
    total: int = strawberry.field(description="How many nurses it is for.")
    filed: int = strawberry.field(description="For how many an application is filed.")
    refused: int = strawberry.field(description="How many were refused.")
    feed_cursor: str = strawberry.field(
        description="Follow `collectiveFilingFeed` after this, and nothing falls between."
    )
    reading: strawberry.Private[Items]

    @strawberry.field
    async def items(
        self, info: Info, first: First = None, after: AfterPlace = None, only_refused: OnlyRefused = False
    ) -> CollectiveFilingItems:
        """The nurses, and what came of each."""
        return await self.reading(info, first, after, only_refused)


@strawberry.type
class CollectiveFilingPage:
    """Collective filings, newest first."""

    nodes: list[CollectiveFiling] = strawberry.field(description="The filings.")
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` for the next page; null where there is nothing."
    )
    has_more: bool = strawberry.field(description="Whether there are more.")


@strawberry.type
class CollectiveFilingCheckItem:
    """What filing would say of one nurse now."""

    place: int = strawberry.field(description="Her place in the filing, from 1.")
    line: int | None = strawberry.field(description="Her line in the list; null where a filter chose her.")
    eligible: bool = strawberry.field(description="Whether an application would be filed for her.")
    problems: list[FieldProblem] = strawberry.field(
        description="Why not; `path` is a column, `kind` for a condition, or `nurse`."
    )
    nurse_key: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_key", "Who it is, if you may read her record.")


@strawberry.type
class CollectiveFilingCheck:
    """A dry run (预检): nothing is filed, nothing is kept."""

    total: int = strawberry.field(description="How many nurses are chosen.")
    nodes: list[CollectiveFilingCheckItem] = strawberry.field(description="The nurses of this page in their order.")
    end_place: int | None = strawberry.field(
        description="Give it as `after` for the next page; null where there is nothing."
    )
    has_more: bool = strawberry.field(description="Whether there are more.")


@strawberry.input
class CollectiveFilingCheckInput:
    """For whom to file, and what: nurses by a filter, or by a list with a form's fields where they differ."""

    kind: Kind = strawberry.field(description="首次 or 延续.")
    form: ApplicationFormInput | None = strawberry.field(
        default=None, description="The form for all; what a row of the list says goes before it."
    )
    where: NurseWhere | None = strawberry.field(
        default=None, description="Which nurses of your roster; instead of a list."
    )
    csv: UploadedFile | None = strawberry.field(
        default=None,
        description="名单, at most 1 MiB and 5,000 rows, UTF-8 or GB18030, sent as a multipart request. Its first line "
        "names the columns: `idNumber` (with `documentType` where it is no 居民身份证) or `certificateNumber`, `name`, "
        "and fields of the form, by these names or in Chinese. 首次 needs `idNumber` and `name`.",
    )


@strawberry.input
class CollectiveFilingStartInput(CollectiveFilingCheckInput, IdempotentInput):
    """The same, to be filed."""


@strawberry.input
class CollectiveFilingCancelInput(IdempotentInput):
    """One filing."""

    id: strawberry.ID = strawberry.field(description="The filing's global id.")


@strawberry.interface
class CollectiveFilingPayload:
    """The step was taken."""

    collective_filing: CollectiveFiling = strawberry.field(description="The filing as it stands now.")

    query = query_after("Anything else you want to read after the step.")


_PROGRESSED: Any = EVENT_TYPES["collective.progressed"]
CollectiveFilingFeedMessage: Any = Annotated[
    _PROGRESSED | FeedHeartbeat | FeedReset,
    strawberry.union("CollectiveFilingFeedMessage", description="What the feed of a collective filing sends."),
]

START: Final = Act(
    "collectiveFilingStart",
    CollectiveFilingStartInput,
    CollectiveFilingPayload,
    "File for many nurses at once (集体申请): one after the other, straight to the authority; follow it by its feed.",
)
CANCEL: Final = Act(
    "collectiveFilingCancel",
    CollectiveFilingCancelInput,
    CollectiveFilingPayload,
    "File for nobody more (取消集体申请); what is filed stays filed.",
)
