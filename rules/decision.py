"""The decisions on an application (审核意见): where one is taken, and what it says."""

from __future__ import annotations

from rules.label import Labelled
from rules.moves import State


class DecisionStage(Labelled):
    """The desk at which a decision is taken (环节)."""

    INSTITUTION = "INSTITUTION", "机构审核"
    AUTHORITY_REVIEW = "AUTHORITY_REVIEW", "注册机关审查"
    AUTHORITY_DECISION = "AUTHORITY_DECISION", "注册机关决定"


class DecisionOutcome(Labelled):
    """The outcome of a decision (审核结果), as it stands on the printed form too."""

    AGREED = "AGREED", "同意"
    REFUSED = "REFUSED", "不同意"
    RETURNED = "RETURNED", "退回更正"
    CORRECTION_REQUIRED = "CORRECTION_REQUIRED", "要求补正"
    ACCEPTED = "ACCEPTED", "受理"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    TRANSFERRED = "TRANSFERRED", "移送其他注册机关"
    NO_OTHER_PERSON = "NO_OTHER_PERSON", "未经机构确认：机构无其他人员可以办理"
    PASSED_UP = "PASSED_UP", "转由上级机关办理"
    DEEMED = "DEEMED", "视为准予"
    VOIDED = "VOIDED", "撤销"


def counts(stage: DecisionStage, outcome: DecisionOutcome, *, state: State, current: bool) -> bool:
    """True if a decision still speaks of an application as it is filed now: of those of a stage the last one does.

    `current`: it was taken on the revision that is filed now. A confirmation outlasts the correction that the authority
    asks for; what was sent back, or asked for, is answered by the next revision. Whoever gave up a claim, or passed it
    on, has said nothing of what it is.
    """
    match stage, outcome:
        case (_, DecisionOutcome.NO_OTHER_PERSON | DecisionOutcome.TRANSFERRED | DecisionOutcome.PASSED_UP):
            return False
        case (_, DecisionOutcome.RETURNED | DecisionOutcome.CORRECTION_REQUIRED):
            return current
        case (DecisionStage.INSTITUTION, DecisionOutcome.REFUSED):
            return state is State.INSTITUTION_REJECTED
        case _:
            return True
