"""When the period for a decision stands still, runs again, or is extended (中止、恢复、延长)."""

from __future__ import annotations

from datetime import date
from typing import Any

from db import calendar, message, reminder
from db import pause as pauses
from rules.application import State
from rules.hold import Pause, require_extension, require_hold
from rules.kinds import KINDS
from rules.message import Template
from rules.working_days import CountedFrom, due_on
from workflow.case import Case


async def hold(case: Case) -> None:
    """The authority stops the period for a hearing or an examination (中止计时, 许可法 45)."""
    kind, reason = case.order.given["kind"], case.order.given["reason"]
    require_hold(kind, reason)
    await pauses.start(case.tx, case.application.id, kind, reason.strip())
    case.values = {"on_hold": True}


async def resume(case: Case) -> None:
    """The period runs again: the working days that it stood still come on top (恢复计时)."""
    days = await _end(case)
    case.values = {"on_hold": False, **await _later(case, await _due(case), days)}


async def extend(case: Case) -> None:
    """A supervisor gives the authority more days, once, and the nurse is told why (延长期限, 许可法 42)."""
    days, reason = case.order.given["days"], case.order.given["reason"]
    due = await _due(case)
    assert due["due_on"] is not None, "an accepted application has its due date"
    require_extension(days, reason, due["due_on"], case.tx.today, on_hold=case.application.on_hold)
    later = await _later(case, due, days)
    case.values = {"extended": True, "extension_reason": reason.strip(), **later}
    to = await reminder.reached(case.tx, case.application.nurse_id)
    if to is not None:
        business = KINDS[case.application.kind].title.zh
        told = {"business": business, "reason": reason.strip(), "until": str(later["due_on"])}
        await message.send(case.tx, channel=to[0], to=to[1], template=Template.PERIOD_EXTENDED, values=told)


async def follow(case: Case) -> None:
    """What a change of state means for the pauses: corrections begin and end one, and none outlives its period."""
    source, target = case.application.state, case.target
    if target is source:
        return
    if target is State.CORRECTION_REQUIRED:
        await pauses.start(case.tx, case.application.id, Pause.CORRECTION)
    elif source is State.CORRECTION_REQUIRED and target is State.ACCEPTED:
        days = await _end(case)
        if KINDS[case.application.kind].period.counted_from is CountedFrom.RECEIPT:
            due = {name: case.values.get(name) for name in ("due_on", "promised_due_on")}
            case.values |= await _later(case, due, days)
    elif source is State.CORRECTION_REQUIRED or case.application.on_hold:
        await pauses.end(case.tx, case.application.id, None)
        case.values["on_hold"] = False


async def _end(case: Case) -> int:
    """End the pause that runs; gives its working days: from the day after it began until today."""
    since = await pauses.running(case.tx, case.application.id)
    if since is None:
        return 0
    days = await calendar.working_days_between(case.tx, case.tx.date_of(since), case.tx.today)
    await pauses.end(case.tx, case.application.id, days)
    return days


async def _due(case: Case) -> dict[str, Any]:
    return await pauses.due_dates(case.tx, case.application.id)


async def _later(case: Case, due: dict[str, Any], days: int) -> dict[str, date | None]:
    """The due dates so many working days later; those that are not set stay so."""
    later: dict[str, date | None] = {}
    for name, day in due.items():
        moves = day is not None and days > 0
        later[name] = due_on(day, days, await calendar.working_days(case.tx, day, days)) if moves else day
    return later
