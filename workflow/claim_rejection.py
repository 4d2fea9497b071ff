"""A nurse refuses the institution that has claimed her application (拒绝认领, N16)."""

from __future__ import annotations

from dataclasses import dataclass

from db import claim as claims
from rules.application import State, Step
from rules.escalation import PICK_ANOTHER
from workflow.application_step import ApplicationStep
from workflow.case import Case
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationRejectClaim(ApplicationStep):
    """Her wish that another institution reviews it: another claims it, or she names another."""

    step = Step.REJECT_CLAIM
    writes = frozenset({"application", "claim_rejection"})

    async def effect(self, step: Underway[ApplicationRejectClaim], moving: Case) -> None:
        """The application waits for another institution, and never for this one again."""
        await give_up(moving)
        if moving.target is State.RETURNED:
            moving.values["marked_fields"] = [PICK_ANOTHER]


async def give_up(moving: Case) -> None:
    """The application is its institution's no longer, and never again."""
    institution_id = moving.application.institution_id
    assert institution_id is not None
    await claims.reject(moving.tx, moving.application.id, institution_id)
    moving.values = {"claimed": False}
    moving.readdress(institution=None)
