"""Closed lists whose members carry the term people read."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed list: each line is the stable English value and the Chinese term shown for it (`label`)."""

    _value_: str
    label: str

    @property
    def english(self) -> str:
        """The term in English."""
        return self.value.replace("_", " ").capitalize()

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the value as the member's own, the label beside it; a look-up by its value alone needs no label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
