"""A transaction in which many are judged one after the other, and what each writes is written for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult

from db.store.engine import Tx
from db.store.statement import Statement


@dataclass
class LaterTx(Tx):
    """The same transaction, where a statement that can be written together waits until `write`.

    What one of many has put there is taken back by `forget`; `touched` is True once something may have been written at
    once, which only the transaction's own end takes back. `answers` are rows that were read ahead for all of them.
    """

    later: list[tuple[Statement, Mapping[str, Any]]] = field(default_factory=list)
    touched: bool = False
    answers: dict[tuple[Statement, tuple[Any, ...]], list[Any]] = field(default_factory=dict)

    @classmethod
    def within(cls, tx: Tx) -> Self:
        """The same transaction; whom it wakes is kept with it."""
        one = cls(tx.connection, tx.keyring, tx.kept, tx.clock, tx.woken)
        one.now = tx.now
        return one

    async def run(self, statement: Statement, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """Run a statement, or keep it for later: then it gives no rows."""
        if statement.together is not None:
            self.later.append((statement, values))
            return []
        found = self.answers.get((statement, tuple(statement.values(values)))) if self.answers else None
        if found is not None:
            return found
        self.touched = self.touched or not statement.sql.startswith("SELECT")
        return await super().run(statement, values)

    def answer(self, statement: Statement, values: Mapping[str, Any], rows: list[Any]) -> None:
        """Keep rows that were read ahead, for whoever asks with these values."""
        self.answers[statement, tuple(statement.values(values))] = rows

    async def execute(self, query: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement at once."""
        self.touched = True
        return await super().execute(query, parameters)

    def forget(self, mark: int) -> None:
        """Take back what was put there after the first so many."""
        del self.later[mark:]

    async def write(self) -> None:
        """Write all that waits, each kind of statement once, in the order in which they came first."""
        groups: dict[Statement, list[Mapping[str, Any]]] = {}
        for statement, values in self.later:
            groups.setdefault(statement, []).append(values)
        self.later.clear()
        raw: Any = await self.connection.get_raw_connection()
        for statement, rows in groups.items():
            sql, given = statement.of_rows(rows)
            await raw.driver_connection.fetch(sql, given)
