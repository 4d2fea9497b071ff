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
from db import idempotency, registration
from db import session as sessions
from db.engine import Database, Tx
from db.session import Session
from rules.application import Step, next_state, start_state
from rules.errors import Conflict
from rules.form import Form, form_to_json
from rules.kinds import kind_of
from rules.moves import collides
from rules.people import Actor, Party
from workflow import filing, review
from workflow.case import Case, Order, tell

__all__ = ["Draft", "Order", "create_draft", "take"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A nurse's wish to begin an application."""

    session: Session
    form: Form
    idempotency_key: str | None = None


async def create_draft(db: Database, draft: Draft) -> UUID:
    """A nurse begins an application (新建申请); nobody else sees it before she files it (N16)."""
    application_id, content = uuid7(), form_to_json(draft.form)
    async with db.begin() as tx:
        actor = await sessions.require(tx, draft.session)
        key = idempotency.Key(actor.account_id, Step.CREATE_DRAFT, draft.idempotency_key)
        if not await idempotency.first_time(tx, key, content, application_id):
            return await idempotency.result(tx, key)
        await _begin(tx, actor, application_id, draft.form)
    return application_id


async def _begin(tx: Tx, actor: Actor, application_id: UUID, form: Form) -> None:
    kind = kind_of(form)
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
        "institution_id": entry.registration.institution_id,
        "filed_by": Party.NURSE,
        "nurse_name": entry.name,
        "id_number_masked": entry.id_number_masked,
        "certificate_number": entry.registration.certificate_number,
        "form": form_to_json(form),
        "moved_by": actor.account_id,
    }
    await applications.insert_draft(tx, values)


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
        await tell(case)
    return order.application_id


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
}
