"""The kinds of application, one line each: its name, its explanation, its period and its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rules.casing import camel_case
from rules.errors import FieldProblem, Words
from rules.form import Form, field_names, read
from rules.forms import (
    ChangeForm,
    DeregistrationForm,
    FirstForm,
    MilitaryTransferForm,
    ReissueForm,
    RenewalForm,
    ReregistrationForm,
)
from rules.label import Labelled
from rules.working_days import CountedFrom, Period

__all__ = ["FORMS", "KINDS", "Kind", "KindRule", "RenewalForm", "form_from_json", "form_of", "in_form", "kind_of"]


class Kind(Labelled):
    """A kind of application (业务类型) by a nurse or, for a deregistration, by the institution."""

    FIRST = "FIRST", "首次注册"
    RENEWAL = "RENEWAL", "延续注册"
    CHANGE = "CHANGE", "变更注册"
    DEREGISTRATION = "DEREGISTRATION", "注销注册"
    REREGISTRATION = "REREGISTRATION", "重新注册"
    MILITARY_TRANSFER = "MILITARY_TRANSFER", "军队武警护士变更到地方"
    REISSUE = "REISSUE", "证书补办"


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind: its name, its explanation (业务说明), the authority's period, and its form."""

    title: Words
    explanation: Words
    period: Period
    form: type[Form]


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
        FirstForm,
    ),
    Kind.RENEWAL: KindRule(
        Words("延续注册", "Renewal"),
        Words(
            "护士执业注册有效期届满需要继续执业的，应当在护士执业注册有效期届满前30日向执业地卫生健康主管部门申请延续注册。"
            "原证书继续有效，编号和序号不变。",
            "To go on practising after your registration runs out, apply 30 days before it does. Your certificate "
            "stays in force, with its number and serial.",
        ),
        _ACCEPTANCE_20,
        RenewalForm,
    ),
    Kind.CHANGE: KindRule(
        Words("变更注册", "Change of registration"),
        Words(
            "护士在其执业注册有效期内变更执业地点的，应当向拟执业地卫生健康主管部门申请变更注册。原证书继续有效，编号和序号不变。",
            "To practise at another place while your registration is valid, apply where you will practise. Your "
            "certificate stays in force, with its number and serial.",
        ),
        _RECEIPT_7,
        ChangeForm,
    ),
    Kind.DEREGISTRATION: KindRule(
        Words("注销注册", "Deregistration"),
        Words(
            "护士有行政许可法规定的应当予以注销执业注册情形的，原注册部门应当依照行政许可法的规定注销其执业注册，其证书作废。",
            "Where the Administrative Licensing Law requires it, the registering authority ends the registration; the "
            "certificate is void then.",
        ),
        _ACCEPTANCE_20,
        DeregistrationForm,
    ),
    Kind.REREGISTRATION: KindRule(
        Words("重新注册", "Re-registration"),
        Words(
            "被注销执业注册的护士，如果在参加相关培训后，需要重新注册的，可向执业地卫生健康主管部门申请重新注册。"
            "批准后发给新编号的证书，原证书作废。",
            "A nurse whose registration was ended may, after training, apply to be registered again. That brings a "
            "certificate with a new number; the old one is void.",
        ),
        _ACCEPTANCE_20,
        ReregistrationForm,
    ),
    Kind.MILITARY_TRANSFER: KindRule(
        Words("军队武警护士变更到地方", "Transfer from the military or armed police"),
        Words(
            "护士执业注册在军队或武警，欲从军队或武警到地方执业的，可以申请变更到地方。",
            "For nurses registered with the military or the armed police who will practise in a civil institution.",
        ),
        _ACCEPTANCE_20,
        MilitaryTransferForm,
    ),
    Kind.REISSUE: KindRule(
        Words("证书补办", "Re-issue of the certificate"),
        Words(
            "《护士执业证书》遗失或者损坏的，可以申请补办；补办后证书编号不变，序号更新，原序号的证书作废。",
            "For a lost or damaged certificate: a new one of the same number with a new serial is issued; the one with "
            "the old serial is void.",
        ),
        _ACCEPTANCE_20,
        ReissueForm,
    ),
}

FORMS: Final[Mapping[Kind, type[Form]]] = {kind: rule.form for kind, rule in KINDS.items()}
"""The form of each kind."""


ROUTED: Final = tuple(kind for kind in Kind if kind is not Kind.REISSUE)
"""The kinds that an institution forwards to an authority that it sets (审批机关设置); a re-issue goes to none."""


def form_of(kind: Kind) -> type[Form]:
    """The form that a kind asks for."""
    return FORMS[kind]


def kind_of(form: Form) -> Kind:
    """The kind that a filled form applies for."""
    return next(kind for kind, wanted in FORMS.items() if wanted is type(form))


def in_form(kind: Kind, problem: FieldProblem) -> FieldProblem:
    """A problem of a filled form, or of a condition of its kind, from the input that holds the form."""
    aside = {"kind": "form", "institution": "institutionId"}
    if problem.path in aside:
        return replace(problem, path=aside[problem.path])
    if problem.path not in field_names(form_of(kind)):
        return problem
    return replace(problem, path=f"form.{camel_case(kind.lower())}.{problem.path}")


def form_from_json(kind: Kind, data: Mapping[str, object]) -> Form:
    """The filled form of a kind from its JSON."""
    return read(form_of(kind), data)


def statutory_days(kind: Kind) -> int:
    """The working days that the law gives the authority for its decision (法定审批期限)."""
    return KINDS[kind].period.days
