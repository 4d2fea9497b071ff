"""The ways in which a row becomes one of the types clients see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from db.read.batch import Row
from graph.schema.node import fields

T = TypeVar("T")
Shown: TypeAlias = Mapping[str, Callable[[Row], object]]
"""A noun, and the function that shows a row of it."""


def plain(kind: Callable[..., T]) -> Callable[[Row], T]:
    """A type that is made of the row as it is."""
    return lambda row: kind(**row)


def node(kind: type[T]) -> Callable[[Row], T]:
    """A type with a global id."""
    made: Callable[..., T] = kind
    return lambda row: made(**fields(kind.__name__, row))


def owner(kind: type[T]) -> Callable[[Row], T]:
    """A type with a global id and links by its key."""
    made: Callable[..., T] = kind
    return lambda row: made(key=row["id"], **fields(kind.__name__, row))
