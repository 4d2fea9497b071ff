"""Working days, counted one by one."""

from datetime import date, timedelta

from holidays import country_holidays


def working_days(first: date, last: date) -> list[date]:
    """China's working days, with the weekends that were worked for a holiday."""
    holidays = country_holidays("CN", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if holidays.is_working_day(day)]
