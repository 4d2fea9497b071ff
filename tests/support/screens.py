"""`docs/screens.md`: the screens of the handbook, with the documents that feed them, run as they stand on the page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

PAGE = Path(__file__).parents[2] / "docs" / "screens.md"
_HEAD = re.compile(r"^## (?P<title>.+?) · .+?\((?P<features>[^()]+)\)$", re.MULTILINE)
_BLOCK = re.compile(
    r"```graphql\n(?P<text>.+?)```\n(?:```json\n(?P<given>.+?)```\n)?(?P<lines>(?:\n?- [^\n]+\n)+)", re.DOTALL
)
_COLUMN = re.compile(r"^\| (?P<term>[^|]+?) \| `(?P<path>[^`]+)` \|", re.MULTILINE)
_LINE = re.compile(r"^- (?P<names>(?:`\w+` ?)+): (?P<outcome>.+?)\.?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A query or a step of a screen: its text, its variables, and what it answers to whom, in the order of the page."""

    name: str
    text: str
    given: dict[str, Any]
    outcomes: tuple[tuple[str, str], ...]

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation of the document."""
        (found,) = (one for one in parsed(self).definitions if isinstance(one, OperationDefinitionNode))
        return found

    @property
    def is_step(self) -> bool:
        """Whether it is a mutation."""
        return self.operation.operation.value == "mutation"


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of the handbook: what it is called there, the features it shows, its columns and documents."""

    title: str
    features: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    documents: tuple[Document, ...]


def _document(found: re.Match[str]) -> Document:
    text = found["text"]
    outcomes = tuple(
        (name, line["outcome"])
        for line in _LINE.finditer(found["lines"])
        for name in re.findall(r"`(\w+)`", line["names"])
    )
    name = re.search(r"^(?:query|mutation) (\w+)", text, re.MULTILINE)
    assert name is not None, text
    return Document(name[1], text, json.loads(found["given"] or "{}"), outcomes)


def screens(text: str | None = None) -> list[Screen]:
    """The screens of the page, in its order."""
    page = PAGE.read_text("utf-8") if text is None else text
    heads = list(_HEAD.finditer(page))
    ends = [*(head.start() for head in heads[1:]), len(page)]
    found = []
    for head, end in zip(heads, ends, strict=False):
        body = page[head.end() : end]
        columns = tuple((one["term"], one["path"]) for one in _COLUMN.finditer(body))
        documents = tuple(map(_document, _BLOCK.finditer(body)))
        found.append(Screen(head["title"], tuple(head["features"].split()), columns, documents))
    return found


def parsed(document: Document) -> DocumentNode:
    """The document as graphql-core reads it."""
    return parse(document.text)


def selected(document: Document) -> set[str]:
    """The paths that a document asks for, dotted, by the names under which they are answered."""
    fragments = {one.name.value: one for one in parsed(document).definitions if isinstance(one, FragmentDefinitionNode)}

    def walk(selection: SelectionSetNode | None, above: str) -> set[str]:
        paths: set[str] = set()
        for one in selection.selections if selection else ():
            match one:
                case FieldNode():
                    path = f"{above}{(one.alias or one.name).value}"
                    paths |= {path} | walk(one.selection_set, f"{path}.")
                case InlineFragmentNode():
                    paths |= walk(one.selection_set, above)
                case FragmentSpreadNode():
                    paths |= walk(fragments[one.name.value].selection_set, above)
        return paths

    return walk(document.operation.selection_set, "")


def values_at(answer: Any, path: str) -> list[Any]:
    """What stands at a dotted path, in each row of the lists on its way; without what is null."""
    found = [answer]
    for part in path.split("."):
        rows = [row for one in found for row in (one if isinstance(one, list) else [one])]
        found = [row[part] for row in rows if isinstance(row, dict) and row.get(part) is not None]
    return found
