"""The acceptance of an application (受理): its receipt number, and the day by which its decision is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from db import application as applications
from db import calendar
from db.opening import INTAKE_LENGTH, RECEIVED_ON
from rules.application import State
from rules.kinds import KINDS
from rules.working_days import INTAKE_DAYS, due_on
from workflow.application_step import ApplicationStep, case
from workflow.case import Case
from workflow.step import Lock, Underway, read


@dataclass(frozen=True, slots=True)
class Intake:
    """The calendar from the day an authority received an application, and how soon it promises to decide."""

    received_on: date
    days: Sequence[date]
    promised: int | None


@read(Lock.NONE, calendar.days_ahead(RECEIVED_ON, INTAKE_LENGTH), calendar.PROMISED_AHEAD)
async def intake(step: Underway[ApplicationStep]) -> Intake:
    """The days and promises by which the periods of a forwarded application are counted."""
    application, tx = step[case].application, step.tx
    assert application.authority_id is not None
    assert application.forwarded_at is not None
    received_on = tx.date_of(application.forwarded_at)
    length = 2 * KINDS[application.kind].period.days + (tx.today - received_on).days
    days = await calendar.working_days(tx, received_on, length)
    return Intake(received_on, days, await calendar.promised_days(tx, application.authority_id))


async def accept(moving: Case, known: Intake) -> dict[str, Any]:
    """The values that an application has from its acceptance on: receipt number, and the day its decision is due."""
    application, today = moving.application, moving.tx.today
    assert application.authority_id is not None
    period, received_on, days = KINDS[application.kind].period, known.received_on, known.days
    # An acceptance by silence counts from receipt, however late it is written down, and by whomever (许可法 32).
    silent = application.state is State.AUTHORITY_INTAKE and today > due_on(received_on, INTAKE_DAYS, days)
    accepted_on = received_on if silent else today
    number = await applications.next_receipt_number(moving.tx, application.authority_id, today.year)
    promised = period.promised(known.promised).due_on(received_on, accepted_on, days) if known.promised else None
    due = {"due_on": period.due_on(received_on, accepted_on, days), "promised_due_on": promised}
    due |= {f"told_{name}": day for name, day in due.items()}
    return {"receipt_number": number, **due, "accepted_at": moving.tx.now, "queued_at": moving.tx.now}
