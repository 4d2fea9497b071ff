"""The institution that a nurse names to go to (拟执业机构)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind

ALREADY_THERE: Final = Words(
    "您已在该机构执业，请选择其他机构", "You practise there already: pick another institution."
)
_NONE: Final = Words("没有该机构，请重新选择", "There is no such institution: choose it again.")


@dataclass(frozen=True, slots=True)
class Target:
    """An institution that is named: its state, None where there is no such, and whether she practises there now."""

    state: InstitutionState | None
    hers: bool = False


def require_target(kind: Kind, target: Target) -> None:
    """Refuse an institution that is not there, or not active, or that a change would not change."""
    if target.state is None:
        raise Invalid(FieldProblem("institutionId", "NO_SUCH_INSTITUTION", _NONE))
    if target.state is not InstitutionState.ACTIVE:
        state = target.state
        words = Words(
            f"该机构状态为“{state.label}”，请选择其他机构", f"That institution is {state.english}: pick another."
        )
        raise Invalid(FieldProblem("institutionId", "TARGET_NOT_ACTIVE", words))
    if kind is Kind.CHANGE and target.hers:
        raise Invalid(FieldProblem("institutionId", "OTHER_INSTITUTION", ALREADY_THERE))


def require_no_target(kind: Kind, target_id: UUID | None) -> None:
    """Refuse a target institution for a kind that stays with the current institution."""
    if target_id is None:
        return
    title = KINDS[kind].title
    words = Words(f"{title.zh}不需要指定拟执业机构", f"{title.en} goes to where you are: name no institution.")
    raise Invalid(FieldProblem("institutionId", "TARGET_NOT_ASKED", words))
