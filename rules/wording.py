"""Texts that people write into forms: short, visible, and there where they are needed."""

from __future__ import annotations

from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.privacy import hidden_characters

LONGEST_REMARK: Final = 500
LONGEST_NUMBER: Final = 60


def remark(path: str, text: str | None, longest: int = LONGEST_REMARK) -> str | None:
    """A text that may be left out, without the blanks around it; Invalid where it is too long or hides characters."""
    plain = (text or "").strip()
    hidden = ", ".join(hidden_characters(plain, allowed="\n"))
    if len(plain) > longest or hidden:
        zh = f"内容为{len(plain)}字，不得超过{longest}字" if not hidden else f"含有不可见字符（{hidden}），请删除"
        en = (
            f"{len(plain)} characters: at most {longest}." if not hidden else f"Remove the hidden characters: {hidden}."
        )
        raise Invalid(FieldProblem(path, "TEXT_HIDDEN_CHARACTER" if hidden else "TEXT_TOO_LONG", Words(zh, en)))
    return plain or None


def wording(path: str, text: str | None, longest: int = LONGEST_REMARK) -> str:
    """A text that must be there."""
    given = remark(path, text, longest)
    if given is None:
        raise Invalid(FieldProblem(path, "FIELD_REQUIRED", Words("该项必填", "This field is required.")))
    return given


def decision_number(text: str | None) -> str:
    """The number of a decision on paper (决定书文号)."""
    return wording("decisionNumber", text, LONGEST_NUMBER)
