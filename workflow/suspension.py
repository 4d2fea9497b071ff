"""Suspended from practice (暂停执业), allowed again (解除), struck off (吊销): by a decision with a number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from db import certificate as certificates
from db import registration as registrations
from db import span
from db.feed.event import Addressed
from db.store.engine import Database
from rules import suspension as rules
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.suspension import SpanKind
from rules.wording import decision_number, remark
from workflow.ending import DEREGISTERED, end_registration, news
from workflow.nurse_case import NurseCase, NurseOrder, act


async def suspend(db: Database, order: NurseOrder) -> UUID:
    """Her authority forbids her to practise from today for `months`, by `decision_number`, for a `reason`."""
    return await act(db, order, "registration.suspend", _suspend)


async def _suspend(case: NurseCase) -> list[Addressed]:
    tx, entry, given = case.tx, case.registration, case.given
    require_own_nurse(case.actor, entry, Role.DECIDER)
    number, reason = decision_number(given["decision_number"]), remark("reason", given["reason"])
    running = await span.running(tx, entry.nurse_id, SpanKind.SUSPENSION)
    days = rules.suspend(entry, running, given["months"], tx.today)
    told: dict[str, Any] = {
        "nurse_id": entry.nurse_id,
        "kind": SpanKind.SUSPENSION,
        "days": days,
        "by": case.actor.account_id,
    }
    await span.insert(tx, case.key, **told, number=number, reason=reason)
    return await _noted(case, "registration.suspended", f"暂停执业，{days[0]}至{days[1]}，决定书文号：{number}", number)


async def lift(db: Database, order: NurseOrder) -> UUID:
    """Her authority ends a suspension before its time, by `decision_number`."""
    return await act(db, order, "registration.lift", _lift)


async def _lift(case: NurseCase) -> list[Addressed]:
    tx, entry = case.tx, case.registration
    require_own_nurse(case.actor, entry, Role.DECIDER)
    number = decision_number(case.given["decision_number"])
    ended, last = rules.lift(entry, await span.running(tx, entry.nurse_id, SpanKind.SUSPENSION), tx.today)
    await span.end(tx, ended.id, last)
    return await _noted(case, "registration.lifted", f"解除暂停执业，决定书文号：{number}", number)


async def _noted(case: NurseCase, event: str, why: str, number: str) -> list[Addressed]:
    """A row of history, so that the entry's version rises: whoever judges it later knows that it has changed."""
    entry, by = case.registration, case.actor.account_id
    await registrations.change(case.tx, entry, account_id=by, reason=why, business=False)
    case.noted = {"decision_number": number}
    return news(event, entry.nurse_id, case.name, case.actor, entry.institution_id, entry.authority_id)


async def revoke(db: Database, order: NurseOrder) -> UUID:
    """Her authority strikes her off (吊销), by `decision_number`, for a `reason`; all that is open for her ends."""
    return await act(db, order, "registration.revoke", _revoke, ends=True)


async def _revoke(case: NurseCase) -> list[Addressed]:
    tx, entry, by = case.tx, case.registration, case.actor
    require_own_nurse(by, entry, Role.DECIDER)
    number, reason = decision_number(case.given["decision_number"]), remark("reason", case.given["reason"])
    after = rules.revoke(entry, tx.today)
    why = f"吊销护士执业证书，决定书文号：{number}" + (f"；{reason}" if reason else "")
    await registrations.change(tx, after, account_id=by.account_id, reason=why)
    await certificates.void(tx, entry.nurse_id)
    told = await end_registration(tx, entry.nurse_id, None, by)
    case.noted = {"decision_number": number}
    return told + news(DEREGISTERED, entry.nurse_id, case.name, by, entry.institution_id, entry.authority_id)
