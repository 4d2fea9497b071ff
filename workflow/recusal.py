"""Applications that nobody may act on where they lie (回避): on at once, past the institution or to the one above."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db import application as applications
from db import escalation as escalations
from db import recusal
from db.feed.event import Addressed
from db.recusal import Stuck
from db.store.engine import Tx
from rules.application import Step
from rules.errors import NotAllowed, Words
from rules.escalation import competent
from rules.people import SYSTEM
from rules.recusal import Unconfirmed
from workflow.case import Case, heard, write

OFFICERS_THERE = Words(
    "本机关有可以办理的人员，或没有可以接办的上级机关",
    "This authority has officers for it, or none above it has.",
)


async def go_on(tx: Tx, keys: Sequence[UUID]) -> list[Addressed]:
    """Move what is stuck of these locked applications; the events of it.

    An authority that gets one past its institution may lack officers in its turn. What has no authority to go to
    stays, and its nurse sees why when she asks.
    """
    events, moved = list[Addressed](), list[UUID]()
    for one in await recusal.find(tx, keys) if keys else ():
        moving = await _moving(tx, one)
        if moving is not None:
            await write(moving)
            events += heard(moving)
            moved.append(one.id)
    return [*events, *await go_on(tx, moved)] if moved else events


async def _moving(tx: Tx, one: Stuck) -> Case | None:
    """The system's step on what is stuck, before it is written."""
    step = Step.ESCALATE if one.unattended else Step.PASS_UP
    application = await applications.lock(tx, one.id)
    moving = Case.judged(tx, SYSTEM, step, application)
    if not one.unattended:
        await pass_up(moving, one.above)
        return moving
    try:
        to = competent(application.kind, (await escalations.routes(tx, [one.id]))[one.id])
    except NotAllowed:
        return None
    await escalate(moving, to)
    return moving


async def escalate(moving: Case, authority_id: UUID) -> None:
    """Send it to this authority without the institution's word; where nobody else could give it, this is kept."""
    now = moving.tx.now
    moving.readdress(authority=authority_id)
    moving.values = {"forwarded_at": now, "queued_at": now, "escalated_at": now}
    if moving.application.unattended:
        moving.values["unconfirmed"] = Unconfirmed.NO_OTHER_PERSON
        await moving.decide("INSTITUTION", "NO_OTHER_PERSON")


async def pass_up(moving: Case, above: UUID | None) -> None:
    """Send it to the authority above, which takes every step still to come; the period runs on."""
    if above is None:
        raise NotAllowed("OFFICERS_THERE", OFFICERS_THERE)
    await moving.decide("AUTHORITY_REVIEW", "PASSED_UP")
    lacking = moving.application.passed_up_from_id or moving.application.authority_id
    moving.values = {
        "queued_at": moving.tx.now,
        "recommender_id": None,
        "answering_id": None,
        "passed_up_from_id": lacking,
    }
    moving.readdress(authority=above)
