"""Scalars that print the same whichever way an answer was made."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import strawberry

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def printed(moment: datetime) -> str:
    """A moment as ISO 8601 in China's time, with its offset."""
    text = moment.astimezone(SHANGHAI).isoformat()
    # As PostgreSQL prints it: no zeros at the end of the fraction.
    head, dot, rest = text.partition(".")
    return f"{head}.{rest[:6].rstrip('0')}{rest[6:]}" if dot else text


def read(text: str) -> datetime:
    """A moment with its offset; one without is taken for China's time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


DATE_TIME: Final = strawberry.scalar(
    name="DateTime",
    description="A moment, ISO 8601 with an offset; always printed in China's time (+08:00).",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
    serialize=printed,
    parse_value=read,
)
