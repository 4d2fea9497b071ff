"""The kinds of application, one line each, and the forms they ask for.

A new form is one dataclass below and its name in the kind's line of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.clock import CountedFrom, Period, add_months
from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form, read
from rules.nurse import Department, HealthStatus, Title
from rules.privacy import hidden_characters

EXAMINATION_MONTHS: Final = 6
REMARKS_LENGTH: Final = 500


class Kind(StrEnum):
    """What a nurse (or, for a deregistration, her institution) may apply for (业务类型)."""

    FIRST = "FIRST"  # 首次注册
    RENEWAL = "RENEWAL"  # 延续注册
    CHANGE = "CHANGE"  # 变更注册
    DEREGISTRATION = "DEREGISTRATION"  # 注销注册
    REREGISTRATION = "REREGISTRATION"  # 重新注册
    MILITARY_TRANSFER = "MILITARY_TRANSFER"  # 军队武警护士变更到地方
    REISSUE = "REISSUE"  # 证书补办


@dataclass(frozen=True)
class RenewalForm(Form):
    """Asked of a nurse whose registration runs out (延续注册申请)."""

    health_status: HealthStatus
    health_examined_on: date
    department: Department
    title: Title
    remarks: str | None = None

    def problems(self, filed_on: date) -> Iterator[FieldProblem]:
        """The health examination is at most six months old when filed; remarks are short and plain."""
        yield from _examination_problems("healthExaminedOn", self.health_examined_on, filed_on)
        yield from _text_problems("remarks", self.remarks or "")

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into her record."""
        return {"health_status": self.health_status, "department": self.department, "title": self.title}


def _examination_problems(path: str, examined_on: date, filed_on: date) -> Iterator[FieldProblem]:
    if examined_on > filed_on:
        zh, en = f"体检日期{examined_on}晚于今天", f"The examination date {examined_on} lies in the future."
        yield FieldProblem(path, "EXAMINATION_IN_FUTURE", Words(zh, en))
    elif examined_on < (oldest := add_months(filed_on, -EXAMINATION_MONTHS)):
        zh = f"体检日期{examined_on}已超过6个月，须为{oldest}或以后"
        en = f"The examination of {examined_on} is older than six months: one of {oldest} or later is needed."
        yield FieldProblem(path, "EXAMINATION_TOO_OLD", Words(zh, en))


def _text_problems(path: str, text: str) -> Iterator[FieldProblem]:
    if len(text) > REMARKS_LENGTH:
        zh = f"内容为{len(text)}字，不得超过{REMARKS_LENGTH}字"
        yield FieldProblem(path, "TEXT_TOO_LONG", Words(zh, f"{len(text)} characters: at most {REMARKS_LENGTH}."))
    if hidden := ", ".join(hidden_characters(text, allowed="\n")):
        words = Words(f"含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        yield FieldProblem(path, "TEXT_HIDDEN_CHARACTER", words)


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind: its name, its explanation (业务说明), the authority's period, and its form once it has one."""

    title: Words
    explanation: Words
    period: Period
    form: type[Form] | None = None


_RECEIPT_20, _RECEIPT_7 = Period(20, CountedFrom.RECEIPT), Period(7, CountedFrom.RECEIPT)
_ACCEPTANCE_20 = Period(20, CountedFrom.ACCEPTANCE)

KINDS: Final[Mapping[Kind, KindRule]] = {
    Kind.FIRST: KindRule(
        Words("首次注册", "First registration"),
        Words(
            "通过国务院卫生主管部门组织的护士执业资格考试的人员，可以申请护士首次注册。并需具备护士条例规定的其他条件。",
            "For those who passed the national nursing examination and meet the other conditions of the regulations.",
        ),
        _RECEIPT_20,
    ),
    Kind.RENEWAL: KindRule(
        Words("延续注册", "Renewal"),
        Words(
            "护士执业注册有效期届满需要继续执业的，应当在护士执业注册有效期届满前30日向执业地卫生计生委申请延续注册。",
            "To go on practising after your registration runs out, apply 30 days before it does.",
        ),
        _ACCEPTANCE_20,
        RenewalForm,
    ),
    Kind.CHANGE: KindRule(
        Words("变更注册", "Change of registration"),
        Words(
            "护士在其执业注册有效期内变更执业地点的，应当向拟执业地卫生计生委申请变更注册。",
            "To practise at another place while your registration is valid, apply where you will practise.",
        ),
        _RECEIPT_7,
    ),
    Kind.DEREGISTRATION: KindRule(
        Words("注销注册", "Deregistration"),
        Words(
            "护士有行政许可法规定的应当予以注销执业注册情形的，原注册部门应当依照行政许可法的规定注销其执业注册。",
            "Where the Administrative Licensing Law requires it, the registering authority ends the registration.",
        ),
        _ACCEPTANCE_20,
    ),
    Kind.REREGISTRATION: KindRule(
        Words("重新注册", "Re-registration"),
        Words(
            "被注销执业注册的护士，如果在参加相关培训后，需要重新注册的，可向执业地卫生计生委申请重新注册。",
            "A nurse whose registration was ended may, after training, apply to be registered again.",
        ),
        _ACCEPTANCE_20,
    ),
    Kind.MILITARY_TRANSFER: KindRule(
        Words("军队武警护士变更到地方", "Transfer from the military or armed police"),
        Words(
            "护士执业注册在军队或武警，欲从军队或武警到地方执业的，可以申请变更到地方。",
            "For nurses registered with the military or the armed police who will practise in a civil institution.",
        ),
        _ACCEPTANCE_20,
    ),
    Kind.REISSUE: KindRule(
        Words("证书补办", "Re-issue of the certificate"),
        Words(
            "《护士执业证书》遗失或者损坏的，可以申请补办；补办后换发新编号，原证书作废。",
            "For a lost or damaged certificate: a new one with a new serial is issued, the old one is void.",
        ),
        _ACCEPTANCE_20,
    ),
}

FORMS: Final[Mapping[Kind, type[Form]]] = {kind: rule.form for kind, rule in KINDS.items() if rule.form is not None}
"""The form of each kind that can be filed."""


def form_of(kind: Kind) -> type[Form]:
    """The form that a kind asks for, or Invalid where it cannot be filed here yet."""
    form = FORMS.get(kind)
    if form is None:
        title = KINDS[kind].title
        words = Words(f"{title.zh}业务尚未开通", f"{title.en} cannot be filed here yet.")
        raise Invalid(FieldProblem("kind", "KIND_NOT_OPEN", words))
    return form


def kind_of(form: Form) -> Kind:
    """The kind that a filled form applies for."""
    return next(kind for kind, wanted in FORMS.items() if wanted is type(form))


def form_from_json(kind: Kind, data: Mapping[str, object]) -> Form:
    """The filled form of a kind from its JSON."""
    return read(form_of(kind), data)


def statutory_days(kind: Kind) -> int:
    """The working days that the law gives the authority for its decision (法定审批期限)."""
    return KINDS[kind].period.days
