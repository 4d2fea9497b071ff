"""An open renewal goes the way of the change that was approved beside it (延续随变更)."""

from __future__ import annotations

from db import application as applications
from db.store.engine import Tx
from rules.application import Application, Step
from rules.kinds import Kind
from rules.registration import Registration
from workflow.case import Case, heard, write
from workflow.recusal import go_on


async def companion_of(tx: Tx, application: Application) -> Application | None:
    """The renewal that stands open beside a change, locked; None for other kinds."""
    if application.kind is not Kind.CHANGE:
        return None
    return await applications.lock_renewal(tx, application.nurse_id)


async def follow(change: Case, renewal: Application, after: Registration) -> None:
    """Her institution of now reviews it, her new authority decides; those who had it hear that it went."""
    going = Case(change.tx, change.actor, Step.TRANSFER, renewal, renewal.state)
    going.values = {"holder_id": None, "held_until": None, "queued_at": change.tx.now}
    going.readdress(institution=after.institution_id)
    if renewal.authority_id is not None and renewal.authority_id != after.authority_id:
        going.readdress(authority=after.authority_id)
        going.values |= {"recommender_id": None, "answering_id": None, "passed_up_from_id": None}
    stuck = await write(going)
    change.also += heard(going) + (await go_on(going.tx, [renewal.id]) if stuck else [])
