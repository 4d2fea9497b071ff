"""Claims (认领, I16): an institution reviews what a nurse has filed without naming one, by the nurse's ID number."""

from __future__ import annotations

from typing import Final

from rules.errors import NotAllowed, Words
from rules.institution import InstitutionState

REFUSALS: Final = {
    "INSTITUTION_NOT_ACTIVE": Words("本机构未处于启用状态", "The institution is not active."),
    "CLAIM_REJECTED": Words(
        "护士已拒绝本机构认领该业务", "The nurse has refused your institution for this application."
    ),
}


def require_may_claim(state: InstitutionState, *, rejected: bool) -> None:
    """Refuse an institution that is not active, and one that the nurse has refused for this application (N16)."""
    if state is not InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", REFUSALS["INSTITUTION_NOT_ACTIVE"])
    if rejected:
        raise NotAllowed("CLAIM_REJECTED", REFUSALS["CLAIM_REJECTED"])
