"""The period that the authority has for its decision, as data (审批期限)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.context import Info
from rules.deadline import ClockBasis
from rules.hold import Pause

strawberry.enum(ClockBasis)
strawberry.enum(Pause)
said = strawberry.field


@strawberry.type
class ApplicationPause:
    """A span in which the period stood still (中止计时)."""

    kind: Pause = said(description="What for.")
    reason: str | None = said(description="Why.")
    started_at: datetime = said(description="Since when; the days from the next one on do not count.")
    ended_at: datetime | None = said(description="Until when; null while it goes on.")
    working_days: int | None = said(description="The working days that did not count, once it has ended.")


@strawberry.type
class ApplicationClock:
    """The statutory clock of an application that has reached the authority (审批计时)."""

    basis: ClockBasis = said(description="Which period the law gives, and from when.")
    due_on: date | None = said(description="The last day for the decision by law; null until accepted.")
    promised_due_on: date | None = said(description="The last day that the authority promises (承诺时限).")
    working_days_left: int | None = said(
        description="Working days from tomorrow until `dueOn`: 0 on that day, below 0 once it is over; null while "
        "the clock stands still, before acceptance and after the decision."
    )
    extended: bool = said(description="Whether the period was extended, which it may be once.")
    extension_reason: str | None = said(description="Why it was extended.")
    key: strawberry.Private[UUID]

    @strawberry.field
    async def paused_spans(self, info: Info, first: int = 20) -> list[ApplicationPause]:
        """When it stood still, newest first."""
        size = info.context.page(first)
        found: list[ApplicationPause] = await info.context.load.many("ApplicationPause", self.key, size)
        return found
