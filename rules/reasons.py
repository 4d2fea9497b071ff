"""The coded reasons for sending an application back or refusing it, in one table: the steps and the use of each.

Adding a reason is one line of `Reason` and one of `REASONS`; `rules.review` judges what a reviewer says with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.application import Step
from rules.label import Labelled
from rules.law import LawSubject
from rules.working_days import add_years


class Cure(Labelled):
    """The remedy that a reason leaves to the nurse."""

    CURABLE = "CURABLE", "可更正"  # 可补正: correct it and go on
    REFUSING = "REFUSING", "不予通过"  # 不予: this application ends; another may be filed
    BARRING = "BARRING", "限制再次申请"  # 不予并限制: and none may be filed for some years


class Reason(Labelled):
    """A reviewer's reason for not letting an application pass."""

    FIELD_INCOMPLETE = "FIELD_INCOMPLETE", "填报内容不完整"
    FIELD_INCONSISTENT = "FIELD_INCONSISTENT", "填报内容与证明材料不一致"
    HEALTH_PROOF_MISSING = "HEALTH_PROOF_MISSING", "缺少健康体检证明"
    HEALTH_PROOF_TOO_OLD = "HEALTH_PROOF_TOO_OLD", "体检证明超过6个月"
    HEALTH_UNCLEAR = "HEALTH_UNCLEAR", "健康状况需要说明"
    DEPARTMENT_WRONG = "DEPARTMENT_WRONG", "工作科室与实际不符"
    TITLE_UNPROVEN = "TITLE_UNPROVEN", "技术职称缺少证明"
    MATERIAL_MISSING = "MATERIAL_MISSING", "申请材料不齐全"
    MATERIAL_ILLEGIBLE = "MATERIAL_ILLEGIBLE", "申请材料不清晰"
    MATERIAL_EXPIRED = "MATERIAL_EXPIRED", "申请材料已过有效期"
    SEAL_MISSING = "SEAL_MISSING", "申请材料缺少签字或盖章"
    OTHER_CORRECTION = "OTHER_CORRECTION", "其他需要更正的情形"
    NOT_EMPLOYED_HERE = "NOT_EMPLOYED_HERE", "非本机构聘用人员"
    LEAVING = "LEAVING", "已离职或即将离职"
    NOT_VERIFIABLE = "NOT_VERIFIABLE", "填报情况无法核实"
    DUPLICATE = "DUPLICATE", "重复申请"
    OUT_OF_COMPETENCE = "OUT_OF_COMPETENCE", "不属于本机关职权范围"
    NO_LICENCE_NEEDED = "NO_LICENCE_NEEDED", "依法不需要取得许可"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW", "不在可申请期间"
    REGISTRATION_NOT_VALID = "REGISTRATION_NOT_VALID", "申请时注册已失效"
    HEALTH_UNFIT = "HEALTH_UNFIT", "不符合健康标准"
    SUSPENSION_RUNNING = "SUSPENSION_RUNNING", "暂停执业期限未满"
    BAR_RUNNING = "BAR_RUNNING", "尚在限制申请期内"
    CONDITIONS_NOT_MET = "CONDITIONS_NOT_MET", "不符合法定条件"
    CORRECTION_INSUFFICIENT = "CORRECTION_INSUFFICIENT", "补正后仍不符合要求"
    OTHER_REFUSAL = "OTHER_REFUSAL", "其他情形"
    FALSE_MATERIAL = "FALSE_MATERIAL", "隐瞒情况或材料虚假"
    FRAUD = "FRAUD", "以欺骗、贿赂等不正当手段取得"


HEALTH_REPORT: Final = "HEALTH_REPORT"
"""The code of the proof of health (体检证明), where the list of a kind has it."""
GENERAL: Final = (Reason.CONDITIONS_NOT_MET, Reason.CORRECTION_INSUFFICIENT)
"""Reasons that name no ground by themselves: whoever gives one says in words which condition, or what, it is."""
ANY: Final = frozenset({"*"})
"""Any field, or any material: a reason that may mark whatever there is."""


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """One reason: its words and article, the steps that may name it, what it may mark, the years it bars.

    It marks fields of the form, materials by their codes, or both.
    """

    code: Reason
    en: str
    article: LawSubject | None
    cure: Cure
    steps: frozenset[Step]
    fields: frozenset[str] = frozenset()
    materials: frozenset[str] = frozenset()
    bar_years: int = 0

    def may_mark(self, field: str) -> bool:
        """True if a reviewer who names this reason may mark that field."""
        return field in self.fields or self.fields == ANY

    def may_mark_material(self, code: str) -> bool:
        """True if a reviewer who names this reason may mark that material."""
        return code in self.materials or self.materials == ANY


_BACK: Final = frozenset({Step.RETURN, Step.REQUIRE_CORRECTION})
_DECLINE, _INTAKE, _REJECT = Step.DECLINE, Step.REFUSE_INTAKE, Step.REJECT
_HEALTH: Final = frozenset({"healthStatus", "healthExaminedOn"})
_REPORT: Final = frozenset({HEALTH_REPORT})
_TERM, _FITNESS, _INCOMPLETE = LawSubject.TERM_ARTICLE, LawSubject.HEALTH_ARTICLE, LawSubject.CORRECTION_ARTICLE
_UNNEEDED, _COMPETENCE = LawSubject.NOT_NEEDED_ARTICLE, LawSubject.COMPETENCE_ARTICLE
_REFUSAL, _FALSE, _DECEIT = LawSubject.REFUSAL_ARTICLE, LawSubject.FALSEHOOD_ARTICLE, LawSubject.DECEIT_ARTICLE
_SUSPENDED, _BARRED = LawSubject.SUSPENSION_ARTICLE, LawSubject.BAR_ARTICLE


def _back(
    code: Reason, en: str, fields: frozenset[str] = frozenset(), materials: frozenset[str] = frozenset()
) -> ReasonRule:
    return ReasonRule(code, en, _INCOMPLETE, Cure.CURABLE, _BACK, fields, materials)


def _ends(code: Reason, en: str, article: LawSubject | None, *steps: Step) -> ReasonRule:
    return ReasonRule(code, en, article, Cure.REFUSING, frozenset(steps))


def _bars(code: Reason, years: int, en: str, article: LawSubject, *steps: Step) -> ReasonRule:
    return ReasonRule(code, en, article, Cure.BARRING, frozenset(steps), bar_years=years)


REASONS: Final[Mapping[Reason, ReasonRule]] = {
    rule.code: rule
    for rule in (
        _back(Reason.FIELD_INCOMPLETE, "The entry is incomplete", ANY),
        _back(Reason.FIELD_INCONSISTENT, "The entry differs from the papers", ANY, ANY),
        _back(Reason.HEALTH_PROOF_MISSING, "There is no health certificate", materials=_REPORT),
        _back(Reason.HEALTH_PROOF_TOO_OLD, "Examined over six months ago", _HEALTH, _REPORT),
        _back(Reason.HEALTH_UNCLEAR, "The state of health needs explaining", _HEALTH, _REPORT),
        _back(Reason.DEPARTMENT_WRONG, "Not the department worked in", frozenset({"department", "otherDepartment"})),
        _back(Reason.TITLE_UNPROVEN, "The title is not proven", frozenset({"title"})),
        _back(Reason.MATERIAL_MISSING, "A material is missing", materials=ANY),
        _back(Reason.MATERIAL_ILLEGIBLE, "A material cannot be read", materials=ANY),
        _back(Reason.MATERIAL_EXPIRED, "A material is out of date", materials=ANY),
        _back(Reason.SEAL_MISSING, "A signature or seal is missing", materials=ANY),
        _back(Reason.OTHER_CORRECTION, "Something else is to be corrected", ANY, ANY),
        _ends(Reason.NOT_EMPLOYED_HERE, "Not employed here", None, _DECLINE),
        _ends(Reason.LEAVING, "Has left or is leaving", None, _DECLINE),
        _ends(Reason.NOT_VERIFIABLE, "The entry cannot be verified", None, _DECLINE, _REJECT),
        _ends(Reason.DUPLICATE, "The same was applied for already", None, _DECLINE, _INTAKE),
        _ends(Reason.OUT_OF_COMPETENCE, "Out of competence", _COMPETENCE, _INTAKE),
        _ends(Reason.NO_LICENCE_NEEDED, "No permission is needed", _UNNEEDED, _INTAKE),
        _ends(Reason.OUTSIDE_WINDOW, "Outside the time for applying", _TERM, _DECLINE, _INTAKE),
        _ends(Reason.REGISTRATION_NOT_VALID, "Not valid when filed", _TERM, _INTAKE, _REJECT),
        _ends(Reason.HEALTH_UNFIT, "Not fit to nurse", _FITNESS, _DECLINE, _REJECT),
        _ends(Reason.SUSPENSION_RUNNING, "Still suspended", _SUSPENDED, _DECLINE, _REJECT),
        _ends(Reason.BAR_RUNNING, "A bar on applying still runs", _BARRED, _INTAKE, _REJECT),
        _ends(Reason.CONDITIONS_NOT_MET, "The legal conditions are not met", _REFUSAL, _REJECT),
        _ends(Reason.CORRECTION_INSUFFICIENT, "Still not in order", _REFUSAL, _REJECT),
        _ends(Reason.OTHER_REFUSAL, "Another reason", None, _DECLINE, _INTAKE, _REJECT),
        _bars(Reason.FALSE_MATERIAL, 1, "Facts hidden or faked", _FALSE, _INTAKE, _REJECT),
        _bars(Reason.FRAUD, 3, "Obtained by deceit or bribery", _DECEIT, Step.VOID),
    )
}


def bar_until(reasons: Collection[Reason], decided_on: date) -> date | None:
    """The last day of a bar on new applications after a refusal for these reasons; None if there is no bar."""
    years = max((REASONS[reason].bar_years for reason in reasons), default=0)
    return add_years(decided_on, years) if years else None
