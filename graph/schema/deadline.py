"""The period that the authority has for its decision, as data (审批期限)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.link import links
from rules.deadline import DeadlineBasis
from rules.hold import Pause

strawberry.enum(DeadlineBasis)
strawberry.enum(Pause)


@strawberry.type
class ApplicationPause:
    """A span in which the period stood still (中止计时)."""

    kind: Pause = strawberry.field(description="What for.")
    reason: str | None = strawberry.field(description="Why.")
    expected_days: int | None = strawberry.field(
        description="预计所需工作日, as the authority told the nurse; null where it did not say, and of a correction."
    )
    started_at: datetime = strawberry.field(description="Since when; the days from the next one on do not count.")
    ended_at: datetime | None = strawberry.field(description="Until when; null while it goes on.")
    working_days: int | None = strawberry.field(description="The working days that did not count, once it has ended.")


@strawberry.type
class ApplicationDeadline:
    """The deadline (审批期限) of an application that has reached the authority."""

    basis: DeadlineBasis = strawberry.field(description="Which period the law gives, and from when.")
    due_on: date | None = strawberry.field(description="The last day for the decision by law; null until accepted.")
    promised_due_on: date | None = strawberry.field(description="The last day that the authority promises (承诺时限).")
    working_days_left: int | None = strawberry.field(
        description="Working days from tomorrow until `dueOn`: 0 on that day, below 0 once it is over; null while "
        "the period stands still, before acceptance and after the decision."
    )
    provisional: bool = strawberry.field(
        description="Whether `dueOn` runs across days of a year that is not announced yet (暂定期限): once they are, "
        "it is counted afresh and may move by some days."
    )
    extended: bool = strawberry.field(description="Whether the period was extended, which it may be once.")
    extension_reason: str | None = strawberry.field(description="Why it was extended.")
    key: strawberry.Private[UUID]
    paused_spans = links(ApplicationPause, "key", "When it stood still, newest first.")
