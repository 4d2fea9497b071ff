"""Suspension, its end, and what takes a nurse off the register by office: on the borders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from rules.errors import Invalid, NotAllowed, WrongState
from rules.registration import DeregistrationReason, Registration, RegistrationStatus
from rules.suspension import Span, lift, revoke, strike, suspend

TODAY = date(2026, 8, 31)
RUNNING = Span(UUID(int=3), date(2026, 6, 1), date(2026, 11, 30))
ENTRY = Registration(
    UUID(int=1),
    RegistrationStatus.VALID,
    certificate_number="2011",
    valid_until=TODAY,
    institution_id=UUID(int=2),
    authority_id=UUID(int=4),
)
ENDED = replace(ENTRY, status=RegistrationStatus.DEREGISTERED, institution_id=None)
EXPIRED = replace(ENTRY, valid_until=date(2026, 8, 30))


@pytest.mark.parametrize(
    ("today", "months", "last"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2026, 8, 29), 6, date(2027, 2, 27)),
        (date(2026, 3, 1), 6, date(2026, 8, 31)),
        (date(2026, 8, 31), 12, date(2027, 8, 30)),
    ],
)
def test_a_suspension_ends_the_day_before_the_same_day_months_later(today: date, months: int, last: date) -> None:
    assert suspend(replace(ENTRY, valid_until=today), None, months, today) == (today, last)


def test_only_whoever_is_in_force_is_suspended_and_once() -> None:
    for entry in (ENDED, EXPIRED, Registration(UUID(int=1))):
        with pytest.raises(WrongState):
            suspend(entry, None, 6, TODAY)
    with pytest.raises(NotAllowed):
        suspend(ENTRY, RUNNING, 6, TODAY)


@pytest.mark.parametrize("began", [date(2026, 6, 1), TODAY])
def test_a_lifted_suspension_still_counts_the_days_before(began: date) -> None:
    running = replace(RUNNING, starts_on=began)
    assert lift(ENTRY, running, TODAY) == (running, max(began, date(2026, 8, 30)))


def test_what_was_lifted_on_its_first_day_is_not_lifted_again() -> None:
    """Its last day is today, so it still runs: the second lift rang her and her hospital once more."""
    ended, last = lift(ENTRY, replace(RUNNING, starts_on=TODAY), TODAY)
    with pytest.raises(NotAllowed) as refusal:
        lift(ENTRY, replace(ended, ends_on=last), TODAY)
    assert refusal.value.reason == "LIFTED_ALREADY"
    assert lift(ENTRY, replace(RUNNING, ends_on=TODAY), TODAY)[1] == date(2026, 8, 30)


@pytest.mark.parametrize(
    ("reason", "fraud", "bar"),
    [
        (DeregistrationReason.LICENCE_REVOKED, False, date(2028, 8, 31)),
        (DeregistrationReason.ANNULLED, True, date(2029, 8, 31)),
        (DeregistrationReason.ANNULLED, False, None),
        (DeregistrationReason.DEATH, False, None),
        (DeregistrationReason.INCAPACITY, False, None),
        (DeregistrationReason.OTHER, False, None),
    ],
)
def test_each_reason_bars_as_long_as_the_law_says(reason: DeregistrationReason, fraud: bool, bar: date | None) -> None:
    after = strike(ENTRY, reason, TODAY, fraud=fraud)
    ended = {"status": RegistrationStatus.DEREGISTERED, "institution_id": None, "deregistration_reason": reason}
    assert after == replace(ENTRY, **ended, last_kind=after.last_kind, bar_until=bar)


def test_expired_is_said_only_of_what_has_run_out_and_fraud_only_of_what_is_annulled() -> None:
    assert strike(EXPIRED, DeregistrationReason.EXPIRED, TODAY).bar_until is None
    for reason, fraud in ((DeregistrationReason.EXPIRED, False), (DeregistrationReason.DEATH, True)):
        with pytest.raises(Invalid):
            strike(ENTRY, reason, TODAY, fraud=fraud)
    with pytest.raises(WrongState):
        revoke(ENDED, TODAY)
