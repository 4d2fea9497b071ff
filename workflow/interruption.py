"""A nurse does not practise for a while (中断执业, I23), and practises again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from db import span
from db.feed.event import Addressed
from db.store.engine import Database
from rules.interruption import interruption_to_end, require_may_interrupt
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.suspension import SpanKind
from rules.wording import remark
from workflow.ending import news
from workflow.nurse_case import NurseCase, NurseOrder, act


async def start(db: Database, order: NurseOrder) -> UUID:
    """Her institution records that she has not practised since `starts_on`, for a `reason`; gives the span's id."""
    return await act(db, order, "interruption.start", _start)


async def _start(case: NurseCase) -> list[Addressed]:
    tx, entry, starts_on = case.tx, case.registration, case.given["starts_on"]
    require_own_nurse(case.actor, entry, Role.OPERATOR)
    reason = remark("reason", case.given["reason"])
    require_may_interrupt(entry, await span.running(tx, entry.nurse_id, SpanKind.INTERRUPTION), starts_on, tx.today)
    told: dict[str, Any] = {"nurse_id": entry.nurse_id, "kind": SpanKind.INTERRUPTION, "by": case.actor.account_id}
    await span.insert(tx, case.key, **told, days=(starts_on, None), reason=reason)
    return _told(case, "registration.interrupted", case.key)


async def end(db: Database, order: NurseOrder) -> UUID:
    """Her institution records the last day of the interruption, `ends_on`."""
    return await act(db, order, "interruption.end", _end)


async def _end(case: NurseCase) -> list[Addressed]:
    tx, entry, ends_on = case.tx, case.registration, case.given["ends_on"]
    require_own_nurse(case.actor, entry, Role.OPERATOR)
    running = await span.running(tx, entry.nurse_id, SpanKind.INTERRUPTION)
    ended = interruption_to_end(running, ends_on, tx.today)
    await span.end(tx, ended.id, ends_on)
    return _told(case, "registration.interruption_ended", ended.id)


def _told(case: NurseCase, event: str, key: UUID) -> list[Addressed]:
    entry = case.registration
    case.noted = {"span": key}
    return news(event, entry.nurse_id, case.name, case.actor, entry.institution_id, entry.authority_id)
