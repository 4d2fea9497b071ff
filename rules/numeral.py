"""Numbers below 100 in words (数字), written and read."""

from __future__ import annotations

import re
from typing import Final

from rules.errors import Words

_DIGITS: Final = "零一二三四五六七八九"
_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def numeral(number: int) -> Words:
    """A number below 100 in words."""
    tens, ones = divmod(number, 10)
    rest = _DIGITS[ones] if ones else ""
    zh = _DIGITS[ones] if not tens else ("" if tens == 1 else _DIGITS[tens]) + "十" + rest
    en = _SMALL[number] if number < len(_SMALL) else _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    return Words(zh, en)


_READ: Final = {
    written: number
    for number in range(100)
    for written in (numeral(number).zh, numeral(number).en.upper().replace("-", ""))
}
_HAN: Final = re.compile("[零〇一二两三四五六七八九十]+")
_SAME: Final = str.maketrans("两〇", "二零")
_LATIN: Final = re.compile("|".join(sorted((one for one in _READ if one.isascii()), key=len, reverse=True)))


def number_in(code: str) -> int | None:
    """The one number in a code, in digits or in words, with whatever unit stands beside it; None where there is none.

    Of several in words the longest counts, since 一 stands in many words: 一共二十七个.
    """
    if found := re.findall("[0-9]+", code):
        return int(found[0]) if len(found) == 1 else None
    word = max((*_HAN.findall(code), *_LATIN.findall(code)), key=len, default="").translate(_SAME)
    digits = "".join(str(_DIGITS.find(one)) for one in word)
    return _READ.get(word, int(digits) if digits.isdigit() and "十" not in word else None)
