"""An open renewal goes the way of the change that was approved beside it (延续随变更)."""

from __future__ import annotations

from uuid import UUID

from db import application as applications
from rules.application import Application, Step
from rules.kinds import Kind
from rules.registration import Registration
from workflow.case import Case, Order, heard


async def companion(case: Case) -> Application | None:
    """The renewal that stands open beside a change, held before the nurse is; None for other kinds."""
    if case.application.kind is not Kind.CHANGE:
        return None
    key = await applications.open_renewal(case.tx, case.application.nurse_id)
    return None if key is None else await applications.lock(case.tx, key)


async def follow(case: Case, renewal: Application, after: Registration) -> None:
    """Where she practises now reviews it, her new authority decides; whoever had it hears that it went."""
    moved: dict[str, UUID | None] = {"institution_id": after.institution_id}
    if renewal.authority_id is not None and renewal.authority_id != after.authority_id:
        moved |= {"authority_id": after.authority_id, "recommender_id": None}
    values = {**moved, "holder_id": None, "held_until": None, "queued_at": case.tx.now}
    order = Order(case.order.session, Step.TRANSFER, renewal.id, renewal.version)
    going = Case(case.tx, case.actor, order, renewal, renewal.state, values)
    await applications.move(case.tx, renewal, renewal.state, case.by, values)
    case.also += heard(going)
