"""Sizes and times are told as people read them, and what cannot be seen is not shown back."""

from __future__ import annotations

import pytest

from rules.errors import RateLimited
from rules.list_values import shown
from rules.measures import sized, waited


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (0, "0字节", "0 bytes"),
        (1023, "1023字节", "1023 bytes"),
        (1024, "1 KB", "1 KB"),
        (80 * 1024 + 300, "80.3 KB", "80.3 KB"),
        (5 * 1024 * 1024, "5 MB", "5 MB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_people_know(count: int, zh: str, en: str) -> None:
    assert sized(count) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (60, "60秒", "60 seconds"),
        (120, "120秒", "120 seconds"),
        (121, "3分钟", "3 minutes"),
        (7200, "120分钟", "120 minutes"),
        (7201, "3小时", "3 hours"),
        (86_400, "24小时", "24 hours"),
    ],
)
def test_a_wait_is_never_told_too_short(seconds: int, zh: str, en: str) -> None:
    assert waited(seconds) == (zh, en)


def test_who_tried_too_often_is_told_hours_and_not_thousands_of_seconds() -> None:
    assert RateLimited(86_000).words == (
        "操作过于频繁，请在24小时后再试",
        "Too many tries; try again in 24 hours.",
    )


def test_a_cell_with_characters_that_cannot_be_seen_is_shown_without_them() -> None:
    assert shown("PK\x03\x04\x00急诊\x7f") == "PK���急诊�"
