"""Suspension from practice for some months (暂停执业), and revocation (吊销): by a decision with a number.

The right to decide is in rules/own_nurse.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, Words, WrongState
from rules.label import Labelled
from rules.registration import (
    DeregistrationReason,
    Registration,
    RegistrationStatus,
    Standing,
    bar_after,
    deregister,
    standing,
)
from rules.working_days import add_months

MONTHS: Final = range(6, 13)
"""护士条例 31: for at least six months and at most a year."""
REFUSALS: Final = {
    "SUSPENDED_ALREADY": Words("该护士已处于暂停执业期", "She is suspended already."),
    "NOT_SUSPENDED": Words("该护士未被暂停执业", "She is not suspended."),
    "LIFTED_ALREADY": Words(
        "该暂停执业已经解除，今日是最后一日，明日起恢复执业",
        "This suspension is lifted already: today is its last day, and she may practise again tomorrow.",
    ),
}


class SpanKind(Labelled):
    """The kind of a span of days in a registration."""

    SUSPENSION = "SUSPENSION", "暂停执业"
    INTERRUPTION = "INTERRUPTION", "中断执业"
    DISPATCH = "DISPATCH", "支援、进修、义诊"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a registration: a suspension or an interruption; without a last day it runs on."""

    id: UUID
    starts_on: date
    ends_on: date | None


def suspend(registration: Registration, running: Span | None, months: int, today: date) -> tuple[date, date]:
    """The first and the last day of a suspension that begins today."""
    _require_on_register(registration)
    if (now := standing(registration, today)) is Standing.EXPIRED:
        raise WrongState(now)
    if running is not None:
        raise NotAllowed("SUSPENDED_ALREADY", REFUSALS["SUSPENDED_ALREADY"])
    if months not in MONTHS:
        zh, en = f"暂停执业{months}个月，须为6至12个月", f"{months} months: a suspension lasts 6 to 12 months."
        raise Invalid(FieldProblem("months", "SUSPENSION_LENGTH", Words(zh, en)))
    return today, add_months(today, months) - timedelta(days=1)


def lift(registration: Registration, running: Span | None, today: date) -> tuple[Span, date]:
    """The suspension that ends, and its last day: yesterday, or today if it began only today, which ends once."""
    _require_on_register(registration)
    if running is None:
        raise NotAllowed("NOT_SUSPENDED", REFUSALS["NOT_SUSPENDED"])
    last = max(running.starts_on, today - timedelta(days=1))
    if running.ends_on is not None and running.ends_on <= last:
        raise NotAllowed("LIFTED_ALREADY", REFUSALS["LIFTED_ALREADY"])
    return running, last


def revoke(registration: Registration, today: date) -> Registration:
    """The registration after a revocation (吊销): for two years the nurse may not apply again."""
    return strike(registration, DeregistrationReason.LICENCE_REVOKED, today)


def strike(
    registration: Registration, reason: DeregistrationReason, today: date, *, fraud: bool = False
) -> Registration:
    """The registration after its end by office, with the bar of the reason: 吊销 two years, obtained by fraud three."""
    if fraud and reason is not DeregistrationReason.ANNULLED:
        words = Words("仅撤销注册可认定欺骗取得", "Only what is annulled can have been obtained by fraud.")
        raise Invalid(FieldProblem("fraud", "FRAUD_NOT_FOR_REASON", words))
    if reason is DeregistrationReason.EXPIRED and standing(registration, today) is not Standing.EXPIRED:
        words = Words("注册尚未届满", "The registration has not run out yet.")
        raise Invalid(FieldProblem("reason", "NOT_EXPIRED", words))
    _require_on_register(registration)
    # What was annulled for another's fault bars nobody (行政许可法 69, 79).
    barred = fraud or reason is not DeregistrationReason.ANNULLED
    return deregister(registration, today, reason=reason, bar_until=bar_after(reason, today) if barred else None)


def _require_on_register(registration: Registration) -> None:
    if registration.status is not RegistrationStatus.VALID:
        raise WrongState(registration.status)
