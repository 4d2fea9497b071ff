"""The single pass over a parsed document that says how much it asks for.

It runs *before* validation, which is quadratic in sibling fields. Every fragment is measured once, whoever spreads it,
so that the pass stays linear where expanding the fragments would be exponential.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Size:
    """The size of a part of a document, its fragments expanded; the numbers are named as in Limits."""

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    secrets: int = 0
    introspections: int = 0
    introspection_depth: int = 0
    introspection_fields: int = 0
    roots: set[str] = field(default_factory=set)

    def add(self, other: Size) -> None:
        """Put a sibling beside what is counted already."""
        self.fields += other.fields
        self.depth = max(self.depth, other.depth)
        self.aliases += other.aliases
        self.directives += other.directives
        self.secrets += other.secrets
        self.introspections += other.introspections
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.introspection_fields += other.introspection_fields
        self.roots |= other.roots

    def turn_into_introspection(self) -> None:
        """Count the fields so far, which stand below `__schema` or `__type`, against the limits of introspection."""
        self.introspections += 1
        self.introspection_depth, self.depth = max(self.depth, self.introspection_depth), 0
        self.introspection_fields, self.fields = self.fields + self.introspection_fields, 0


def measure(document: DocumentNode, secrets: frozenset[str]) -> tuple[Size, list[tuple[str, set[str]]]]:
    """The size of a whole document, and the name and root fields of each of its operations."""
    reader = _Reader(document, secrets)
    total, operations = Size(), []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = reader.below(node.selection_set, len(node.directives or ()))
            operations.append((node.name.value if node.name else "", size.roots))
            total.add(size)
    for size in reader.unused():
        total.add(size)
    return total, operations


class _Reader:
    """Measures selections, and remembers each fragment's size."""

    def __init__(self, document: DocumentNode, secrets: frozenset[str]) -> None:
        self._secrets = secrets
        self._definitions = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        self._fragments = {node.name.value: node for node in self._definitions}
        self._sizes: dict[str, Size] = {}

    def below(self, selections: SelectionSetNode | None, directives: int) -> Size:
        """The size of a selection set under a node that has so many directives."""
        size = Size(directives=directives)
        for selection in selections.selections if selections else ():
            size.add(self._selection(selection))
        return size

    def unused(self) -> Iterator[Size]:
        """The fragments that nothing spreads, or whose name another one took: validation reads them all the same."""
        for node in self._definitions:
            name = node.name.value
            if name not in self._sizes or self._fragments[name] is not node:
                self._sizes[name] = self.below(node.selection_set, len(node.directives or ()))
                yield self._sizes[name]

    def _selection(self, node: SelectionNode) -> Size:
        directives = len(node.directives or ())
        match node:
            case FieldNode():
                return self._field(node, directives)
            case InlineFragmentNode():
                return self.below(node.selection_set, directives)
            case FragmentSpreadNode():
                size = Size(directives=directives)
                size.add(self._fragment(node.name.value))
                return size
        raise TypeError(f"A selection of an unknown kind: {node.kind}.")

    def _field(self, node: FieldNode, directives: int) -> Size:
        name = node.name.value
        size = self.below(node.selection_set, directives)
        size.fields += 1
        size.depth += 1
        size.aliases += node.alias is not None
        size.secrets += name in self._secrets
        size.roots = {name}
        if name in INTROSPECTION:
            size.turn_into_introspection()
        return size

    def _fragment(self, name: str) -> Size:
        if name not in self._sizes:
            # Nothing while it is open: a fragment that spreads itself ends here, and validation names the cycle.
            self._sizes[name] = Size()
            if node := self._fragments.get(name):
                self._sizes[name] = self.below(node.selection_set, len(node.directives or ()))
        return self._sizes[name]
