"""The closed lists of a nurse's record: English values for programs, Chinese labels as the forms show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled


class Sex(Labelled):
    """性别."""

    FEMALE = "FEMALE", "女"
    MALE = "MALE", "男"


class Education(Labelled):
    """Highest schooling (学历)."""

    SECONDARY_VOCATIONAL = "SECONDARY_VOCATIONAL", "中专"
    COLLEGE = "COLLEGE", "大学专科"
    BACHELOR = "BACHELOR", "大学本科"
    MASTER = "MASTER", "硕士"
    DOCTOR = "DOCTOR", "博士"
    OTHER = "OTHER", "其它"


class Degree(Labelled):
    """Academic degree (学位)."""

    NONE = "NONE", "无学位"
    BACHELOR = "BACHELOR", "学士"
    MASTER = "MASTER", "硕士"
    DOCTOR = "DOCTOR", "博士"


_WITHOUT_DEGREE: Final = frozenset({Education.SECONDARY_VOCATIONAL, Education.COLLEGE})


def degree_problems(education: Education, degree: Degree) -> Iterator[FieldProblem]:
    """The problem of a degree that no school of this level confers (学位条例: 学士 begins with 大学本科)."""
    if education in _WITHOUT_DEGREE and degree is not Degree.NONE:
        zh = f"{education.label}学历不授予学位，不能是{degree.label}，请核对学历或学位"
        en = f"No degree comes with {education.english}: check the education or the degree."
        yield FieldProblem("degree", "DEGREE_ABOVE_EDUCATION", Words(zh, en))


class StudyLength(Labelled):
    """Length of the nursing course (学制)."""

    TWO_YEARS = "TWO_YEARS", "二年制"
    THREE_YEARS = "THREE_YEARS", "三年制"
    FOUR_YEARS = "FOUR_YEARS", "四年制"
    FIVE_YEARS = "FIVE_YEARS", "五年制"
    SIX_YEARS = "SIX_YEARS", "六年制"
    SEVEN_YEARS = "SEVEN_YEARS", "七年制"
    EIGHT_YEARS = "EIGHT_YEARS", "八年制"


class Title(Labelled):
    """Professional title (技术职称), lowest first."""

    NURSE = "NURSE", "护士"
    SENIOR_NURSE = "SENIOR_NURSE", "护师"
    SUPERVISOR_NURSE = "SUPERVISOR_NURSE", "主管护师"
    ASSOCIATE_CHIEF_NURSE = "ASSOCIATE_CHIEF_NURSE", "副主任护师"
    CHIEF_NURSE = "CHIEF_NURSE", "主任护师"


class Post(Labelled):
    """Post held (职务)."""

    NONE = "NONE", "无"
    HEAD_NURSE = "HEAD_NURSE", "护士长"
    DEPARTMENT_HEAD_NURSE = "DEPARTMENT_HEAD_NURSE", "科护士长"
    DEPUTY_NURSING_DIRECTOR = "DEPUTY_NURSING_DIRECTOR", "护理部副主任"
    NURSING_DIRECTOR = "NURSING_DIRECTOR", "护理部主任"
    OTHER = "OTHER", "其他"


class Department(Labelled):
    """Department worked in (工作科室)."""

    WARD = "WARD", "病房"
    OUTPATIENT = "OUTPATIENT", "门诊"
    EMERGENCY = "EMERGENCY", "急诊(科)室"
    OPERATING_ROOM = "OPERATING_ROOM", "手术室"
    STERILE_SUPPLY = "STERILE_SUPPLY", "供应室"
    INTENSIVE_CARE = "INTENSIVE_CARE", "监护室"
    NURSING_OFFICE = "NURSING_OFFICE", "护理部"
    RESPIRATORY = "RESPIRATORY", "呼吸科"
    PAEDIATRICS = "PAEDIATRICS", "儿科"
    OBSTETRICS_GYNAECOLOGY = "OBSTETRICS_GYNAECOLOGY", "妇产科"
    HAEMODIALYSIS = "HAEMODIALYSIS", "血液透析室"
    ENDOSCOPY = "ENDOSCOPY", "内镜室"
    COMMUNITY = "COMMUNITY", "社区卫生服务"
    INFECTIOUS_DISEASES = "INFECTIOUS_DISEASES", "感染科"
    OTHER = "OTHER", "其他"


class WorkCategory(Labelled):
    """Kind of work (工作类别)."""

    CLINICAL_NURSING = "CLINICAL_NURSING", "临床护理"
    NURSING_ADMINISTRATION = "NURSING_ADMINISTRATION", "护理行政管理"


class HealthStatus(Labelled):
    """State of health (健康状况): the groups of GB/T 2261.3, and one that the examining doctor calls unfit to nurse."""

    GOOD = "GOOD", "健康或良好"
    FAIR = "FAIR", "一般或较弱"
    CHRONIC_ILLNESS = "CHRONIC_ILLNESS", "有慢性病"
    DISABILITY = "DISABILITY", "有残疾"
    UNFIT = "UNFIT", "不符合护士执业健康标准"


class DeregistrationReason(Labelled):
    """Why a registration ended (注销理由)."""

    EXPIRED = "EXPIRED", "注册有效期届满未延续注册"
    LICENCE_REVOKED = "LICENCE_REVOKED", "受吊销《护士执业证书》处罚"
    DEATH = "DEATH", "护士死亡"
    INCAPACITY = "INCAPACITY", "丧失民事行为能力"
    ANNULLED = "ANNULLED", "注册被依法撤销"
    OTHER = "OTHER", "其他"


class ExamResult(Labelled):
    """Result of the qualifying examination (考试成绩)."""

    PASSED = "PASSED", "合格"
    FAILED = "FAILED", "不合格"


class AccountStatus(Labelled):
    """The progress of a nurse's account, as the roster shows it (账户状态)."""

    NOT_REGISTERED = "NOT_REGISTERED", "尚未注册账户"
    INACTIVE = "INACTIVE", "未激活"
    ACTIVE = "ACTIVE", "已激活"


_GB_3304: Final = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 "
    "东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 "
    "俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)  # in the standard's order: the place in the list is its code
ETHNIC_GROUPS: Final[tuple[str, ...]] = tuple(f"{name}族" for name in _GB_3304.split())
"""The 56 ethnic groups (民族) by the names of GB 3304."""


def ethnic_group(text: str, *, path: str = "ethnicGroup") -> str:
    """The standard name of an ethnic group; `汉` is taken for `汉族`."""
    name = text.strip().removesuffix("族") + "族"
    if name not in ETHNIC_GROUPS:
        zh, en = (
            f"民族“{text}”不在国家标准名录中，请从名录中选择",
            f"{text!r} is not an ethnic group of GB 3304; pick one.",
        )
        raise Invalid(FieldProblem(path, "ETHNIC_GROUP_UNKNOWN", Words(zh, en)))
    return name


def nationality_code(text: str) -> str:
    """A nationality (国籍) as its three letters in GB/T 2659, such as CHN."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        words = Words(
            f"国籍代码“{text}”应为三位字母，如CHN", f"{text!r} is not a three-letter country code such as CHN."
        )
        raise Invalid(FieldProblem("nationality", "NATIONALITY_FORMAT", words))
    return code
