"""The pauses (中止计时) and the one extension (延长期限) of an application's period."""

from __future__ import annotations

from datetime import date
from typing import Final

from rules.errors import FieldProblem, NotAllowed, Together, Words
from rules.label import Labelled
from rules.wording import wording


class Pause(Labelled):
    """A pause of an application's period (行政许可法 45); its days do not count.

    A correction (补正) by the nurse is a pause as well.
    """

    HEARING = "HEARING", "听证"
    INSPECTION = "INSPECTION", "检验"
    QUARANTINE = "QUARANTINE", "检疫"
    APPRAISAL = "APPRAISAL", "鉴定"
    EXPERT_REVIEW = "EXPERT_REVIEW", "专家评审"
    CORRECTION = "CORRECTION", "补正"


HOLDS: Final = frozenset(Pause) - {Pause.CORRECTION}
"""The pauses that an authority may order; a correction pauses by itself."""
LONGEST_EXTENSION: Final = 10  # working days, 行政许可法 42
LONGEST_HOLD: Final = 250
"""The most working days that a hold may be said to take: about a year."""
LONGEST_REASON: Final = 500


def require_hold(kind: Pause, reason: str, expected_days: int | None = None) -> None:
    """Refuse a hold for anything that the law does not name, without a reason, or for no days or too many."""
    with Together() as each:
        if kind not in HOLDS:
            words = Words(
                "补正期间自动中止计时，无需办理", "A correction pauses by itself; choose another kind of hold."
            )
            each.problems.append(FieldProblem("kind", "NOT_A_HOLD", words))
        each(lambda: _require_reason(reason))
        if expected_days is not None and not 1 <= expected_days <= LONGEST_HOLD:
            zh = f"预计所需{expected_days}个工作日不符合规定，应为1至{LONGEST_HOLD}个工作日"
            words = Words(zh, f"{expected_days} working days: a hold is thought to take 1 to {LONGEST_HOLD}.")
            each.problems.append(FieldProblem("expectedDays", "HOLD_DAYS", words))


def require_extension(days: int, reason: str, due_on: date, today: date, *, on_hold: bool) -> None:
    """Refuse an extension that is too long, has no reason, or comes when the period does not run."""
    with Together() as each:
        if not 1 <= days <= LONGEST_EXTENSION:
            zh = f"延长{days}个工作日不符合规定，可延长1至{LONGEST_EXTENSION}个工作日"
            words = Words(zh, f"{days} working days: a period may be extended by 1 to {LONGEST_EXTENSION}.")
            each.problems.append(FieldProblem("workingDays", "EXTENSION_DAYS", words))
        each(lambda: _require_reason(reason))
    if on_hold:
        raise NotAllowed("ON_HOLD", Words("该业务已中止计时，请先恢复计时", "It is on hold: resume it first."))
    if today > due_on:
        zh = f"审批期限已于{due_on}届满，不能再延长"
        raise NotAllowed("PAST_DUE", Words(zh, f"The period ended on {due_on}: it can no longer be extended."))


def _require_reason(reason: str) -> None:
    wording("reason", reason, LONGEST_REASON, Words("请填写理由", "Give a reason."))
