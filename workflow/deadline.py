"""What time does to an application where nobody else did: it lapses, or is granted by law."""

from __future__ import annotations

from db import registration
from rules.deadline import deemed
from rules.errors import NotAllowed, Words
from rules.kinds import form_from_json
from workflow.approval import enter
from workflow.case import Case


async def lapse(case: Case) -> None:
    """Nobody answered for 30 days: it ends (逾期失效)."""
    case.values = {"decided_at": case.tx.now}


async def deem(case: Case) -> None:
    """A renewal that was filed in time and is undecided at the expiry is granted by law (视为准予延续, 许可法 50).

    Nobody judges it: what the authority would have had to look at, it had its time for.
    """
    tx, application = case.tx, case.application
    entry = await registration.lock(tx, application.nurse_id)
    assert application.forwarded_at is not None
    valid_until = entry.registration.valid_until
    if valid_until is None or not deemed(valid_until, tx.date_of(application.forwarded_at), tx.today):
        words = Words("不符合视为准予延续的条件", "Not granted by law: not expired, or forwarded too late.")
        raise NotAllowed("NOT_DEEMED", words)
    form = form_from_json(application.kind, application.form)
    await case.decide("AUTHORITY_DECISION", "DEEMED")
    await enter(case, entry, form)
    await registration.sync_record(tx, application.nurse_id, form.record())
    case.values = {"decided_at": tx.now, "deemed": True}
