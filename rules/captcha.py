"""Captchas (验证码): their questions, and the comparison of answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from rules import spelling
from rules.captcha_question import KINDS, Question
from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.numeral import number_in

LIVES: Final = timedelta(minutes=5)
LETTERS: Final = "ACDEFGHJKLMNPQRTUVWXY3479"
"""The letters of a picture: none looks like another one."""
LETTER_COUNT: Final = 4
LONGEST_ANSWER: Final = 64


class CaptchaForm(Labelled):
    """The form of a captcha's question."""

    PICTURE = "PICTURE", "图片"  # letters to read
    WORDS = "WORDS", "文字问题，供看不见图片的人使用"  # a question in words, for those who cannot see


def answer_of(question: Question) -> str:
    """The answer to a question in words, as `readings` has it."""
    return str(question.number) if question.number is not None else _joined(question.words)


def readings(answer: str) -> frozenset[str]:
    """The meanings that an answer may have, whatever its case, width and blanks: letters, a number, words in any order.

    What stands around a number or words does not matter: 38支, "apples and grapes".
    """
    text = spelling.code(answer[:LONGEST_ANSWER])
    number, named = number_in(text), [one for one in _WORDS if one.zh in text or one.en.upper() in text]
    return frozenset({text, *([] if number is None else [str(number)]), *([_joined(named)] if named else [])})


def _joined(words: Iterable[Words]) -> str:
    return "、".join(sorted(one.zh for one in words))


_WORDS: Final = tuple(one for kind in KINDS.values() for one in kind)


def wrong(path: str = "captchaAnswer") -> Invalid:
    """The refusal of an answer: wrong, used, expired and unknown look the same."""
    words = Words("验证码不正确或已失效，请换一张", "The captcha's answer is wrong or it has expired; take a new one.")
    return Invalid(FieldProblem(path, "CAPTCHA_WRONG", words))
