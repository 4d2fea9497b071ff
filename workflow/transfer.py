"""An application goes on to the competent authority (移送)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import institution as institutions
from rules.application import Step
from rules.errors import FieldProblem, Invalid, NotFound, Words
from workflow.application_step import OpinionStep, case
from workflow.case import Case
from workflow.step import Underway, read

OWN_AUTHORITY = Words("该业务已在本机关办理", "The application is with your authority already.")
NO_AUTHORITY = Words("没有该审批机关", "There is no such authority.")


@read()
async def is_authority(step: Underway[ApplicationTransfer]) -> bool:
    """True where there is the authority that is named."""
    try:
        await institutions.find_authority(step.tx, step.command.authority_id)
    except NotFound:
        return False
    return True


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationTransfer(OpinionStep):
    """The wish of an authority that is not competent to hand it on.

    The periods run on from when the first authority had it.
    """

    authority_id: UUID
    step = Step.TRANSFER
    reads = (case, is_authority)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationTransfer], moving: Case) -> None:
        """Hand it on."""
        if self.authority_id == moving.application.authority_id:
            raise Invalid(FieldProblem("authorityId", "OWN_AUTHORITY", OWN_AUTHORITY))
        if not step[is_authority]:
            raise Invalid(FieldProblem("authorityId", "NO_AUTHORITY", NO_AUTHORITY))
        await moving.decide("AUTHORITY_REVIEW", "TRANSFERRED", opinion=self.opinion)
        moving.readdress(authority=self.authority_id)
        moving.values = {"queued_at": step.tx.now}
