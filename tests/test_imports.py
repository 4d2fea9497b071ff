"""What tests share stands in tests/support/, and a step is opened in one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def imported(path: Path) -> Iterator[str]:
    """The modules that a module names in its imports, each with every name it takes from them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_no_module_imports_a_module_of_tests() -> None:
    found = [
        f"{path.relative_to(TESTS)}: {name}"
        for path in sorted(TESTS.rglob("*.py"))
        for name in imported(path)
        if any(part.startswith("test_") or part == "conftest" for part in name.split("."))
    ]
    assert found == []


def test_only_the_opening_of_a_step_writes_retry_keys() -> None:
    """Whoever opens a step in another way has no retry key to write: `workflow/step.py` is the one way."""
    floors = ("workflow", "graph", "web", "notify", "papers")
    found = {
        f"{path.relative_to(ROOT)}"
        for floor in floors
        for path in (ROOT / floor).rglob("*.py")
        if re.search(r"\bdb\.idempotency\b|\bfrom db import [^\n]*\bidempotency\b", path.read_text("utf-8"))
    }
    assert found == {"workflow/step.py"}


def test_only_the_case_asks_the_table_of_moves() -> None:
    """A step that is taken along with another is judged as the others are: `Case.judged` is the one way."""
    found = {path.name for path in (ROOT / "workflow").glob("*.py") if "next_state" in path.read_text("utf-8")}
    assert found == {"case.py"}
