"""The clock: working days over the real calendar of 2025, and years that end where the month ends."""

from datetime import date, timedelta

import pytest

from rules.kinds import KINDS, Kind, statutory_days
from rules.working_days import CalendarEnds, CountedFrom, Period, add_months, add_years, due_on
from tests.support.working_days import working_days

CALENDAR = working_days(date(2025, 9, 1), date(2025, 12, 31))


def test_twenty_working_days_from_26_september_2025_end_on_30_october() -> None:
    assert due_on(date(2025, 9, 26), 20, CALENDAR) == date(2025, 10, 30)


def test_a_sunday_worked_for_the_holiday_counts_and_the_holiday_does_not() -> None:
    assert due_on(date(2025, 9, 26), 1, CALENDAR) == date(2025, 9, 28)  # Sunday, worked
    assert due_on(date(2025, 9, 30), 1, CALENDAR) == date(2025, 10, 9)  # after eight days of holiday
    assert due_on(date(2025, 9, 30), 3, CALENDAR) == date(2025, 10, 11)  # Saturday, worked


@pytest.mark.parametrize("start", [date(2025, 9, 1) + timedelta(days=day) for day in range(60)])
@pytest.mark.parametrize("days", [1, 5, 7, 10, 20])
def test_the_due_day_is_a_working_day_with_exactly_so_many_since_the_start(start: date, days: int) -> None:
    due = due_on(start, days, CALENDAR)
    assert due in CALENDAR
    assert len([day for day in CALENDAR if start < day <= due]) == days


def test_earlier_days_of_the_calendar_do_no_harm() -> None:
    later = [day for day in CALENDAR if day > date(2025, 9, 26)]
    assert due_on(date(2025, 9, 26), 20, later) == due_on(date(2025, 9, 26), 20, CALENDAR)


def test_beyond_the_calendar_nothing_is_guessed() -> None:
    assert due_on(date(2025, 12, 30), 1, CALENDAR) == date(2025, 12, 31)
    with pytest.raises(CalendarEnds) as error:
        due_on(date(2025, 12, 30), 2, CALENDAR)
    assert (error.value.start, error.value.days, error.value.last) == (date(2025, 12, 30), 2, date(2025, 12, 31))
    assert "2025-12-31" in error.value.words.zh
    assert "2025-12-31" in error.value.words.en


def test_an_empty_calendar_reaches_nowhere() -> None:
    with pytest.raises(CalendarEnds) as error:
        due_on(date(2025, 9, 26), 1, [])
    assert error.value.last is None


@pytest.mark.parametrize("days", [0, -1])
def test_a_period_has_at_least_one_day(days: int) -> None:
    with pytest.raises(ValueError, match=str(days)):
        due_on(date(2025, 9, 26), days, CALENDAR)


RECEIVED, ACCEPTED = date(2025, 9, 26), date(2025, 10, 9)


@pytest.mark.parametrize(
    ("kind", "days", "start"),
    [
        (Kind.FIRST, 20, RECEIVED),
        (Kind.RENEWAL, 20, ACCEPTED),
        (Kind.CHANGE, 7, RECEIVED),
        (Kind.DEREGISTRATION, 20, ACCEPTED),
        (Kind.REREGISTRATION, 20, ACCEPTED),
        (Kind.MILITARY_TRANSFER, 20, ACCEPTED),
        (Kind.REISSUE, 20, ACCEPTED),
    ],
)
def test_each_kind_has_its_period(kind: Kind, days: int, start: date) -> None:
    assert statutory_days(kind) == days
    assert KINDS[kind].period.due_on(RECEIVED, ACCEPTED, CALENDAR) == due_on(start, days, CALENDAR)


@pytest.mark.parametrize(("promise", "days"), [(None, 20), (1, 1), (19, 19), (20, 20), (21, 20), (90, 20)])
def test_a_promise_only_shortens(promise: int | None, days: int) -> None:
    period = Period(20, CountedFrom.ACCEPTANCE).promised(promise)
    assert period == Period(days, CountedFrom.ACCEPTANCE)


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2096, 2, 29), 4, date(2100, 2, 28)),  # no leap year
        (date(2023, 2, 28), 5, date(2028, 2, 28)),
        (date(2021, 3, 1), 5, date(2026, 3, 1)),
        (date(2021, 12, 31), 5, date(2026, 12, 31)),
    ],
)
def test_five_years_on(day: date, years: int, then: date) -> None:
    assert add_years(day, years) == then


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), -6, date(2026, 2, 28)),
        (date(2024, 8, 31), -6, date(2024, 2, 29)),
        (date(2026, 1, 15), -6, date(2025, 7, 15)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 6, 30), 0, date(2026, 6, 30)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then
