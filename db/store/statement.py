"""Statements compiled once, for the bare pool: constant parts are text, changing parts are parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import BindParameter, ColumnElement, Executable, Table, bindparam, insert
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg


class _Compiler(PGCompiler_asyncpg):
    """A compiler that writes constants out, so that partial indexes are used.

    Only the values of a request are parameters.
    """

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **kwargs: Any) -> str:
        """A parameter if it was declared as one."""
        kwargs["literal_binds"] = bindparam.key not in kwargs["parameters"]
        return str(super().visit_bindparam(bindparam, *args, **kwargs))  # type: ignore[no-untyped-call]


class _Dialect(PGDialect_asyncpg):
    statement_compiler = _Compiler
    supports_statement_cache = False


_DIALECT: Final = _Dialect()  # type: ignore[no-untyped-call]


def compiled(statement: Executable, parameters: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The statement's text, and the names of its parameters in the order of $1, $2, …"""
    options = {"parameters": parameters, "render_postcompile": True}
    made: Any = statement.compile(dialect=_DIALECT, compile_kwargs=options)  # type: ignore[attr-defined]
    return str(made), tuple(made.positiontup or ())


class Statement:
    """A statement of the steps, compiled once; all its parameters are given by name each time."""

    def __init__(
        self, statement: Executable, parameters: Collection[str], *, hopeful: Executable | None = None
    ) -> None:
        self.source, self.parameters = statement, tuple(parameters)
        self.sql, self._names = compiled(statement, parameters)
        self.hopeful = hopeful if hopeful is None else Statement(hopeful, parameters)
        """The same, which fails (a division by zero) where the answer is not the one that is hoped for."""

    @classmethod
    def insert(cls, table: Table, *names: str) -> Statement:
        """One row of these columns."""
        return cls(insert(table).values(given(table, names)), names)

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in the statement's order; JSON goes as text."""
        return [_json(given[name]) for name in self._names]


def given(table: Table, names: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """A parameter for each of these columns, by its name."""
    return {name: bindparam(name, type_=table.c[name].type) for name in names}


def _json(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
