"""The rules of eligibility, kind by kind: shown before the form, judged at the filing and at the approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules import conditions as judge
from rules import qualification as person
from rules.errors import FieldProblem, Invalid, Words
from rules.facts import Facts, Judge, Outcome
from rules.kinds import Kind
from rules.law import LawSubject

__all__ = ["RULES", "Facts", "Outcome", "Rule", "Verdict", "before_activation", "eligibility", "require_eligible"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition, and the article of the law it stands in, where it is not the system's own."""

    code: str
    zh: str
    en: str
    article: LawSubject | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one rule: the advice to the nurse, and the first day it will be met if time alone cures it."""

    rule: Rule
    outcome: Outcome
    what_to_do: Words | None = None
    earliest: date | None = None


_CONDITIONS, _CHANGING, _TERM = LawSubject.CONDITIONS_ARTICLE, LawSubject.CHANGE_ARTICLE, LawSubject.TERM_ARTICLE
_AGAIN, _ENDING = LawSubject.AGAIN_ARTICLE, LawSubject.ENDING_ARTICLE

_ACCOUNT: Final = (Rule("ACCOUNT_ACTIVE", "账户已激活", "The account is active"), judge.account)
_ACCOUNT_KNOWN: Final = (
    Rule("ACCOUNT_ACTIVE", "账户已激活，或已验证执业证书编号", "The account is active, or its certificate verified"),
    judge.account,
)
_ACCOUNT_MILITARY: Final = (
    Rule("ACCOUNT_ACTIVE", "账户已激活，或已声明来自军队武警", "The account is active, or declared of the military"),
    judge.account,
)
_VALID: Final = (
    Rule("VALID_ON_FILING", "申请当日注册有效", "Valid on the day of filing", _TERM),
    judge.validity,
)
_NEVER: Final = (Rule("NEVER_REGISTERED", "从未注册", "Never registered", _CONDITIONS), judge.never_registered)
_HEALTH: Final = (Rule("HEALTH", "符合健康标准", "Fit to nurse", LawSubject.HEALTH_ARTICLE), person.health)
_NO_BAR: Final = (
    Rule("NO_BAR", "不在限制申请期内", "No bar on applying runs", LawSubject.BAR_ARTICLE),
    judge.bar,
)
_TARGET: Final = (Rule("TARGET_ACTIVE", "拟执业机构正常", "The institution is active"), judge.target)
_NO_OTHER: Final = Rule("NO_OTHER_OPEN", "没有其他在办业务", "Nothing else is open")
_ALONE: Final = (_NO_OTHER, judge.alone())

RULES: Final[Mapping[Kind, tuple[tuple[Rule, Judge], ...]]] = {
    Kind.FIRST: (
        _ACCOUNT,
        _NEVER,
        (Rule("FULL_CAPACITY", "具有完全民事行为能力", "Full civil capacity", _CONDITIONS), person.capacity),
        (Rule("COURSE", "三年以上全日制学习", "A full-time course of three years", _CONDITIONS), person.course),
        (Rule("INTERNSHIP", "8个月以上临床实习", "Eight months of internship", _CONDITIONS), person.internship),
        (Rule("EXAM_PASSED", "通过护士执业资格考试", "The examination is passed", _CONDITIONS), person.exam),
        (Rule("WITHIN_THREE_YEARS", "考试后3年内提出", "Within three years of it", _CONDITIONS), person.in_time),
        _HEALTH,
        _NO_BAR,
        _TARGET,
        _ALONE,
    ),
    Kind.RENEWAL: (
        _ACCOUNT,
        _VALID,
        (Rule("WINDOW_OPEN", "已到可申请日期", "The window is open", _TERM), judge.window),
        (
            Rule("LEGAL_LINE", "届满30日前提出", "Filed 30 days before expiry", LawSubject.SILENCE_ARTICLE),
            judge.legal_line,
        ),
        (Rule("NOT_SUSPENDED", "未被暂停执业", "Not suspended", LawSubject.NO_RENEWAL_ARTICLE), judge.suspension),
        _HEALTH,
        (Rule("HAS_INSTITUTION", "有执业机构", "Has a current institution", _TERM), judge.institution),
        (_NO_OTHER, judge.alone(Kind.CHANGE)),
    ),
    Kind.CHANGE: (
        _ACCOUNT_KNOWN,
        (Rule("VALID_ON_FILING", "申请当日注册有效", "Valid on the day of filing", _CHANGING), judge.validity),
        (Rule("OTHER_INSTITUTION", "变更到其他机构", "To another institution", _CHANGING), judge.elsewhere),
        _TARGET,
        (_NO_OTHER, judge.alone(Kind.RENEWAL)),
    ),
    Kind.DEREGISTRATION: (
        _ACCOUNT,
        (Rule("ON_REGISTER", "在册", "On the register", _ENDING), judge.on_register),
        (Rule("REASON", "注销理由成立", "The reason holds", _ENDING), judge.reason),
        (Rule("HAS_INSTITUTION", "有执业机构", "Has a current institution"), judge.reviewer),
        _ALONE,
    ),
    Kind.REREGISTRATION: (
        _ACCOUNT,
        (Rule("ENDED_OR_EXPIRED", "已注销或已过期", "Deregistered or expired", _AGAIN), judge.ended_or_expired),
        (Rule("CAPACITY_RECOVERED", "具有完全民事行为能力", "Full civil capacity", _CONDITIONS), person.recovered),
        _NO_BAR,
        (
            Rule("TRAINED", "中断执业超过3年的，已完成3个月临床护理培训", "Trained after three years away", _AGAIN),
            person.training,
        ),
        _HEALTH,
        _TARGET,
        _ALONE,
    ),
    Kind.MILITARY_TRANSFER: (
        _ACCOUNT_MILITARY,
        _NEVER,
        _NO_BAR,
        (
            Rule("TRAINED", "有效期届满超过3年的，已完成3个月临床护理培训", "Trained after three years away", _AGAIN),
            person.military_training,
        ),
        _HEALTH,
        _TARGET,
        _ALONE,
    ),
    Kind.REISSUE: (_ACCOUNT, _VALID, _ALONE),
}
"""The rules of each kind, in the order people read them. A CHANGE may stand beside a RENEWAL."""


def eligibility(kind: Kind, facts: Facts, today: date) -> list[Verdict]:
    """The verdicts of all rules of a kind for one nurse.

    Days count as on the day of filing: to judge again at the decision, pass today's facts with that day.
    """
    return [Verdict(rule, *judged(facts, today)) for rule, judged in RULES[kind]]


_HER_WORD: Final = frozenset(
    {
        *(judge.account, judge.reason, judge.target, judge.elsewhere),
        *(person.capacity, person.course, person.internship, person.health, person.military_training),
    }
)
"""The conditions that read nothing but what she says herself, as the form or her ID number."""
_LATER: Final = Words("账户激活后按注册信息核实", "Judged by the register once your account is active.")


def before_activation(kind: Kind, facts: Facts, today: date) -> list[Verdict]:
    """The verdicts for a nurse whom the register may not tell of its record yet: judged is what she says herself."""
    return [
        Verdict(rule, *judged(facts, today))
        if judged in _HER_WORD or rule is _NO_OTHER
        else Verdict(rule, Outcome.UNKNOWN, _LATER)
        for rule, judged in RULES[kind]
    ]


def require_eligible(kind: Kind, facts: Facts, today: date) -> None:
    """Refuse a nurse who fails a rule, with one problem for each; an UNKNOWN rule does not stand in the way."""
    failed = [verdict for verdict in eligibility(kind, facts, today) if verdict.outcome is Outcome.FAIL]
    if failed:
        raise Invalid(*(_problem(verdict) for verdict in failed))


def _problem(verdict: Verdict) -> FieldProblem:
    path = "trainedUntil" if verdict.what_to_do is person.TOO_SHORT else "kind"
    return FieldProblem(path, verdict.rule.code, verdict.what_to_do or Words(verdict.rule.zh, verdict.rule.en))
