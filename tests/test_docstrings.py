"""Every public module, class and function has a docstring, and the subject of a docstring is a noun."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("rules", "workflow", "db", "graph", "notify", "papers", "web", "bench")
PRONOUNS = {"who", "what", "whoever", "whatever", "which", "how", "where", "when", "whether", "it", "they"}
"""Opening words that leave the reader to find the subject."""

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def bare(tree: ast.Module | Named, name: str = "the module") -> Iterator[str]:
    """The public names without a docstring. A function inside of another is private; an overload has none."""
    overload = "overload" in {getattr(one, "id", "") for one in getattr(tree, "decorator_list", ())}
    if ast.get_docstring(tree) is None and not overload:
        yield name
    if isinstance(tree, ast.Module | ast.ClassDef):
        for node in tree.body:
            if isinstance(node, Named) and not node.name.startswith("_"):
                yield from bare(node, node.name)


def pronouns(tree: ast.Module) -> Iterator[str]:
    """The docstrings, those of constants and private functions too, that open with a pronoun."""
    for node in ast.walk(tree):
        for one in getattr(node, "body", ()) if isinstance(node, ast.Module | Named) else ():
            match one:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    opening = re.search(r"\w+", text)
                    if opening and opening[0].lower() in PRONOUNS:
                        yield f"line {one.lineno}: {text.splitlines()[0]}"
                case _:
                    pass


def found_in(folder: str) -> list[str]:
    """The faults of all modules of a folder."""
    faults = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        faults += [f"{path.relative_to(ROOT)}: {fault}" for fault in (*bare(tree), *pronouns(tree))]
    return faults


@pytest.mark.parametrize("folder", PACKAGES)
def test_every_docstring_is_there_and_its_subject_is_a_noun(folder: str) -> None:
    assert found_in(folder) == []


def test_missing_docstrings_and_pronouns_are_found() -> None:
    source = '''"""Who asks."""
LIMIT = 1
"""How much."""
class Door:
    def open(self):
        def inside(): ...
    def _shut(self):
        """`What` shuts it."""
@overload
def knock(): ...
'''
    tree = ast.parse(source)
    assert list(bare(tree)) == ["Door", "open"]
    assert list(pronouns(tree)) == ["line 1: Who asks.", "line 3: How much.", "line 8: `What` shuts it."]
