"""The two spellings of a name: snake_case in Python, camelCase in GraphQL."""

from __future__ import annotations


def camel_case(name: str) -> str:
    """The GraphQL name of a Python name: `health_examined_on` is `healthExaminedOn`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
