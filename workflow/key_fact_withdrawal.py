"""Taking back a request to correct who a nurse is (撤回关键信息修改申请), while nobody has decided on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import key_fact as requests
from rules.conflict import Situation
from rules.errors import Conflict
from rules.key_fact_withdrawal import require_may_withdraw
from rules.verification import RequestState
from workflow.key_fact import KeyFactAnswer, asked
from workflow.step import Underway, read


@read()
async def asked_at(step: Underway[KeyFactWithdraw]) -> tuple[UUID | None, UUID | None]:
    """The institution whose people have asked, if it was one, and the unit of the nurse."""
    return await requests.asked_at(step.tx, step[asked])


@dataclass(frozen=True, slots=True, repr=False)
class KeyFactWithdraw(KeyFactAnswer):
    """A wish to take a request back; another one may be made then."""

    reads = (asked, asked_at)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[KeyFactWithdraw]) -> None:
        """Its end; nothing else changes."""
        found = step[asked]
        require_may_withdraw(step.actor, found.nurse_id, found.asked_by, *step[asked_at])
        if found.state is not RequestState.PENDING:
            raise Conflict(Situation.REQUEST_DECIDED, at=found.decided_at)
        await requests.decide(step.tx, found.id, RequestState.WITHDRAWN, step.actor.account_id, None)
        step.nurse_id, step.detail = found.nurse_id, {"request": found.id, "outcome": RequestState.WITHDRAWN}
