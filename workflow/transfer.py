"""An application goes on to the competent authority (移送)."""

from __future__ import annotations

from uuid import UUID

from db import institution as institutions
from rules.errors import FieldProblem, Invalid, NotFound, Words
from workflow.case import Case

OWN_AUTHORITY = Words("该业务已在本机关办理", "The application is with your authority already.")
NO_AUTHORITY = Words("没有该审批机关", "There is no such authority.")


async def transfer(case: Case) -> None:
    """An authority that is not competent hands it on; the periods run on from when the first authority had it."""
    to: UUID = case.order.given["authority_id"]
    if to == case.application.authority_id:
        raise Invalid(FieldProblem("authorityId", "OWN_AUTHORITY", OWN_AUTHORITY))
    try:
        await institutions.find_authority(case.tx, to)
    except NotFound:
        raise Invalid(FieldProblem("authorityId", "NO_AUTHORITY", NO_AUTHORITY)) from None
    await case.decide("AUTHORITY_REVIEW", "TRANSFERRED")
    case.values = {"authority_id": to, "queued_at": case.tx.now}
