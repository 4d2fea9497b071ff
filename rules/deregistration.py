"""The reasons for the end of a registration (注销理由, I21), their proof, and those an institution may not give."""

from __future__ import annotations

from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.nurse import DeregistrationReason
from rules.people import Party

PROVEN: Final = frozenset(
    {DeregistrationReason.DEATH, DeregistrationReason.INCAPACITY, DeregistrationReason.LICENCE_REVOKED}
)
"""Reasons that other offices have found, shown by a number: 死亡证明, 法院认定, 处罚决定书."""
PROOF: Final = "PROOF"
"""The material that shows what they found (证明材料)."""

_GIVEN_BY: Final = {
    Party.NURSE: frozenset({DeregistrationReason.EXPIRED, DeregistrationReason.OTHER}),
    Party.INSTITUTION: frozenset(DeregistrationReason) - {DeregistrationReason.ANNULLED},
}


def reasons_of(party: Party) -> frozenset[DeregistrationReason]:
    """The reasons that one end of the system may give; the authority any."""
    return _GIVEN_BY.get(party, frozenset(DeregistrationReason))


def require_institutions_reason(reason: DeregistrationReason) -> None:
    """Refuse the reason that only the authority can find: that a registration is annulled (撤销)."""
    if reason not in reasons_of(Party.INSTITUTION):
        words = Words("撤销注册由注册机关依职权办理", "Only the authority annuls a registration, by office.")
        raise Invalid(FieldProblem("reason", "REASON_NOT_FOR_INSTITUTION", words))
