"""Documents are read once: parsed, measured, validated, and kept by their text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    specified_rules,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from graph.limits import Limits, TooComplex, check
from rules.errors import RegistryError, Words

_NUL = re.compile(r"\\u(0000|\{0+\})")
"""PostgreSQL's text cannot hold this character."""


class Rejected(Exception):
    """The document does not parse or does not fit the schema; `errors` say where, each with a code."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        for error in errors:
            error.extensions = {**(error.extensions or {}), "code": code}
        self.errors = errors


class UnknownOperation(RegistryError):
    """The document has no operation of that name, or has several and the request names none."""

    code = "OPERATION_RESOLUTION_FAILURE"

    def __init__(self, name: str | None) -> None:
        super().__init__(name)
        self.words = (
            Words(
                "文档中有多个操作，请用operationName指明一个", "Name one of the document's operations in operationName."
            )
            if name is None
            else Words(f"文档中没有名为{name}的操作", f"The document has no operation named {name}.")
        )


class Document(str):
    """The text of a document together with what reading it has shown; goes wherever the text goes."""

    tree: DocumentNode
    roots: Mapping[str, frozenset[str]]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that a request means by this name, or by none when there is only one."""
        found: dict[str | None, OperationDefinitionNode] = self.__dict__.setdefault("found", {})
        if name not in found:
            operation = get_operation_ast(self.tree, name)
            if operation is None:
                raise UnknownOperation(name)
            found[name] = operation
        return found[name]

    def roots_of(self, operation: OperationDefinitionNode) -> frozenset[str]:
        """The root fields of an operation, fragments expanded."""
        return self.roots[operation.name.value if operation.name else ""]


class Documents:
    """Reads documents for one schema and remembers the good ones; a bad one is refused each time anew."""

    def __init__(self, schema: Schema, limits: Limits, secrets: frozenset[str] = frozenset()) -> None:
        self._schema, self._limits, self._secrets = schema, limits, secrets
        self.read = lru_cache(limits.documents)(self._read)

    def _read(self, text: str) -> Document:
        """The document of this text; raises TooComplex or Rejected."""
        if _NUL.search(text):
            raise Rejected("BAD_USER_INPUT", [GraphQLError("A string may not contain the character U+0000.")])
        document = Document(text)
        document.tree = self._parse(text)
        document.roots = check(document.tree, self._limits, self._secrets)
        if errors := validate_document(self._schema._schema, document.tree, tuple(specified_rules)):
            raise Rejected("GRAPHQL_VALIDATION_FAILED", errors)
        return document

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        try:
            return parse(text, max_tokens=limits.tokens)
        except GraphQLSyntaxError as error:
            # graphql-core tells its own limits from bad syntax by the sentence alone.
            if error.description.startswith("Document contains more than"):
                raise TooComplex("tokens", limits.tokens, limits.tokens + 1) from None
            if error.description.startswith("Document is nested too deeply"):
                raise TooComplex("depth", limits.depth, limits.depth + 1) from None
            raise Rejected("GRAPHQL_PARSE_FAILED", [error]) from None


class ReadOnce(SchemaExtension):
    """Spares Strawberry from parsing and validating again what the door has read."""

    def on_operation(self) -> Iterator[None]:
        """Hand the tree over, when the text is one that was read."""
        context = self.execution_context
        if isinstance(context.query, Document):
            context.graphql_document = context.query.tree
            context.validation_rules = ()
        yield
