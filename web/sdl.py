"""The schema as clients read it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from strawberry.printer import print_schema

import graph.root

PATH: Final = Path(graph.root.__file__).with_name("schema.graphql")


def sdl() -> str:
    """The schema in GraphQL's own language (SDL)."""
    return f"{print_schema(graph.root.schema)}\n"
