"""Captchas (验证码): their questions, and the comparison of answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled

LIVES: Final = timedelta(minutes=5)
LETTERS: Final = "ACDEFGHJKLMNPQRTUVWXY3479"
"""The letters of a picture: none looks like another one."""
LETTER_COUNT: Final = 4
LONGEST_ANSWER: Final = 16
NUMERALS: Final = "零一二三四五六七八九十"
ENGLISH_NUMERALS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)


class CaptchaForm(Labelled):
    """The form of a captcha's question."""

    PICTURE = "PICTURE", "图片"  # letters to read
    WORDS = "WORDS", "文字算式，供看不见图片的人使用"  # a sum in words, for those who cannot see


def numeral(number: int) -> str:
    """A number below 20 in Chinese."""
    tens, ones = divmod(number, 10)
    return NUMERALS[number] if not tens else "十" + (NUMERALS[ones] if ones else "")


def question(one: int, other: int) -> Words:
    """The sum of two numbers below 10, asked in words."""
    return Words(
        f"{numeral(one)}加{numeral(other)}等于几？",
        f"What is {ENGLISH_NUMERALS[one]} plus {ENGLISH_NUMERALS[other]}?",
    )


_DIGITS: Final = {
    written: str(number)
    for number, english in enumerate(ENGLISH_NUMERALS)
    for written in (numeral(number), english.upper())
}


def same_form(answer: str) -> str:
    """An answer whatever its case, width and spaces, a number in Chinese or English words as its digits."""
    text = spelling.code(answer[:LONGEST_ANSWER])
    return _DIGITS.get(text, text)


def wrong(path: str = "captchaAnswer") -> Invalid:
    """The refusal of an answer: wrong, used, expired and unknown look the same."""
    words = Words("验证码不正确或已失效，请换一张", "The captcha's answer is wrong or it has expired; take a new one.")
    return Invalid(FieldProblem(path, "CAPTCHA_WRONG", words))
