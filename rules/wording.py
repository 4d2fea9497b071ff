"""Texts that people write into forms: short, visible, and there where they are needed."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.form_checks import REQUIRED, text_problems

LONGEST_REMARK: Final = 500
LONGEST_NUMBER: Final = 60
_YEAR: Final = re.compile(r"[〔［\[（(【]\s*((?:19|20)\d\d)\s*[〕］\])）】]|\b((?:19|20)\d\d)\s*年", re.ASCII)
_SERIAL: Final = re.compile(r"[0-9〇零一二三四五六七八九十百]")
_FORM: Final = Words(
    "文号应含机关代字、年份和序号，如“京卫罚〔2026〕9号”，请核对",
    "The number of a decision has a serial number beside its year, such as 京卫罚〔2026〕9号: compare it.",
)
BREAKS: Final = "\n\r\t"
"""The characters without a sign of their own that a text of several lines may have."""


def remark(path: str, text: str | None, longest: int = LONGEST_REMARK) -> str | None:
    """A text that may be left out, without the blanks around it; Invalid where it is too long or hides characters."""
    return _plain(path, text, longest, needed=False) or None


def wording(
    path: str, text: str | None, longest: int = LONGEST_REMARK, missing: Words = REQUIRED, *, allowed: str = BREAKS
) -> str:
    """A text that must be there; `missing` is said where it is not."""
    return _plain(path, text, longest, needed=True, missing=missing, allowed=allowed)


def reasoned(text: str) -> str:
    """A reason (事由) as it is kept; Invalid where nothing is said, or too much."""
    return wording("reason", text, LONGEST_REMARK, Words("请填写事由", "Give a reason."))


def decision_number(text: str | None, today: date) -> str:
    """The number of a decision on paper (决定书文号); Invalid where the year in it (〔2026〕, 2026年) is still to come,
    or where no number stands beside the year.
    """
    number = wording("decisionNumber", text, LONGEST_NUMBER)
    for year in (int(bracketed or written) for bracketed, written in _YEAR.findall(number)):
        if year > today.year:
            zh, en = f"文号中的年份{year}还未到，请核对", f"The year {year} in the number is still to come: compare it."
            raise Invalid(FieldProblem("decisionNumber", "DECISION_YEAR_AHEAD", Words(zh, en)))
    if not _SERIAL.search(_YEAR.sub("", number)):
        raise Invalid(FieldProblem("decisionNumber", "DECISION_NUMBER_FORM", _FORM))
    return number


def _plain(
    path: str, text: str | None, longest: int, *, needed: bool, missing: Words = REQUIRED, allowed: str = BREAKS
) -> str:
    plain = (text or "").strip()
    if problems := [*text_problems(path, plain, longest, needed=needed, missing=missing, allowed=allowed)]:
        raise Invalid(*problems)
    return plain
