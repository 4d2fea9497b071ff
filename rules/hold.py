"""Why an application's period stands still (中止计时)."""

from __future__ import annotations

from rules.label import Labelled


class Pause(Labelled):
    """What the days of do not count (行政许可法 45), and the nurse's own time to correct something (补正)."""

    HEARING = "HEARING", "听证"
    INSPECTION = "INSPECTION", "检验"
    QUARANTINE = "QUARANTINE", "检疫"
    APPRAISAL = "APPRAISAL", "鉴定"
    EXPERT_REVIEW = "EXPERT_REVIEW", "专家评审"
    CORRECTION = "CORRECTION", "补正"
