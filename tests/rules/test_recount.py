"""Due dates counted afresh: on 1,000 calendars that nobody has seen, against a count day by day."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from rules.working_days import CalendarEnds, CountedDay, recounted

COUNTED_ON = date(2026, 12, 21)
DAY = timedelta(days=1)


def days(counted: str, working: str) -> list[CountedDay]:
    """The days after the one of counting: 1 is worked, 0 is not; as they were counted, and as they are."""
    made = zip(counted, working, strict=True)
    return [CountedDay(COUNTED_ON + n * DAY, was == "1", now == "1") for n, (was, now) in enumerate(made, start=1)]


def on(number: int) -> date:
    """The so-manieth day after the one of counting."""
    return COUNTED_ON + number * DAY


@pytest.mark.parametrize(
    ("counted", "working", "due", "now_due"),
    [
        ("1111111", "1111111", 3, 3),
        ("1111111", "1110111", 3, 3),  # beyond it
        ("1111111", "1101111", 3, 4),  # the day itself became a day off
        ("1111111", "0011111", 3, 5),  # a holiday of two days
        ("1100111", "1110111", 5, 3),  # a worked weekend
        ("1100111", "0110111", 5, 5),  # the one for the other
        ("1100111", "1111111", 5, 3),
        ("0111111", "1111111", 7, 6),
        ("1111111", "0000001", 1, 7),
    ],
)
def test_a_due_date_keeps_its_number_of_working_days(counted: str, working: str, due: int, now_due: int) -> None:
    assert recounted(on(due), days(counted, working), COUNTED_ON) == on(now_due)


def test_a_due_date_is_never_moved_into_the_past() -> None:
    made = days("1100111", "1111111")
    assert [recounted(on(5), made, on(today)) for today in range(1, 8)] == [on(n) for n in (3, 3, 3, 4, 5, 5, 5)]


def test_a_due_date_before_the_days_stays() -> None:
    assert recounted(COUNTED_ON, days("111", "000"), COUNTED_ON) == COUNTED_ON
    assert recounted(COUNTED_ON, [], COUNTED_ON) == COUNTED_ON


def test_a_due_date_that_became_a_day_off_without_a_guess_still_counts_as_the_day_it_was() -> None:
    """The nation closed an announced day, and due dates stay; then other days are settled."""
    assert recounted(on(4), days("1110111", "1110111"), COUNTED_ON) == on(5)


def test_where_the_calendar_ends_nothing_is_guessed() -> None:
    with pytest.raises(CalendarEnds):
        recounted(on(3), days("111", "110"), COUNTED_ON)


def by_hand(due: date, made: list[CountedDay]) -> date:
    """Day by day: a stroke for each day that was worked, and one taken back for each that is."""
    left = len([one for one in made if one.day <= due and one.counted])
    for one in made:
        left -= one.working
        if left == 0 and one.working:
            return one.day
    raise AssertionError("the calendar is long enough")


@pytest.mark.parametrize("seed", range(1000))
def test_on_a_generated_calendar_the_count_is_exact(seed: int) -> None:
    random = Random(seed)
    length, weekend = random.randint(60, 120), random.randint(0, 6)
    counted = [(n + weekend) % 7 < 5 and random.random() > 0.03 for n in range(length)]
    share = random.choice([0.02, 0.1, 0.3])
    working = [was ^ (random.random() < share) for was in counted]
    # So many days are worked at the end that every period ends within.
    counted, working = [*counted, *[True] * 90], [*working, *[True] * 90]
    made = [CountedDay(on(n), was, now) for n, (was, now) in enumerate(zip(counted, working, strict=True), start=1)]
    worked = [one.day for one in made if one.counted][:40]
    dues = random.sample(worked, 10)
    for due in dues:
        moved = recounted(due, made, COUNTED_ON)
        assert moved == by_hand(due, made)
        was = sum(one.counted for one in made if one.day <= due)
        assert sum(one.working for one in made if one.day <= moved) == was
        swapped = [CountedDay(one.day, one.working, one.counted) for one in made]
        assert recounted(moved, swapped, COUNTED_ON) == due, "and back again"
