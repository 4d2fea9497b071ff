"""Undoing a decision (作废, 行政许可法 69): a provincial admin proposes it, another confirms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import audit, idempotency, proposal, registration
from db import session as sessions
from db import void as voids
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Application, State, Step, next_state
from rules.kinds import Kind
from rules.people import Actor
from rules.proposal import Proposal, VoidGround
from rules.reasons import Reason, bar_until
from rules.registration import Registration
from rules.verification import RequestKind, RequestState
from rules.void import bar_without, stand_in, undo
from rules.wording import decision_number, remark
from workflow.case import Case, Order, heard, write
from workflow.ending import news

_GROUND: Final = "作废依据：{ground}；文号：{number}"


@dataclass(frozen=True, slots=True, repr=False)
class Undoing:
    """A provincial admin's wish to have a decision undone."""

    session: Session
    application_id: UUID
    ground: VoidGround
    number: str
    remarks: str | None = None
    idempotency_key: str | None = None


async def propose(db: Database, order: Undoing) -> UUID:
    """Propose it; the id of the proposal."""
    key = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "void.propose", order.idempotency_key)
        content = [order.application_id, order.ground, order.number, order.remarks]
        if not await idempotency.first_time(tx, retry, content, key):
            return await idempotency.result(tx, retry)
        application, _ = await _judged(tx, actor, order.application_id)
        entry = await registration.lock(tx, application.nurse_id)
        if application.state is State.APPROVED:
            await _undone(tx, application, entry.registration, order.ground)
        await proposal.insert(tx, _proposal(key, actor, application, order, tx))
        detail = {"application": application.id, "ground": order.ground}
        await audit.record(tx, "void.propose", actor.account_id, detail, nurse_id=application.nurse_id)
    return key


def _proposal(key: UUID, actor: Actor, application: Application, order: Undoing, tx: Tx) -> Proposal:
    assert actor.party_id is not None
    return Proposal(
        *(key, RequestKind.VOID, RequestState.PENDING, application.nurse_id, actor.party_id, actor.account_id, tx.now),
        number=decision_number(order.number),
        remarks=remark("remarks", order.remarks),
        application_id=application.id,
        ground=order.ground,
    )


async def _judged(tx: Tx, actor: Actor, application_id: UUID) -> tuple[Application, Actor]:
    """The locked application that this officer may undo, and the officer as she stands for its authority."""
    authority_id, path = await voids.where_decided(tx, application_id)
    application = await applications.lock(tx, application_id)
    acting = stand_in(actor, authority_id, path)
    next_state(acting, application, Step.VOID, tx.now)
    return application, acting


async def _undone(tx: Tx, application: Application, entry: Registration, ground: VoidGround) -> Registration:
    """The entry as it will stand; refused where it cannot be undone."""
    bar = bar_until((Reason.FRAUD,), tx.today) if ground is VoidGround.FRAUD else None
    return undo(entry, application.kind, application.id, await voids.stages(tx, entry.nurse_id), bar)


async def confirmed(tx: Tx, actor: Actor, proposal: Proposal) -> list[Addressed]:
    """Undo it: the application is VOIDED, the entry stands as before, the decision on it is kept; what to tell."""
    assert proposal.application_id is not None
    assert proposal.ground is not None
    application, acting = await _judged(tx, actor, proposal.application_id)
    reasons = (Reason.FRAUD,) if proposal.ground is VoidGround.FRAUD else ()
    why = _GROUND.format(ground=proposal.ground.label, number=proposal.number)
    order = Order(None, Step.VOID, application.id, application.version, reasons=reasons, opinion=why)
    case = Case(tx, acting, order, application, State.VOIDED)
    if application.state is State.APPROVED:
        case.also += await _restore(case, proposal.ground, why)
    else:
        await _unbar(case)
    await case.decide("AUTHORITY_DECISION", "VOIDED")
    await write(case)
    return heard(case)


async def _unbar(case: Case) -> None:
    """A refusal that is undone bars nobody any more (许可法 78)."""
    tx, application = case.tx, case.application
    barred = (await registration.lock(tx, application.nurse_id)).registration.bar_until
    left = bar_without(application.id, barred, await voids.refusals(tx, application.nurse_id))
    if left != barred:
        await registration.unbar(tx, application.nurse_id, left)


async def _restore(case: Case, ground: VoidGround, why: str) -> list[Addressed]:
    """Put the entry back, with a row of history; who loses and who gets her hears of it."""
    tx, application, by = case.tx, case.application, case.actor
    entry = await registration.lock(tx, application.nurse_id)
    before = entry.registration
    after = await _undone(tx, application, before, ground)
    told: dict[str, Any] = {"application_id": application.id, "account_id": by.account_id, "reason": why}
    await registration.change(tx, after, **told, business=False)
    if application.kind is Kind.DEREGISTRATION:
        await voids.revive_certificate(tx, before.nurse_id)
    if before.institution_id == after.institution_id:
        return []
    out, into = (before.institution_id, before.authority_id), (after.institution_id, after.authority_id)
    moved_out = news("registration.moved_out", before.nurse_id, entry.name, by, *out) if out[0] else []
    return [*moved_out, *news("registration.moved_in", before.nurse_id, entry.name, by, *into)]
