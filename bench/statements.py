"""Statements that a step sends, counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from db.store.engine import Database


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """What goes over the wire, by the engine or past it, but for the session's statement, BEGIN and COMMIT."""
    found: list[str] = []

    def by_engine(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM session" not in statement:
            found.append(statement)

    def past_it(query: Any) -> None:
        # A connection's first use of a type is no part of the step.
        own = not any(part in query.query for part in ("typeinfo_tree", "set_config('jit'"))
        if own and not query.query.startswith(("BEGIN", "COMMIT")):
            found.append(query.query)

    def watch(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(past_it)

    def leave(connection: Any, *_: Any) -> None:
        connection.driver_connection.remove_query_logger(past_it)

    listeners = (("before_cursor_execute", by_engine), ("checkout", watch), ("checkin", leave))
    for name, listener in listeners:
        event.listen(db.engine.sync_engine, name, listener)
    yield found
    for name, listener in listeners:
        event.remove(db.engine.sync_engine, name, listener)
