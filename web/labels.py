"""What printed pages call things (表格用语): a new field of a form is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rules.kinds import Kind
from rules.reasons import MATERIALS


@dataclass(frozen=True, slots=True)
class Paper:
    """What the pages of one kind are called: its form, and what a letter grants or refuses."""

    form: str
    subject: str


PAPERS: Final[Mapping[Kind, Paper]] = {
    Kind.FIRST: Paper("护士首次注册申请审核表", "护士执业首次注册"),
    Kind.RENEWAL: Paper("护士延续注册申请审核表", "护士执业延续注册"),
    Kind.CHANGE: Paper("护士变更注册申请审核表", "护士执业变更注册"),
    Kind.DEREGISTRATION: Paper("护士注销注册申请审核表", "护士执业注销注册"),
    Kind.REREGISTRATION: Paper("护士重新注册申请审核表", "护士执业重新注册"),
    Kind.MILITARY_TRANSFER: Paper("军队武警护士变更到地方申请审核表", "军队武警护士变更到地方"),
    Kind.REISSUE: Paper("护士执业证书补办申请表", "护士执业证书补办"),
}

LABELS: Final[Mapping[str, str]] = {
    "healthStatus": "健康状况",
    "healthExaminedOn": "体检日期",
    "department": "工作科室",
    "title": "技术职称",
    "school": "毕业学校",
    "major": "所学专业",
    "education": "学历",
    "degree": "学位",
    "studyLength": "学制",
    "graduatedOn": "毕业时间",
    "internshipFrom": "临床实习开始",
    "internshipUntil": "临床实习结束",
    "trainingInstitution": "培训机构",
    "trainedFrom": "培训开始",
    "trainedUntil": "培训结束",
    "changeReason": "变更原因",
    "reason": "注销理由",
    "proof": "证明材料",
    "recoveryJudgment": "恢复能力判决",
    "source": "来源",
    "militaryCertificateNumber": "原护士证编号",
    "militaryValidUntil": "原证有效期至",
    "cause": "补办原因",
    "statement": "情况声明",
    "remarks": "备注",
    MATERIALS: "申请材料",
}
"""The fields of all forms, as GraphQL names them."""
