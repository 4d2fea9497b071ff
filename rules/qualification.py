"""The conditions of a person: capacity, health, education, and current skill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from rules.errors import Words
from rules.facts import PASS, Facts, Finding, Outcome, fail, unknown
from rules.form_checks import months_between
from rules.nurse import DeregistrationReason, HealthStatus, StudyLength
from rules.working_days import add_years

INTERNSHIP_MONTHS: Final = 8
YEARS_TO_APPLY: Final = 3
ADULT: Final = 18
WORKING_AGE: Final = 16
_TRAIN: Final = Words(
    "请先接受3个月临床护理培训并考核合格，在申请表中填写",
    "Take a clinical training of three months, and name it in the form.",
)


TOO_SHORT: Final = Words(
    "所填临床护理培训不足3个月，请核对培训起止日期，或接受满3个月培训后再申请",
    "The training that is named is shorter than three months: check its days, or be trained for that long.",
)


def _untrained(facts: Facts) -> Finding:
    """A training is missing, or the one that is named is too short."""
    words = TOO_SHORT if facts.trained_too_short else _TRAIN
    return (Outcome.UNKNOWN if facts.form is None else Outcome.FAIL), words, None


def recovered(facts: Facts, today: date) -> Finding:
    """A nurse who lost legal capacity needs the court's decision that it is restored."""
    if facts.registration.deregistration_reason is not DeregistrationReason.INCAPACITY:
        return PASS
    judgment = facts.filled("recovery_judgment")
    if judgment and judgment.strip():
        return PASS
    zh, en = "请填写法院认定恢复民事行为能力的判决书编号", "Name the court's judgment that your capacity has recovered."
    return unknown(zh, en) if facts.form is None else fail(zh, en)


def health(facts: Facts, today: date) -> Finding:
    """Fit to nurse, as far as a rule can tell."""
    match facts.health_status:
        case HealthStatus.GOOD | HealthStatus.FAIR:
            return PASS
        case HealthStatus.UNFIT:
            return fail("恢复健康并重新体检合格后再申请", "Apply when an examination finds you fit to nurse again.")
        case None:
            return unknown("请填报6个月内的体检结论", "Fill in an examination of the last six months.")
        case _:
            return unknown("由审批机关根据体检证明判断", "The authority judges by your health certificate.")


def capacity(facts: Facts, today: date) -> Finding:
    """Full civil capacity, as far as age shows it: from 18 on, or from 16 on for a nurse with own income."""
    born = facts.birth_date
    if born is None:
        return unknown("由审批机关核实民事行为能力", "The authority looks at your civil capacity.")
    if today >= add_years(born, ADULT):
        return PASS
    if today >= (first := add_years(born, WORKING_AGE)):
        return unknown(
            "未满18周岁，须证明以自己的劳动收入为主要生活来源", "Under 18: prove that you live by your own work."
        )
    return fail(f"未满16周岁，请于{first}后申请", f"Under 16: apply from {first} on.", first)


def exam(facts: Facts, today: date) -> Finding:
    """The examination was passed."""
    if facts.exam_passed_on is not None or facts.exam_year is not None:
        return PASS
    return fail(
        "没有考试合格记录，请联系考试机构核实", "No passed examination is on record: ask the examination office."
    )


def in_time(facts: Facts, today: date) -> Finding:
    """Within three years of the examination, or trained; where only its year is known, the third is a border."""
    day, year = facts.exam_passed_on, facts.exam_year
    if day is None and year is None:
        return Outcome.UNKNOWN, None, None
    border = add_years(day, YEARS_TO_APPLY) if day else date((year or 0) + YEARS_TO_APPLY, 1, 1) - timedelta(days=1)
    if today <= border or facts.trained:
        return PASS
    if day is None and today.year == (year or 0) + YEARS_TO_APPLY:
        return unknown("请提供通过考试的具体日期证明", "Prove the day on which you passed.")
    return _untrained(facts)


def course(facts: Facts, today: date) -> Finding:
    """A full-time course of three years or more."""
    length = facts.filled("study_length")
    if length is None:
        return unknown("须为三年以上全日制护理、助产专业学习", "A full-time nursing course of three years or more.")
    if length is not StudyLength.TWO_YEARS:
        return PASS
    return fail("学制不满三年，不符合注册条件", "A course of less than three years does not qualify.")


def internship(facts: Facts, today: date) -> Finding:
    """Eight months or more of internship."""
    first, last = facts.filled("internship_from"), facts.filled("internship_until")
    zh, en = "须在教学、综合医院完成8个月以上临床实习", "An internship of eight months or more is needed."
    if not (first and last):
        return unknown(zh, en)
    return PASS if months_between(first, last, INTERNSHIP_MONTHS) else fail(zh, en)


def training(facts: Facts, today: date) -> Finding:
    """A nurse away for longer than the law allows is trained again; a training before that counts for nothing."""
    stopped = facts.practised_until
    if stopped is None or today <= add_years(stopped, facts.interruption_years):
        return PASS
    if facts.trained and facts.filled("trained_from") > stopped:
        return PASS
    return _untrained(facts)


def military_training(facts: Facts, today: date) -> Finding:
    """The same, counted from the military certificate's last day."""
    stopped = facts.filled("military_valid_until")
    if stopped is None:
        return unknown(
            "军队或武警护士证过期超过3年的，须先接受培训",
            "If the military certificate expired over three years ago, a training comes first.",
        )
    return training(replace(facts, practised_until=stopped, interruption_years=YEARS_TO_APPLY), today)
