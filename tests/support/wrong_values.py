"""Values that are wrong in a field of an input, whatever it means: hidden characters, too long, far away, empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import GraphQLInputObjectType, GraphQLInputType, GraphQLList, GraphQLNonNull, get_named_type

from graph.root import schema

Wrong = tuple[str, Any]
"""The path of a field, and a value that may be wrong there."""
ASIDE: Final = frozenset({"idempotencyKey", "expectedVersion"})
"""What is judged before anything else of every step, alike (`graph/resolvers/act.py`)."""
_VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    "String": ("\x07", "长" * 5_001, " "),
    "Int": (-1, 1_000_000),
    "Date": ("2999-01-01", "1850-01-01"),
    "DateTime": ("2999-01-01T00:00:00Z", "1850-01-01T00:00:00Z"),
    "Boolean": (False, True),
    "Upload": (b"", b"x"),
}


def wrong_values(mutation: str, given: Mapping[str, Any]) -> Iterator[Wrong]:
    """Each field of a mutation's input with the values to try there, also within what is given."""
    field = schema._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]
    yield from _within("", get_named_type(field.args["input"].type), given)


def _within(path: str, kind: GraphQLInputObjectType, given: Mapping[str, Any]) -> Iterator[Wrong]:
    for name, field in kind.fields.items():
        if name in ASIDE:
            continue
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType) and isinstance(given.get(name), Mapping):
            yield from _within(f"{path}{name}.", inner, given[name])
        else:
            yield from ((f"{path}{name}", value) for value in _tried(field.type, given.get(name)))


def _tried(kind: GraphQLInputType, given: Any) -> Iterator[Any]:
    needed = isinstance(kind, GraphQLNonNull)
    plain = kind.of_type if needed else kind
    if not needed and given is not None and get_named_type(plain).name != "ID":
        yield None
    if isinstance(plain, GraphQLList):
        yield []
    else:
        yield from (value for value in _VALUES.get(plain.name, ()) if value != given)


def put_at(given: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same input with another value at a path."""
    first, _, rest = path.partition(".")
    return {**given, first: put_at(given[first], rest, value) if rest else value}
