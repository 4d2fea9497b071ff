"""Where a problem's path leads in the input of its mutation: dotted, in GraphQL names, with places in lists."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    build_schema,
)

ASIDE: Final = "materials"
"""The checklist of an application: what is missing there is handed in by another mutation, and named by its code."""


@cache
def _schema() -> GraphQLSchema:
    return build_schema((Path(__file__).parents[2] / "graph/schema.graphql").read_text("utf-8"))


def leads(mutation: str, path: str) -> bool:
    """True if a path leads to a field of the mutation's input, or to a material of the application's checklist."""
    first, *rest = path.split(".")
    root = _schema().mutation_type
    assert root is not None
    if mutation not in root.fields:  # a step of the system's own
        return True
    if first == ASIDE:
        return len(rest) <= 1
    takes = root.fields[mutation].args.get("input")
    return takes is not None and _leads(takes.type, [first, *rest])


def _leads(kind: GraphQLInputType, names: list[str]) -> bool:
    if isinstance(kind, GraphQLNonNull):
        return _leads(kind.of_type, names)
    if not names:
        return True
    first, *rest = names
    match kind:
        case GraphQLList(of_type=inner):
            return first.isdecimal() and _leads(inner, rest)
        case GraphQLInputObjectType(fields=fields):
            return first in fields and _leads(fields[first].type, rest)
    return False
