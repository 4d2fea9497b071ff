"""The working calendar (工作日历): what is shown of it, and what a step on it takes and answers."""

from __future__ import annotations

from datetime import date

import strawberry

from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.calendar import DayBasis

strawberry.enum(DayBasis)


@strawberry.type
class CalendarDay:
    """One day of the working calendar (工作日历)."""

    day: date = strawberry.field(description="日期.")
    working: bool = strawberry.field(description="Whether it is a working day: what the periods of the law count.")
    note: str | None = strawberry.field(description="What it is called, such as 国庆节.")
    basis: DayBasis = strawberry.field(description="Whether it is announced, set by the nation, or a guess so far.")


@strawberry.input
class CalendarSetDayInput(IdempotentInput):
    """One day of the calendar as it is from now on."""

    day: date = strawberry.field(description="Today or later; the calendar is continued day by day.")
    working: bool = strawberry.field(description="Whether it is a working day.")
    note: str | None = strawberry.field(default=None, description="What it is called, up to 100 characters.")


@strawberry.interface
class CalendarPayload:
    """The calendar was changed. Due dates stay, but for those across a day that was provisional so far."""

    day: CalendarDay = strawberry.field(description="The day as it is now.")

    query = query_after("Anything else you want to read after the step.")
