"""The form of an activation code (激活码): how it is made, and how it is read."""

from __future__ import annotations

import secrets
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, Words

CODE_LENGTH: Final = 10
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without the look-alikes I, L, O and U."""
_LOOK_ALIKES: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_LONGEST: Final = 64
_CODE_FORMAT: Final = Words(
    f"激活码为{CODE_LENGTH}位数字和字母，请按收到的填写", f"An activation code has {CODE_LENGTH} digits and letters."
)


def new_code() -> str:
    """A fresh activation code (激活码)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def normalized(code: str) -> str:
    """A code as it was typed in, as `spelling.code` reads it, with look-alikes forgiven."""
    return spelling.code(code[:_LONGEST]).translate(_LOOK_ALIKES)


def written_code(text: str) -> str:
    """A code as it is compared; raises Invalid where it cannot be one, which costs no try."""
    code = normalized(text)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        raise Invalid(FieldProblem("code", "CODE_FORMAT", _CODE_FORMAT))
    return code
