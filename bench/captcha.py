"""Captchas in words, read as the person of the demonstration reads them: whoever writes a program for it, solves them.

See docs/decisions/captcha.md for what they protect.
"""

from __future__ import annotations

import re
from typing import Final

from rules.captcha_question import KINDS
from rules.numeral import number_in

_HAN: Final = "一二三四五六七八九十"
_WORDS: Final = re.compile("|".join(one.zh for kind in KINDS.values() for one in kind))


def answer_to(question: str) -> str:
    """The answer to a question in Chinese."""
    if "多少" in question:
        there, gone, come = (number_in(one) or 0 for one in re.findall(f"([{_HAN}]+)(?![{_HAN}岁])", question))
        return str(there - gone + come)
    words = _WORDS.findall(question)
    if places := re.findall(f"第([{_HAN}]+)个|(最后)一个", question):
        return "、".join(words[-1] if last else words[(number_in(nth) or 0) - 1] for nth, last in places)
    (kind,) = (members for kind, members in KINDS.items() if kind.zh in question)
    others = "不是" in question or "不属于" in question
    return "、".join(word for word in words if (word in {one.zh for one in kind}) is not others)
