"""An operation of a document made ready once: its selection under each set of switches, and the plans made of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import structlog
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode

from db.read.plan import Unplanned
from graph.documents import Document
from graph.placeholders import NONCE
from graph.selection import SelectionReader, Tree

KEPT_PLANS: Final = 64
log = structlog.get_logger(__name__)
Arguments = Mapping[str, Any]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Asked:
    """An operation under one set of variables: what it selects, and the arguments of each field by its number."""

    switches: tuple[Any, ...]
    tree: Tree
    arguments: dict[int, Arguments]


@dataclass
class Prepared(Generic[Made]):
    """One operation of one document; None stands for what has no plan."""

    reader: SelectionReader | None
    trees: dict[tuple[Any, ...], Tree] = field(default_factory=dict)
    plans: dict[Hashable, Made | None] = field(default_factory=dict)

    @classmethod
    def of(cls, schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode) -> Prepared[Made]:
        """The operation as it is kept with its document."""
        kept: dict[int, Prepared[Made]] = document.__dict__.setdefault("prepared", {})
        if id(operation) not in kept:
            try:
                kept[id(operation)] = cls(SelectionReader(schema, document.tree, operation))
            except Unplanned:
                kept[id(operation)] = cls(None)
        return kept[id(operation)]

    def asked(self, given: dict[str, Any] | None) -> Asked:
        """The question under these variables; Unplanned where only the executor reads it."""
        if self.reader is None:
            raise Unplanned("the operation")
        variables = self.reader.variables(given)
        switches = self.reader.switches(variables)
        if switches not in self.trees:
            self.trees[switches] = self.reader.tree(variables)
        tree = self.trees[switches]
        try:
            arguments = tree.arguments(variables)
        except GraphQLError as refusal:  # null where a default stood for it
            raise Unplanned("arguments") from refusal
        return Asked(switches, tree, {0: {"nonce": NONCE}, **arguments})

    def plan(self, key: Hashable, build: Callable[[], Made]) -> Made | None:
        """The plan under this key, built once."""
        if key not in self.plans:
            if len(self.plans) >= KEPT_PLANS:
                self.plans.clear()
            try:
                self.plans[key] = build()
            except Unplanned as why:
                log.debug("no plan", why=str(why))
                self.plans[key] = None
        return self.plans[key]
