"""Claims (认领, I16): an institution reviews what a nurse has filed without naming one, by the nurse's ID number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules.errors import NotAllowed, Words
from rules.institution import InstitutionState
from rules.kinds import Kind

REFUSALS: Final = {
    "INSTITUTION_NOT_ACTIVE": Words("本机构未处于启用状态", "The institution is not active."),
    "CLAIM_REJECTED": Words(
        "护士已拒绝本机构，或本机构已不同意该业务，不能再次认领",
        "The nurse has refused your institution for this application, or it has declined it.",
    ),
    "OTHER_INSTITUTION": Words(
        "该护士已在本机构执业，变更注册须由拟执业的其他机构认领",
        "She practises with you: her change is for the institution that she goes to.",
    ),
}


@dataclass(frozen=True, slots=True)
class Claimant:
    """An institution that claims; `rejected`: it is barred for this application, `hers`: she practises there now."""

    state: InstitutionState
    rejected: bool
    hers: bool


def require_may_claim(kind: Kind, by: Claimant) -> None:
    """Refuse who may not be the target: one not active, one barred for this application (N16), one that she leaves."""
    forbids = {
        "INSTITUTION_NOT_ACTIVE": by.state is not InstitutionState.ACTIVE,
        "CLAIM_REJECTED": by.rejected,
        "OTHER_INSTITUTION": kind is Kind.CHANGE and by.hers,
    }
    refusal = next((code for code, applies in forbids.items() if applies), None)
    if refusal is not None:
        raise NotAllowed(refusal, REFUSALS[refusal])
