"""The ID numbers that remain possible for whoever reads a database dump: as many as the page on sealing says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from rules.identity import DocumentType, check_digit, identify
from rules.privacy import STARS, mask_id_number, mask_phone

PAGE = Path(__file__).parents[2] / "docs/decisions/sealed-values.md"
TODAY = date(2026, 11, 1)
BEIJING = [f"1101{n:02}" for n in (1, 2, 5, 6, 7, 8, 9, *range(11, 20))]
"""The districts of Beijing in force (GB/T 2260)."""
NUMBERS = ["110101198309141543", "11010219900307003X", "110119200002290018"]


def whole(first17: str) -> str:
    """A number with its check digit."""
    return first17 + check_digit(first17)


def remaining(shown: str, born: date, regions: Iterable[str]) -> list[str]:
    """The numbers of these regions that have the mask and the birth date."""
    return [
        number
        for region in regions
        for sequence in range(100)
        if mask_id_number(number := whole(f"{region}{born:%Y%m%d}{sequence:02}{shown[-2]}")) == shown
    ]


@pytest.mark.parametrize("first17", [number[:17] for number in NUMBERS])
def test_of_an_id_number_as_many_remain_as_the_page_says(first17: str) -> None:
    number, page = whole(first17), PAGE.read_text("utf-8")
    known = identify(DocumentType.RESIDENT_ID, number, TODAY)
    assert known.birth_date is not None
    shown = mask_id_number(number)
    assert shown == f"{number[:3]}{STARS}{number[-2:]}"
    anywhere = remaining(shown, known.birth_date, (f"{number[:3]}{n:03}" for n in range(1000)))
    assert number in anywhere
    assert len(anywhere) in (9090, 9091)
    assert "**9,090 or 9,091** of 100,000" in page
    there = remaining(shown, known.birth_date, BEIJING)
    assert (len(BEIJING), len(there)) in ((16, 145), (16, 146))
    assert "the 16 of Beijing for `110` | 145 or 146 |" in page
    assert {len(remaining(shown, known.birth_date, [region])) for region in BEIJING} <= {9, 10}
    assert "| 9 or 10 |" in page


def test_of_a_phone_number_four_digits_are_hidden() -> None:
    assert {mask_phone(f"155{n:04}6058") for n in range(10_000)} == {"155****6058"}


def test_of_a_passport_all_but_three_characters_are_hidden() -> None:
    assert {mask_id_number(f"E{n:06}78") for n in range(0, 1_000_000, 997)} == {f"E{STARS}78"}
