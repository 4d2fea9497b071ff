"""The titles of the forms' fields (填报项): on paper, and as heads of a list's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, str]] = {
    "healthStatus": "健康状况",
    "healthExaminedOn": "体检日期",
    "department": "工作科室",
    "otherDepartment": "其他科室",
    "title": "技术职称",
    "school": "毕业学校",
    "major": "所学专业",
    "education": "学历",
    "otherEducation": "其他学历",
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
}
"""The fields of all forms, as GraphQL names them: a new field is one line here."""
