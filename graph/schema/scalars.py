"""Scalars that print the same whichever way an answer was made."""

from __future__ import annotations

from typing import Final

import strawberry

from rules.moment import printed, read

DATE_TIME: Final = strawberry.scalar(
    name="DateTime",
    description="A moment, ISO 8601 with an offset; always printed in China's time (+08:00).",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
    serialize=printed,
    parse_value=read,
)
