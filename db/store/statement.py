"""Statements compiled once, for the bare pool: constant parts are text, changing parts are parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Executable,
    FromClause,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.types import TypeEngine

ROWS: Final = "rows"


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
    """A statement of the steps, compiled once; all its parameters are given by name each time.

    `together` is the same for many rows at once, its only parameter being the parameters of each (`rows`): for a
    statement that writes, and whose rows nobody needs.
    """

    def __init__(self, statement: Executable, parameters: Collection[str], together: Statement | None = None) -> None:
        self.sql, self._names = compiled(statement, parameters)
        self.together = together

    @classmethod
    def insert(cls, table: Table, *names: str) -> Statement:
        """One row of these columns."""
        return cls(insert(table).values(given(table, names)), names, inserted(table, names))

    def of_rows(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        """The text for many rows, and its parameter."""
        assert self.together is not None
        named = [{name: one[name] for name in self._names} for one in rows]
        return self.together.sql, orjson.dumps(named, default=_plain).decode()

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in the statement's order; JSON goes as text."""
        return [_json(given[name]) for name in self._names]


def rows_of(columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """The rows given to a statement for many, as a table of these columns."""
    rows = func.jsonb_to_recordset(cast(bindparam(ROWS, type_=Text()), JSONB))
    named: list[Column[Any]] = [column(name, kind) for name, kind in columns.items()]  # type: ignore[misc]
    return rows.table_valued(*named).render_derived(name="given", with_types=True)


def inserted(table: Table, names: Collection[str]) -> Statement:
    """Many rows of these columns."""
    rows = rows_of({name: table.c[name].type for name in names})
    return Statement(insert(table).from_select([*names], select(*(rows.c[name] for name in names))), (ROWS,))


def updated(table: Table, key: str, names: Collection[str]) -> Statement:
    """These columns of many rows, each found by its key, which the parameters call so."""
    rows = rows_of({key: table.c.id.type, **{name: table.c[name].type for name in names}})
    changed = update(table).where(table.c.id == rows.c[key]).values({name: rows.c[name] for name in names})
    return Statement(changed, (ROWS,))


def given(table: Table, names: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """A parameter for each of these columns, by its name."""
    return {name: bindparam(name, type_=table.c[name].type) for name in names}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else list(value)


def _json(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
