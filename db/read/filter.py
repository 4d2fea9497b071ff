"""Conditions that clients combine: `and`, `or`, `not` over comparisons of the columns that a listing offers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Text, and_, false, func, not_, or_, true
from sqlalchemy.types import TypeEngine

from db.read.bearer import NUMBER, bears
from db.store.columns import characters

Value = Callable[[str, TypeEngine[Any], Any], ColumnElement[Any]]
"""Makes a value of a statement, by its name there: a literal, or a parameter that each request fills."""

Spelled = Callable[[str], tuple[str, ...]]
"""The way from a beginning of a text to those of the values that order it, which no other text has."""


@dataclass(frozen=True)
class Compare:
    """`name` compared by `operator` with `value`."""

    name: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Combine:
    """Several conditions joined by `and` or `or`, or one turned round by `not`."""

    how: str
    parts: tuple[Condition, ...]


Condition = Compare | Combine
EVERYTHING: Final = Combine("and", ())

_OPERATORS: Final[Mapping[str, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]]] = {
    "eq": lambda column, value: column == value,
    "in": lambda column, value: column == func.any(value),
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "startsWith": func.starts_with,
    # The index finds the texts with these characters; of those, the ones that have them in this order.
    "contains": lambda column, value: and_(
        characters(column).contains(characters(value)), func.strpos(column, value) > 0
    ),
}


def spelled_out(condition: Condition, names: Collection[str], spelled: Mapping[str, Spelled]) -> Condition:
    """The same condition, with the beginnings of `…Order` instead of those of these texts."""
    match condition:
        case Combine(how, parts):
            return Combine(how, tuple(spelled_out(part, names, spelled) for part in parts))
        case Compare(name, "startsWith", value) if name in names:
            starts = tuple(Compare(f"{name}Order", "startsWith", start) for start in spelled[name](value))
            return starts[0] if len(starts) == 1 else Combine("or", starts)
    return condition


def structure(condition: Condition) -> tuple[Any, ...]:
    """The condition without its values: what shapes a statement."""
    match condition:
        case Compare(name, operator, bool(value)):
            return (name, operator, value)
        case Compare(name, operator):
            return (name, operator)
        case Combine(how, parts):
            return (how, *map(structure, parts))


def compared(condition: Condition) -> Iterator[Compare]:
    """The comparisons, in the order in which `sql` names their values."""
    match condition:
        case Compare():
            yield condition
        case Combine(parts=parts):
            for part in parts:
                yield from compared(part)


def names(condition: Condition) -> Iterator[str]:
    """The columns that are compared."""
    return (one.name for one in compared(condition))


def values(condition: Condition) -> Iterator[Any]:
    """The values, in the order in which `sql` names them; yes and no are no values: they shape the statement."""
    return (one.value for one in compared(condition) if not isinstance(one.value, bool))


def sql(condition: Condition, columns: Mapping[str, ColumnElement[Any]], value: Value) -> ColumnElement[bool]:
    """The condition over these columns; its values are called where_0, where_1, …"""
    return _sql(condition, columns, value, iter(range(10_000)))


def _sql(
    condition: Condition, columns: Mapping[str, ColumnElement[Any]], value: Value, numbers: Iterator[int]
) -> ColumnElement[bool]:
    if isinstance(condition, Compare):
        column = columns[condition.name]
        if condition.name == "idNumber":
            return bears(column, value(f"where_{next(numbers)}", NUMBER, condition.value))
        if isinstance(condition.value, bool):
            # As a condition of its own an index may find it; as one side of an equation none does.
            return column if condition.value else not_(column)
        kind = ARRAY(column.type) if condition.operator == "in" else column.type
        if condition.operator in ("startsWith", "contains"):
            kind = Text()
        return _OPERATORS[condition.operator](column, value(f"where_{next(numbers)}", kind, condition.value))
    parts = [_sql(part, columns, value, numbers) for part in condition.parts]
    match condition.how:
        case "or":
            return or_(false(), *parts)
        case "not":
            return not_(parts[0])
    return and_(true(), *parts)
