"""Applications that somebody else files for a nurse: at the counter (窗口办理), for a nurse who is there in person."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words

NOT_SEEN: Final = Words("请先核验本人身份证件", "See her identity document first.")
ONE_NURSE: Final = Words("请填写护士或其证件号，且只填一项", "Give the nurse or her document: exactly one.")
NOT_NAMED: Final = Words("请填写拟执业机构", "Name the institution where she will practise.")
ELSEWHERE: Final = Words(
    "该机构不归本机关管辖，请到拟执业机构所在地的审批机关办理",
    "This institution is not in your care: she has to file where it is.",
)


def require_one_name(by_id: bool, by_document: bool) -> None:
    """Refuse a nurse who is named twice, or not at all."""
    if by_id == by_document:
        raise Invalid(FieldProblem("nurseId", "ONE_NURSE", ONE_NURSE))


def require_identity_seen(seen: bool) -> None:
    """Refuse to file for a nurse whose identity document nobody has seen."""
    if not seen:
        raise Invalid(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", NOT_SEEN))


def require_named(institution_id: UUID | None) -> UUID:
    """The institution where the nurse will practise; a nurse who moves has to name it."""
    if institution_id is None:
        raise Invalid(FieldProblem("institutionId", "FIELD_REQUIRED", NOT_NAMED))
    return institution_id


def require_in_care(in_care: bool) -> None:
    """Refuse an institution out of the authority's care: the nurse files where it is (条例 8)."""
    if not in_care:
        raise Invalid(FieldProblem("institutionId", "TARGET_ELSEWHERE", ELSEWHERE))
