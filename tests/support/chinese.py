"""Every Chinese message of a test run is watched: no English code stands in a sentence that people read."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any, Final

from rules.errors import Words

QUOTED: Final = re.compile(r"“[^”]*”|《[^》]*》|\{[^}]*\}|[\w.]+@[\w.]+|U\+[0-9A-F]+")
"""What somebody has typed, titles, the places of a template that are filled in later, addresses, characters' numbers."""
LATIN: Final = re.compile(r"[A-Za-z][A-Za-z_.]+[A-Za-z]?")
KNOWN: Final = frozenset(
    [
        "PDF",
        "JPEG",
        "JPG",
        "PNG",
        "HEIC",
        "AVIF",
        "WebP",
        "GIF",
        "BMP",
        "TIFF",
        "OFD",
        "ZIP",
        "Office",
        "CSV",
        "csv",
        "xlsx",
        "xls",
        "UTF",
        "GB",
        "KB",
        "CHN",
        "YYYY",
        "MM",
        "DD",
    ]
)
"""Names of formats, a unit, and the code of China, which have no Chinese ones."""
FLOORS: Final = frozenset({"rules", "workflow", "db", "papers"})
"""The floors that word messages for people; graph and web speak of documents to programmers, notify fills values in."""
_made: Final = Words.__new__


@cache
def english(message: str) -> list[str]:
    """The Latin words of a Chinese message that are neither quoted nor known."""
    return [word for word in LATIN.findall(QUOTED.sub("", message)) if word not in KNOWN]


def _watched(cls: type[Words], zh: str, en: str) -> Any:
    floor = sys._getframe(1).f_globals["__name__"].partition(".")[0]
    if floor in FLOORS and (found := english(zh)):
        raise AssertionError(f"English in a Chinese message: {', '.join(found)} in {zh}")
    return _made(cls, zh, en)


def watch() -> None:
    """Refuse, from now on, to make a message with English codes in its Chinese sentence."""
    Words.__new__ = _watched  # type: ignore[method-assign,assignment]
