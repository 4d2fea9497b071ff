"""Which nouns stand on every floor under one name: `python -m tests.support.nouns`.

A noun is a module's name. It stands on a floor where that floor has a file of its name with ten statements or more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FLOORS: Final = ("rules", "workflow", "db", "graph/schema", "graph/resolvers")
LEAST_STATEMENTS: Final = 10


def nouns() -> Mapping[str, frozenset[str]]:
    """The floors of each noun."""
    standing: dict[str, set[str]] = {}
    for floor in FLOORS:
        for name in _names(ROOT / floor):
            standing.setdefault(name, set()).add(floor)
    return {name: frozenset(floors) for name, floors in sorted(standing.items())}


def on_all_floors() -> list[str]:
    """The nouns that one can follow from the rule to the mutation by their name."""
    return [name for name, floors in nouns().items() if len(floors) == len(FLOORS)]


def _names(folder: Path) -> Iterator[str]:
    for file in folder.glob("*.py"):
        statements = sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(file.read_text("utf-8"))))
        if file.stem != "__init__" and statements >= LEAST_STATEMENTS:
            yield file.stem


if __name__ == "__main__":
    found = on_all_floors()
    print(f"{len(found)} nouns stand on all floors: {', '.join(found)}")  # noqa: T201
