"""Applications behind a deregistration that is undecided (暂缓决定): blocked at its filing, free again with its end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db import application as applications
from db import audit
from db import ending as endings
from db.feed.event import Addressed
from db.store.engine import Tx
from rules.application import OPEN, Application, Step
from rules.moves import blocks_the_rest
from rules.people import SYSTEM, Actor
from workflow.case import Case, heard, write


async def block_the_rest(tx: Tx, nurse_id: UUID, by_id: UUID, by: Actor) -> list[Addressed]:
    """Block what is open for a locked nurse, filed for as dead, incapable or struck off; the events of it.

    No state changes, and no period stands still. A filing of this sort that is open already is blocked by nothing.
    Held before the nurse, as everything of hers.
    """
    held = [await applications.lock(tx, one) for one in await endings.lock_open(tx, nurse_id, waits=False)]
    behind = [one for one in held if one.state in OPEN and not blocks_the_rest(one.kind, one.form)]
    return await _write(tx, behind, Step.BLOCK, by_id, by)


async def unblock(tx: Tx, behind: Sequence[Application], by: Actor) -> list[Addressed]:
    """Free what stood behind a filing that is over; the events of it."""
    return await _write(tx, [one for one in behind if one.state in OPEN], Step.UNBLOCK, None, by)


async def _write(
    tx: Tx, behind: Sequence[Application], step: Step, blocked_by_id: UUID | None, by: Actor
) -> list[Addressed]:
    events = []
    for one in behind:
        # When it moved last counts for what lapses: that goes on as if nothing had been filed.
        case = Case.judged(tx, SYSTEM, step, one)
        case.values = {"blocked_by_id": blocked_by_id, "moved_at": one.moved_at}
        await write(case)
        action = f"application.{step.lower()}"
        await audit.record(tx, action, by.account_id, {"application": one.id}, nurse_id=one.nurse_id)
        events += heard(case)
    return events
