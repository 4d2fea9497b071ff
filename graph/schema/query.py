"""The query root inside payloads, so that a client reads what it needs after a step in the same answer."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.schema.link import lazily

_ROOT: Final = object()
"""Stands for the query root, which holds nothing of its own."""


def query_after(description: str) -> object:
    """The field `query` of a payload: the only arrow from the schema up to the root, and a lazy one."""

    def root() -> object:
        return _ROOT

    return strawberry.field(resolver=root, description=description, graphql_type=lazily("graph.root.Query"))
