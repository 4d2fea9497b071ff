"""A GraphQL operation as a plain tree: fragments spread, fields merged, @include and @skip decided; no SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    get_variable_values,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.language import VariableNode, visit
from graphql.language.visitor import SKIP, Visitor

from db.read.plan import Selected, Unplanned


@dataclass(frozen=True)
class Tree:
    """The selection of an operation: its root fields, and a way to the arguments of each field that takes any."""

    roots: tuple[Selected, ...]
    taking: Mapping[int, Callable[[VariableValues], Mapping[str, Any]]]

    def arguments(self, variables: VariableValues) -> dict[int, Mapping[str, Any]]:
        """The arguments of every field by its number, coerced."""
        return {number: take(variables) for number, take in self.taking.items()}


class SelectionReader:
    """Reads one operation of one document; the tree depends on the variables that its directives use."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        if operation.directives:
            raise Unplanned("directives on the operation")
        self._schema, self._operation = schema, operation
        definitions = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        self._fragments = {node.name.value: FragmentDetails(node) for node in definitions}
        self._switches = sorted(_directive_variables(document))

    def variables(self, given: dict[str, Any] | None) -> VariableValues:
        """The variables, coerced; Unplanned where the executor has an error to tell."""
        values = get_variable_values(self._schema, self._operation.variable_definitions or (), given or {})
        if isinstance(values, list):
            raise Unplanned("variables")
        return values

    def switches(self, variables: VariableValues) -> tuple[Any, ...]:
        """The values of the variables that the tree depends on."""
        return tuple(variables.coerced.get(name) for name in self._switches)

    def tree(self, variables: VariableValues) -> Tree:
        """The selection under these switches."""
        return _Walk(self._schema, self._fragments, self._operation, variables).tree()


@dataclass
class _Walk:
    schema: GraphQLSchema
    fragments: dict[str, FragmentDetails]
    operation: OperationDefinitionNode
    variables: VariableValues

    def tree(self) -> Tree:
        self.taking: dict[int, Callable[[VariableValues], Mapping[str, Any]]] = {}
        self.numbers: dict[int, int] = {}
        owner = self.schema.get_root_type(self.operation.operation)
        assert owner is not None
        found = collect_fields(self.schema, self.fragments, self.variables, owner, self.operation)
        roots = self._selected(owner, found.grouped_field_set)
        return Tree(roots, self.taking)

    def _selected(self, owner: GraphQLObjectType, grouped: Mapping[str, list[FieldDetails]]) -> tuple[Selected, ...]:
        return tuple(self._field(owner, key, details) for key, details in grouped.items())

    def _field(self, owner: GraphQLObjectType, key: str, details: list[FieldDetails]) -> Selected:
        name = details[0].node.name.value
        if name == "__typename":
            return Selected(key, name, 0)
        field = owner.fields.get(name)
        if field is None:
            raise Unplanned(name)
        return Selected(key, name, self._number(field, details[0].node), self._below(field, details))

    def _number(self, field: GraphQLField, node: FieldNode) -> int:
        """The same node has the same number for every type it is selected on; 0 takes no arguments."""
        if not field.args:
            return 0
        number = self.numbers.setdefault(id(node), len(self.numbers) + 1)
        self.taking[number] = _arguments(field, node)
        return number

    def _below(self, field: GraphQLField, details: list[FieldDetails]) -> tuple[tuple[str, tuple[Selected, ...]], ...]:
        named = get_named_type(field.type)
        if is_abstract_type(named):
            types = self.schema.get_possible_types(named)
        elif is_object_type(named):
            types = [named]
        else:
            return ()
        below = []
        for one in types:
            found = collect_subfields(self.schema, self.fragments, self.variables, self.operation, one, details)
            below.append((one.name, self._selected(one, found.grouped_field_set)))
        return tuple(below)


def _arguments(field: GraphQLField, node: FieldNode) -> Callable[[VariableValues], Mapping[str, Any]]:
    if not _uses_variables(node):
        fixed = get_argument_values(field, node)
        return lambda _: fixed
    return lambda variables: get_argument_values(field, node, variables)


def _uses_variables(node: FieldNode) -> bool:
    found = False

    class Finder(Visitor):
        def enter_variable(self, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument, Finder())
    return found


def _directive_variables(document: DocumentNode) -> set[str]:
    found: set[str] = set()

    class Finder(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> Any:
            if node.name.value not in ("include", "skip"):
                raise Unplanned(f"@{node.name.value}")
            found.update(a.value.name.value for a in node.arguments if isinstance(a.value, VariableNode))
            return SKIP

    visit(document, Finder())
    return found
