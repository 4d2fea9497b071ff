"""Decisions on what was proposed."""

from __future__ import annotations

from uuid import UUID

from tests.support.registration_acts import Acts
from tests.support.world import Person
from workflow.proposal import ProposalConfirm, ProposalReject
from workflow.step import take


async def decide(acts: Acts, key: UUID, who: Person, confirms: bool = True, retry: str | None = None) -> UUID:
    """Say yes or no to a proposal."""
    answer = ProposalConfirm if confirms else ProposalReject
    return await take(acts.db, who.session, answer(key, "已复核", idempotency_key=retry))
