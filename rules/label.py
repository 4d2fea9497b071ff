"""Closed lists whose members carry the term people read."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed list: each line is the stable value, the Chinese term shown for it (`label`), and the English one.

    Without an English term (`english`) the value's own words are it: PROVINCIAL_ADMIN is a “provincial admin”.
    """

    _value_: str
    label: str
    english: str

    def __new__(cls, value: str, label: str = "", english: str = "") -> Self:
        """Keep the value as the member's own, the terms beside it; a look-up by its value alone needs no terms."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.english = label, english or value.replace("_", " ").lower()
        return member

    @property
    def unlisted(self) -> bool:
        """True for what the list does not have (其他): people say in words which it is."""
        return self.name == "OTHER" or self.name.startswith("OTHER_")
