"""The values in a list's cells as forms keep them: the member a term means, a day however a spreadsheet wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final

from rules.identity import DocumentType
from rules.label import Labelled
from rules.nurse import Degree, Department, Education, HealthStatus, StudyLength, Title
from rules.other import trimmed
from rules.privacy import mask_id_number

_OTHER_TERMS: Final[Mapping[type[Labelled], Mapping[Labelled, str]]] = {
    DocumentType: {
        DocumentType.RESIDENT_ID: "居民身份证 身份证 二代身份证 第二代身份证 中华人民共和国居民身份证 idcard",
        DocumentType.HK_MACAO_PERMIT: "港澳居民来往内地通行证 港澳通行证 港澳居民通行证 回乡证 港澳居民往来内地通行证",
        DocumentType.TAIWAN_PERMIT: "台胞证 台湾通行证 台湾居民通行证 台湾居民往来大陆通行证",
        DocumentType.HMT_RESIDENCE_PERMIT: "港澳台居住证 港澳居民居住证 台湾居民居住证",
        DocumentType.FOREIGN_PERMANENT_RESIDENCE: "外国人永久居留证 外国人永居证 永久居留身份证 永居证",
        DocumentType.PASSPORT: "外国护照 中国护照 普通护照",
    },
    HealthStatus: {
        HealthStatus.GOOD: "健康 良好 健康良好 身体健康 正常",
        HealthStatus.FAIR: "一般 较弱",
        HealthStatus.CHRONIC_ILLNESS: "慢性病",
        HealthStatus.DISABILITY: "残疾",
        HealthStatus.UNFIT: "不符合 不符合健康标准",
    },
    Department: {
        Department.WARD: "病区 住院病房 住院部",
        Department.OUTPATIENT: "门诊部 门诊科室 门诊室",
        Department.EMERGENCY: "急诊 急诊科 急诊室 急诊部 急诊医学科",
        Department.OPERATING_ROOM: "手术部 手术麻醉科",
        Department.STERILE_SUPPLY: "消毒供应室 消毒供应中心 供应中心 消毒供应科",
        Department.INTENSIVE_CARE: "重症监护室 重症监护病房 重症医学科 icu",
        Department.RESPIRATORY: "呼吸内科 呼吸与危重症医学科",
        Department.PAEDIATRICS: "小儿科 儿科病房 新生儿科",
        Department.OBSTETRICS_GYNAECOLOGY: "妇科 产科 产房",
        Department.HAEMODIALYSIS: "血液透析 血透室 血液净化中心 血液净化室",
        Department.ENDOSCOPY: "内镜中心 胃镜室",
        Department.COMMUNITY: "社区 社区卫生服务中心",
        Department.INFECTIOUS_DISEASES: "感染性疾病科 传染科",
        Department.OTHER: "其它 其他科室 其它科室",
    },
    Title: {
        Title.NURSE: "初级护士 护士初级",
        Title.SENIOR_NURSE: "初级护师 护师初级",
        Title.SUPERVISOR_NURSE: "主管护师中级",
    },
    Education: {
        Education.SECONDARY_VOCATIONAL: "中等专科 中等职业 中技",
        Education.COLLEGE: "大专 专科 高职",
        Education.BACHELOR: "本科",
        Education.MASTER: "硕士研究生",
        Education.DOCTOR: "博士研究生",
        Education.OTHER: "其他",
    },
    Degree: {
        Degree.NONE: "无",
        Degree.BACHELOR: "学士学位",
        Degree.MASTER: "硕士学位",
        Degree.DOCTOR: "博士学位",
    },
    StudyLength: {
        one: f"{digit} {digit}年 {digit}年制 {one.label[0]}年 {one.label[0]}"
        for digit, one in enumerate(StudyLength, 2)
    },
}
"""Terms that hospitals write besides the register's own."""
_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\]]*\]|【[^】]*】")
_DROPPED: Final = re.compile(r"[\W_]+")
_NUMBERED: Final = re.compile(r"\d{1,2}[.、:\-\s]+(?=\D)")
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s]+[\d:.]+)?", re.ASCII)
_DIGITS: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_SERIAL: Final = re.compile(r"([2-7]\d{4})(?:\.\d+)?", re.ASCII)
_SERIAL_ZERO: Final = date(1899, 12, 30)
"""Spreadsheets count days from here (and take 1900 for a leap year)."""
_LONG: Final = re.compile(r"\d{15,}[\dXx]?", re.ASCII)
SHOWN: Final = 20
HIDDEN: Final = "\N{REPLACEMENT CHARACTER}"


def failed(cell: str) -> bool:
    """True if a formula has no result here (#N/A), or none that the spreadsheet has kept."""
    return (
        cell.startswith(("#", "="))
        and re.fullmatch(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|#+)|=.*", cell, re.DOTALL) is not None
    )


def shown(cell: str) -> str:
    """A cell as a refusal shows it: its first characters, a long number masked, nothing that cannot be seen."""
    visible = "".join(c if c.isprintable() else HIDDEN for c in " ".join(cell.split()))
    plain = _LONG.sub(lambda found: mask_id_number(found[0]), visible)
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"


def _fold(text: str) -> str:
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


def _unbracketed(text: str) -> str:
    return _BRACKETED.sub("", unicodedata.normalize("NFKC", text))


@cache
def _terms(kind: type[Labelled]) -> Mapping[str, Labelled]:
    """Every term of a closed list, folded -> its member."""
    terms = _OTHER_TERMS.get(kind, {})
    others = {_fold(term): one for one in kind for term in terms.get(one, "").split()}
    return {**others, **{_fold(text): one for one in kind for text in (one.value, one.label)}}


@lru_cache(4096)
def member(kind: type[Labelled], cell: str) -> Labelled | None:
    """The member that a cell means: by term or value, in any case and width, with or without what is in brackets."""
    terms = _terms(kind)
    for text in (cell, _unbracketed(cell), _NUMBERED.sub("", cell, count=1)):
        if found := terms.get(_fold(text)):
            return found
    return None


def words_beside(cell: str) -> str | None:
    """The words in brackets of a cell, such as the department in `其他（体检中心）`."""
    found = _BRACKETED.search(unicodedata.normalize("NFKC", cell))
    return trimmed(found[0][1:-1]) if found else None


@lru_cache(4096)
def day(cell: str) -> date | None:
    """The day that a cell means, in the order of year, month, day, or counted as spreadsheets count; else None."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if serial := _SERIAL.fullmatch(text):
        return _SERIAL_ZERO + timedelta(days=int(serial[1]))
    found = _DAY.fullmatch(text) or _DIGITS.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
