"""What those who review an application do: the institution confirms, the authority takes in and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from db import application as applications
from db import calendar, registration
from db import ending as endings
from rules import reasons
from rules.errors import NotAllowed, Words
from rules.form import field_names
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind, form_from_json, form_of
from rules.moves import State
from rules.working_days import INTAKE_DAYS, due_on
from workflow.approval import enter
from workflow.case import Case
from workflow.companion import companion, follow
from workflow.eligibility import require_eligible
from workflow.material import see_originals


async def send_back(case: Case) -> None:
    """The institution asks for changes on marked fields, with coded reasons (机构退回)."""
    _require_reasons(case)
    await case.decide("INSTITUTION", "RETURNED")
    case.values = {"marked_fields": list(case.order.marked_fields)}


async def forward(case: Case) -> None:
    """The institution confirms (机构同意, I17): straight to the authority set for this kind (I6), stamped now."""
    tx, application = case.tx, case.application
    assert application.institution_id is not None
    state, authority_id = await applications.approval_route(tx, application.institution_id, application.kind)
    authority_id = require_route(application.kind, state, authority_id)
    await case.decide("INSTITUTION", "AGREED")
    case.values = {"authority_id": authority_id, "forwarded_at": tx.now, "queued_at": tx.now}


def require_route(kind: Kind, institution_state: str, authority_id: UUID | None) -> UUID:
    """The authority that an institution has set for this kind (审批机关设置, I6), or what it must set first."""
    if institution_state != InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", Words("本机构未处于启用状态", "The institution is not active."))
    if authority_id is None:
        title = KINDS[kind].title
        zh = f"本机构尚未设置“{title.zh}”的审批机关，请先在“审批机关设置”中设置"
        raise NotAllowed("AUTHORITY_NOT_SET", Words(zh, f"Set the approving authority for {kind} first."))
    return authority_id


async def decline(case: Case) -> None:
    """The institution does not confirm (机构不同意, I17); this ends the application."""
    _require_reasons(case)
    await case.decide("INSTITUTION", "REFUSED")
    case.values = {"decided_at": case.tx.now}


async def require_correction(case: Case) -> None:
    """The authority asks for everything that is missing, once, within 5 working days (补正, 许可法 32)."""
    _require_reasons(case)
    forwarded_at = case.application.forwarded_at
    assert forwarded_at is not None
    received_on = case.tx.date_of(forwarded_at)
    days = await calendar.working_days(case.tx, received_on, INTAKE_DAYS)
    if case.tx.today > due_on(received_on, INTAKE_DAYS, days):
        zh = "收到申请已超过五个工作日，视为受理，不能再要求补正"
        raise NotAllowed("CORRECTION_TOO_LATE", Words(zh, "Corrections may be asked for within 5 working days only."))
    await case.decide("AUTHORITY_REVIEW", "CORRECTION_REQUIRED")
    marked = list(case.order.marked_fields)
    case.values = {"marked_fields": marked, "corrections": case.application.corrections + 1}


async def accept(case: Case) -> None:
    """The authority takes the application in (受理): receipt number, and the day its decision is due."""
    await see_originals(case)
    await case.decide("AUTHORITY_REVIEW", "ACCEPTED")
    case.values = await acceptance(case)


async def acceptance(case: Case) -> dict[str, Any]:
    """What the application carries from its acceptance on: receipt number, and the day its decision is due."""
    tx, application = case.tx, case.application
    assert application.authority_id is not None
    assert application.forwarded_at is not None
    authority_id, today = application.authority_id, tx.today
    received_on = tx.date_of(application.forwarded_at)
    period = KINDS[application.kind].period
    days = await calendar.working_days(tx, received_on, 2 * period.days + (today - received_on).days)
    # An acceptance by silence counts from receipt, however late it is written down, and by whomever (许可法 32).
    silent = application.state is State.AUTHORITY_INTAKE and today > due_on(received_on, INTAKE_DAYS, days)
    accepted_on = received_on if silent else today
    number = await applications.next_receipt_number(tx, authority_id, today.year)
    due = period.due_on(received_on, accepted_on, days)
    promised = await calendar.promised_days(tx, authority_id)
    promised_due = period.promised(promised).due_on(received_on, accepted_on, days) if promised else None
    kept = {"receipt_number": number, "due_on": due, "promised_due_on": promised_due}
    return {**kept, "accepted_at": tx.now, "queued_at": tx.now}


async def refuse_intake(case: Case) -> None:
    """The authority is not competent (不予受理)."""
    _require_reasons(case)
    await _bar(case)
    await case.decide("AUTHORITY_REVIEW", "NOT_ACCEPTED")
    case.values = {"decided_at": case.tx.now}


async def recommend(case: Case) -> None:
    """A reviewer's opinion (审查意见), for the one who decides."""
    await case.decide("AUTHORITY_REVIEW", "AGREED" if case.order.agrees else "REFUSED")
    case.values = {"recommender_id": case.actor.account_id}


async def approve(case: Case) -> None:
    """The authority agrees (同意, A4): the register changes and the history keeps why."""
    tx, application = case.tx, case.application
    renewal = await companion(case)
    if application.kind is Kind.DEREGISTRATION:
        await endings.hold(tx, application.nurse_id)
    entry = await registration.lock(tx, application.nurse_id)
    form = form_from_json(application.kind, application.form)
    assert application.submitted_at is not None
    filed_on = tx.date_of(application.submitted_at)
    await require_eligible(case, entry, form, filed_on, application.institution_id)
    await case.decide("AUTHORITY_DECISION", "AGREED")
    after = await enter(case, entry, form)
    await registration.sync_record(tx, application.nurse_id, form.record())
    if renewal is not None:
        await follow(case, renewal, after)
    case.values = {"decided_at": tx.now}


async def reject(case: Case) -> None:
    """The authority does not agree (不同意, A4), with coded reasons."""
    _require_reasons(case)
    await _bar(case)
    await case.decide("AUTHORITY_DECISION", "REFUSED")
    case.values = {"decided_at": case.tx.now}


def _require_reasons(case: Case) -> None:
    order, markable = case.order, field_names(form_of(case.application.kind))
    reasons.require_reasons(order.step, order.reasons, order.marked_fields, markable=markable, opinion=order.opinion)


async def _bar(case: Case) -> None:
    """Some reasons keep her from applying again for years (许可法 78)."""
    until = reasons.bar_until(case.order.reasons, case.tx.today)
    if until is not None:
        await registration.lock(case.tx, case.application.nurse_id)
        await registration.bar(case.tx, case.application.nurse_id, until)
