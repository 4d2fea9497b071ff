"""The working calendar: looking at it, and keeping it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from db import calendar
from db.calendar import Day
from graph.context import Context
from graph.resolvers.act import mutation, retry_key
from graph.schema.act import Act
from graph.schema.calendar import CALENDAR_SET_DAY, CalendarDay
from graph.schema.page import REQUIRED, Connection, Taken, listed
from workflow import calendar as workflow

Since = Annotated[date, strawberry.argument(name="from", description="The first day.")]
Until = Annotated[date, strawberry.argument(description="The last day, at most 400 days in all.")]


async def _set_day(context: Context, act: Act, input: Any) -> Any:
    day = Day(input.day, input.working, (input.note or "").strip() or None)
    await workflow.set_day(context.db, workflow.DayOrder(context.signed_in, day, retry_key(input)))
    async with context.db.read() as reader:
        now = await calendar.day(reader, day.day)
    return act.payload(day=CalendarDay(day=now.day, working=now.working, note=now.note))


@strawberry.type
class CalendarQuery:
    """Looking."""

    calendar = listed(
        "calendar",
        Connection[CalendarDay],
        "The working calendar (工作日历), which periods are counted by, for everybody who is signed in.",
        from_=Taken(Since, REQUIRED),
        until=Taken(Until, REQUIRED),
    )


CalendarMutation: Any = strawberry.type(
    type("CalendarMutation", (), {CALENDAR_SET_DAY.name: mutation(CALENDAR_SET_DAY, _set_day), "__doc__": "Acting."})
)
