"""The windows of the system's scheduler, against the calendar day by day, and what may stop or stretch a period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.calendar import require_day, require_view
from rules.deadline import BASIS_OF, EVER, NEVER, Calendar, DateRange, DeadlineBasis, Duty, deemed, lapses_after
from rules.errors import Invalid, NotAllowed
from rules.hold import HOLDS, Pause, require_extension, require_hold
from rules.kinds import Kind
from tests.support.working_days import working_days

CALENDAR = working_days(date(2025, 7, 1), date(2025, 12, 31))
DAYS = [date(2025, 9, 15) + timedelta(days=number) for number in range(60)]
DUE = (Duty.BREACHED, Duty.DUE_TODAY, Duty.DUE_IN_2, Duty.DUE_IN_5)
SILENT = (Duty.SILENT_10, Duty.SILENT_5)
HERS = (Duty.LAPSE, Duty.REMIND_2, Duty.REMIND_7, Duty.REMIND_14)


def on(today: date) -> Calendar:
    before = [day for day in reversed(CALENDAR) if day < today][:10]
    return Calendar(today, before, [day for day in CALENDAR if day > today][:6])


def falls(today: date, day: date, duties: tuple[Duty, ...]) -> list[Duty]:
    """Which of these duties fall due on one day by the date of another."""
    calendar = on(today)
    return [duty for duty in duties if calendar.range_of(duty).since <= day < calendar.range_of(duty).until]


def count(after: date, before: date) -> int:
    return len([day for day in CALENDAR if after < day < before])


@pytest.mark.parametrize("today", DAYS)
def test_a_due_date_is_told_by_the_working_days_that_are_left(today: date) -> None:
    for due in (today + timedelta(days=number) for number in range(-5, 20)):
        left = count(today, due + timedelta(days=1))
        nearest = [duty for duty, days in ((Duty.DUE_TODAY, 0), (Duty.DUE_IN_2, 2), (Duty.DUE_IN_5, 5)) if left <= days]
        assert falls(today, due, DUE) == ([Duty.BREACHED] if due < today else nearest[:1])


@pytest.mark.parametrize("today", DAYS)
def test_silence_is_told_by_the_whole_working_days_that_went_by(today: date) -> None:
    for since in (today - timedelta(days=number) for number in range(30)):
        silent = count(since, today)
        expected = [Duty.SILENT_10] if silent >= 10 else [Duty.SILENT_5] if silent >= 5 else []
        assert falls(today, since, SILENT) == expected
        assert falls(today, since, (Duty.ACCEPT,)) == ([Duty.ACCEPT] if silent >= 5 else [])
        assert falls(today, since, (Duty.ESCALATE,)) == [Duty.ESCALATE]


@pytest.mark.parametrize("today", DAYS)
def test_thirty_days_of_silence_and_the_reminders_before(today: date) -> None:
    for moved_on in (today - timedelta(days=number) for number in range(40)):
        left = (lapses_after(moved_on) - today).days
        nearest = [
            duty for duty, days in ((Duty.REMIND_2, 2), (Duty.REMIND_7, 7), (Duty.REMIND_14, 14)) if left <= days
        ]
        assert falls(today, moved_on, HERS) == ([Duty.LAPSE] if left < 0 else nearest[:1])


def test_the_holiday_moves_the_borders() -> None:
    assert on(date(2025, 10, 9)).range_of(Duty.ACCEPT) == DateRange(EVER, date(2025, 9, 25))
    assert on(date(2025, 10, 10)).range_of(Duty.ACCEPT) == DateRange(EVER, date(2025, 9, 26))
    assert on(date(2025, 10, 11)).range_of(Duty.ACCEPT) == DateRange(EVER, date(2025, 9, 28))


def test_where_the_calendar_has_no_days_nothing_is_silent_and_nothing_later_is_due() -> None:
    empty = Calendar(date(2028, 3, 1), [], [])
    assert empty.range_of(Duty.ACCEPT) == DateRange(EVER, EVER)
    assert empty.range_of(Duty.SILENT_5) == DateRange(EVER, EVER)
    assert empty.range_of(Duty.DUE_TODAY) == DateRange(date(2028, 3, 1), NEVER)
    assert empty.range_of(Duty.DUE_IN_5) == DateRange(NEVER, NEVER)


EXPIRY = date(2025, 11, 25)


@pytest.mark.parametrize(
    ("forwarded_on", "today", "granted"),
    [
        (date(2025, 10, 26), date(2025, 11, 26), True),  # the thirtieth day before the expiry
        (date(2025, 10, 27), date(2025, 11, 26), False),
        (date(2025, 10, 26), EXPIRY, False),  # the last day of validity is the authority's, too
        (date(2025, 9, 1), date(2026, 3, 1), True),
    ],
)
def test_a_renewal_is_granted_by_law_after_the_expiry_where_it_came_in_time(
    forwarded_on: date, today: date, granted: bool
) -> None:
    assert deemed(EXPIRY, forwarded_on, today) is granted


def test_every_kind_has_its_basis() -> None:
    assert {
        **dict.fromkeys(Kind, DeadlineBasis.ACCEPTANCE_20),
        Kind.FIRST: DeadlineBasis.RECEIPT_20,
        Kind.CHANGE: DeadlineBasis.RECEIPT_7,
    } == BASIS_OF


@pytest.mark.parametrize("kind", Pause)
def test_a_hold_is_for_what_the_law_names(kind: Pause) -> None:
    if kind in HOLDS:
        require_hold(kind, "专家评审")
    else:
        with pytest.raises(Invalid) as refusal:
            require_hold(kind, "补正")
        assert [problem.code for problem in refusal.value.problems] == ["NOT_A_HOLD"]


@pytest.mark.parametrize(
    ("reason", "code"), [("", "FIELD_REQUIRED"), ("  ", "FIELD_REQUIRED"), ("长" * 501, "TEXT_TOO_LONG")]
)
def test_a_hold_and_an_extension_have_a_reason(reason: str, code: str) -> None:
    for refused in (
        lambda: require_hold(Pause.HEARING, reason),
        lambda: require_extension(5, reason, EXPIRY, EXPIRY, on_hold=False),
    ):
        with pytest.raises(Invalid) as refusal:
            refused()
        assert [problem.code for problem in refusal.value.problems] == [code]


def test_an_extension_is_of_one_to_ten_days_and_comes_before_the_period_is_over() -> None:
    for days in (1, 10):
        require_extension(days, "材料复杂", EXPIRY, EXPIRY, on_hold=False)
    for days in (0, 11, -1):
        with pytest.raises(Invalid, match="VALIDATION"):
            require_extension(days, "材料复杂", EXPIRY, EXPIRY, on_hold=False)
    for today, on_hold, reason in ((EXPIRY + timedelta(days=1), False, "PAST_DUE"), (EXPIRY, True, "ON_HOLD")):
        with pytest.raises(NotAllowed) as refusal:
            require_extension(5, "材料复杂", EXPIRY, today, on_hold=on_hold)
        assert refusal.value.reason == reason


def test_the_calendar_is_kept_from_today_on_and_without_gaps() -> None:
    today, last = date(2026, 11, 23), date(2027, 12, 31)
    for day in (today, last, date(2028, 1, 1)):
        require_day(day, "台风停工", today, last)
    for day, note, code in (
        (date(2026, 11, 22), None, "DATE_PASSED"),
        (date(2028, 1, 2), None, "DAY_GAP"),
        (today, "长" * 101, "TEXT_TOO_LONG"),
        (today, "停\u200b工", "TEXT_HIDDEN_CHARACTER"),
    ):
        with pytest.raises(Invalid) as refusal:
            require_day(day, note, today, last)
        assert [problem.code for problem in refusal.value.problems] == [code]


def test_a_view_of_the_calendar_is_about_a_year_long() -> None:
    first = date(2026, 1, 1)
    require_view(first, first)
    require_view(first, first + timedelta(days=399))
    for until in (first - timedelta(days=1), first + timedelta(days=400)):
        with pytest.raises(Invalid):
            require_view(first, until)
