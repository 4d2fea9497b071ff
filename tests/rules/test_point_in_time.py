"""A fact on a day: what holds since when, and what the register knew when."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rules.errors import Invalid
from rules.moment import SHANGHAI
from rules.point_in_time import Change, Held, end_of, fact_at, held_at, require_day
from rules.registration import RegistrationStatus

D = date(2026, 3, 10)


def moment(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def change(before: str | None, after: str | None, valid_from: date | None, recorded: date) -> Change:
    return Change("title", before, after, valid_from, moment(recorded))


NURSE_TO_SENIOR = change("NURSE", "SENIOR", D, D)
BACK = change("SENIOR", "NURSE", D + timedelta(days=30), D + timedelta(days=40))


@pytest.mark.parametrize(
    ("day", "known", "value"),
    [
        (D - timedelta(days=1), None, "NURSE"),
        (D, None, "SENIOR"),
        (D + timedelta(days=29), None, "SENIOR"),
        (D + timedelta(days=30), None, "NURSE"),
        # The register came to know it ten days late.
        (D + timedelta(days=30), D + timedelta(days=39), "SENIOR"),
        (D + timedelta(days=30), D + timedelta(days=41), "NURSE"),
        (D, D - timedelta(days=1), "NURSE"),
    ],
)
def test_a_fact_is_what_held_on_the_day_as_it_is_known(day: date, known: date | None, value: str) -> None:
    known_at = known and moment(known, 12)
    assert fact_at("NURSE", [NURSE_TO_SENIOR, BACK], day, known_at) == value


def test_a_fact_that_never_changed_is_todays() -> None:
    assert fact_at("MALE", [], D, None) == "MALE"
    assert fact_at(None, [], D, moment(D)) is None


def test_a_name_put_right_was_so_since_ever_but_not_known_then() -> None:
    right = Change("name", "王红", "王洪", None, moment(D))
    assert fact_at("王洪", [right], D - timedelta(days=900), None) == "王洪"
    assert fact_at("王洪", [right], D - timedelta(days=900), moment(D - timedelta(days=1))) == "王红"
    assert fact_at("王洪", [right], D - timedelta(days=900), moment(D)) == "王洪"


def held(at: datetime, status: RegistrationStatus = RegistrationStatus.VALID, until: date | None = None) -> Held:
    return Held(at, status, "2011", until, None, None, annulled=False)


def test_a_day_is_its_end_in_beijing() -> None:
    assert end_of(D).isoformat() == "2026-03-11T00:00:00+08:00"
    last, next_day = held(end_of(D) - timedelta(microseconds=1)), held(end_of(D))
    assert held_at([last, next_day], D, None) is last
    assert held_at([last, next_day], D + timedelta(days=1), None) is next_day
    assert held_at([last], D - timedelta(days=1), None) is None
    assert held_at([last, next_day], D + timedelta(days=9), moment(D, 8)) is None
    assert held_at([], D, None) is None


@pytest.mark.parametrize(
    ("status", "until", "expired"),
    [
        (RegistrationStatus.VALID, D, False),
        (RegistrationStatus.VALID, D - timedelta(days=1), True),
        (RegistrationStatus.DEREGISTERED, D - timedelta(days=1), False),
        (RegistrationStatus.VALID, None, False),
    ],
)
def test_expired_by_a_day(status: RegistrationStatus, until: date | None, expired: bool) -> None:
    assert held(moment(D), status, until).expired_by(D) is expired


@pytest.mark.parametrize(
    ("day", "code"), [(D + timedelta(days=1), "DATE_IN_FUTURE"), (date(1989, 12, 31), "BEFORE_BIRTH")]
)
def test_a_day_that_cannot_be_asked_for(day: date, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        require_day(day, D, date(1990, 1, 1))
    assert [(one.path, one.code) for one in refusal.value.problems] == [("asOf", code)]
    require_day(D, D, date(1990, 1, 1))
    require_day(date(1990, 1, 1), D, date(1990, 1, 1))
