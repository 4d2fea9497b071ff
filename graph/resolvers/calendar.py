"""The working calendar: looking at it, and keeping it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import strawberry

from db import calendar
from graph.context import Context
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.calendar import CalendarDay, CalendarPayload, CalendarSetDayInput
from graph.schema.page import REQUIRED, Connection, Taken, listed
from workflow.calendar import CalendarSetDay
from workflow.step import take

Since = Annotated[date, strawberry.argument(name="from", description="The first day.")]
Until = Annotated[date, strawberry.argument(description="The last day, at most 400 days in all.")]


async def _set_day(context: Context, input: CalendarSetDayInput) -> Fields:
    note = (input.note or "").strip() or None
    wish = CalendarSetDay(input.day, input.working, note, idempotency_key=retry_key(input))
    await take(context.db, context.signed_in, wish)
    async with context.db.read() as reader:
        now = await calendar.day(reader, wish.day)
    return {"day": CalendarDay(day=now.day, working=now.working, note=now.note, basis=now.basis)}


MUTATIONS: Final = (
    Mutation(
        CalendarSetDay,
        CalendarSetDayInput,
        CalendarPayload,
        "Say whether a day is a working day (维护工作日历): for supervisors and administrators of the national "
        "authority.",
        _set_day,
    ),
)


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
