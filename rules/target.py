"""The institution that a nurse names to go to (拟执业机构)."""

from __future__ import annotations

from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind


def require_target(state: InstitutionState | None) -> None:
    """Refuse an institution that is not there, or not active."""
    if state is None:
        raise NotFound
    if state is not InstitutionState.ACTIVE:
        words = Words(f"该机构状态为“{state.label}”，请选择其他机构", f"That institution is {state}: pick another.")
        raise Invalid(FieldProblem("institutionId", "TARGET_NOT_ACTIVE", words))


def require_no_target(kind: Kind, target_id: UUID | None) -> None:
    """Refuse a target institution for a kind that stays with the current institution."""
    if target_id is None:
        return
    title = KINDS[kind].title
    words = Words(f"{title.zh}不需要指定拟执业机构", f"{title.en} goes to where you are: name no institution.")
    raise Invalid(FieldProblem("institutionId", "TARGET_NOT_ASKED", words))
