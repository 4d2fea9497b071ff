"""The schema as clients read it."""

from __future__ import annotations

from pathlib import Path

from strawberry.printer import print_schema

import graph.root


def path() -> Path:
    """The file that is kept beside the code."""
    return Path(graph.root.__file__).with_name("schema.graphql")


def sdl() -> str:
    """The schema in GraphQL's own language (SDL)."""
    return f"{print_schema(graph.root.schema)}\n"
