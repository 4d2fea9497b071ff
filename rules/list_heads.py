"""The heads of a list's columns (列名): found under titles, known by their synonyms in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Final

from rules.form import Form
from rules.form_terms import TERMS, title_zh
from rules.kinds import Kind, form_of

ListOf = Kind | type[Form]
"""The purpose of a list: applications of a kind, or values of a form."""
NAMING: Final[Mapping[str, str]] = {
    "name": "姓名",
    "documentType": "证件类型",
    "idNumber": "身份证号",
    "certificateNumber": "护士执业证书编号",
}
"""The columns that say which nurse a row is about, with their titles."""
TITLED: Final = frozenset({*NAMING, *TERMS})
"""All columns that have a title."""
KEYS: Final = ("idNumber", "certificateNumber")
"""The columns of which a list needs one."""
FIRST_ROWS: Final = 30
"""The head stands in one of these: above it may be titles and notes."""
INDEX: Final = "index"
"""The column that only counts (序号)."""
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "name": "护士姓名 员工姓名 人员姓名 职工姓名 申请人 申请人姓名 fullname nursename chinesename",
    "documentType": "证件种类 证件名称 身份证件类型 有效证件类型 idtype iddocumenttype certificatetype",
    "idNumber": "身份证 身份证号码 身份证件号 身份证件号码 身份证编号 居民身份证号 居民身份证号码 公民身份号码 "
    "公民身份证号码 证件号 证件号码 证件编号 有效证件号码 idno idcard idcardno idcardnumber "
    "documentnumber nationalid identitynumber",
    "certificateNumber": "护士执业证书编码 护士执业证书号 护士执业证书号码 护士执业证编号 护士执业证编码 "
    "护士执业证号 护士证号 护士证编号 护士证书编号 执业证书编号 执业证书编码 执业证书号 执业证书号码 执业证号 "
    "执业证编号 护士执业注册证书编号 certificateno certno licensenumber licenceno licencenumber licenseno",
    "healthStatus": "健康情况 健康状态 身体状况 健康 health healthcondition",
    "healthExaminedOn": "体检时间 健康体检日期 健康体检时间 体检日 最近体检日期 examinedon healthexaminationdate",
    "department": "科室 所在科室 执业科室 部门 工作部门 现工作科室 dept ward",
    "otherDepartment": "其他科室名称 其它科室 其它科室名称 otherdepartmentname",
    "post": "行政职务 现职务 护理职务 position jobtitle",
    "otherPost": "其他职务名称 其它职务",
    "title": "职称 专业技术职称 专业技术职务 技术职务 现职称 现有职称 专业职称 professionaltitle",
    "school": "毕业院校 毕业学校名称 学校 学校名称 毕业院校名称 院校 graduatedfrom",
    "major": "专业 专业名称 毕业专业 所学专业名称",
    "education": "最高学历 文化程度 学历层次",
    "otherEducation": "其他学历名称 其它学历 其它学历名称",
    "degree": "最高学位 学位层次",
    "studyLength": "修业年限 学制年 学习年限 lengthofstudy",
    "graduatedOn": "毕业日期 毕业年月 毕业年月日 graduationdate",
    "internshipFrom": "实习开始 实习开始日期 实习开始时间 临床实习开始日期 临床实习开始时间 实习起始日期 "
    "internshipstart",
    "internshipUntil": "实习结束 实习结束日期 实习结束时间 临床实习结束日期 临床实习结束时间 实习终止日期 "
    "internshipend",
    "trainingInstitution": "培训单位 培训机构名称 培训医院",
    "trainedFrom": "培训开始日期 培训开始时间 培训起始日期 trainingstart",
    "trainedUntil": "培训结束日期 培训结束时间 培训终止日期 trainingend",
    "startsOn": "起始日期 开始时间 起始时间 中断开始日期 中断开始时间 派出开始日期 派出日期 startdate startson",
    "endsOn": "终止日期 结束时间 终止时间 中断结束日期 中断结束时间 恢复执业日期 派出结束日期 截止日期 enddate",
    "interruptionReason": "事由 中断原因 中断执业事由 中断执业原因 reason",
    "dispatchKind": "派出类型 派出情形 派出形式 类别 kind",
    "toInstitution": "接收机构 接收机构统一社会信用代码 接收单位代码 接收机构编码 接收医院代码 tocode",
    "place": "地点 派出地点 接收地点 接收单位 系统外接收单位",
    "remarks": "说明 remark note notes comment comments",
    INDEX: "序号 编号 序 行号 no num rowno seq #",
}
_BRACKETS: Final = re.compile(r"[(\[{〔【〖《<][^)\]}〕】〗》>]*[)\]}〕】〗》>]")
_DROPPED: Final = re.compile(r"[\s_\-*※★☆●:.,'\"“”‘’]+")
_ALTERNATIVES: Final = re.compile(r"[/、\\|\n或]")


def form_listed(of: ListOf) -> type[Form]:
    """The form whose fields a list may have."""
    return form_of(of) if isinstance(of, Kind) else of


def plain(head: str) -> str:
    """A head without what is put around it: stars, brackets and their units, blanks, quotes, case, width."""
    text = unicodedata.normalize("NFKC", head).casefold()
    return _DROPPED.sub("", _BRACKETS.sub("", text)) or _DROPPED.sub("", text)


@cache
def _known() -> Mapping[str, str]:
    """Every plain head -> the GraphQL name of its column."""
    titles = {**{name: terms.title.zh for name, terms in TERMS.items()}, **NAMING}
    known = {plain(word): name for name in titles for word in (name, titles[name])}
    others = {plain(word) or word: name for name, words in _OTHER_NAMES.items() for word in words.split()}
    return {**others, **known}


def field_of(head: str) -> str | None:
    """The GraphQL name of the column that a head stands for; None where it is not known."""
    if found := _known().get(plain(head)):
        return found
    ways = {found for part in _ALTERNATIVES.split(head) if (found := _known().get(plain(part)))}
    return ways.pop() if len(ways) == 1 else None


def title_of(field: str) -> str:
    """The Chinese title of a column."""
    return NAMING.get(field) or title_zh(field)


def like(head: str, fields: Sequence[str]) -> str | None:
    """The column among some that a head that is not known may mean: two characters in three are the same."""
    titles = {plain(title_of(field)): field for field in fields}
    found = get_close_matches(plain(head), titles, 1, 0.6)
    return titles[found[0]] if found else None


def head_row(rows: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """The place of the row with the most heads, a column that names nurses by number among them; None without one."""
    known = [[found for cell in cells if (found := field_of(cell))] for _, cells in rows[:FIRST_ROWS]]
    heads = [place for place, fields in enumerate(known) if {*KEYS} & {*fields}]
    return max(heads, key=lambda place: len(known[place]), default=None)


def letter(place: int) -> str:
    """A column as spreadsheets call it: A, Z, AA."""
    return "".join(reversed([chr(ord("A") + digit) for digit in _digits(place + 1)]))


def _digits(number: int) -> Iterator[int]:
    while number:
        number, digit = divmod(number - 1, 26)
        yield digit
