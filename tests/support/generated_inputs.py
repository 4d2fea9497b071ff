"""Variables for the input of any mutation: what fits, and what does not: wrong types, nulls, missing and unknown fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from graph.variables import is_one_of
from rules.material import UploadedFile

_SCALARS: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "Boolean": st.booleans(),
    "Date": st.dates().map(str),
    "DateTime": st.just("2026-11-22T00:00:00+08:00"),
    "ID": st.sampled_from(["", "x", "QXBwbGljYXRpb246eA==", 7]),
    "Int": st.integers(-1, 2**31 - 1),
    "String": st.text("护士a '\"", max_size=8),
    "Upload": st.just(UploadedFile("名单.csv", b"a,b")),
}
_ODD: Final = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3), st.just([]), st.just({})
)
"""What hardly anything is."""
DEEPEST: Final = 3


def fitting(kind: GraphQLInputType, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type."""
    match kind:
        case GraphQLNonNull(of_type=inner):
            return fitting(inner, depth)
        case GraphQLList(of_type=inner):
            return st.lists(fitting(inner, depth + 1), max_size=2 if depth < DEEPEST else 0)
        case GraphQLEnumType():
            return st.sampled_from(sorted(kind.values))
        case GraphQLInputObjectType():
            return _object(kind, depth)
    return _SCALARS[str(kind)]


def _object(kind: GraphQLInputObjectType, depth: int) -> st.SearchStrategy[Any]:
    """Objects: what may be left out often is, and so is whatever is deep."""
    needed: dict[str, st.SearchStrategy[Any]] = {}
    more: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in kind.fields.items():
        if is_required_input_field(field):
            needed[name] = fitting(field.type, depth + 1)
        elif depth < DEEPEST:
            more[name] = st.one_of(fitting(field.type, depth + 1), st.none())
    if is_one_of(kind):
        return st.one_of(
            *(st.fixed_dictionaries({name: fitting(one.type, depth + 1)}) for name, one in kind.fields.items())
        )
    return st.fixed_dictionaries(needed, optional=more)


def spoiled(kind: GraphQLInputType) -> st.SearchStrategy[Any]:
    """The same with one thing in it that may not fit."""
    return st.tuples(fitting(kind), st.randoms(use_true_random=False), _ODD).map(lambda drawn: _spoil(*drawn))


def _spoil(value: Any, random: Any, odd: Any) -> Any:
    if not isinstance(value, dict) or not value or random.random() < 0.1:
        return odd
    name = random.choice(sorted(value))
    match random.randrange(4):
        case 0:
            return {**value, "nonsense": odd}
        case 1:
            return {key: one for key, one in value.items() if key != name}
    return {**value, name: _spoil(value[name], random, odd)}


def examples(number: int, kind: GraphQLInputType) -> list[Any]:
    """So many inputs of a type, every second one spoiled; the same in every run."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(st.one_of(fitting(kind), spoiled(kind)))
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found
