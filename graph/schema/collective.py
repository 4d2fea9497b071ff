"""Filing for many nurses at once (集体申请): what it takes, what it answers, and how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

import graph.schema.event  # noqa: F401  it names FilingState for clients
from graph.context import Info
from graph.schema.application import Application
from graph.schema.filter import NurseWhere
from graph.schema.form import ApplicationFormInput
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.page import Connection, Taken, listed
from graph.schema.problem import FieldProblem
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.collective import FilingState, ItemOutcome
from rules.errors import Language, Words
from rules.kinds import Kind
from rules.material import UploadedFile

strawberry.enum(ItemOutcome, name="CollectiveFilingOutcome")
OnlyRefused = Annotated[bool, strawberry.argument(description="Only those who were refused.")]

Kept = list[dict[str, Any]] | None
"""Problems as they are kept: their words in both languages."""


def worded(kept: Kept, language: Language) -> list[FieldProblem]:
    """Problems in the reader's language."""
    messages = [(one, Words(one["zh"], one["en"]).within(language)) for one in kept or ()]
    return [FieldProblem(path=one["path"], code=one["code"], message=message) for one, message in messages]


@strawberry.type
class CollectiveFilingItem:
    """One nurse of a collective filing, or one row of its list."""

    place: int = strawberry.field(description="Her place in the filing, from 1.")
    line: int | None = strawberry.field(description="Her line in the list; null where a filter chose her.")
    outcome: ItemOutcome = strawberry.field(description="What came of it, so far.")
    nurse_id: strawberry.Private[UUID | None]
    application_id: strawberry.Private[UUID | None]
    kept_problems: strawberry.Private[Kept]
    nurse = link(Nurse, "nurse_id", "Who it is, while you may read her record.")
    application = link(Application, "application_id", "What was filed for her.")

    @strawberry.field
    def problems(self, info: Info) -> list[FieldProblem]:
        """Why nothing was filed; `path` is a column or `nurse`."""
        return worded(self.kept_problems, info.context.language)


@strawberry.type
class CollectiveFiling(Node):
    """Applications that an institution files for many of its nurses at once (集体申请)."""

    kind: Kind = strawberry.field(description="业务类型: 首次 or 延续.")
    state: FilingState = strawberry.field(description="Where it stands.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    finished_at: datetime | None = strawberry.field(description="When it was finished or cancelled.")
    total: int = strawberry.field(description="How many nurses it is for.")
    filed: int = strawberry.field(description="For how many an application is filed.")
    refused: int = strawberry.field(description="How many were refused.")
    key: strawberry.Private[UUID]
    feed_place: strawberry.Private[str]
    items = listed(
        "CollectiveFiling.items",
        Connection[CollectiveFilingItem],
        "The nurses of the filing, and what came of each, in their order.",
        onlyRefused=Taken(OnlyRefused, False),
    )

    @strawberry.field
    def feed_cursor(self, info: Info) -> str:
        """Follow `collectiveFilingFeed` after this, and nothing falls between."""
        return info.context.services.feed.cursors.placed(self.feed_place)


@strawberry.type
class RecordChange:
    """A value on record that filing would change (变更在册信息)."""

    path: str = strawberry.field(description="The field of the form.")
    recorded: str = strawberry.field(description="What is on record, as people read it.")
    wanted: str = strawberry.field(description="What the form would make of it, as people read it.")


@strawberry.type
class CollectiveFilingCheckItem:
    """The result that filing would have for one nurse now."""

    place: int = strawberry.field(description="Her place in the filing, from 1.")
    line: int | None = strawberry.field(description="Her line in the list; null where a filter chose her.")
    eligible: bool = strawberry.field(description="Whether an application would be filed for her.")
    problems: list[FieldProblem] = strawberry.field(
        description="Why not; `path` is a column, `kind` for a condition, or `nurse`."
    )
    notes: list[FieldProblem] = strawberry.field(
        description="What of the list was not read, though it stands in nobody's way: columns that are not known, "
        "other sheets. What concerns the whole list stands with its first row."
    )
    changes: list[RecordChange] = strawberry.field(
        description="What it would change on record; refused as `RECORD_DIFFERS` unless her row of a list says it, or "
        "`changesRecord` is said."
    )
    nurse_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Who it is, if you may read her record.")


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
    changes_record: bool = strawberry.field(
        default=False,
        description="确认变更在册信息: `form` may change what is on record of each nurse, such as title, department "
        "and health. Unless this is said, whoever it would change is refused.",
    )
    csv: UploadedFile | None = strawberry.field(
        default=None,
        description="名单: .xlsx, .xls (5 MiB) or .csv (1 MiB; UTF-8, UTF-16 or GB18030), at most 5,000 rows, sent as "
        "a multipart request. A row under any titles names the columns: `idNumber` (with `documentType` where it is no "
        "居民身份证) or `certificateNumber`, `name`, and fields of the form, by these names or in Chinese. 首次 needs "
        "`idNumber` and `name`. Templates lie at /templates/collective/FIRST.xlsx and RENEWAL.xlsx.",
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
