"""A random source that repeats itself.

Everything about a record follows from the seed and its place in the register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")
Row = dict[str, object]
"""One row for COPY: column -> value; all rows of a table have the same columns in the same order."""

CHINA: Final = timezone(timedelta(hours=8))
OPENED: Final = datetime(2017, 6, 16, 8, tzinfo=CHINA)
"""The day of the deck's screens: when the seeded register took its records over."""

_BITS: Final = (1 << 64) - 1
_VARIANT, _RANDOM = 1 << 63, (1 << 62) - 1


class Salt(IntEnum):
    """A number that keeps the ids of two nouns apart when their places are equal."""

    AUTHORITY = 1
    INSTITUTION = 2
    NURSE = 3
    STAFF = 4
    EXAM = 5
    UNIT = 6
    PICTURE = 7
    HELP = 12


class Part(IntEnum):
    """A part of a nurse with random numbers of its own, so that no part depends on the order of the others."""

    ACCOUNT = 1
    RECORD = 2
    APPLICATION = 3
    TRACES = 4
    SPAN = 5
    HISTORY = 6
    CERTIFICATE = 7
    PAUSE = 8
    DEPARTURE = 9
    ACTIVATION_CODE = 10
    INFORMATION = 11
    PHOTO = 12
    TOKEN = 13
    LOOK = 14
    HELP = 17
    CONDUCT = 15
    WAITING = 18


def mixed(number: int) -> int:
    """64 bits that look like chance and are always the same for a number (splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _BITS
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _BITS
    return number ^ (number >> 31)


def key_of(seed: int, salt: Salt, number: int) -> int:
    """64 bits of one record's own."""
    return mixed(mixed(seed) ^ (salt << 48) ^ number)


def part_key(key: int, part: Part, number: int = 0) -> int:
    """64 bits of one part of a record."""
    return mixed(key + (part << 32) + number & _BITS)


def identifier(key: int, at: datetime = OPENED, later: int = 0) -> str:
    """A UUIDv7 of the moment `at` and `later` milliseconds, its random part taken from `key`."""
    milliseconds = int(at.timestamp() * 1000) + later
    return f"{milliseconds:012x}7{key >> 52:03x}{_VARIANT | (key & _RANDOM):016x}"


class Dice(Random):
    """The rolls of one record, in the order in which it asks."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.random() * len(options))]

    def between(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        return lowest + int(self.random() * (highest - lowest + 1))

    def one_in(self, count: int) -> bool:
        """True once in `count` times."""
        return self.random() * count < 1


def spread(weights: Mapping[T, int]) -> tuple[T, ...]:
    """Options repeated by weight, so that one pick is one step."""
    return tuple(option for option, weight in weights.items() for _ in range(weight))
