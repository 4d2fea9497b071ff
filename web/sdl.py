"""The schema as clients read it, and its changes since the last release that break them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, build_schema, find_breaking_changes
from strawberry.printer import print_schema

import graph.root

_SOURCES: Final = Path(__file__).parents[1]
RELEASED: Final = _SOURCES / "graph" / "released.graphql"
"""The schema of the last release."""
CHANGELOG: Final = _SOURCES / "docs" / "schema-changelog.md"
"""The page that names each breaking change by its place in the schema."""
_PLACE: Final = re.compile(
    r"(?:A required |Standard scalar |Repeatable flag was removed from |[Ff]ield |[Aa]rgument |Enum value |Directive )*"
    r"(@?\w+(?:\.\w+)?(?:\(\w+:\))?)"
)
_ROW: Final = re.compile(r"^\| (`[^|]+`) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def path() -> Path:
    """The file that is kept beside the code."""
    return Path(graph.root.__file__).with_name("schema.graphql")


def sdl() -> str:
    """The schema in GraphQL's own language (SDL)."""
    return f"{print_schema(graph.root.schema)}\n"


def unnamed_changes() -> list[str]:
    """The faults of the changelog beside the schema as it is now."""
    before, page = RELEASED.read_text(encoding="utf-8"), CHANGELOG.read_text(encoding="utf-8")
    return [*changelog_faults(build_schema(before), build_schema(sdl()), page)]


def changelog_faults(before: GraphQLSchema, after: GraphQLSchema, page: str) -> Iterator[str]:
    """The breaking changes that the page does not name, and its names of what breaks nothing."""
    named = {name for row in _ROW.findall(page) for name in re.findall("`([^`]+)`", row)}
    used: set[str] = set()
    for change in find_breaking_changes(before, after):
        found = _places(change.description, after) & named
        used |= found
        if not found:
            yield f"{CHANGELOG.name} does not name a change that breaks clients: {change.description}"
    for name in sorted(named - used):
        yield f"{CHANGELOG.name} names {name}, which breaks nothing."


def _places(description: str, schema: GraphQLSchema) -> set[str]:
    """The places under which a change may be named: its own, and the same field of an interface of that type."""
    found = _PLACE.match(description)
    place = found[1] if found else description
    owner, _, field = place.partition(".")
    match schema.type_map.get(owner):
        case GraphQLObjectType(interfaces=interfaces) | GraphQLInterfaceType(interfaces=interfaces) if field:
            return {place, *(f"{one.name}.{field}" for one in interfaces)}
    return {place}
