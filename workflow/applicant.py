"""A nurse who may file before her account is active: she acts as if it were, for these kinds alone."""

from __future__ import annotations

from dataclasses import replace

from db import activation as activations
from db import application as applications
from db import eligibility as facts
from db import military_record
from db.feed.event import Addressed
from db.store.engine import Tx
from rules.applicant import BEFORE_ACTIVATION, as_active, may_begin
from rules.application import Application
from rules.kinds import Kind
from rules.people import Actor, Party
from workflow.account_news import awaiting_code


async def acting(tx: Tx, actor: Actor, application: Application) -> Actor:
    """The nurse as one who may act on what she filed with this account; anybody else as she is.

    Nobody has vouched for her yet: what was filed for her by others stays as it is.
    """
    ready = await _filing(tx, actor, application.kind)
    return ready if ready is actor or await applications.shows(tx, actor, application.id) else actor


async def _filing(tx: Tx, actor: Actor, kind: Kind) -> Actor:
    """The nurse as one who may file this kind, where her account is far enough; anybody else as she is."""
    if actor.active or actor.party is not Party.NURSE or kind not in BEFORE_ACTIVATION or actor.nurse_id is None:
        return actor
    ready = may_begin(kind, await facts.progress(tx, account_id=actor.account_id))
    return as_active(actor, actor.nurse_id) if ready else actor


async def beginning(tx: Tx, actor: Actor, kind: Kind) -> Actor:
    """The same before her first application: who comes from the military gets her record with it."""
    new = kind is Kind.MILITARY_TRANSFER and actor.party is Party.NURSE and actor.nurse_id is None
    if new and may_begin(kind, await facts.progress(tx, account_id=actor.account_id)):
        actor = replace(actor, nurse_id=await military_record.insert(tx, actor.account_id))
    return await _filing(tx, actor, kind)


async def awaits_code(tx: Tx, application: Application) -> list[Addressed]:
    """Events for the institution that she comes to, where she filed before activation: it issues her code (I7)."""
    nurse_id = application.nurse_id
    match application.kind:
        case Kind.MILITARY_TRANSFER:
            waiting = await military_record.known_now(tx, nurse_id)
        case Kind.CHANGE:
            waiting = await military_record.waiting(tx, nurse_id)
        case _:
            return []
    return [] if waiting is None else awaiting_code([await activations.get(tx, waiting)])
