"""Moments as people in China read them."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rules.errors import Words

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def printed(moment: datetime) -> str:
    """A moment as ISO 8601 in China's time with its offset, as PostgreSQL prints it: no zeros end the fraction."""
    head, dot, rest = moment.astimezone(SHANGHAI).isoformat().partition(".")
    return f"{head}.{rest[:6].rstrip('0')}{rest[6:]}" if dot else head


def told(moment: datetime) -> Words:
    """A moment to the minute, in China's time, as a sentence for people names it."""
    there = moment.astimezone(SHANGHAI)
    return Words(f"{there:%Y年%-m月%-d日%H:%M}", f"{there:%Y-%m-%d %H:%M} (UTC+8)")


def read(text: str) -> datetime:
    """A moment with its offset; one without is taken for China's time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
