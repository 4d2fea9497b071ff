"""Decisions on what was proposed."""

from __future__ import annotations

from uuid import UUID

from tests.support.registration_acts import Acts
from tests.support.world import Person
from workflow import proposal
from workflow.proposal import Verdict


async def decide(acts: Acts, key: UUID, who: Person, confirms: bool = True, retry: str | None = None) -> UUID:
    """Say yes or no to a proposal."""
    return await proposal.decide(acts.db, Verdict(who.session, key, confirms, "已复核", retry))
