"""Filing an application and carrying it to its end.

Every step: the session is read, the retry key written, the rows locked, the rules judge, the change and what it
tells go into the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import eligibility, idempotency, registration
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Step, next_state, start_state
from rules.errors import Conflict
from rules.form import Form, form_to_json
from rules.kinds import Kind, kind_of
from rules.moves import CLAIMED_KINDS, collides
from rules.people import Actor, Party
from rules.registration import Registration
from rules.target import require_no_target, require_target
from workflow import applicant, claim, deadline, escalation, filing, lease, objection, pause, review, transfer
from workflow.case import Case, Order, tell, write

__all__ = ["Draft", "Order", "carry_out", "create_draft", "take"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A nurse's wish to begin an application."""

    session: Session
    form: Form
    idempotency_key: str | None = None
    institution_id: UUID | None = None  # where she wants to go

    def content(self) -> dict[str, str | None]:
        """What makes two requests the same request."""
        named = {} if self.institution_id is None else {"institution": str(self.institution_id)}
        return form_to_json(self.form) | named


async def create_draft(db: Database, draft: Draft) -> UUID:
    """A nurse begins an application (新建申请); nobody else sees it before she files it (N16)."""
    application_id = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, draft.session)
        key = idempotency.Key(actor.account_id, Step.CREATE_DRAFT, draft.idempotency_key)
        if not await idempotency.first_time(tx, key, draft.content(), application_id):
            return await idempotency.result(tx, key)
        await _begin(tx, actor, application_id, draft)
    return application_id


async def _begin(tx: Tx, actor: Actor, application_id: UUID, draft: Draft) -> None:
    kind = kind_of(draft.form)
    actor = await applicant.beginning(tx, actor, kind)
    state = start_state(actor, Step.CREATE_DRAFT, kind)
    assert actor.party_id is not None
    entry = await registration.lock(tx, actor.party_id)
    if collides(kind, await applications.other_open_kinds(tx, actor.party_id, application_id)):
        raise Conflict(applications.ALREADY_OPEN)
    values = {
        "id": application_id,
        "kind": kind,
        "state": state,
        "nurse_id": actor.party_id,
        "institution_id": await _place(tx, kind, entry.registration, draft.institution_id),
        "filed_by": Party.NURSE,
        "nurse_name": entry.name,
        "id_number_masked": entry.id_number_masked,
        "certificate_number": entry.registration.certificate_number,
        "form": form_to_json(draft.form),
        "moved_by": actor.account_id,
    }
    await applications.insert_draft(tx, values)


async def _place(tx: Tx, kind: Kind, entry: Registration, target_id: UUID | None) -> UUID | None:
    """Which institution will have it, as far as it is known when it is begun."""
    if kind not in CLAIMED_KINDS:
        require_no_target(kind, target_id)
        return None if kind is Kind.REISSUE else entry.institution_id
    if target_id is not None:
        require_target(await eligibility.target_state(tx, target_id))
    return target_id


async def take(db: Database, order: Order) -> UUID:
    """Take one step on an application: the same way for every step, the step's own part in `_EFFECTS`."""
    assert order.session is not None, "the system's scheduler takes its steps in workflow/clock.py"
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        key = idempotency.Key(actor.account_id, order.step, order.idempotency_key)
        if not await idempotency.first_time(tx, key, order.content(), order.application_id):
            return order.application_id
        await carry_out(tx, actor, order)
    return order.application_id


async def carry_out(tx: Tx, actor: Actor, order: Order) -> None:
    """The step itself, in a transaction that knows its time: for people, and for the system's scheduler."""
    application = await applications.lock(tx, order.application_id)
    actor = await applicant.acting(tx, actor, application)
    target = next_state(actor, application, order.step, tx.now, order.expected_version)
    case = Case(tx, actor, order, application, target)
    await _EFFECTS[order.step](case)
    await pause.follow(case)
    await write(case)
    await tell(case)


_EFFECTS: Final[Mapping[Step, Callable[[Case], Awaitable[None]]]] = {
    Step.SUBMIT: filing.submit,
    Step.RESUBMIT: filing.resubmit,
    Step.SUPPLEMENT: filing.supplement,
    Step.WITHDRAW: filing.withdraw,
    Step.RETURN: review.send_back,
    Step.FORWARD: review.forward,
    Step.DECLINE: review.decline,
    Step.REQUIRE_CORRECTION: review.require_correction,
    Step.ACCEPT: review.accept,
    Step.REFUSE_INTAKE: review.refuse_intake,
    Step.RECOMMEND: review.recommend,
    Step.APPROVE: review.approve,
    Step.REJECT: review.reject,
    Step.OBJECT: objection.object_to,
    Step.ANSWER_OBJECTION: objection.answer,
    Step.HOLD: pause.hold,
    Step.RESUME: pause.resume,
    Step.EXTEND: pause.extend,
    Step.LAPSE: deadline.lapse,
    Step.DEEM: deadline.deem,
    Step.TAKE: lease.take,
    Step.PUT_BACK: lease.put_back,
    Step.REASSIGN: lease.reassign,
    Step.REJECT_CLAIM: claim.reject_claim,
    Step.ESCALATE: escalation.escalate,
    Step.TRANSFER: transfer.transfer,
}
