"""The days on which a nurse is reminded, to the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.practice_alert import THRESHOLDS, Crossing, first_filing_day, legal_line, next_day, reached

END = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("left", "days"),
    [(366, None), (365, 365), (181, 365), (180, 180), (31, 60), (30, 30), (2, 7), (1, 1), (0, 0), (-1, -1), (-900, -1)],
)
def test_the_nearest_day_that_was_reached_is_told_under_its_own_date(left: int, days: int | None) -> None:
    expected = None if days is None else Crossing(days, END - timedelta(days=days))
    assert reached(END, END - timedelta(days=left)) == expected


def test_after_each_day_comes_the_next_and_after_the_last_none() -> None:
    announced = [None, *THRESHOLDS]
    assert [next_day(END, one) for one in announced] == [END - timedelta(days=one) for one in THRESHOLDS] + [None]


def test_the_three_dates_of_a_renewal() -> None:
    assert legal_line(END) == date(2026, 8, 31)
    assert (first_filing_day(END, 90), first_filing_day(END, 180)) == (date(2026, 7, 2), date(2026, 4, 3))
