"""Applications go on without the institution that should have reviewed them (直接报送审批机关)."""

from __future__ import annotations

from uuid import UUID

from db import application as applications
from db import calendar
from db import escalation as escalations
from db.feed.event import Addressed
from db.store.engine import Tx
from rules.application import Application, State, Step, next_state
from rules.errors import NotAllowed, Words
from rules.escalation import Route, competent
from rules.moves import CLAIMED_KINDS
from rules.people import SYSTEM, Actor, Party
from rules.working_days import SILENCE_DAYS, due_on
from workflow.case import Case, Order, heard


async def escalate(case: Case) -> None:
    """To the authority without the institution's word: the nurse after 10 working days of silence, or the system.

    Where she is at no institution, nobody's word is waited for.
    """
    tx, application = case.tx, case.application
    if case.actor.party is Party.NURSE and application.institution_id is not None:
        await _require_silence(case)
    route = (await escalations.routes(tx, [application.id]))[application.id]
    times = {"forwarded_at": tx.now, "queued_at": tx.now, "escalated_at": tx.now}
    case.values = {"authority_id": competent(application.kind, route), **times}


async def _require_silence(case: Case) -> None:
    """Refuse while the institution's working days last, saying the last of them."""
    assert case.application.queued_at is not None
    since = case.tx.date_of(case.application.queued_at)
    last = due_on(since, SILENCE_DAYS, await calendar.working_days(case.tx, since, SILENCE_DAYS))
    if case.tx.today <= last:
        zh = f"机构自{since}起有十个工作日办理，{last}之后方可直接报送审批机关"
        en = f"The institution has 10 working days from {since}: it can go on without its word after {last}."
        raise NotAllowed("INSTITUTION_HAS_TIME", Words(zh, en))


async def leave_reviews(tx: Tx, institution_id: UUID, by: Actor) -> list[Addressed]:
    """Nothing stays with an institution that ends: reviews of its own nurses go to the authority, for whoever would
    have come to it the choice begins anew. Locks the applications, not the institution; tell what is returned.
    """
    locked = await applications.lock_reviews(tx, institution_id)
    routes = await escalations.routes(tx, [one.id for one in locked])
    cases = [_leaving(tx, by, one, routes[one.id]) for one in locked]
    escalated = {case.application.id: case.values["authority_id"] for case in cases if case.order.step is Step.ESCALATE}
    returned = [case.application.id for case in cases if case.order.step is Step.RETURN]
    account_id = None if by.party is None else by.account_id
    await escalations.escalate(tx, escalated, account_id)
    await escalations.send_back(tx, returned, account_id)
    return [one for case in cases for one in heard(case)]


def _leaving(tx: Tx, by: Actor, application: Application, route: Route) -> Case:
    """How one application leaves: the system's step, told as whoever ended the institution."""
    own = application.state is State.INSTITUTION_REVIEW and application.kind not in CLAIMED_KINDS
    step = Step.ESCALATE if own else Step.RETURN
    target = next_state(SYSTEM, application, step, tx.now)
    values = {"authority_id": competent(application.kind, route)} if own else {"institution_id": None}
    return Case(tx, by, Order(None, step, application.id, application.version), application, target, values)
