"""Where an entry of the register stands on every border day."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from rules.registration import (
    DeregistrationReason,
    Expiry,
    Registration,
    RegistrationStatus,
    Standing,
    awaits_renewal,
    expiry,
    may_practise,
    standing,
)

EXPIRY = date(2026, 12, 31)
NEVER = Registration(UUID(int=1))
VALID = Registration(
    UUID(int=1),
    RegistrationStatus.VALID,
    valid_until=EXPIRY,
    institution_id=UUID(int=2),
    authority_id=UUID(int=3),
)
DEREGISTERED = replace(VALID, status=RegistrationStatus.DEREGISTERED)


@pytest.mark.feature("I10")
@pytest.mark.parametrize(
    ("days_left", "expected"),
    [
        (2000, Standing.VALID),
        (366, Standing.VALID),
        (365, Standing.EXPIRING),
        (364, Standing.EXPIRING),
        (1, Standing.EXPIRING),
        (0, Standing.EXPIRING),  # the last day still counts
        (-1, Standing.EXPIRED),
        (-2000, Standing.EXPIRED),
    ],
)
def test_standing_on_every_border_day(days_left: int, expected: Standing) -> None:
    today = EXPIRY - timedelta(days=days_left)
    assert standing(VALID, today) is expected
    assert may_practise(VALID, today) is (days_left >= 0)
    assert awaits_renewal(VALID, today) is (days_left <= 365)


@pytest.mark.parametrize(("days_left", "expected"), [(400, "SUSPENDED"), (0, "SUSPENDED"), (-1, "EXPIRED")])
def test_a_suspended_nurse_may_not_practise_and_still_expires(days_left: int, expected: str) -> None:
    suspended, today = replace(VALID, suspended=True), EXPIRY - timedelta(days=days_left)
    assert standing(suspended, today) == expected
    assert not may_practise(suspended, today)
    assert awaits_renewal(suspended, today) is (days_left <= 365)


@pytest.mark.parametrize(("entry", "expected"), [(NEVER, Standing.NEVER), (DEREGISTERED, Standing.DEREGISTERED)])
@pytest.mark.parametrize("today", [date(2000, 1, 1), EXPIRY, date(2099, 1, 1)])
def test_off_the_register_no_day_matters(entry: Registration, expected: Standing, today: date) -> None:
    assert standing(entry, today) is expected
    assert not may_practise(entry, today)
    assert not awaits_renewal(entry, today)


def test_without_an_institution_nobody_may_practise() -> None:
    assert not may_practise(replace(VALID, institution_id=None), EXPIRY)


def test_an_entry_without_a_last_day_says_so() -> None:
    with pytest.raises(ValueError, match="no last day"):
        standing(replace(VALID, valid_until=None), EXPIRY)


@pytest.mark.feature("I10", "I12", "I13")
@pytest.mark.parametrize(
    ("days_left", "expected"),
    [(366, Expiry.NONE), (365, Expiry.EXPIRING), (0, Expiry.EXPIRING), (-1, Expiry.EXPIRED), (-2000, Expiry.EXPIRED)],
)
@pytest.mark.parametrize("suspended", [False, True])
def test_the_colour_of_a_row_asks_for_no_suspension(days_left: int, expected: Expiry, suspended: bool) -> None:
    """F23: a suspended nurse had lost her blue."""
    assert expiry(replace(VALID, suspended=suspended), EXPIRY - timedelta(days=days_left)) is expected


def test_off_the_register_nothing_has_a_colour() -> None:
    assert {expiry(entry, date(2099, 1, 1)) for entry in (NEVER, DEREGISTERED)} == {Expiry.NONE}


def test_standings_are_named_as_the_deck_names_them() -> None:
    assert Standing.EXPIRED.label == "在册，过期未延续注册"
    assert DeregistrationReason.EXPIRED.label == "注册有效期届满未延续注册"
