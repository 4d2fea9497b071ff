"""Who works on an application for the next half hour (领取, 放回, 改派): colleagues see it live, nobody else does."""

from __future__ import annotations

from db import lease as leases
from rules.lease import LEASE, require_may_hold
from workflow.case import Case


async def take(case: Case) -> None:
    """Take it, or keep it for another half hour (领取)."""
    case.values = {"holder_id": case.actor.account_id, "held_until": case.tx.now + LEASE}


async def put_back(case: Case) -> None:
    """Leave it to the others (放回)."""
    case.values = {"holder_id": None, "held_until": None}


async def reassign(case: Case) -> None:
    """A manager or supervisor gives it to a colleague, or to herself, whoever holds it (改派)."""
    tx, actor = case.tx, case.actor
    to = case.order.given.get("to") or actor.account_id
    if to != actor.account_id:
        require_may_hold(await leases.find_colleague(tx, actor, to), case.application, tx.now)
    case.values = {"holder_id": to, "held_until": tx.now + LEASE}
