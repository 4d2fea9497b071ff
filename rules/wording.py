"""Texts that people write into forms: short, visible, and there where they are needed."""

from __future__ import annotations

from typing import Final

from rules.errors import Invalid, Words
from rules.form_checks import REQUIRED, text_problems

LONGEST_REMARK: Final = 500
LONGEST_NUMBER: Final = 60
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


def decision_number(text: str | None) -> str:
    """The number of a decision on paper (决定书文号)."""
    return wording("decisionNumber", text, LONGEST_NUMBER)


def _plain(
    path: str, text: str | None, longest: int, *, needed: bool, missing: Words = REQUIRED, allowed: str = BREAKS
) -> str:
    plain = (text or "").strip()
    if problems := [*text_problems(path, plain, longest, needed=needed, missing=missing, allowed=allowed)]:
        raise Invalid(*problems)
    return plain
