"""The terms of the forms' fields (填报项), said once: for pages, paper, the heads of lists, and the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rules.errors import Words
from rules.law import LawSubject


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """The title of a field, what helps to fill it in (填报说明), and where the law asks for it."""

    title: Words
    help: Words | None = None
    article: LawSubject | None = None


def _of(zh: str, en: str, help_zh: str = "", help_en: str = "", article: LawSubject | None = None) -> FieldTerms:
    return FieldTerms(Words(zh, en), Words(help_zh, help_en) if help_zh else None, article)


_HEALTH, _CONDITIONS = LawSubject.HEALTH_ARTICLE, LawSubject.CONDITIONS_ARTICLE
_AGAIN, _ENDING, _CHANGE = LawSubject.AGAIN_ARTICLE, LawSubject.ENDING_ARTICLE, LawSubject.CHANGE_ARTICLE
_TRAINING = (
    "需要临床护理培训的，填写培训机构和起止日期，培训不少于3个月",
    "Where a clinical training is needed: its place and both its days, three months or more.",
)

TERMS: Final[Mapping[str, FieldTerms]] = {
    "startsOn": _of("开始日期", "First day"),
    "endsOn": _of("结束日期", "Last day"),
    "interruptionReason": _of("中断事由", "Reason for the interruption"),
    "dispatchKind": _of("派出类别", "Kind of dispatch"),
    "toInstitution": _of("接收机构代码", "Code of the receiving institution"),
    "place": _of("系统外地点", "Place outside of the register"),
    "healthStatus": _of("健康状况", "Health", article=_HEALTH),
    "healthExaminedOn": _of(
        "体检日期",
        "Examined on",
        "提交申请之日前规定月数内的健康体检日期",
        "The day of the health examination, within the months before filing that the law gives.",
        _HEALTH,
    ),
    "department": _of("工作科室", "Department"),
    "otherDepartment": _of(
        "其他科室",
        "Other department",
        "科室选择“其他”的，写明科室名称，不超过50字",
        "Which one, in up to 50 characters; needed with department OTHER, and with no other.",
    ),
    "title": _of("技术职称", "Professional title"),
    "school": _of("毕业学校", "School", "与毕业证书一致，不超过100字", "As on the diploma, up to 100 characters."),
    "major": _of("所学专业", "Major", "与毕业证书一致，不超过100字", "As on the diploma, up to 100 characters."),
    "education": _of("学历", "Education", article=_CONDITIONS),
    "otherEducation": _of(
        "其他学历",
        "Other education",
        "学历选择“其它”的，写明具体学历，不超过50字",
        "Which one, in up to 50 characters; needed with education OTHER, and with no other.",
    ),
    "degree": _of("学位", "Degree"),
    "studyLength": _of("学制", "Length of study", "普通全日制3年以上", "Three years or more, full time.", _CONDITIONS),
    "graduatedOn": _of("毕业时间", "Graduated on", "与毕业证书一致", "As on the diploma."),
    "internshipFrom": _of("临床实习开始", "Internship from", article=_CONDITIONS),
    "internshipUntil": _of(
        "临床实习结束",
        "Internship until",
        "在教学、综合医院完成8个月以上护理临床实习，毕业前结束",
        "Eight months or more in a teaching or general hospital, before graduation.",
        _CONDITIONS,
    ),
    "trainingInstitution": _of("培训机构", "Training institution", *_TRAINING, _AGAIN),
    "trainedFrom": _of("培训开始", "Trained from", *_TRAINING, _AGAIN),
    "trainedUntil": _of("培训结束", "Trained until", *_TRAINING, _AGAIN),
    "studyHistory": _of(
        "专业学习经历",
        "Studies",
        "每行一段：2020年09月01日至2023年06月30日在××学校××专业学习",
        "A line a course, as 2020年09月01日至2023年06月30日在××学校××专业学习.",
    ),
    "post": _of("职务", "Post"),
    "otherPost": _of(
        "其他职务",
        "Other post",
        "职务选择“其他”的，写明具体职务，不超过50字",
        "Which one, in up to 50 characters; needed with post OTHER, and with no other.",
    ),
    "workCategory": _of("工作类别", "Work category"),
    "startedWorkOn": _of("参加工作时间", "Started work on"),
    "workHistory": _of("工作经历", "Work history", "不超过2000字", "Up to 2,000 characters."),
    "auxiliary": _of("辅助管理信息", "Auxiliary information", "不超过2000字", "Up to 2,000 characters."),
    "ethnicity": _of("民族", "Ethnicity", "与证件一致", "As on the document."),
    "nationality": _of("国籍", "Nationality", "与证件一致", "As on the document."),
    "changeReason": _of("变更原因", "Reason of the change", "不超过500字", "Up to 500 characters.", _CHANGE),
    "reason": _of(
        "注销理由",
        "Reason of the deregistration",
        "护士本人申请的，选择注册有效期届满或其他",
        "A nurse herself says EXPIRED or OTHER.",
        _ENDING,
    ),
    "proof": _of(
        "证明材料",
        "Proof",
        "死亡证明、法院认定或处罚决定书的文号",
        "The number of the death certificate, court finding or penalty decision.",
        _ENDING,
    ),
    "recoveryJudgment": _of(
        "恢复能力判决",
        "Judgment of recovery",
        "因丧失行为能力注销的，填写恢复民事行为能力判决书编号",
        "The number of the court's judgment, where the registration ended by incapacity.",
        _AGAIN,
    ),
    "source": _of("来源", "Source"),
    "militaryCertificateNumber": _of(
        "原护士证编号",
        "Military certificate number",
        "军队或武警核发的护士执业证书编号",
        "The number of the certificate of the military or the armed police.",
    ),
    "militaryValidUntil": _of(
        "原证有效期至", "Military certificate valid until", "有效期的最后一天", "Its last day, inclusive."
    ),
    "cause": _of("补办原因", "Cause"),
    "statement": _of(
        "情况声明",
        "Statement",
        "说明遗失或损坏的经过，不超过500字",
        "How it was lost or damaged, up to 500 characters.",
    ),
    "remarks": _of("备注", "Remarks", "不超过500字", "Up to 500 characters."),
}
"""The fields of all forms, as GraphQL names them: a new field is one line here."""


def title_zh(field: str) -> str:
    """The Chinese title of a field; its name where it has none."""
    return TERMS[field].title.zh if field in TERMS else field
