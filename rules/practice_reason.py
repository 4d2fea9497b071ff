"""Why a nurse may not practise (不得执业原因): read by itself, by those who act on it, and kept in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rules.label import Labelled
from rules.nurse import DeregistrationReason


class PracticeCause(Labelled):
    """A cause for which a nurse may not practise (不得执业原因)."""

    EXPIRED = "EXPIRED", "注册有效期届满未延续"
    SUSPENDED = "SUSPENDED", "暂停执业"
    DEREGISTERED = "DEREGISTERED", "注册已注销"
    NO_INSTITUTION = "NO_INSTITUTION", "没有执业机构"


@dataclass(frozen=True, slots=True)
class PracticeReason:
    """All causes of a nurse today; none where she may practise."""

    causes: tuple[PracticeCause, ...]
    valid_until: date | None
    suspended_until: date | None
    decision_number: str | None
    deregistration_reason: DeregistrationReason | None
