"""The glossary names what the schema has, leaves out none of its nouns, and says where a word of the code is defined."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from graph.root import schema

ROOT = Path(__file__).parents[1]
PAGE, _, REST = (ROOT / "docs" / "glossary.md").read_text("utf-8").partition("\n## Words of the code\n")
CODE = REST.partition("\n## ")[0]
NAMED = re.findall(r"`([A-Za-z0-9_.]+)`", PAGE.partition("\n## ")[2])
TYPES = schema._schema.type_map
EVERY_NODE = {"id", "rowVersion"}
"""What everything with a global id has is there once, under the interface."""


def members(name: str) -> Iterator[str]:
    """A type's fields or values."""
    match TYPES[name]:
        case GraphQLEnumType(values=values):
            yield from values
        case (
            GraphQLObjectType(fields=fields)
            | GraphQLInterfaceType(fields=fields)
            | GraphQLInputObjectType(fields=fields)
        ):
            yield from fields


def nouns() -> Iterator[str]:
    """What has a global id, the mutations, and the values of every list; each type of event is there as its type."""
    for name, shape in TYPES.items():
        if name.startswith("__"):
            continue
        node = isinstance(shape, GraphQLObjectType) and "Node" in {one.name for one in shape.interfaces}
        labelled = isinstance(shape, GraphQLEnumType) and name != "EventType"
        if node or labelled or name == "Mutation":
            yield from (f"{name}.{member}" for member in members(name) if not node or member not in EVERY_NODE)
    yield "Node.rowVersion"


def test_every_name_in_the_glossary_is_in_the_schema() -> None:
    known = {*TYPES, *(f"{name}.{member}" for name in TYPES for member in members(name))}
    assert [name for name in NAMED if name not in known] == []


def test_every_noun_of_the_schema_is_in_the_glossary() -> None:
    assert sorted({*nouns()} - {*NAMED}) == []


def test_every_list_has_one_name() -> None:
    lists: dict[tuple[str, ...], list[str]] = {}
    for name, shape in TYPES.items():
        if isinstance(shape, GraphQLEnumType) and not name.startswith("__"):
            lists.setdefault((*shape.values,), []).append(name)
    assert [names for names in lists.values() if len(names) > 1] == []


def test_every_row_has_its_chinese_its_english_and_its_name() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| 中文")]
    assert [
        row
        for row in rows
        if not re.fullmatch(r"\| [^|]*[一-鿿][^|]* \| [A-Za-z][^|]+ \| (`[A-Za-z0-9_.]+`(, )?)+ \|", row)
    ] == []


def test_every_word_of_the_code_is_there_once_with_the_file_that_defines_it() -> None:
    rows = [line for line in CODE.splitlines() if line.startswith("| ") and not line.startswith("| Word ")]
    found = [re.fullmatch(r"\| ([a-z -]+) \| [a-z].+ \| `([a-z_/]+\.py)` \|", row) for row in rows]
    words = [(one[1], (ROOT / one[2]).read_text("utf-8")) for one in found if one]
    assert len(words) == len(rows) > 40
    assert [word for word, _ in words] == sorted({word for word, _ in words})
    assert [word for word, text in words if not re.search(re.sub("[ -]", "[-_ ]?", word), text.lower())] == []


STORIES = {"told", "tale", "ring", "toy", "crowd"}
"""Words of a story: what is named so has a plain name, as answer, events, columns, values, subscribers."""
FLOORS = ("rules", "workflow", "db", "graph", "notify", "papers", "web", "bench", "tests")


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Everything that a module names, with its line: functions, classes, variables, parameters, attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name


def test_a_name_says_what_it_holds() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*.py"))
        for line, name in names(ast.parse(path.read_text("utf-8")))
        if name.lower().strip("_") in STORIES
    ] == []
