"""Closed lists whose members carry the term people read."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed list: each line is the stable English value and the Chinese term shown for it (`label`)."""

    _value_: str
    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the value as the member's own, the label beside it; a look-up by its value alone needs no label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @property
    def unlisted(self) -> bool:
        """True for what the list does not have (其他): people say in words which it is."""
        return self.name == "OTHER" or self.name.startswith("OTHER_")
