"""The working calendar: looking at it, and keeping it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from db import calendar
from db.calendar import Day
from graph.context import Context, Info
from graph.resolvers.act import mutation, retry_key
from graph.schema.act import Act
from graph.schema.calendar import CALENDAR_SET_DAY, CalendarDay
from rules.calendar import require_view
from workflow import calendar as workflow

Since = Annotated[date, strawberry.argument(name="from", description="The first day.")]
Until = Annotated[date, strawberry.argument(description="The last day, at most 400 days in all.")]


async def _set_day(context: Context, act: Act, input: Any) -> Any:
    day = Day(input.day, input.working, (input.note or "").strip() or None)
    await workflow.set_day(context.db, workflow.DayOrder(context.signed_in, day, retry_key(input)))
    async with context.db.read() as reader:
        (now,) = await calendar.days(reader, day.day, day.day)
    return act.payload(day=_shown(now))


def _shown(day: Day) -> CalendarDay:
    return CalendarDay(day=day.day, working=day.working, note=day.note)


@strawberry.type
class CalendarQuery:
    """Looking."""

    @strawberry.field
    async def calendar(self, info: Info, since: Since, until: Until) -> list[CalendarDay]:
        """The working calendar (工作日历), which periods are counted by, for everybody who is signed in."""
        require_view(since, until)
        context = info.context
        assert context.signed_in
        async with context.db.read() as reader:
            return [_shown(day) for day in await calendar.days(reader, since, until)]


CalendarMutation: Any = strawberry.type(
    type("CalendarMutation", (), {CALENDAR_SET_DAY.name: mutation(CALENDAR_SET_DAY, _set_day), "__doc__": "Acting."})
)
