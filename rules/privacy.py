"""The visible part of a number that belongs to a person, and the characters that may hide in a text."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

STARS: Final = "*" * 11
LONG: Final = 15  # from here on a number spells a region and a birth date
PHONE_DIGITS: Final = 11
PHONE_TAIL: Final = 4


def mask_id_number(number: str) -> str:
    """An ID number as it is shown: 110***********56; the count of stars does not tell the length.

    Shorter documents (permits, passports) carry no region: one character and the last two.
    """
    head = 3 if len(number) >= LONG else 1
    return f"{number[:head]}{STARS}{number[-2:]}"


def mask_phone(number: str) -> str:
    """A phone number as it is shown: 155****6058; other lengths show the last four at most a third of the digits."""
    if len(number) == PHONE_DIGITS:
        return f"{number[:3]}****{number[-PHONE_TAIL:]}"
    shown = min(PHONE_TAIL, len(number) // 3)
    return "****" + number[len(number) - shown :]


def mask_email(address: str) -> str:
    """An e-mail address as it is shown: z****@example.com; the part before the @ keeps its first letter."""
    user, at, domain = address.rpartition("@")
    return f"{user[:1]}****{at}{domain}"


def mask_name(name: str) -> str:
    """A person's name as it is shown to who has yet to know her: 王*; neither the rest nor its length tells."""
    return f"{name[:1]}*"


# Control, format (bidi marks and zero-width joiners), surrogates, line and paragraph separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def hidden_characters(text: str, *, allowed: str = "") -> list[str]:
    """The control and bidi characters in a text, as U+202E, each once; empty for a clean text."""
    found = dict.fromkeys(c for c in text if unicodedata.category(c) in _HIDDEN and c not in allowed)
    return [f"U+{ord(character):04X}" for character in found]


_NUMBERS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"(?P<id>[1-9][0-9]{5}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3}[0-9Xx]|[1-9][0-9]{14})"
    r"|(?:\+?86[ -]?)?(?P<phone>1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})"
    r")(?![0-9A-Za-z])"
)
_PASSPORTS: Final = re.compile(
    r"((?:护照|通行证)(?:号码|号)?(?:为|是)?[:： ]*)([A-Za-z]{1,2}[0-9]{7,8})(?![0-9A-Za-z])"
)
_WIDE: Final = {ord("０") + digit: ord("0") + digit for digit in range(10)} | {ord("Ｘ"): ord("X"), ord("－"): ord("-")}


def mask_numbers(text: str) -> str:
    """A text in which people's numbers are masked where they are sure to be some: ID numbers of 18 and of 15 digits,
    mobile phones, and what is called a passport or permit.
    """
    masked = _NUMBERS.sub(_masked, text.translate(_WIDE))
    return _PASSPORTS.sub(lambda found: found[1] + mask_id_number(found[2].upper()), masked)


def _masked(found: re.Match[str]) -> str:
    plain = re.sub(r"[ -]", "", found["id"] or found["phone"])
    return mask_id_number(plain.upper()) if found["id"] else mask_phone(plain)
