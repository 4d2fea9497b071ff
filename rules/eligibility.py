"""Who may apply for what, rule by rule: shown before the form, judged when it is filed and when it is approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from rules.errors import FieldProblem, Invalid, Words
from rules.kinds import Kind, form_of
from rules.nurse import HealthStatus
from rules.registration import Registration, RegistrationStatus

WINDOW_DAYS: Final = 90
LEGAL_LINE_DAYS: Final = 30


class Outcome(StrEnum):
    """What a rule says to this nurse; UNKNOWN is left to the reviewer, or to a form not yet filled."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition, and the article of the law it stands in, where it is not the system's own."""

    code: str
    zh: str
    en: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a nurse when she is judged. `window_days` is her authority's setting (at least 90)."""

    registration: Registration
    account_active: bool
    open_kinds: frozenset[Kind] = frozenset()  # her other open applications
    health_status: HealthStatus | None = None
    window_days: int = WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says: what to do about it, and the first day it will be met where time alone cures it."""

    rule: Rule
    outcome: Outcome
    what_to_do: Words | None = None
    earliest: date | None = None


Finding: TypeAlias = tuple[Outcome, Words | None, date | None]
Judge: TypeAlias = Callable[[Facts, date], Finding]
_PASS: Final[Finding] = (Outcome.PASS, None, None)


def _fail(zh: str, en: str, earliest: date | None = None) -> Finding:
    return Outcome.FAIL, Words(zh, en), earliest


def _account(facts: Facts, today: date) -> Finding:
    return _PASS if facts.account_active else _fail("请先激活账户", "Activate your account first.")


def _validity(facts: Facts, today: date) -> Finding:
    registration = facts.registration
    if registration.status is not RegistrationStatus.VALID:
        return _fail("未在册，请办理首次注册或重新注册", "You are not on the register: apply for registration instead.")
    if today > (last := registration.expires_on):
        return _fail(
            f"注册已于{last}到期，请办理重新注册", f"Your registration ran out on {last}: apply for re-registration."
        )
    return _PASS


def _window(facts: Facts, today: date) -> Finding:
    if facts.registration.status is not RegistrationStatus.VALID:
        return Outcome.UNKNOWN, None, None
    opens = facts.registration.expires_on - timedelta(days=facts.window_days)
    return _PASS if today >= opens else _fail(f"请于{opens}起申请", f"Apply from {opens} on.", opens)


def _legal_line(facts: Facts, today: date) -> Finding:
    """Never refuses: only what reached the authority by the line is deemed granted when it stays undecided."""
    if facts.registration.status is not RegistrationStatus.VALID:
        return Outcome.UNKNOWN, None, None
    line = facts.registration.expires_on - timedelta(days=LEGAL_LINE_DAYS)
    if today <= line:
        zh, en = f"请于{line}前（含当日）送达审批机关", f"Let it reach the authority by {line}."
    else:
        zh = f"已过法定期限{line}，仍可申请；若到期未获决定，不视为准予延续"
        en = f"The legal line of {line} has passed: you may still apply, but silence will not renew your registration."
    return Outcome.PASS, Words(zh, en), None


def _suspension(facts: Facts, today: date) -> Finding:
    if not facts.registration.suspended:
        return _PASS
    return _fail("暂停执业期满或解除后再申请", "Apply when your suspension has ended or been lifted.")


def _health(facts: Facts, today: date) -> Finding:
    match facts.health_status:
        case HealthStatus.GOOD | HealthStatus.FAIR:
            return _PASS
        case HealthStatus.UNFIT:
            return _fail("恢复健康并重新体检合格后再申请", "Apply when an examination finds you fit to nurse again.")
        case None:
            return (
                Outcome.UNKNOWN,
                Words("请填报6个月内的体检结论", "Fill in an examination of the last six months."),
                None,
            )
        case _:
            return (
                Outcome.UNKNOWN,
                Words("由审批机关根据体检证明判断", "The authority judges by your health certificate."),
                None,
            )


def _institution(facts: Facts, today: date) -> Finding:
    if facts.registration.institution_id is not None:
        return _PASS
    return _fail("您没有执业机构，请先办理变更注册", "You have no current institution: apply for a change first.")


def _alone(*companions: Kind) -> Judge:
    """No other open application, but for the kinds that may stand beside it."""

    def judge(facts: Facts, today: date) -> Finding:
        others = sorted(facts.open_kinds - {*companions})
        if not others:
            return _PASS
        names = ", ".join(others)
        return _fail(f"请先办结或撤回正在申办的业务（{names}）", f"Finish or withdraw what is open first: {names}.")

    return judge


_REGULATION, _MEASURES = "《护士条例》", "《护士执业注册管理办法》"

RULES: Final[Mapping[Kind, tuple[tuple[Rule, Judge], ...]]] = {
    Kind.RENEWAL: (
        (Rule("ACCOUNT_ACTIVE", "账户已激活", "The account is active"), _account),
        (Rule("VALID_ON_FILING", "申请当日注册有效", "Valid on the day of filing", f"{_REGULATION}第十条"), _validity),
        (Rule("WINDOW_OPEN", "已到可申请日期", "The window is open", f"{_REGULATION}第十条"), _window),
        (Rule("LEGAL_LINE", "届满30日前提出", "Filed 30 days before expiry", "《行政许可法》第五十条"), _legal_line),
        (Rule("NOT_SUSPENDED", "未被暂停执业", "Not suspended", f"{_MEASURES}不予延续注册的情形"), _suspension),
        (Rule("HEALTH", "符合健康标准", "Fit to nurse", f"{_MEASURES}第六条"), _health),
        (Rule("HAS_INSTITUTION", "有执业机构", "Has a current institution", f"{_REGULATION}第十条"), _institution),
        (Rule("NO_OTHER_OPEN", "没有其他在办业务", "Nothing else is open"), _alone(Kind.CHANGE)),
    ),
}
"""The rules of each kind, in the order people read them. A CHANGE may stand beside a RENEWAL."""


def eligibility(kind: Kind, facts: Facts, today: date) -> list[Verdict]:
    """What every rule of a kind says to this nurse; Invalid where the kind cannot be filed here yet.

    Days count as on the day of filing: to judge again at the decision, pass today's facts with that day.
    """
    form_of(kind)
    return [Verdict(rule, *judge(facts, today)) for rule, judge in RULES[kind]]


def require_eligible(kind: Kind, facts: Facts, today: date) -> None:
    """Refuse a nurse whom a rule fails, with one problem for each; what is UNKNOWN does not stand in her way."""
    failed = [verdict for verdict in eligibility(kind, facts, today) if verdict.outcome is Outcome.FAIL]
    if failed:
        raise Invalid(*(_problem(verdict) for verdict in failed))


def _problem(verdict: Verdict) -> FieldProblem:
    return FieldProblem("kind", verdict.rule.code, verdict.what_to_do or Words(verdict.rule.zh, verdict.rule.en))
