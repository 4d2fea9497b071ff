"""Captchas (验证码): their questions, and the comparison of answers."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.errors import FieldProblem, Invalid, Words

LIVES: Final = timedelta(minutes=5)
LETTERS: Final = "ACDEFGHJKLMNPQRTUVWXY3479"
"""The letters of a picture: none looks like another one."""
LETTER_COUNT: Final = 4
LONGEST_ANSWER: Final = 16
NUMERALS: Final = "零一二三四五六七八九十"


class CaptchaForm(StrEnum):
    """The form of a captcha's question."""

    PICTURE = "PICTURE"  # letters to read
    WORDS = "WORDS"  # a sum in words, for those who cannot see


def numeral(number: int) -> str:
    """A number below 20 in Chinese."""
    tens, ones = divmod(number, 10)
    return NUMERALS[number] if not tens else "十" + (NUMERALS[ones] if ones else "")


_DIGITS: Final = {numeral(number): str(number) for number in range(20)}


def same_form(answer: str) -> str:
    """An answer whatever its case, width and spaces, a Chinese number as its digits."""
    text = "".join(unicodedata.normalize("NFKC", answer[:LONGEST_ANSWER]).upper().split())
    return _DIGITS.get(text, text)


def wrong(path: str = "captchaAnswer") -> Invalid:
    """The refusal of an answer: wrong, used, expired and unknown look the same."""
    words = Words("验证码不正确或已失效，请换一张", "The captcha's answer is wrong or it has expired; take a new one.")
    return Invalid(FieldProblem(path, "CAPTCHA_WRONG", words))
