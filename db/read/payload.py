"""The payload of a step as one statement, which finds no row where what the payload shows is not there for the viewer.

The key of what the step has made or moved is the argument `key` of field 0, which no field has as its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, Uuid

from db.read import root
from db.read.plan import Builder, Plan, Selected, Unplanned
from db.read.shape import global_id
from db.read.shapes import SHAPES

Query = Callable[[Builder, Selected], ColumnElement[Any]]
"""The cell of the field `query`, which reads on from the root."""


@dataclass(frozen=True)
class Payload:
    """One payload: its GraphQL type, and the fields that are selected of it."""

    type: str
    fields: tuple[Selected, ...]
    query: Query

    def noun(self, builder: Builder, noun: str, name: str) -> Plan:
        """A payload that shows a noun in the field of this name."""
        rows = self._rows(builder, noun, name)
        return self._plan(builder, name, lambda one: builder.inside(noun, one, rows), rows)

    def noun_or_null(self, builder: Builder, noun: str, name: str) -> Plan:
        """The same, where the payload stands without it."""
        return self._plan(builder, name, lambda one: builder.object(noun, one, self._rows(builder, noun, name)))

    def id(self, builder: Builder, noun: str, name: str) -> Plan:
        """A payload that names a noun by its id alone."""
        return self._plan(builder, name, lambda _: global_id(noun, _key(builder)))

    def viewer(self, builder: Builder, name: str) -> Plan:
        """A payload that shows the account that asks."""
        return self._plan(builder, name, lambda one: root.viewer(builder, one))

    def nothing(self, builder: Builder) -> Plan:
        """A payload that shows nothing of its own."""
        return self._plan(builder, "", self._missing)

    def _missing(self, one: Selected) -> ColumnElement[Any]:
        raise Unplanned(f"{self.type}.{one.name}")

    def _rows(self, builder: Builder, noun: str, name: str) -> Subquery:
        shape, key = SHAPES[noun], _key(builder)
        rows = builder.rows(noun, *(one for one in self.fields if one.name == name))
        meant = shape.key == (shape.stands_for(key) if shape.stands_for else key)
        return rows.where(meant).subquery(builder.alias())

    def _plan(
        self, builder: Builder, name: str, show: Callable[[Selected], ColumnElement[Any]], rows: Subquery | None = None
    ) -> Plan:
        cells = {one.key: self._cell(builder, one, name, show) for one in self.fields}
        return builder.finished(builder.record(cells, rows))

    def _cell(
        self, builder: Builder, one: Selected, name: str, show: Callable[[Selected], ColumnElement[Any]]
    ) -> ColumnElement[Any]:
        if one.name == "__typename":
            return root.type_name(self.type)
        if one.name == "query":
            return self.query(builder, one)
        return show(one) if one.name == name else self._missing(one)


def _key(builder: Builder) -> ColumnElement[Any]:
    return builder.parameter("key", Uuid(), lambda _, arguments: arguments[0]["key"])
