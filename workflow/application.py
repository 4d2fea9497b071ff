"""Filing an application and carrying it to its end.

Every step: the session is read, the retry key written, the rows locked, the rules judge, the change and what it
tells go into the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import clock, event, idempotency, registration
from db import session as sessions
from db.engine import Database, Tx
from db.session import Session
from rules import reasons
from rules.application import Application, State, Step, next_state, start_state
from rules.clock import INTAKE_DAYS, due_on
from rules.eligibility import Facts, require_eligible
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.events import EVENT_OF, EVENTS, queue_change
from rules.form import Form, answer, check, field_names, form_to_json
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind, form_from_json, form_of, kind_of
from rules.people import Actor, Party
from rules.registration import Registration, renew


@dataclass(frozen=True, slots=True)
class Draft:
    """A nurse's wish to begin an application."""

    session: Session
    form: Form
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One person's wish to take one step on one application, as she last saw it (`expected_version`)."""

    session: Session
    step: Step
    application_id: UUID
    expected_version: int
    idempotency_key: str | None = None
    form: Form | None = None
    reasons: tuple[reasons.Reason, ...] = ()
    marked_fields: tuple[str, ...] = ()
    confirmed_fields: tuple[str, ...] = ()
    opinion: str | None = None
    agrees: bool = True

    def content(self) -> dict[str, Any]:
        """What makes two requests the same request."""
        form = self.form and form_to_json(self.form)
        told = [self.reasons, self.marked_fields, self.confirmed_fields, self.opinion, self.agrees]
        return {"id": self.application_id, "version": self.expected_version, "form": form, "told": told}


@dataclass(slots=True)
class Case:
    """A step under way: the order, the locked application, and what the step writes."""

    tx: Tx
    actor: Actor
    order: Order
    application: Application
    target: State
    values: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    async def decide(self, stage: str, outcome: str) -> None:
        """Keep the decision (ReviewDecision) and tell its outcome."""
        order = self.order
        values = {"stage": stage, "outcome": outcome, "opinion": order.opinion}
        lists = {"reasons": list(order.reasons), "marked_fields": list(order.marked_fields)}
        await applications.insert_decision(self.tx, self.application, self.actor.account_id, {**values, **lists})
        self.told["outcome"] = outcome


async def create_draft(db: Database, draft: Draft) -> UUID:
    """A nurse begins an application (新建申请); nobody else sees it before she files it (N16)."""
    kind, application_id = kind_of(draft.form), uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, draft.session)
        state = start_state(actor, Step.CREATE_DRAFT, kind)
        assert actor.party_id is not None
        key = idempotency.Key(actor.account_id, Step.CREATE_DRAFT, draft.idempotency_key)
        content = form_to_json(draft.form)
        if not await idempotency.first_time(tx, key, content, application_id):
            return await idempotency.result(tx, key)
        entry = await registration.lock(tx, actor.party_id)
        values = {
            "id": application_id,
            "kind": kind,
            "state": state,
            "nurse_id": actor.party_id,
            "institution_id": entry.registration.institution_id,
            "filed_by": Party.NURSE,
            "nurse_name": entry.name,
            "id_number_masked": entry.id_number_masked,
            "certificate_number": entry.registration.certificate_number,
            "form": content,
            "moved_by": actor.account_id,
        }
        await applications.insert_draft(tx, values)
    return application_id


async def take(db: Database, order: Order) -> UUID:
    """Take one step on an application: the same way for every step, the step's own part in `_EFFECTS`."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        key = idempotency.Key(actor.account_id, order.step, order.idempotency_key)
        if not await idempotency.first_time(tx, key, order.content(), order.application_id):
            return order.application_id
        application = await applications.lock(tx, order.application_id)
        target = next_state(actor, application, order.step, tx.now, order.expected_version)
        case = Case(tx, actor, order, application, target)
        await _EFFECTS[order.step](case)
        await applications.move(tx, application, target, actor.account_id, case.values)
        await _tell(case)
    return order.application_id


async def _tell(case: Case) -> None:
    """Every party of the application hears of the step, in its own order; the scopes' locks come last."""
    application, order = case.application, case.order
    kind = EVENTS[EVENT_OF[order.step]] if order.step in EVENT_OF else None
    if kind is None or (order.step is Step.WITHDRAW and application.state is State.DRAFT):
        return
    body = {
        "step": order.step,
        "from": application.state,
        "to": case.target,
        "version": application.version + 1,
        "by": case.actor.party,
        **case.told,
    }
    scopes = {party: case.values.get(f"{party.lower()}_id", application.party(party)) for party in Party}
    heard = [
        event.Heard(
            scope,
            kind.type,
            application.id,
            case.actor.account_id,
            queue_change(party, order.step, _before(case, party), case.target),
            body,
        )
        for party, scope in scopes.items()
        if party in kind.audience and scope is not None
    ]
    await event.record(case.tx, heard)


def _before(case: Case, party: Party) -> State | None:
    """Where the application stood for one party: nowhere, before it was addressed to it."""
    return case.application.state if case.application.party(party) is not None else None


async def _submit(case: Case) -> None:
    """The nurse files her draft (提交); her institution sees it at once (N18, I16)."""
    tx, application = case.tx, case.application
    form = case.order.form or form_from_json(application.kind, application.form)
    _same_kind(application.kind, form)
    entry = await registration.lock(tx, application.nurse_id)
    check(form, tx.today)
    await _require_eligible(case, entry, form, tx.today)
    case.values = {
        "institution_id": entry.registration.institution_id,
        "certificate_number": entry.registration.certificate_number,
        "submitted_at": tx.now,
        "queued_at": tx.now,
        **await _revise(case, form),
    }


async def _require_eligible(case: Case, entry: registration.Entry, form: Form, filed_on: date) -> None:
    """The rules of the kind, on the facts as they are now and for the day it was filed."""
    application = case.application
    open_kinds = await applications.other_open_kinds(case.tx, application.nurse_id, application.id)
    health = getattr(form, "health_status", None)
    facts = Facts(entry.registration, True, open_kinds, health, entry.renewal_window_days)
    require_eligible(application.kind, facts, filed_on)


async def _resubmit(case: Case) -> None:
    """The nurse answers what was marked (重新提交); only those fields are open."""
    case.values = {"queued_at": case.tx.now, **await _answer(case)}


async def _supplement(case: Case) -> None:
    """The corrections asked for are supplied (补正); the application counts as accepted."""
    case.values = {**await _answer(case), **await _acceptance(case)}


async def _answer(case: Case) -> dict[str, Any]:
    application = case.application
    if case.order.form is None:
        raise Invalid(FieldProblem("form", "REQUIRED", Words("请填写需要更正的内容", "Answer the marked fields.")))
    _same_kind(application.kind, case.order.form)
    old = form_from_json(application.kind, application.form)
    changed = answer(old, application.marked_fields, case.order.form, case.order.confirmed_fields)
    check(case.order.form, case.tx.today, only=case.application.marked_fields)
    return await _revise(case, case.order.form, changed)


async def _revise(case: Case, form: Form, changed: Sequence[str] = ()) -> dict[str, Any]:
    """Keep the form as a revision of its own."""
    revision, filled = case.application.revision + 1, form_to_json(form)
    application_id, by = case.application.id, case.actor.account_id
    await applications.insert_revision(
        case.tx, application_id=application_id, revision=revision, form=filled, changed=changed, by=by
    )
    return {"form": filled, "revision": revision, "marked_fields": []}


def _same_kind(kind: Kind, form: Form) -> None:
    if kind_of(form) is not kind:
        raise Invalid(FieldProblem("form", "OTHER_KIND", Words("表单与业务类型不符", "The form is of another kind.")))


async def _return(case: Case) -> None:
    """The institution asks for changes on marked fields, with coded reasons (机构退回)."""
    _require_reasons(case)
    await case.decide("INSTITUTION", "RETURNED")
    case.values = {"marked_fields": list(case.order.marked_fields)}


async def _forward(case: Case) -> None:
    """The institution confirms (机构同意, I17): straight to the authority set for this kind (I6), stamped now."""
    tx, application = case.tx, case.application
    assert application.institution_id is not None
    state, authority_id = await applications.approval_route(tx, application.institution_id, application.kind)
    if state != InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", Words("本机构未处于启用状态", "The institution is not active."))
    if authority_id is None:
        title = KINDS[application.kind].title
        zh = f"本机构尚未设置“{title.zh}”的审批机关，请先在“审批机关设置”中设置"
        raise NotAllowed("AUTHORITY_NOT_SET", Words(zh, f"Set the approving authority for {application.kind} first."))
    await case.decide("INSTITUTION", "AGREED")
    case.values = {"authority_id": authority_id, "forwarded_at": tx.now, "queued_at": tx.now}


async def _decline(case: Case) -> None:
    """The institution does not confirm (机构不同意, I17); this ends the application."""
    _require_reasons(case)
    await case.decide("INSTITUTION", "REFUSED")
    case.values = {"decided_at": case.tx.now}


async def _require_correction(case: Case) -> None:
    """The authority asks for everything that is missing, once, within 5 working days (补正, 许可法 32)."""
    _require_reasons(case)
    forwarded_at = case.application.forwarded_at
    assert forwarded_at is not None
    received_on = case.tx.date_of(forwarded_at)
    days = await clock.working_days(case.tx, received_on, INTAKE_DAYS)
    if case.tx.today > due_on(received_on, INTAKE_DAYS, days):
        zh = "收到申请已超过五个工作日，视为受理，不能再要求补正"
        raise NotAllowed("CORRECTION_TOO_LATE", Words(zh, "Corrections may be asked for within 5 working days only."))
    await case.decide("AUTHORITY_REVIEW", "CORRECTION_REQUIRED")
    marked = list(case.order.marked_fields)
    case.values = {"marked_fields": marked, "corrections": case.application.corrections + 1}


async def _accept(case: Case) -> None:
    """The authority takes the application in (受理): receipt number, and the day its decision is due."""
    await case.decide("AUTHORITY_REVIEW", "ACCEPTED")
    case.values = await _acceptance(case)


async def _acceptance(case: Case) -> dict[str, Any]:
    tx, application = case.tx, case.application
    assert application.authority_id is not None
    assert application.forwarded_at is not None
    authority_id, today = application.authority_id, tx.today
    received_on = tx.date_of(application.forwarded_at)
    period = KINDS[application.kind].period
    days = await clock.working_days(tx, received_on, 2 * period.days + (today - received_on).days)
    number = await applications.next_receipt_number(tx, authority_id, today.year)
    due = period.due_on(received_on, today, days)
    promised = await clock.promised_days(tx, authority_id)
    promised_due = period.promised(promised).due_on(received_on, today, days) if promised else None
    kept = {"receipt_number": number, "due_on": due, "promised_due_on": promised_due}
    return {**kept, "accepted_at": tx.now, "queued_at": tx.now}


async def _refuse_intake(case: Case) -> None:
    """The authority is not competent (不予受理)."""
    _require_reasons(case)
    await case.decide("AUTHORITY_REVIEW", "NOT_ACCEPTED")
    case.values = {"decided_at": case.tx.now}


async def _recommend(case: Case) -> None:
    """A reviewer's opinion (审查意见), for the one who decides."""
    await case.decide("AUTHORITY_REVIEW", "AGREED" if case.order.agrees else "REFUSED")
    case.values = {"recommender_id": case.actor.account_id}


async def _approve(case: Case) -> None:
    """The authority agrees (同意, A4): the register changes and the history keeps why."""
    tx, application = case.tx, case.application
    entry = await registration.lock(tx, application.nurse_id)
    form = form_from_json(application.kind, application.form)
    assert application.submitted_at is not None
    await _require_eligible(case, entry, form, tx.date_of(application.submitted_at))
    after = _CHANGES[application.kind](entry.registration, tx.today)
    await case.decide("AUTHORITY_DECISION", "AGREED")
    await registration.change(tx, after, application_id=application.id, account_id=case.actor.account_id)
    await registration.sync_record(tx, application.nurse_id, form.record())
    case.values = {"decided_at": tx.now}


async def _reject(case: Case) -> None:
    """The authority does not agree (不同意, A4), with coded reasons."""
    _require_reasons(case)
    await case.decide("AUTHORITY_DECISION", "REFUSED")
    case.values = {"decided_at": case.tx.now}


async def _withdraw(case: Case) -> None:
    """Whoever filed the application takes it back (撤回)."""
    case.values = {"decided_at": case.tx.now}


def _require_reasons(case: Case) -> None:
    order, markable = case.order, field_names(form_of(case.application.kind))
    reasons.require_reasons(order.step, order.reasons, order.marked_fields, markable=markable, opinion=order.opinion)


_EFFECTS: Final[Mapping[Step, Callable[[Case], Awaitable[None]]]] = {
    Step.SUBMIT: _submit,
    Step.RESUBMIT: _resubmit,
    Step.RETURN: _return,
    Step.FORWARD: _forward,
    Step.DECLINE: _decline,
    Step.REQUIRE_CORRECTION: _require_correction,
    Step.SUPPLEMENT: _supplement,
    Step.ACCEPT: _accept,
    Step.REFUSE_INTAKE: _refuse_intake,
    Step.RECOMMEND: _recommend,
    Step.APPROVE: _approve,
    Step.REJECT: _reject,
    Step.WITHDRAW: _withdraw,
}

_CHANGES: Final[Mapping[Kind, Callable[[Registration, date], Registration]]] = {Kind.RENEWAL: renew}
"""What the approval of each kind does to the registration."""
